namespace Bento

open System
open System.Buffers.Binary
open System.IO
open System.IO.Compression
open System.Text

/// PNG files as pixels: every colour type and depth, interlaced or not, in eight bits a channel.
[<RequireQualifiedAccess>]
module internal PngReader =

    [<RequireQualifiedAccess; Struct>]
    type private Colour =
        | Grey
        | Rgb
        | Palette
        | GreyAlpha
        | Rgba

    type private Header = {
        Width: int
        Height: int
        Depth: int
        Colour: Colour
        Interlaced: bool
    } with

        member this.Samples =
            match this.Colour with
            | Colour.Grey
            | Colour.Palette -> 1
            | Colour.GreyAlpha -> 2
            | Colour.Rgb -> 3
            | Colour.Rgba -> 4

        /// The bytes of a row of that many pixels.
        member this.RowLength width =
            int ((int64 width * int64 (this.Samples * this.Depth) + 7L) / 8L)

    /// All of a file but its compressed rows, which are put one behind the other.
    [<NoComparison; NoEquality>]
    type private Content = {
        Header: Header
        /// Three bytes a colour.
        Palette: byte[]
        Transparency: byte[] option
        Rows: MemoryStream
    }

    /// Caught by `read`, and by nobody else.
    let private fail message : 'Nothing = raise (InvalidDataException message)

    // -- chunks --------------------------------------------------------------------------------------

    let private colourOf code depth =
        match code, depth with
        | 0uy, (1 | 2 | 4 | 8 | 16) -> Colour.Grey
        | 2uy, (8 | 16) -> Colour.Rgb
        | 3uy, (1 | 2 | 4 | 8) -> Colour.Palette
        | 4uy, (8 | 16) -> Colour.GreyAlpha
        | 6uy, (8 | 16) -> Colour.Rgba
        | _ -> fail $"its colour type {code} with {depth} bits is none of PNG's"

    /// Rows are kept while they are read: this many pixels are half a mebibyte at most, whatever their colours are.
    [<Literal>]
    let private longestSide = 65_535u

    let private header (data: ReadOnlySpan<byte>) =
        if data.Length <> 13 then
            fail $"its header has {data.Length} bytes instead of 13"

        let width = BinaryPrimitives.ReadUInt32BigEndian data
        let height = BinaryPrimitives.ReadUInt32BigEndian(data.Slice 4)
        let depth = int data[8]

        if width = 0u || height = 0u then
            fail $"its size is {width} × {height}"

        if uint64 width * uint64 height > uint64 Pixels.most then
            fail $"its size is {width} × {height}, and {Pixels.most} pixels are the most that are decoded"

        if width > longestSide || height > longestSide then
            fail $"its size is {width} × {height}, and {longestSide} pixels are the longest side that is decoded"

        if data[10] <> 0uy || data[11] <> 0uy || data[12] > 1uy then
            fail
                $"its compression {data[10]}, filter {data[11]} and interlace {data[12]} are not those of PNG (0, 0, 0 or 1)"

        {
            Width = int width
            Height = int height
            Depth = depth
            Colour = colourOf data[9] depth
            Interlaced = data[12] = 1uy
        }

    let private palette header (data: ReadOnlySpan<byte>) =
        if data.Length % 3 <> 0 || data.Length = 0 || data.Length > 768 then
            fail $"its palette has {data.Length} bytes, which are not 1 to 256 colours"

        if header.Colour = Colour.Palette && data.Length / 3 > (1 <<< header.Depth) then
            fail $"its palette has {data.Length / 3} colours for {header.Depth} bits"

        data.ToArray()

    let private transparency content (data: ReadOnlySpan<byte>) =
        let wanted =
            match content.Header.Colour with
            | Colour.Grey -> data.Length = 2
            | Colour.Rgb -> data.Length = 6
            | Colour.Palette -> data.Length <= content.Palette.Length / 3
            | Colour.GreyAlpha
            | Colour.Rgba -> false

        if not wanted then
            fail $"its transparency of {data.Length} bytes does not go with its colours"

        Some(data.ToArray())

    /// A chunk that begins with a small letter may be passed over by who does not know it.
    let private isOptional (kind: ReadOnlySpan<byte>) = kind[0] &&& 0x20uy <> 0uy

    let private chunks (file: ReadOnlyMemory<byte>) : Content =
        let rows = new MemoryStream()
        let mutable content = None
        let mutable at = PngFormat.signature.Length
        let mutable ended = false

        let known kind =
            match content with
            | Some known -> known
            | None -> fail $"it begins with {kind} instead of its header"

        while not ended do
            let rest = file.Span.Slice at

            if rest.Length < 12 then
                fail "it ends in the middle"

            let length = BinaryPrimitives.ReadUInt32BigEndian rest

            if uint64 length > uint64 (rest.Length - 12) then
                fail "it ends in the middle"

            let length = int length
            let kind = Encoding.Latin1.GetString(rest.Slice(4, 4))
            let data = rest.Slice(8, length)

            if
                PngFormat.checksum (rest.Slice(4, length + 4))
                <> BinaryPrimitives.ReadUInt32BigEndian(rest.Slice(8 + length))
            then
                fail $"the checksum of its part at byte {at} is wrong"

            match kind with
            | "IHDR" when content.IsNone ->
                content <-
                    Some {
                        Header = header data
                        Palette = [||]
                        Transparency = None
                        Rows = rows
                    }
            | "PLTE" when rows.Length = 0L && (known kind).Palette.Length = 0 ->
                content <-
                    Some {
                        known kind with
                            Palette = palette (known kind).Header data
                    }
            | "tRNS" when rows.Length = 0L ->
                content <-
                    Some {
                        known kind with
                            Transparency = transparency (known kind) data
                    }
            | "IDAT" ->
                known kind |> ignore
                rows.Write data
            | "IEND" ->
                known kind |> ignore
                ended <- true
            | _ when isOptional (rest.Slice(4, 4)) -> known kind |> ignore
            | _ -> fail $"its part at byte {at} is out of place or unknown"

            at <- at + length + 12

        let whole = known "nothing"

        if whole.Header.Colour = Colour.Palette && whole.Palette.Length = 0 then
            fail "it has no palette"

        rows.Position <- 0L
        whole

    // -- rows ----------------------------------------------------------------------------------------

    /// Takes the filter off a row in place; `above` is the row before it, zeros above the first.
    let private unfilter filter step (row: byte[]) (above: byte[]) length =
        match filter with
        | 0 -> ()
        | 1 ->
            for index in step .. length - 1 do
                row[index] <- row[index] + row[index - step]
        | 2 ->
            for index in 0 .. length - 1 do
                row[index] <- row[index] + above[index]
        | 3 ->
            for index in 0 .. length - 1 do
                let left = if index >= step then int row[index - step] else 0
                row[index] <- row[index] + byte ((left + int above[index]) / 2)
        | 4 ->
            for index in 0 .. length - 1 do
                let left = if index >= step then int row[index - step] else 0
                let corner = if index >= step then int above[index - step] else 0
                row[index] <- row[index] + byte (PngFormat.paeth left (int above[index]) corner)
        | _ -> fail $"it has a row with the filter {filter}, which there is not"

    /// One sample of a row, of one to sixteen bits.
    let private sample (row: byte[]) depth index =
        match depth with
        | 8 -> int row[index]
        | 16 -> (int row[index * 2] <<< 8) ||| int row[index * 2 + 1]
        | _ ->
            let bit = index * depth
            (int row[bit >>> 3] >>> (8 - depth - (bit &&& 7))) &&& ((1 <<< depth) - 1)

    let private toByte depth sample =
        match depth with
        | 16 -> byte (sample >>> 8)
        | 8 -> byte sample
        | _ -> byte (sample * 255 / ((1 <<< depth) - 1))

    let private channels content =
        match content.Header.Colour, content.Transparency with
        | Colour.Grey, None -> 1
        | (Colour.Rgb | Colour.Palette), None -> 3
        | _ -> 4

    /// The sample that stands for "see-through" in each channel, or what no sample is.
    let private seeThrough content =
        match content.Header.Colour, content.Transparency with
        | (Colour.Grey | Colour.Rgb), Some bytes ->
            Array.init (bytes.Length / 2) (fun index ->
                int (BinaryPrimitives.ReadUInt16BigEndian(ReadOnlySpan(bytes, index * 2, 2))))
        | _ -> [| -1 |]

    /// Writes the pixel at that place of a row to that place of the picture.
    let private expand (content: Content) (clear: int[]) (row: byte[]) (picture: byte[]) =
        let depth = content.Header.Depth
        let channels = channels content
        let value index = sample row depth index
        let shown index = toByte depth (value index)

        let grey (at: int) level opacity =
            picture[at] <- level

            if channels = 4 then
                picture[at + 1] <- level
                picture[at + 2] <- level
                picture[at + 3] <- opacity

        let opacityOf isClear = if isClear then 0uy else 255uy

        match content.Header.Colour with
        | Colour.Grey -> fun x at -> grey at (shown x) (opacityOf (value x = clear[0]))
        | Colour.GreyAlpha -> fun x at -> grey at (shown (x * 2)) (shown (x * 2 + 1))
        | Colour.Rgba ->
            fun x at ->
                for channel in 0..3 do
                    picture[at + channel] <- shown (x * 4 + channel)
        | Colour.Rgb ->
            fun x at ->
                for channel in 0..2 do
                    picture[at + channel] <- shown (x * 3 + channel)

                if channels = 4 then
                    let isClear =
                        value (x * 3) = clear[0]
                        && value (x * 3 + 1) = clear[1]
                        && value (x * 3 + 2) = clear[2]

                    picture[at + 3] <- opacityOf isClear
        | Colour.Palette ->
            let opacities = content.Transparency |> Option.defaultValue [||]

            fun x at ->
                let colour = value x

                if colour * 3 >= content.Palette.Length then
                    fail $"it has a pixel of colour {colour}, and {content.Palette.Length / 3} colours"

                for channel in 0..2 do
                    picture[at + channel] <- content.Palette[colour * 3 + channel]

                if channels = 4 then
                    picture[at + 3] <-
                        if colour < opacities.Length then
                            opacities[colour]
                        else
                            255uy

    /// Where each pass of a picture begins, and its steps: one pass, or Adam7's seven.
    let private passes interlaced =
        if interlaced then
            [
                0, 0, 8, 8
                4, 0, 8, 8
                0, 4, 4, 8
                2, 0, 4, 4
                0, 2, 2, 4
                1, 0, 2, 2
                0, 1, 1, 2
            ]
        else
            [ 0, 0, 1, 1 ]

    /// Whether rows are the picture's own bytes, which need no look at each pixel.
    let private isPlain content =
        content.Header.Depth = 8
        && not content.Header.Interlaced
        && content.Header.Samples = channels content
        && content.Header.Colour <> Colour.Palette

    let private readRow (source: Stream) (row: byte[]) length =
        let filter = source.ReadByte()

        if
            filter < 0
            || source.ReadAtLeast(Span(row, 0, length), length, throwOnEndOfStream = false) < length
        then
            fail "its rows end before the picture does"

        filter

    let private decode content : Pixels =
        let head = content.Header
        let channels = channels content
        let picture = Array.zeroCreate<byte>(head.Width * head.Height * channels)
        use rows = new ZLibStream(content.Rows, CompressionMode.Decompress)
        let longest = head.RowLength head.Width
        let mutable row = Array.zeroCreate<byte> longest
        let mutable above = Array.zeroCreate<byte> longest
        let step = max 1 (head.Samples * head.Depth / 8)
        let clear = seeThrough content
        let plain = isPlain content

        for left, top, across, down in passes head.Interlaced do
            let width = (head.Width - left + across - 1) / across
            let height = (head.Height - top + down - 1) / down

            if width > 0 && height > 0 then
                let length = head.RowLength width
                Array.Clear above

                for index in 0 .. height - 1 do
                    let filter = readRow rows row length
                    unfilter filter step row above length
                    let start = (top + index * down) * head.Width + left

                    if plain then
                        Buffer.BlockCopy(row, 0, picture, start * channels, length)
                    else
                        let write = expand content clear row picture

                        for x in 0 .. width - 1 do
                            write x ((start + x * across) * channels)

                    let last = above
                    above <- row
                    row <- last

        // What follows the last row is not looked at, but asking for it makes the stream check its sum.
        rows.ReadByte() |> ignore

        {
            Width = head.Width
            Height = head.Height
            Channels = channels
            Bytes = picture
        }

    let isPng (file: ReadOnlySpan<byte>) =
        file.StartsWith(ReadOnlySpan PngFormat.signature)

    /// The pixels of a file that begins as PNG does, or what is wrong with it, as in "it ends in the middle".
    let read (file: ReadOnlyMemory<byte>) : Result<Pixels, string> =
        try
            Ok(decode (chunks file))
        with :? InvalidDataException as problem ->
            Error(problem.Message.TrimEnd '.')
