namespace Bento

open System
open System.IO

/// A file that a request brought or an answer takes: its name, its type and its bytes, wherever those are kept.
[<Sealed>]
type File(name: string, contentType: string, length: int64, openRead: Func<Stream>) =

    /// The name without any folder, which may be empty; it is the sender's word and no path on this machine.
    member _.Name = name

    /// The media type, such as "image/png".
    member _.ContentType = contentType

    /// The number of bytes.
    member _.Length = length

    /// A new stream over the bytes from the first on. A file of a request can be opened as long as that request lasts.
    member _.Open() : Stream = openRead.Invoke()

    /// All the bytes in memory.
    member _.ReadAllBytes() : byte[] =
        use source = openRead.Invoke()
        let bytes = Array.zeroCreate<byte>(int length)
        source.ReadExactly(bytes.AsSpan())
        bytes

    /// A file whose bytes are in memory.
    static member OfBytes(name: string, contentType: string, bytes: byte[]) : File =
        File(name, contentType, bytes.LongLength, (fun () -> new MemoryStream(bytes, writable = false) :> Stream))
