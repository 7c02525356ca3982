namespace Bento

open System
open System.Buffers
open System.IO
open System.Threading
open System.Threading.Tasks

/// Raised where a file cannot be kept on the disk. It is no `IOException`: those are a body's, which its sender broke off.
type internal SpoolException(inner: exn) =
    inherit Exception($"A file of a request cannot be kept on the disk: {inner.Message}", inner)

/// Files on their way in: small ones stay in memory, others go to the request's directory.
[<RequireQualifiedAccess>]
module internal Spool =

    /// What a file may have and still stay in memory: 64 KiB.
    [<Literal>]
    let mostInMemory = 65_536

    let private openFile path () : Stream =
        new FileStream(
            path,
            FileMode.Open,
            FileAccess.Read,
            FileShare.Read ||| FileShare.Delete,
            65_536,
            useAsync = true
        )

    /// What was sent says its type; where it says nothing of use, its first bytes do.
    let private typeOf (declared: string) (beginning: ReadOnlySpan<byte>) =
        if declared = "" || declared = MediaType.bytes then
            FileSignature.find beginning |> Option.defaultValue MediaType.bytes
        else
            declared

    /// Reads until the buffer is full or the source ends, and gives the number of bytes.
    let private fill (source: Stream) (buffer: byte[]) (cancellation: CancellationToken) : Task<int> = task {
        let mutable length = 0
        let mutable ended = false

        while not ended && length < buffer.Length do
            let! received = source.ReadAsync(buffer.AsMemory length, cancellation)
            length <- length + received
            ended <- received = 0

        return length
    }

    /// A new file of the directory. Its name on the disk has nothing of the name that its sender gave it.
    let private create (directory: unit -> string) : FileStream =
        try
            let path = Path.Combine(directory (), Guid.NewGuid().ToString "n")
            new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, useAsync = true)
        with :? IOException as problem ->
            raise (SpoolException problem)

    let private write
        (target: FileStream)
        (bytes: ReadOnlyMemory<byte>)
        (cancellation: CancellationToken)
        : Task<unit> = task {
        try
            do! target.WriteAsync(bytes, cancellation)
        with :? IOException as problem ->
            raise (SpoolException problem)
    }

    /// Writes what was read and all the rest to the file, and gives the file's length.
    let private writeOut
        (target: FileStream)
        (buffer: byte[])
        (source: Stream)
        (cancellation: CancellationToken)
        : Task<int64> = task {
        do! write target (ReadOnlyMemory buffer) cancellation
        let mutable more = true
        let block = ArrayPool<byte>.Shared.Rent mostInMemory

        try
            while more do
                let! received = source.ReadAsync(block.AsMemory(), cancellation)
                do! write target (ReadOnlyMemory(block, 0, received)) cancellation
                more <- received > 0
        finally
            ArrayPool<byte>.Shared.Return block

        return target.Length
    }

    /// Takes a file in to its last byte.
    let take
        (directory: unit -> string)
        (name: string)
        (declared: string)
        (source: Stream)
        (cancellation: CancellationToken)
        : Task<Bento.File> = task {
        let buffer = ArrayPool<byte>.Shared.Rent mostInMemory

        try
            let! length = fill source buffer cancellation

            if length < buffer.Length then
                let bytes = buffer.AsSpan(0, length).ToArray()
                return Bento.File.OfBytes(name, typeOf declared (ReadOnlySpan bytes), bytes)
            else
                use target = create directory
                let! length = writeOut target buffer source cancellation
                let mediaType = typeOf declared (ReadOnlySpan(buffer, 0, FileSignature.length))
                return Bento.File(name, mediaType, length, openFile target.Name)
        finally
            ArrayPool<byte>.Shared.Return buffer
    }
