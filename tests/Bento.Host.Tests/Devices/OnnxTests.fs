module Bento.Hosting.Tests.OnnxTests

open System
open System.Collections.Generic
open System.Collections.Immutable
open System.IO
open System.Threading
open System.Threading.Tasks
open FsCheck
open FsCheck.FSharp
open Xunit
open Bento
open Bento.OnnxRuntime
open Bento.Hosting.Tests.Holding
open OnnxWriter

// -- models ----------------------------------------------------------------------------------------------

/// y = x + addend, over float[1].
let private adding (addend: float32) =
    let graph = Graph "adding"
    let x = graph.Input("x", Float, [ Size 1 ])

    let sum =
        graph.Operator("Add", [ x; graph.Constant([ 1 ], Floats [| addend |]) ], [])

    graph.Output("y", sum, Float, [ Size 1 ])
    graph.ToBytes()

/// So many products of large matrices that nobody waits for the last: some 2,000 times 10 ms.
let private endless =
    lazy
        (let width = 512
         let graph = Graph "endless"
         let x = graph.Input("x", Float, [ Size width; Size width ])

         let weights =
             graph.Constant([ width; width ], Floats(Array.zeroCreate (width * width)))

         let last =
             Seq.init 2_000 id
             |> Seq.fold (fun value _ -> graph.Operator("MatMul", [ value; weights ], [])) x

         graph.Output("y", last, Float, [ Size width; Size width ])
         graph.ToBytes())

/// A folder of its own with a model in it.
[<Sealed>]
type private ModelFile(model: byte[]) =
    let folder = Directory.CreateTempSubdirectory "bento-onnx-host-"
    let path = Path.Combine(folder.FullName, "model.onnx")
    do File.WriteAllBytes(path, model)

    member _.Path = path

    interface IDisposable with
        member _.Dispose() = folder.Delete true

let private setup device : Setup<unit> = {
    Clients = ()
    Models = Dictionary<string, string>()
    Device = device
    Worker = { Index = 0; Count = 1 }
    Application = Setup.noApplication
    Cancellation = CancellationToken.None
    Log = Log.none
}

let private cpu = setup Device.Cpu

let private run (session: InferenceSession) (x: float32) =
    use input = OrtValue.Over([| x |], 1L)
    use outputs = session.Run("x", input)
    outputs["y"].ToArray<float32>()[0]

/// Sessions over one loaded model have one description of it.
let private areOne (first: InferenceSession) (second: InferenceSession) = first.Inputs.Equals second.Inputs

// -- one copy a device -----------------------------------------------------------------------------------

[<Fact>]
let ``on a GPU too, the workers of one device load one model`` () =
    use file = new ModelFile(adding 1f)

    let key options device =
        Onnx.keyOf options device (FileInfo file.Path)

    let gpu index =
        key (SessionOptions()) (Device.Gpu index)

    Assert.Equal(gpu 0, gpu 0)
    Assert.NotEqual(gpu 0, gpu 1)
    Assert.NotEqual(gpu 0, key (SessionOptions()) Device.Cpu)
    Assert.NotEqual(gpu 0, key (SessionOptions(Deterministic = true)) (Device.Gpu 0))

[<Fact>]
let ``workers that load one model share it`` () =
    use file = new ModelFile(adding 1f)
    use first = Onnx.load cpu file.Path

    use second =
        Onnx.load cpu (Path.Combine(Path.GetDirectoryName file.Path |> string, ".", "model.onnx"))

    Assert.False(obj.ReferenceEquals(first, second))
    Assert.True(areOne first second)
    Assert.Equal(3f, run first 2f)
    Assert.Equal(3f, run second 2f)

[<Fact>]
let ``a worker that disposes of its session leaves the others theirs`` () =
    use file = new ModelFile(adding 1f)
    let first = Onnx.load cpu file.Path
    use second = Onnx.load cpu file.Path
    first.Dispose()

    Assert.Throws<ObjectDisposedException>(fun () -> run first 2f |> ignore)
    |> ignore

    Assert.Equal(3f, run second 2f)
    use third = Onnx.load cpu file.Path
    Assert.True(areOne second third)

