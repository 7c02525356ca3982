namespace Bento

open System
open System.IO
open System.IO.Compression
open System.Threading
open System.Threading.Tasks

/// What is sent in an encoding. The runtime's own streams take an end in the middle for the end, so that it is seen here.
[<Sealed>]
type internal EncodedStream(inner: Stream) =
    inherit SeenStream(inner)

    override _.Saw bytes =
        if bytes.IsEmpty then
            raise (InvalidDataException "It ends in the middle.")

/// What is sent as gzip, and behind its end one member more, of which it is known what comes out.
[<Sealed>]
type internal MarkedStream(inner: Stream) =
    inherit ForwardStream()

    /// In no body by chance, and nobody can foresee it.
    static let mark = Guid.NewGuid().ToByteArray()

    static let packed =
        let packed = new MemoryStream()
        using (new GZipStream(packed, CompressionLevel.NoCompression)) _.Write(mark, 0, mark.Length)
        packed.ToArray()

    let mutable rest = ReadOnlyMemory packed

    let behind (buffer: Memory<byte>) =
        let length = min buffer.Length rest.Length
        rest.Slice(0, length).CopyTo buffer
        rest <- rest.Slice length
        length

    static member Mark: byte[] = mark

    override _.ReadAsync(buffer: Memory<byte>, cancellation: CancellationToken) : ValueTask<int> =
        let read: Task<int> = task {
            let! received = inner.ReadAsync(buffer, cancellation)
            return if received = 0 then behind buffer else received
        }

        ValueTask<int> read

    override _.Dispose(disposing: bool) =
        if disposing then
            inner.Dispose()

        base.Dispose disposing

/// The plain bytes of gzip, of one member or of several behind each other. The runtime's stream goes on from member to
/// member and has no word for one that is broken off; to the mark it comes only behind whole ones.
[<Sealed>]
type internal GunzippedStream(encoded: Stream) =
    inherit ForwardStream()

    let plain = new GZipStream(new MarkedStream(encoded), CompressionMode.Decompress)
    let mark = MarkedStream.Mark
    let kept = Array.zeroCreate<byte>(16_384 + mark.Length)
    let mutable length = 0
    let mutable ended = false

    /// As many bytes as the mark has are held back, as they may be it.
    let fill (cancellation: CancellationToken) : Task<unit> = task {
        while not ended && length <= mark.Length do
            let! received = plain.ReadAsync(kept.AsMemory length, cancellation)
            length <- length + received
            ended <- received = 0

        if ended && not (kept.AsSpan(0, length).SequenceEqual(ReadOnlySpan mark)) then
            raise (InvalidDataException "It ends in the middle, or with what is no gzip.")
    }

    override _.ReadAsync(buffer: Memory<byte>, cancellation: CancellationToken) : ValueTask<int> =
        let read: Task<int> = task {
            do! fill cancellation
            let given = min buffer.Length (length - mark.Length)
            kept.AsSpan(0, given).CopyTo buffer.Span
            kept.AsSpan(given, length - given).CopyTo(kept.AsSpan())
            length <- length - given
            return given
        }

        ValueTask<int> read

    override _.Dispose(disposing: bool) =
        if disposing then
            plain.Dispose()

        base.Dispose disposing
