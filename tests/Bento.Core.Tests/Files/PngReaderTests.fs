module Bento.Tests.PngReaderTests

open System
open System.IO
open FsCheck
open FsCheck.FSharp
open Xunit
open Bento
open Bento.Tests.PngEncoder

/// Every colour type with its depths.
let private kinds = [
    for depth in [ 1; 2; 4; 8; 16 ] do
        0, depth

        if depth <= 8 then
            3, depth

        if depth >= 8 then
            2, depth
            4, depth
            6, depth
]

let private pictures =
    gen {
        let! colourType, depth = Gen.elements kinds
        let! width = Gen.choose (1, 19)
        let! height = Gen.choose (1, 19)
        let! interlaced = Gen.elements [ true; false ]
        let! filters = Gen.arrayOfLength height (Gen.choose (0, 4))
        let colours = 1 <<< min depth 8
        let! palette = Gen.arrayOfLength (3 * colours) (Gen.choose (0, 255) |> Gen.map byte)
        let count = width * height * samplesOf colourType
        let! samples = Gen.arrayOfLength count (Gen.choose (0, (1 <<< depth) - 1))
        let! clear = Gen.elements [ true; false ]
        let! opacities = Gen.choose (1, colours)
        let! opacity = Gen.arrayOfLength opacities (Gen.choose (0, 255) |> Gen.map byte)

        return {
            Width = width
            Height = height
            ColourType = colourType
            Depth = depth
            Samples = samples
            Palette = if colourType = 3 then palette else [||]
            Transparency =
                match colourType with
                | _ when not clear -> [||]
                | 3 -> opacity
                | 0
                // The colour of the first pixel is the one that is seen through.
                | 2 ->
                    samples
                    |> Array.take (samplesOf colourType)
                    |> Array.collect (fun sample -> [| byte (sample >>> 8); byte sample |])
                | _ -> [||]
            Interlaced = interlaced
            Filter = fun row -> filters[row]
        }
    }
    |> Arb.fromGen

let private pixels name (bytes: byte[]) =
    let image = Image.OfBytes(name, bytes)

    match image.Unreadable with
    | null -> Ok image.Pixels
    | reason -> Error reason

[<Fact>]
let ``every colour type, depth, filter and transparency is read, interlaced or not`` () =
    Check.One(
        Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest 600,
        Prop.forAll pictures (fun picture ->
            match pixels "any.png" (fileIn 37 picture) with
            | Error reason -> failwith reason
            | Ok read ->
                let channels, bytes = expected picture
                Assert.Equal((picture.Width, picture.Height, channels), (read.Width, read.Height, read.Channels))
                Assert.Equal<byte[]>(bytes, read.Bytes))
    )

[<Fact>]
let ``each kind is met with and without Adam7`` () =
    for colourType, depth in kinds do
        for interlaced in [ false; true ] do
            let most = (1 <<< depth) - 1
            let random = Random 7

            let picture = {
                Width = 33
                Height = 18
                ColourType = colourType
                Depth = depth
                Samples = Array.init (33 * 18 * samplesOf colourType) (fun _ -> random.Next(most + 1))
                Palette =
                    if colourType = 3 then
                        Array.init (3 <<< depth) byte
                    else
                        [||]
                Transparency = [||]
                Interlaced = interlaced
                Filter = fun row -> row % 5
            }

            match pixels "each.png" (file picture) with
            | Ok read -> Assert.Equal<byte[]>(snd (expected picture), read.Bytes)
            | Error reason -> Assert.Fail $"{colourType}, {depth}: {reason}"

// -- files of other writers ------------------------------------------------------------------------------

let private files = Path.Combine(AppContext.BaseDirectory, "Pictures")

/// Each picture beside its pixels as a program of another house read them: width, height, channels, then the bytes' SHA-256.
let others =
    TheoryData<string, string>(
        [
            for line in IO.File.ReadAllLines(Path.Combine(files, "pixels.txt")) do
                let words = line.Split(' ', 2)
                struct (words[0], words[1])
        ]
    )

[<Theory; MemberData(nameof others)>]
let ``pictures of other programs are read as those read them`` (name: string, wanted: string) =
    match pixels name (IO.File.ReadAllBytes(Path.Combine(files, name))) with
    | Error reason -> Assert.Fail reason
    | Ok read ->
        let hash =
            Convert.ToHexStringLower(Security.Cryptography.SHA256.HashData read.Bytes)

        Assert.Equal(wanted, $"{read.Width} {read.Height} {read.Channels} {hash}")

// -- files that are not whole --------------------------------------------------------------------------------