[<Fact>]
let ``a model that nobody holds any more is loaded anew`` () =
    use file = new ModelFile(adding 1f)
    let first = Onnx.load cpu file.Path
    first.Dispose()
    use second = Onnx.load cpu file.Path
    Assert.False(areOne first second)
    Assert.Equal(3f, run second 2f)

[<Fact>]
let ``a file that has changed is another model`` () =
    use file = new ModelFile(adding 1f)
    use first = Onnx.load cpu file.Path
    File.WriteAllBytes(file.Path, adding 5f)
    File.SetLastWriteTimeUtc(file.Path, DateTime.UtcNow.AddSeconds 5.)
    use second = Onnx.load cpu file.Path
    Assert.False(areOne first second)
    Assert.Equal(3f, run first 2f)
    Assert.Equal(7f, run second 2f)

[<Fact>]
let ``equal options share a model, other options do not`` () =
    use file = new ModelFile(adding 1f)

    let options threads =
        SessionOptions(IntraOpThreads = threads)

    use first = Onnx.loadWith (options 2) cpu file.Path
    use second = Onnx.loadWith (options 2) cpu file.Path
    use other = Onnx.loadWith (options 1) cpu file.Path
    Assert.True(areOne first second)
    Assert.False(areOne first other)

[<Fact>]
let ``workers that start at once load a model once`` () : Task = task {
    use file = new ModelFile(adding 1f)

    let! sessions =
        Task.WhenAll [ for _ in 1..16 -> Task.Run(fun () -> Onnx.load cpu file.Path) ]

    for session in sessions do
        Assert.True(areOne sessions[0] session)
        session.Dispose()
}

[<Fact>]
let ``the workers of a service share a model and stop without harming each other`` () : Task = task {
    use file = new ModelFile(adding 1f)
    let sums = Collections.Concurrent.ConcurrentQueue<float32>()

    let sharing = service {
        name "sharing"
        workers 3
        init (fun (setup: Setup<unit>) -> Onnx.load setup file.Path)
        onShutdown (fun (session: InferenceSession) -> sums.Enqueue(run session 1f))
        api "add" (fun (context: Context<InferenceSession>) (x: float32) -> run context.State x)
    }

    let! app = App.hosting [ sharing ]

    for x in 1..6 do
        let! answer = Wire.postJson app.Client "/add" (string x)
        Assert.Equal(string (x + 1), answer.Body)

    do! (app :> IAsyncDisposable).DisposeAsync()
    Assert.Equal<float32 list>([ 2f; 2f; 2f ], List.ofSeq sums)
}

[<Fact>]
let ``a model that is not there is named by its whole path`` () =
    let missing =
        Assert.Throws<FileNotFoundException>(fun () -> (Onnx.load cpu "no/such.onnx").Dispose())

    Assert.Contains(Path.GetFullPath "no/such.onnx", missing.Message)

// -- the device ------------------------------------------------------------------------------------------

[<Fact>]
let ``on a GPU's worker a model is loaded by CUDA`` () =
    use file = new ModelFile(adding 1f)

    match Devices.here.Session 0 with
    | Ok() ->
        use session = Onnx.load (setup (Device.Gpu 0)) file.Path
        Assert.Equal(3f, run session 2f)
    | Error _ ->
        // What fails is CUDA's, so CUDA was asked for; the processor still serves.
        let problem =
            Assert.Throws<ProviderUnavailableException>(fun () ->
                (Onnx.load (setup (Device.Gpu 0)) file.Path).Dispose())

        Assert.Equal("CUDA", problem.Provider)
        use session = Onnx.load cpu file.Path
        Assert.Equal(3f, run session 2f)

[<Fact>]
let ``providers of one's own take the place of the worker's device`` () =
    use file = new ModelFile(adding 1f)

    let options =
        SessionOptions().On(ImmutableArray.Create<ExecutionProvider>(GenericProvider "NoSuch"))

    for device in [ Device.Cpu; Device.Gpu 0 ] do
        let problem =
            Assert.Throws<ProviderUnavailableException>(fun () ->
                (Onnx.loadWith options (setup device) file.Path).Dispose())

        Assert.Equal("NoSuch", problem.Provider)

// -- cancellation ----------------------------------------------------------------------------------------

