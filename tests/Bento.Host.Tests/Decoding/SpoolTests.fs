/// Files on their way to the disk.
module Bento.Hosting.Tests.SpoolTests

open System
open System.IO
open System.Threading.Tasks
open Xunit
open Bento
open Bento.Hosting.Tests.Wire

let private take directory (source: Stream) =
    Spool.take directory "a.txt" "text/plain" source (cancellation ())

[<Fact>]
let ``what the disk refuses is no failure of the sender's`` () : Task = task {
    let missing = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString "n")

    for directory in
        [
            (fun () -> missing)
            (fun () -> raise (IOException "No space left on device"))
        ] do
        let! problem =
            Assert.ThrowsAsync<SpoolException>(fun () ->
                take directory (new MemoryStream(Array.zeroCreate<byte> 100_000)) :> Task)

        Assert.IsAssignableFrom<IOException> problem.InnerException |> ignore
        Assert.IsNotAssignableFrom<IOException> problem
}

[<Fact>]
let ``what breaks off on the way is the sender's`` () : Task = task {
    let folder = Directory.CreateTempSubdirectory()

    try
        let source = {
            new MemoryStream(Array.zeroCreate<byte> 100_000) with
                override this.ReadAsync(buffer: Memory<byte>, _: Threading.CancellationToken) =
                    if this.Position >= 80_000L then
                        raise (IOException "broken pipe")

                    ValueTask<int>(this.Read(buffer.Span.Slice(0, min buffer.Length 40_000)))
        }

        let! problem =
            Assert.ThrowsAsync<IOException>(fun () -> take (fun () -> folder.FullName) source :> Task)

        Assert.Equal("broken pipe", problem.Message)
    finally
        folder.Delete true
}
