namespace Bento

open System
open System.Buffers.Binary
open System.IO
open System.IO.Compression

/// Pixels as PNG files of eight bits a channel.
[<RequireQualifiedAccess>]
module internal PngWriter =

    let private writeNumber (target: Stream) (number: uint32) =
        let bytes = Array.zeroCreate<byte> 4
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(), number)
        target.Write(bytes.AsSpan())

    let private writeChunk (target: Stream) (kind: byte[]) (data: byte[]) =
        let whole = Array.append kind data
        writeNumber target (uint32 data.Length)
        target.Write(whole.AsSpan())
        writeNumber target (PngFormat.checksum (ReadOnlySpan whole))

    let private header (pixels: Pixels) =
        let data = Array.zeroCreate<byte> 13
        BinaryPrimitives.WriteInt32BigEndian(data.AsSpan(), pixels.Width)
        BinaryPrimitives.WriteInt32BigEndian(data.AsSpan 4, pixels.Height)
        data[8] <- 8uy

        data[9] <-
            match pixels.Channels with
            | 1 -> 0uy
            | 3 -> 2uy
            | _ -> 6uy

        data

    /// Each row as its differences from the row above it, which is what makes most pictures small.
    let private rows (pixels: Pixels) =
        let compressed = new MemoryStream()
        let length = pixels.Width * pixels.Channels
        let row = Array.zeroCreate<byte>(length + 1)

        using (new ZLibStream(compressed, CompressionLevel.Fastest, leaveOpen = true)) (fun target ->
            for top in 0 .. pixels.Height - 1 do
                row[0] <- if top = 0 then 0uy else 2uy
                let start = top * length

                for index in 0 .. length - 1 do
                    let above =
                        if top = 0 then
                            0uy
                        else
                            pixels.Bytes[start + index - length]

                    row[index + 1] <- pixels.Bytes[start + index] - above

                target.Write(row.AsSpan()))

        compressed.ToArray()

    let write (pixels: Pixels) : byte[] =
        let file = new MemoryStream()
        file.Write(PngFormat.signature.AsSpan())
        writeChunk file "IHDR"B (header pixels)
        writeChunk file "IDAT"B (rows pixels)
        writeChunk file "IEND"B [||]
        file.ToArray()