/// Runs the endless model for a caller, passing no token, and tells how that ended.
let private running (file: string) (entered: TaskCompletionSource) (ended: TaskCompletionSource<string>) = service {
    name "running"
    init (fun (setup: Setup<unit>) -> Onnx.load setup file)

    api "run" (fun (context: Context<InferenceSession>) () ->
        use input = OrtValue.Over(Array.zeroCreate<float32>(512 * 512), 512L, 512L)
        entered.TrySetResult() |> ignore

        try
            context.State.Run("x", input).Dispose()
            ended.TrySetResult "finished" |> ignore
        with problem ->
            ended.TrySetResult(problem.GetType().Name) |> ignore
            reraise ()

        1)

    api "run-later" (fun (context: Context<InferenceSession>) () -> task {
        do! Task.Yield()
        use input = OrtValue.Over(Array.zeroCreate<float32>(512 * 512), 512L, 512L)
        entered.TrySetResult() |> ignore

        try
            context.State.Run("x", input).Dispose()
            ended.TrySetResult "finished" |> ignore
        with problem ->
            ended.TrySetResult(problem.GetType().Name) |> ignore

        return 1
    })
}

[<Theory>]
[<InlineData "/run">]
[<InlineData "/run-later">]
let ``a run stops when its caller leaves, though the handler passed it no token`` (path: string) : Task = task {
    use file = new ModelFile(endless.Value)
    let entered, ended = TaskCompletionSource(), TaskCompletionSource<string>()
    let! server, client = App.serving (running file.Path entered ended)
    use _ = client
    use! server = Task.FromResult server
    use leaving = new CancellationTokenSource()
    let asked = client.PostAsync(path, null, leaving.Token)
    do! Wire.within entered.Task
    do! Task.Delay(100, Wire.cancellation ())
    do! leaving.CancelAsync()
    let! _ = Assert.ThrowsAnyAsync<OperationCanceledException>(fun () -> asked :> Task)
    let! how = ended.Task.WaitAsync(TimeSpan.FromMinutes 2., Wire.cancellation ())
    Assert.Equal(nameof OperationCanceledException, how)
    GC.KeepAlive server
}

[<Fact>]
let ``outside of a request there is no ambient token`` () : Task = task {
    use file = new ModelFile(adding 1f)
    let seen = Collections.Concurrent.ConcurrentQueue<bool>()

    let note () =
        seen.Enqueue AmbientCancellation.Current.CanBeCanceled

    let noting = service {
        name "noting"
        init (fun (setup: Setup<unit>) -> Onnx.load setup file.Path)
        onStartup (fun (_: InferenceSession) -> note ())

        api "note" (fun (_: Context<InferenceSession>) () ->
            note ()
            1)
    }

    note ()
    let! server, client = App.serving noting
    use _ = client
    use! server = Task.FromResult server
    let! answer = Wire.post client "/note" "" [||]
    Assert.Equal("1", answer.Body)
    note ()
    Assert.Equal<bool list>([ false; false; true; false ], List.ofSeq seen)
    GC.KeepAlive server
}

// -- batches -----------------------------------------------------------------------------------------------

/// y = 2x, over float[rows, length].
let private doubling =
    lazy
        (let graph = Graph "doubling"
         let x = graph.Input("x", Float, [ Named "rows"; Named "length" ])
         graph.Output("y", graph.Operator("Add", [ x; x ], []), Float, [ Named "rows"; Named "length" ])
         graph.ToBytes())

[<Fact>]
let ``rows of any lengths are answered as they are alone, padded or apart, in batches of any sizes`` () =
    use session = InferenceSession.Load(ReadOnlySpan doubling.Value)
    let padding = ImmutableArray.Create(Padding("x", -1.))

    let ways: (float32[][] -> float32[][]) list = [
        Onnx.batched session
        Onnx.batchedWith (BatchingOptions(Paddings = padding)) session
        Onnx.batchedWith (BatchingOptions(Sizes = ImmutableArray.Create(1, 3, 8))) session
        Onnx.batchedWith (BatchingOptions(Paddings = padding, Sizes = ImmutableArray.Create 4)) session
    ]

    Check.QuickThrowOnFailure(fun (rows: NormalFloat[][]) ->
        let rows = rows |> Array.map (Array.map (fun number -> float32 number.Get))
        let doubled = rows |> Array.map (Array.map (fun number -> number + number))
        ways |> List.forall (fun run -> run rows = doubled))

