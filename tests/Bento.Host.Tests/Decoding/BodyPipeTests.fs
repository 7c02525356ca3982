/// Reads that are cancelled, be it for themselves or for another.
module Bento.Hosting.Tests.BodyPipeTests

open System
open System.IO.Pipelines
open System.Threading
open System.Threading.Tasks
open Xunit
open Bento
open Bento.Hosting.Tests.Wire

[<Fact>]
let ``a word that was for another read does not end a body`` () : Task = task {
    let pipe = Pipe()
    let! _ = pipe.Writer.WriteAsync("hello"B, cancellation ())
    pipe.Reader.CancelPendingRead()
    use body = new BodyStream(pipe.Reader, CancellationToken.None)
    let buffer = Array.zeroCreate<byte> 16
    let! first = body.ReadAsync(Memory buffer, cancellation ())
    Assert.Equal(5, first)
    pipe.Reader.CancelPendingRead()
    let reading = body.ReadAsync(Memory buffer, cancellation ()).AsTask()
    let! _ = pipe.Writer.WriteAsync("you"B, cancellation ())
    let! second = reading
    Assert.Equal(3, second)
    do! pipe.Writer.CompleteAsync()
    let! last = body.ReadAsync(Memory buffer, cancellation ())
    Assert.Equal(0, last)
}

[<Fact>]
let ``a read whose request is over is no end of the body`` () : Task = task {
    let pipe = Pipe()
    pipe.Reader.CancelPendingRead()

    let! _ =
        Assert.ThrowsAnyAsync<OperationCanceledException>(fun () -> task {
            let! _ = BodyPipe.read pipe.Reader (CancellationToken true)
            return ()
        })

    ()
}
