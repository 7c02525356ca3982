/// PNG files of every kind, by a writer that shares nothing with the reader under test.
module Bento.Tests.PngEncoder

open System
open System.Buffers.Binary
open System.IO
open System.IO.Compression
open System.Text

/// A picture before it is a file: samples of any depth, row by row, `Samples` of them a pixel.
type Picture = {
    Width: int
    Height: int
    ColourType: int
    Depth: int
    Samples: int[]
    Palette: byte[]
    Transparency: byte[]
    Interlaced: bool
    /// The filter of the row at that place.
    Filter: int -> int
}

let samplesOf colourType =
    match colourType with
    | 0
    | 3 -> 1
    | 2 -> 3
    | 4 -> 2
    | _ -> 4

/// The bits of the remainder of x^32 by the polynomial, bit by bit, as the standard's first formula has it.
let crc (bytes: byte[]) =
    let mutable remainder = 0xFFFFFFFFu

    for one in bytes do
        for bit in 0..7 do
            let top = (remainder ^^^ (uint32 one >>> bit)) &&& 1u
            remainder <- (remainder >>> 1) ^^^ (if top = 1u then 0xEDB88320u else 0u)

    remainder ^^^ 0xFFFFFFFFu

let number (value: uint32) = [| byte (value >>> 24); byte (value >>> 16); byte (value >>> 8); byte value |]

let chunk (kind: string) (data: byte[]) =
    let typed = Array.append (Encoding.ASCII.GetBytes kind) data
    Array.concat [ number (uint32 data.Length); typed; number (crc typed) ]

let zlib (bytes: byte[]) =
    use packed = new MemoryStream()

    using (new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen = true)) (fun target ->
        target.Write(bytes, 0, bytes.Length))

    packed.ToArray()

/// The samples of one row of a pass, packed from the highest bit down.
let private pack depth (samples: int[]) =
    let bits = [|
        for sample in samples do
            for bit in depth - 1 .. -1 .. 0 -> (sample >>> bit) &&& 1
    |]

    bits
    |> Array.chunkBySize 8
    |> Array.map (fun eight ->
        eight
        |> Array.indexed
        |> Array.sumBy (fun (place, bit) -> bit <<< (7 - place))
        |> byte)

let private filtered kind step (above: byte[]) (row: byte[]) =
    let left index =
        if index < step then 0 else int row[index - step]

    let up index = int above[index]

    let corner index =
        if index < step then 0 else int above[index - step]

    let guess index =
        match kind with
        | 0 -> 0
        | 1 -> left index
        | 2 -> up index
        | 3 -> (left index + up index) / 2
        | _ ->
            let whole = left index + up index - corner index

            // In the standard's order of preference, which a stable sort keeps.
            [ left index; up index; corner index ]
            |> List.sortBy (fun neighbour -> abs (whole - neighbour))
            |> List.head

    row |> Array.mapi (fun index value -> byte (int value - guess index))

/// The columns and rows that each of Adam7's passes takes, as the standard draws them.
let private pattern = [
    "16462646"
    "77777777"
    "56565656"
    "77777777"
    "36463646"
    "77777777"
    "56565656"
    "77777777"
]

let private passes picture =
    if picture.Interlaced then
        [
            for pass in '1' .. '7' do
                [
                    for y in 0 .. picture.Height - 1 do
                        let columns = [
                            for x in 0 .. picture.Width - 1 do
                                if pattern[y % 8][x % 8] = pass then
                                    x
                        ]

                        if not columns.IsEmpty then
                            y, columns
                ]
        ]
    else
        [ [ for y in 0 .. picture.Height - 1 -> y, [ 0 .. picture.Width - 1 ] ] ]

/// The rows with their filters, before they are compressed.
let rows picture =
    let samples = samplesOf picture.ColourType
    let step = max 1 (samples * picture.Depth / 8)

    [|
        for pass in passes picture do
            let mutable above = [||]

            for y, columns in pass do
                let row =
                    pack picture.Depth [|
                        for x in columns do
                            for sample in 0 .. samples - 1 ->
                                picture.Samples[(y * picture.Width + x) * samples + sample]
                    |]

                if above.Length <> row.Length then
                    above <- Array.zeroCreate row.Length

                byte (picture.Filter y)
                yield! filtered (picture.Filter y) step above row
                above <- row
    |]

let header picture =
    chunk "IHDR" [|
        yield! number (uint32 picture.Width)
        yield! number (uint32 picture.Height)
        byte picture.Depth
        byte picture.ColourType
        0uy
        0uy
        (if picture.Interlaced then 1uy else 0uy)
    |]

let signature = [| 137uy; 80uy; 78uy; 71uy; 13uy; 10uy; 26uy; 10uy |]

/// The file, its compressed rows cut into chunks of that many bytes.
let fileIn pieces picture =
    Array.concat [
        signature
        header picture
        chunk "tEXt" "Comment\000nothing"B
        if picture.Palette.Length > 0 then
            chunk "PLTE" picture.Palette
        if picture.Transparency.Length > 0 then
            chunk "tRNS" picture.Transparency
        for piece in Array.chunkBySize pieces (zlib (rows picture)) do
            chunk "IDAT" piece
        chunk "IEND" [||]
    ]

let file picture = fileIn 4096 picture

/// What a sample of that depth is in eight bits.
let private eight depth sample =
    match depth with
    | 16 -> byte (BinaryPrimitives.ReverseEndianness(uint16 sample))
    | 8 -> byte sample
    | 4 -> byte (sample * 17)
    | 2 -> byte (sample * 85)
    | _ -> byte (sample * 255)

let private clearSamples picture =
    picture.Transparency
    |> Array.chunkBySize 2
    |> Array.map (fun pair -> int pair[0] * 256 + int pair[1])

/// What a reader must make of it: the channels and the bytes.
let expected picture : int * byte[] =
    let eight = eight picture.Depth
    let pixels = picture.Samples |> Array.chunkBySize (samplesOf picture.ColourType)
    let opacity isClear = if isClear then 0uy else 255uy
    let hasClear = picture.Transparency.Length > 0

    match picture.ColourType with
    | 0 when not hasClear -> 1, pixels |> Array.map (fun pixel -> eight pixel[0])
    | 0 ->
        4,
        pixels
        |> Array.collect (fun pixel ->
            let level = eight pixel[0]
            [| level; level; level; opacity (pixel = clearSamples picture) |])
    | 2 when not hasClear -> 3, pixels |> Array.collect (Array.map eight)
    | 2 ->
        4,
        pixels
        |> Array.collect (fun pixel ->
            Array.append (Array.map eight pixel) [| opacity (pixel = clearSamples picture) |])
    | 3 ->
        let colour index =
            picture.Palette[index * 3 .. index * 3 + 2]

        if hasClear then
            4,
            pixels
            |> Array.collect (fun pixel ->
                let opacity =
                    picture.Transparency |> Array.tryItem pixel[0] |> Option.defaultValue 255uy

                Array.append (colour pixel[0]) [| opacity |])
        else
            3, pixels |> Array.collect (fun pixel -> colour pixel[0])
    | 4 ->
        4,
        pixels
        |> Array.collect (fun pixel ->
            let level = eight pixel[0]
            [| level; level; level; eight pixel[1] |])
    | _ -> 4, pixels |> Array.collect (Array.map eight)
