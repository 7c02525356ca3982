/// What becomes of the streams that a body is read through.
module Bento.Hosting.Tests.LimitedStreamTests

open System.IO
open System.IO.Compression
open Xunit
open Bento

[<Fact>]
let ``a stream that is done with is done with what it reads from, decompressors among them`` () =
    let sent = new MemoryStream()

    let plain = new ZLibStream(new EncodedStream(sent), CompressionMode.Decompress)

    let body = new LimitedStream(plain, 10L)
    Assert.True(sent.CanRead && plain.CanRead)
    body.Dispose()
    Assert.False(plain.CanRead)
    Assert.False sent.CanRead
    // Whoever reads a body through a pipe closes it twice.
    body.Dispose()

[<Fact>]
let ``gzip is done with what it reads from, too`` () =
    let sent = new MemoryStream()
    (new GunzippedStream(sent)).Dispose()
    Assert.False sent.CanRead
