namespace Bento

open System
open System.Buffers
open System.Text.Encodings.Web
open System.Text.Json

/// Bytes that are written one after the other, in arrays of the pool.
[<Sealed>]
type internal PooledBytes() =

    /// A megabyte: what has grown beyond it goes back to the pool between two uses.
    static let largestKept = 1 <<< 20

    static let smallest = 1024

    let mutable bytes = ArrayPool<byte>.Shared.Rent smallest
    let mutable written = 0

    let replace (size: int) =
        let other = ArrayPool<byte>.Shared.Rent size
        Buffer.BlockCopy(bytes, 0, other, 0, written)
        ArrayPool<byte>.Shared.Return bytes
        bytes <- other

    let ensure (wanted: int) =
        if bytes.Length - written < max 1 wanted then
            replace (max (2 * bytes.Length) (written + wanted))

    /// What was written, until more is.
    member _.Written = Memory(bytes, 0, written)

    member _.ToArray() : byte[] =
        ReadOnlySpan(bytes, 0, written).ToArray()

    member _.Clear() =
        written <- 0

        if bytes.Length > largestKept then
            replace smallest

    interface IBufferWriter<byte> with
        member _.Advance count = written <- written + count

        member _.GetMemory wanted =
            ensure wanted
            Memory(bytes, written, bytes.Length - written)

        member _.GetSpan wanted =
            ensure wanted
            Span(bytes, written, bytes.Length - written)

    interface IDisposable with
        member _.Dispose() = ArrayPool<byte>.Shared.Return bytes

/// A buffer with its writer, one a thread: most answers need no new one.
[<Sealed>]
type internal JsonBuffer private () =

    static let options = JsonWriterOptions(Encoder = JsonBuffer.Encoder, SkipValidation = true)

    [<ThreadStatic; DefaultValue>]
    static val mutable private free: JsonBuffer | null

    let bytes = new PooledBytes()
    let writer = new Utf8JsonWriter(bytes, options)

    /// Answers are data and never part of a page, so that letters and quotes need no escapes.
    static member Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping

    member _.Writer = writer

    /// What was written, after which the buffer is free again. One whose writing was broken off is left to the collector.
    member this.Finish() : byte[] =
        writer.Flush()
        let written = bytes.ToArray()
        bytes.Clear()
        writer.Reset()
        JsonBuffer.free <- this
        written

    static member Rent() : JsonBuffer =
        match JsonBuffer.free with
        | null -> JsonBuffer()
        | buffer ->
            JsonBuffer.free <- null
            buffer
