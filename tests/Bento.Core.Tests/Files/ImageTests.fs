module Bento.Tests.ImageTests

open System
open System.IO
open Xunit
open Bento

[<Fact>]
let ``a file is opened anew each time`` () =
    let file = File.OfBytes("a.txt", "text/plain", "hello"B)
    use first = file.Open()
    use second = file.Open()
    first.ReadByte() |> ignore
    Assert.Equal(int 'h', second.ReadByte())
    Assert.Equal<byte[]>("hello"B, file.ReadAllBytes())
    Assert.Equal(5L, file.Length)

[<Fact>]
let ``pixels are decoded once and when asked for`` () =
    let mutable opened = 0
    let written = Image.OfPixels("p.png", Pixels.create 2 1 1 [| 1uy; 2uy |])
    let bytes = written.File.ReadAllBytes()

    let image =
        Image(
            File(
                "p.png",
                "image/png",
                bytes.LongLength,
                fun () ->
                    opened <- opened + 1
                    new MemoryStream(bytes) :> Stream
            )
        )

    Assert.Equal(0, opened)
    Assert.Equal<byte[]>([| 1uy; 2uy |], image.Pixels.Bytes)
    Assert.Equal<byte[]>([| 1uy; 2uy |], image.Pixels.Bytes)
    Assert.Equal(1, opened)

[<Fact>]
let ``a picture that cannot be decoded is its sender's fault`` () =
    let jpeg = Image.OfBytes("cat.jpg", [| 0xFFuy; 0xD8uy; 0xFFuy; 0xE0uy |])
    Assert.Equal("image/jpeg", jpeg.ContentType)
    let raised = Assert.Throws<BentoException>(fun () -> jpeg.Pixels |> ignore)
    Assert.Equal(400, raised.Status)

    Assert.Equal(
        "The image \"cat.jpg\" cannot be decoded: it is image/jpeg, and only image/png is decoded here; its bytes are in `File`.",
        raised.Message
    )

[<Fact>]
let ``any pixels can be had in three channels`` () =
    let grey = Pixels.create 2 1 1 [| 7uy; 9uy |]
    Assert.Equal<byte[]>([| 7uy; 7uy; 7uy; 9uy; 9uy; 9uy |], grey.Rgb.Bytes)
    let opaque = Pixels.create 1 2 4 [| 1uy; 2uy; 3uy; 4uy; 5uy; 6uy; 7uy; 8uy |]
    Assert.Equal<byte[]>([| 1uy; 2uy; 3uy; 5uy; 6uy; 7uy |], opaque.Rgb.Bytes)
    Assert.Equal(3, opaque.Rgb.Channels)

[<Theory>]
[<InlineData(0, 1, 3, 0)>]
[<InlineData(1, -1, 3, 3)>]
[<InlineData(1, 1, 2, 2)>]
[<InlineData(2, 2, 3, 11)>]
[<InlineData(65536, 65536, 1, 0)>]
let ``bytes that do not fit their size are no pixels`` (width: int, height: int, channels: int, length: int) =
    Assert.Throws<ArgumentException>(fun () -> Pixels.create width height channels (Array.zeroCreate length) |> ignore)
    |> ignore
