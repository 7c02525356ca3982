/// Contexts without a server: what tests give to handlers, and what calls in process have.
module Bento.Tests.ContextTests

open System
open System.IO
open System.Threading
open System.Threading.Tasks
open Xunit
open Bento
open Bento.Tests.WorkerTests

[<Fact>]
let ``a context made by hand shows its request, keeps its response and can be cancelled`` () : Task = task {
    use cancellation = new CancellationTokenSource()

    let request = {
        StoredRequest.empty with
            Headers = Fields.ofPairs [ "X-Model", "small" ]
    }

    use local = new LocalContext(request, cancellation.Token)
    let context = Context<int>(7, local)
    Assert.Equal(7, context.State)
    Assert.Equal("small", context.Request.Headers.Find "x-model")
    Assert.Equal(cancellation.Token, context.Cancellation)
    Assert.False context.Deadline.HasValue
    Assert.Equal({ Index = 0; Count = 1 }, context.Worker)
    Assert.Equal(local.RequestId, context.RequestId)
    context.Response.Status <- 201
    context.Items["count"] <- 1
    Assert.Equal(201, local.Response.Status)
    Assert.True(local.Items.ContainsKey "count")
}

[<Fact>]
let ``a directory is made when it is asked for and is gone with its context`` () : Task = task {
    let local = new LocalContext()
    let path = local.TempDirectory
    Assert.Equal(path, local.TempDirectory)
    Directory.CreateDirectory(Path.Combine(path, "deep")) |> ignore
    File.WriteAllText(Path.Combine(path, "deep", "file"), "text")
    do! (local :> IAsyncDisposable).DisposeAsync()
    Assert.False(Directory.Exists path)

    Assert.Throws<InvalidOperationException>(fun () -> ignore local.TempDirectory)
    |> ignore
}

[<Fact>]
let ``a directory that its handler removed is no failure`` () : Task = task {
    let lines = LogTests.Lines()

    let local =
        new LocalContext(
            StoredRequest.empty,
            CancellationToken.None,
            lines,
            Collections.Concurrent.ConcurrentDictionary(),
            WorkerPlace.only
        )

    Directory.Delete local.TempDirectory
    do! (local :> IAsyncDisposable).DisposeAsync()
    Assert.Empty lines.Written
}

[<Fact>]
let ``work for after the answer is done in order at the end, and a failure is logged and keeps nothing else back``
    ()
    : Task = task {
    let lines = LogTests.Lines()
    let happened = ResizeArray<string>()

    let local =
        new LocalContext(
            StoredRequest.empty,
            CancellationToken.None,
            lines,
            Collections.Concurrent.ConcurrentDictionary(),
            WorkerPlace.only
        )

    local.Response.After(fun () -> task { happened.Add "first" })
    local.Response.After(fun () -> invalidOp "second")
    local.Response.After(fun () -> task { happened.Add $"third {Directory.Exists local.TempDirectory}" })
    Assert.Empty happened
    do! (local :> IAsyncDisposable).DisposeAsync()
    do! (local :> IAsyncDisposable).DisposeAsync()
    Assert.Equal<string seq>([ "first"; "third True" ], happened)

    match lines.Written with
    | [ LogLevel.Error, _, cause ] -> Assert.Equal("second", (nonNull cause).Message)
    | other -> Assert.Fail $"%A{other}"
}

let private keeping = service {
    name "keeping"

    api "count" (fun (context: Context<unit>) () ->
        unbox<int>(context.Items.AddOrUpdate("count", box 1, (fun _ before -> box (unbox<int> before + 1)))))

    api "directory" (fun (context: Context<unit>) (fails: bool) ->
        let path = context.TempDirectory
        File.WriteAllText(Path.Combine(path, "file"), "text")
        if fails then failwith path else path)

    stream "directories" (fun (context: Context<unit>) () -> Items.produce (fun emit _ -> emit context.TempDirectory))
}

[<Fact>]
let ``calls in process share the items of their worker and of no other`` () : Task = task {
    let definition = Service.require keeping
    let first, second = Worker.ofState definition (), Worker.ofState definition ()
    let! _ = first.Call<unit, int>("count", (), CancellationToken.None)
    let! again = first.Call<unit, int>("count", (), CancellationToken.None)
    let! other = second.Call<unit, int>("count", (), CancellationToken.None)
    Assert.Equal((2, 1), (again, other))
    Assert.True(first.Kept.ContainsKey "count")
}

[<Fact>]
let ``a call in process leaves no directory behind, even when it fails`` () : Task = task {
    let worker = Worker.ofState (Service.require keeping) ()
    let! path = worker.Call<bool, string>("directory", false, CancellationToken.None)
    Assert.False(Directory.Exists path)

    let! failed =
        Assert.ThrowsAnyAsync<exn>(fun () -> worker.Call<bool, string>("directory", true, CancellationToken.None))

    Assert.StartsWith(Path.GetTempPath(), failed.Message)
    Assert.False(Directory.Exists failed.Message)
}

[<Fact>]
let ``a stream in process keeps its directory until it has been read`` () : Task = task {
    let worker = Worker.ofState (Service.require keeping) ()
    let mutable path = ""
    let mutable there = false

    do!
        worker.Items<unit, string>("directories", (), CancellationToken.None)
        |> Items.iterate CancellationToken.None (fun item ->
            path <- item
            there <- Directory.Exists item
            Task.CompletedTask)

    Assert.True there
    Assert.False(Directory.Exists path)
}

[<Fact>]
let ``handlers know their worker's place`` () : Task = task {
    let placed = service {
        name "placed"
        api "place" (fun (context: Context<unit>) () -> context.Worker.Index * 10 + context.Worker.Count)
    }

    let! worker =
        start
            noDependencies
            {
                setup with
                    Worker = { Index = 2; Count = 4 }
            }
            placed

    let! answer = worker.Call<unit, int>("place", (), CancellationToken.None)
    Assert.Equal(24, answer)
    Assert.Equal({ Index = 2; Count = 4 }, worker.Place)
}
