namespace Bento

open System
open System.Buffers
open System.IO
open System.Threading
open System.Threading.Tasks

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

    /// Writes what was read and all the rest to a file of the directory, and gives the file's length.
    let private writeOut path (buffer: byte[]) (source: Stream) (cancellation: CancellationToken) : Task<int64> = task {
        use target =
            new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, useAsync = true)

        do! target.WriteAsync(buffer.AsMemory(), cancellation)
        let mutable more = true
        let block = ArrayPool<byte>.Shared.Rent mostInMemory

        try
            while more do
                let! received = source.ReadAsync(block.AsMemory(), cancellation)
                do! target.WriteAsync(block.AsMemory(0, received), cancellation)
                more <- received > 0
        finally
            ArrayPool<byte>.Shared.Return block

        return target.Length
    }

    /// Takes a file in to its last byte. Its name on the disk has nothing of the name that its sender gave it.
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
                let path = Path.Combine(directory (), Guid.NewGuid().ToString "n")
                let! length = writeOut path buffer source cancellation
                let mediaType = typeOf declared (ReadOnlySpan(buffer, 0, FileSignature.length))
                return Bento.File(name, mediaType, length, openFile path)
        finally
            ArrayPool<byte>.Shared.Return buffer
    }