[<Fact>]
let ``rows that do not fit the model are errors of their own, and the others are answered`` () =
    use session = InferenceSession.Load(ReadOnlySpan doubling.Value)

    let padding =
        ImmutableArray.Create(Padding("x", -1., Lengths = ImmutableArray.Create(2, 4)))

    let run: float32[][] -> Result<float32[], string>[] =
        Onnx.batchedResultsWith (BatchingOptions(Paddings = padding)) session

    match run [| [| 1f |]; Array.zeroCreate 5; [| 3f; 4f; 5f |] |] with
    | [| Ok first; Error reason; Ok last |] ->
        Assert.Equal<float32[]>([| 2f |], first)
        Assert.Contains("5", reason)
        Assert.Equal<float32[]>([| 6f; 8f; 10f |], last)
    | other -> failwith $"%A{other}"

    Assert.True(run [| [| 1f |]; [| 2f |] |] |> Array.forall _.IsOk)

type private Doubling = float32[][] -> Result<float32[], string>[]

[<Fact>]
let ``over HTTP a row that does not fit is its own caller's 400 with the reason, and its neighbours are answered``
    ()
    : Task = task {
    use file = new ModelFile(doubling.Value)
    let holding = Holding()
    let batches = Collections.Concurrent.ConcurrentQueue<int>()

    let padding =
        ImmutableArray.Create(Padding("x", -1., Lengths = ImmutableArray.Create(2, 4)))

    let load (setup: Setup<unit>) : Task<Doubling> =
        Onnx.load setup file.Path
        |> Onnx.batchedResultsWith (BatchingOptions(Paddings = padding))
        |> Task.FromResult

    let doubler = service {
        endpoint "double" { inFlight 1 }
        name "doubler"
        init load

        api
            "double"
            (batched (fun (batch: BatchContext<Doubling>) (rows: float32[][]) ->
                batches.Enqueue rows.Length

                if rows.Length = 1 then
                    holding.Block "alone"

                batch.State rows))
    }

    let! server, client = App.serving doubler
    use _ = server
    use client = client
    let alone = Wire.postJson client "/double" "[1]"
    do! holding.Until "alone"

    let neighbours = [|
        for row in [ "[2]"; "[1,2,3,4,5]"; "[3,4,5]" ] -> Wire.postJson client "/double" row
    |]

    do! inWork client 4.
    holding.Release "alone"
    let! first = alone
    let! answers = Task.WhenAll neighbours
    Assert.Equal<int list>([ 1; 3 ], List.ofSeq batches)
    Assert.Equal((200, "[2]"), (first.Status, first.Body))
    Assert.Equal((200, "[4]"), (answers[0].Status, answers[0].Body))
    Assert.Equal((200, "[6,8,10]"), (answers[2].Status, answers[2].Body))

    Assert.Equal(
        "The row has a length of 5 for the input 'x'; wanted 4 at most, the last length of its padding.",
        Wire.problem 400 answers[1]
    )
}

let rec private causes (error: exn | null) =
    match error with
    | null -> []
    | error -> error.Message :: causes error.InnerException

[<Fact>]
let ``a service whose model takes no batches does not start, and says why`` () : Task = task {
    use file = new ModelFile(adding 1f)

    let load (setup: Setup<unit>) : Task<float32[] -> float32[]> =
        Task.FromResult(Onnx.batched (Onnx.load setup file.Path))

    let definition = service {
        name "fixed"
        init load
        api "run" (fun (context: Context<float32[] -> float32[]>) (row: float32) -> context.State [| row |])
    }

    let! refused =
        Assert.ThrowsAnyAsync<exn>(fun () -> Serve.start { Serve.options with Port = 0 } definition :> Task)

    Assert.Contains(
        $"`init` of \"fixed\" raised ArgumentException: The input x: Float[1] of the model '{file.Path}' has a first dimension "
        + "that is always 1",
        String.Join("\n", causes refused)
    )
}