let private small = {
    Width = 4
    Height = 3
    ColourType = 2
    Depth = 8
    Samples = Array.init 36 id
    Palette = [||]
    Transparency = [||]
    Interlaced = false
    Filter = fun _ -> 1
}

let private refused wanted bytes =
    match pixels "bad.png" bytes with
    | Ok _ -> Assert.Fail "It was read."
    | Error reason ->
        Assert.StartsWith("The image \"bad.png\" cannot be decoded: ", reason)
        Assert.Contains((wanted: string), reason)

[<Fact>]
let ``a file that is cut anywhere is refused`` () =
    let whole = file small

    for length in 8 .. whole.Length - 1 do
        refused "it ends in the middle" whole[.. length - 1]

[<Fact>]
let ``a flipped bit anywhere is found`` () =
    let whole = file small

    for at in 0 .. whole.Length - 1 do
        let bad = Array.copy whole
        bad[at] <- bad[at] ^^^ 4uy
        refused "" bad

let private with' chunks =
    Array.concat [ signature; yield! chunks; chunk "IEND" [||] ]

let private data picture = chunk "IDAT" (zlib (rows picture))

[<Fact>]
let ``what breaks the format is named`` () =
    let head = header small
    refused "begins with IEND" (with' [])
    refused "begins with IDAT" (with' [ data small ])
    refused "rows end before" (with' [ head ])
    refused "rows end before" (with' [ head; chunk "IDAT" (zlib (Array.zeroCreate 5)) ])
    refused "out of place or unknown" (with' [ head; head; data small ])
    refused "out of place or unknown" (with' [ head; chunk "ABCD" [||]; data small ])
    refused "filter 9" (with' [ head; data { small with Filter = fun _ -> 9 } ])
    refused "0 × 3" (with' [ header { small with Width = 0 } ])

    // These have no more pixels than a picture may, in rows of which one alone would take 256 MiB.
    for width, height in [ 33_554_432, 1; 1, 33_554_432; 65_536, 1 ] do
        refused
            "65535 pixels are the longest side"
            (with' [
                header {
                    small with
                        Width = width
                        Height = height
                        Depth = 16
                        ColourType = 6
                }
            ])

    refused "none of PNG's" (with' [ header { small with Depth = 4 } ])
    refused "none of PNG's" (with' [ header { small with ColourType = 5 } ])
    refused "instead of 13" (with' [ chunk "IHDR" [| 1uy |] ])

    refused
        "interlace"
        (with' [
            chunk "IHDR" [| 0uy; 0uy; 0uy; 1uy; 0uy; 0uy; 0uy; 1uy; 8uy; 2uy; 0uy; 0uy; 2uy |]
        ])

    refused "transparency of 3" (with' [ head; chunk "tRNS" [| 1uy; 2uy; 3uy |]; data small ])

[<Fact>]
let ``a palette that does not go with its pixels is named`` () =
    let picture = {
        small with
            ColourType = 3
            Depth = 2
            Samples = Array.create 12 3
    }

    refused "no palette" (with' [ header picture; data picture ])
    refused "5 colours for 2 bits" (with' [ header picture; chunk "PLTE" (Array.zeroCreate 15); data picture ])
    refused "7 bytes" (with' [ header picture; chunk "PLTE" (Array.zeroCreate 7); data picture ])
    refused "colour 3" (with' [ header picture; chunk "PLTE" (Array.zeroCreate 9); data picture ])

[<Fact>]
let ``a picture of more pixels than are decoded costs nothing but its header`` () =
    let huge =
        header {
            small with
                Width = 1 <<< 30
                Height = 1 <<< 30
        }

    refused "pixels are the most" (with' [ huge; data small ])

    let many =
        header {
            small with
                Width = 1 <<< 20
                Height = 33
        }

    refused "pixels are the most" (with' [ many; data small ])

[<Fact>]
let ``rows that are not zlib's are refused`` () =
    refused "" (with' [ header small; chunk "IDAT" [| 1uy; 2uy; 3uy; 4uy; 5uy |] ])

[<Fact>]
let ``no bytes behind a signature raise anything`` () =
    Check.One(
        Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest 500,
        fun (junk: (string * byte[]) list) ->
            let kinds = [ "IHDR"; "PLTE"; "tRNS"; "IDAT"; "gAMA" ]

            let chunks = [
                for index, (_, data) in List.indexed junk -> chunk kinds[index % kinds.Length] data
            ]

            match pixels "junk.png" (with' (header small :: chunks)) with
            | Ok read -> Assert.Equal(36, read.Bytes.Length)
            | Error _ -> ()
    )
