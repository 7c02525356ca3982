namespace Bento

open System
open System.IO
open System.Threading
open System.Threading.Tasks

/// A stream that is read once, from its beginning to its end, by those who can wait for it.
[<AbstractClass>]
type internal ForwardStream() =
    inherit Stream()

    override _.CanRead = true
    override _.CanSeek = false
    override _.CanWrite = false
    override _.Length = raise (NotSupportedException())

    override _.Position
        with get () = raise (NotSupportedException())
        and set _ = raise (NotSupportedException())

    override this.ReadAsync(buffer: byte[], offset: int, size: int, cancellation: CancellationToken) : Task<int> =
        this.ReadAsync(Memory(buffer, offset, size), cancellation).AsTask()

    override _.Read(_: byte[], _: int, _: int) : int = raise (NotSupportedException())
    override _.Flush() = ()
    override _.Seek(_, _) = raise (NotSupportedException())
    override _.SetLength _ = raise (NotSupportedException())
    override _.Write(_: byte[], _: int, _: int) : unit = raise (NotSupportedException())

/// A stream of which every byte is seen on its way.
[<AbstractClass>]
type internal SeenStream(inner: Stream) =
    inherit ForwardStream()

    /// What was read; nothing at the end.
    abstract Saw: bytes: ReadOnlySpan<byte> -> unit

    override this.Read(buffer: byte[], offset, size) =
        let received = inner.Read(buffer, offset, size)

        // Asking for no bytes gives none, which is not the end.
        if size > 0 then
            this.Saw(ReadOnlySpan(buffer, offset, received))

        received

    override this.ReadAsync(buffer: Memory<byte>, cancellation: CancellationToken) : ValueTask<int> =
        let read: Task<int> = task {
            let! received = inner.ReadAsync(buffer, cancellation)

            if not buffer.IsEmpty then
                this.Saw(Span.op_Implicit (buffer.Span.Slice(0, received)): ReadOnlySpan<byte>)

            return received
        }

        ValueTask<int> read

    override _.Dispose(disposing: bool) =
        if disposing then
            inner.Dispose()

        base.Dispose disposing

/// Raised by a `LimitedStream` for the byte after its last, and caught where the body is read.
type internal TooLargeException() =
    inherit Exception("The body is larger than its limit.")

/// A body that may be read to a limit and no further. It also tells whether it was read to its end.
[<Sealed>]
type internal LimitedStream(inner: Stream, limit: int64) =
    inherit SeenStream(inner)

    let mutable length = 0L
    let mutable ended = false

    /// Whether the last byte was read; what fails after that is the body's fault and no broken connection.
    member _.Ended = ended

    override _.Saw bytes =
        length <- length + int64 bytes.Length
        ended <- ended || bytes.IsEmpty

        if length > limit then
            raise (TooLargeException())
