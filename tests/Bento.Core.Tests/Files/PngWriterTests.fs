module Bento.Tests.PngWriterTests

open FsCheck
open FsCheck.FSharp
open Xunit
open Bento
open Bento.Tests

let private pictures =
    gen {
        let! width = Gen.choose (1, 40)
        let! height = Gen.choose (1, 40)
        let! channels = Gen.elements [ 1; 3; 4 ]

        let! bytes =
            Gen.arrayOfLength (width * height * channels) (Gen.choose (0, 255) |> Gen.map byte)

        return Pixels.create width height channels bytes
    }
    |> Arb.fromGen

[<Fact>]
let ``pixels come back from the file that they are written to`` () =
    Laws.holdsFor pictures (fun pixels ->
        let written = Image.OfPixels("picture.png", pixels)
        let read = Image.OfBytes("picture.png", written.File.ReadAllBytes())

        read.Pixels = pixels && read.ContentType = "image/png")

[<Fact>]
let ``neighbours that are alike make a small file`` () =
    let plain = Pixels.create 1000 1000 3 (Array.create 3_000_000 200uy)
    Assert.InRange(Image.OfPixels("plain.png", plain).File.Length, 100L, 60_000L)
