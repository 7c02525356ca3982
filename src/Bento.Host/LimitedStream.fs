namespace Bento

open System
open System.IO
open System.Threading
open System.Threading.Tasks

/// Raised by a `LimitedStream` for the byte after its last, and caught where the body is read.
type internal TooLargeException() =
    inherit Exception("The body is larger than its limit.")

/// A body that may be read to a limit and no further. It also tells whether it was read to its end.
[<Sealed>]
type internal LimitedStream(inner: Stream, limit: int64) =
    inherit Stream()

    let mutable length = 0L
    let mutable ended = false

    let count received =
        length <- length + int64 received
        ended <- ended || received = 0

        if length > limit then
            raise (TooLargeException())

        received

    /// Whether the last byte was read; what fails after that is the body's fault and no broken connection.
    member _.Ended = ended

    override _.CanRead = true
    override _.CanSeek = false
    override _.CanWrite = false
    override _.Length = raise (NotSupportedException())

    override _.Position
        with get () = length
        and set _ = raise (NotSupportedException())

    override _.Read(buffer: byte[], offset, size) =
        count (inner.Read(buffer, offset, size))

    override _.ReadAsync(buffer: Memory<byte>, cancellation: CancellationToken) : ValueTask<int> =
        let read: Task<int> = task {
            let! received = inner.ReadAsync(buffer, cancellation)

            // Asking for no bytes gives none, which is not the end.
            return if buffer.IsEmpty then received else count received
        }

        ValueTask<int> read

    override this.ReadAsync(buffer: byte[], offset: int, size: int, cancellation: CancellationToken) : Task<int> =
        this.ReadAsync(Memory(buffer, offset, size), cancellation).AsTask()

    override _.Flush() = ()
    override _.Seek(_, _) = raise (NotSupportedException())
    override _.SetLength _ = raise (NotSupportedException())
    override _.Write(_: byte[], _: int, _: int) : unit = raise (NotSupportedException())
