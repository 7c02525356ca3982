namespace Bento

/// A picture as numbers: height × width × channels bytes, row by row from the top left. One channel is grey, three are
/// red, green and blue, a fourth is opacity.
[<NoComparison>]
type Pixels = {
    Width: int
    Height: int
    Channels: int
    Bytes: byte[]
} with

    /// The same picture with three channels: grey becomes three equal ones, opacity is dropped.
    member this.Rgb: Pixels =
        if this.Channels = 3 then
            this
        else
            let count = this.Width * this.Height
            let bytes = Array.zeroCreate<byte>(count * 3)

            for index in 0 .. count - 1 do
                for channel in 0..2 do
                    bytes[index * 3 + channel] <- this.Bytes[index * this.Channels + min channel (this.Channels - 1)]

            {
                this with
                    Channels = 3
                    Bytes = bytes
            }

/// Pictures in memory.
[<RequireQualifiedAccess>]
module Pixels =

    /// The most pixels that a picture may have: an 8K screen's and then some, 128 MiB where each has four channels.
    [<Literal>]
    let most = 33_554_432

    /// Pixels whose bytes fit their size; anything else is an `ArgumentException`.
    let create width height channels (bytes: byte[]) : Pixels =
        if width < 1 || height < 1 || int64 width * int64 height > int64 most then
            invalidArg (nameof width) $"{width} × {height} is not the size of a picture; it has 1 to {most} pixels."

        if channels <> 1 && channels <> 3 && channels <> 4 then
            invalidArg (nameof channels) $"{channels} channels are not 1 (grey), 3 (RGB) or 4 (RGBA)."

        if bytes.Length <> width * height * channels then
            invalidArg
                (nameof bytes)
                $"{width} × {height} × {channels} bytes are {width * height * channels}, but {bytes.Length} were given."

        {
            Width = width
            Height = height
            Channels = channels
            Bytes = bytes
        }
