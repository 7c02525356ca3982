namespace Bento

open System
open System.IO.Pipelines
open System.Threading
open System.Threading.Tasks

/// Waits for the bytes of a request, which end with its time.
[<RequireQualifiedAccess>]
module internal BodyPipe =

    let private onOver =
        Action<objnull>(fun body -> (nonNull body :?> PipeReader).CancelPendingRead())

    let private wait (body: PipeReader) (pending: ValueTask<ReadResult>) (cancellation: CancellationToken) = task {
        use _ = cancellation.UnsafeRegister(onOver, body)
        let! read = pending

        if read.IsCanceled then
            body.AdvanceTo(read.Buffer.Start, read.Buffer.End)
            cancellation.ThrowIfCancellationRequested()

        return read
    }

    /// What has come in so far. Kestrel breaks off a connection on which a read was given a token and was cancelled by
    /// it, before the caller has its answer; so the reader itself is told to stop waiting.
    let read (body: PipeReader) (cancellation: CancellationToken) : ValueTask<ReadResult> =
        let pending = body.ReadAsync CancellationToken.None

        if pending.IsCompleted then
            pending
        else
            ValueTask<ReadResult>(wait body pending cancellation)
