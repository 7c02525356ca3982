namespace Bento

open System
open System.Buffers
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
        let! first = pending
        let mutable read = first

        // What came in is no end of the body; and a word that came too late was for another read.
        while read.IsCanceled do
            body.AdvanceTo read.Buffer.Start
            cancellation.ThrowIfCancellationRequested()
            let! next = body.ReadAsync CancellationToken.None
            read <- next

        return read
    }

    /// What has come in so far. Kestrel breaks off a connection on which a read was given a token and was cancelled by
    /// it, before the caller has its answer; so the reader itself is told to stop waiting.
    let read (body: PipeReader) (cancellation: CancellationToken) : ValueTask<ReadResult> =
        let pending = body.ReadAsync CancellationToken.None

        if pending.IsCompletedSuccessfully then
            let read = pending.Result

            if read.IsCanceled then
                ValueTask<ReadResult>(wait body (ValueTask<ReadResult> read) cancellation)
            else
                ValueTask<ReadResult> read
        else
            ValueTask<ReadResult>(wait body pending cancellation)

/// A body as a stream, which waits as `BodyPipe.read` does.
[<Sealed>]
type internal BodyStream(body: PipeReader, cancellation: CancellationToken) =
    inherit ForwardStream()

    override _.ReadAsync(buffer: Memory<byte>, _: CancellationToken) : ValueTask<int> =
        let read: Task<int> = task {
            let! read = BodyPipe.read body cancellation
            let length = int (min read.Buffer.Length (int64 buffer.Length))
            let taken = read.Buffer.Slice(0, length)
            taken.CopyTo buffer.Span
            body.AdvanceTo taken.End
            return length
        }

        ValueTask<int> read
