/// Services in this process: calls, start and stop, and what `init` is given.
module Bento.Tests.WorkerTests

open System
open System.Collections.Generic
open System.Threading
open System.Threading.Tasks
open Xunit
open Bento

type Text = { Body: string }

/// A state that writes down what happens to it.
type State(happened: ResizeArray<string>) =
    member _.Happened = happened

    member _.Note(text: string) =
        lock happened (fun () -> happened.Add text)

    interface IAsyncDisposable with
        member this.DisposeAsync() =
            this.Note "disposed"
            ValueTask.CompletedTask

    interface IDisposable with
        member this.Dispose() = this.Note "disposed synchronously"

let private none = CancellationToken.None

let noDependencies = {
    new Resolver with
        member _.Resolve _ =
            invalidOp "There is no dependency here."
}

let setup: Setup<unit> = {
    Clients = ()
    Models = Dictionary<string, string>()
    Device = Device.Cpu
    Worker = { Index = 0; Count = 1 }
    Application = Setup.noApplication
    Cancellation = none
    Log = Log.none
}

let start resolver setup (definition: Definition<'State>) =
    Worker.start resolver setup (Service.require definition)

// -- calls -------------------------------------------------------------------------------------------

let private words (context: Context<int>) (text: Text) : IAsyncEnumerable<string> =
    Items.produce (fun emit _ -> task {
        for word in text.Body.Split ' ' do
            do! emit $"{context.State}:{word}"
    })

/// Each number of the caller's, added to the state.
let private adding (context: Context<int>) (numbers: IAsyncEnumerable<int>) : IAsyncEnumerable<int64> =
    Items.produce (fun emit cancellation -> task {
        do!
            numbers
            |> Items.iterate cancellation (fun number -> emit (int64 (context.State + number)))
    })

let private raises (_: Text) : int = invalidOp "no"
let private raisesBeforeItsTask (_: Text) : Task<int> = invalidOp "no task"

let private worker () =
    let endpoints = service {
        init (fun _ -> 7)
        api "sync" (fun (text: Text) -> text.Body.Length)
        api "async" (fun (text: Text) -> task { return text.Body.Length + 1 })
        api "syncContext" (fun context (text: Text) -> context.State + text.Body.Length)
        api "asyncContext" (fun context (text: Text) -> task { return context.State * text.Body.Length })
        api "requestId" (fun (context: Context<int>) () -> context.RequestId)
        api "cancellable" (fun (context: Context<int>) () -> context.Cancellation.CanBeCanceled)
        api "list" (fun (numbers: int list) -> List.sum numbers)
        api "raises" raises
        api "raisesBeforeItsTask" raisesBeforeItsTask
        stream "words" words
        socket "adding" adding
        job "train" (fun context (rows: int list) -> task { return context.State + rows.Length })
        job "jobRaises" raisesBeforeItsTask
        name "answering"
    }

    Worker.ofState (Service.require endpoints) 10

let private text = { Body = "abc" }

[<Theory>]
[<InlineData("sync", 3)>]
[<InlineData("async", 4)>]
[<InlineData("syncContext", 13)>]
[<InlineData("asyncContext", 30)>]
let ``an api of any shape is called with the worker's state`` (endpoint: string, wanted: int) : Task = task {
    let! answer = worker().Call<Text, int>(endpoint, text, none)
    Assert.Equal(wanted, answer)
}

[<Fact>]
let ``a job is run at once`` () : Task = task {
    let! answer = worker().Call<int list, int>("train", [ 1; 2; 3 ], none)
    Assert.Equal(13, answer)
}

[<Fact>]
let ``a stream is read with Items`` () : Task = task {
    let taken = ResizeArray<string>()

    do!
        worker().Items<Text, string>("words", { Body = "a b" }, none)
        |> Items.iterate none (fun item ->
            taken.Add item
            Task.CompletedTask)

    Assert.Equal<string seq>([ "10:a"; "10:b" ], taken)
}

let private numbers: IAsyncEnumerable<int> =
    Items.produce (fun emit _ -> task {
        do! emit 1
        do! emit 2
    })

[<Fact>]
let ``a socket is talked with by Converse`` () : Task = task {
    let taken = ResizeArray<int64>()

    do!
        worker().Converse<int, int64>("adding", numbers, none)
        |> Items.iterate none (fun item ->
            taken.Add item
            Task.CompletedTask)

    Assert.Equal<int64 seq>([ 11L; 12L ], taken)
}

[<Fact>]
let ``each call has a request of its own and the caller's cancellation`` () : Task = task {
    use cancellation = new CancellationTokenSource()
    let! first = worker().Call<unit, string>("requestId", (), none)
    let! second = worker().Call<unit, string>("requestId", (), none)
    Assert.NotEqual<string>(first, second)
    let! without = worker().Call<unit, bool>("cancellable", (), none)
    let! within = worker().Call<unit, bool>("cancellable", (), cancellation.Token)
    Assert.Equal((false, true), (without, within))
}

[<Theory>]
[<InlineData "raises">]
[<InlineData "raisesBeforeItsTask">]
[<InlineData "jobRaises">]
let ``a handler that raises gives a task that failed, not an exception at the call`` (endpoint: string) : Task = task {
    let call = worker().Call<Text, int>(endpoint, text, none)
    let! _ = Assert.ThrowsAsync<InvalidOperationException>(fun () -> call)
    ()
}

/// What a call raises that the worker cannot make.
let private refusal<'Raised when 'Raised :> exn> (call: Worker -> Task) = task {
    let! raised = Assert.ThrowsAsync<'Raised>(fun () -> call (worker ()))
    return raised.Message
}

[<Fact>]
let ``a call at other types says which it takes`` () : Task = task {
    let! message =
        refusal<InvalidOperationException>(fun worker -> worker.Call<string, int>("sync", "abc", none))

    Assert.Equal("\"sync\" takes Text and returns int, not string and int.", message)

    let! message =
        refusal<InvalidOperationException>(fun worker -> worker.Call<int[], string>("list", [| 1 |], none))

    Assert.Equal("\"list\" takes int list and returns int, not int[] and string.", message)
}

[<Fact>]
let ``a stream is not called, and an api and a job are not read`` () : Task = task {
    let read name (worker: Worker) : Task = task {
        do!
            worker.Items<Text, int>(name, text, none)
            |> Items.iterate none (fun _ -> Task.CompletedTask)
    }

    let! message =
        refusal<InvalidOperationException>(fun worker -> worker.Call<Text, string>("words", text, none))

    Assert.Equal("\"words\" is a stream; read it with Items.", message)
    let! message = refusal<InvalidOperationException>(read "sync")
    Assert.Equal("\"sync\" is an api; call it with Call.", message)
    let! message = refusal<InvalidOperationException>(read "train")
    Assert.Equal("\"train\" is a job; call it with Call.", message)
}

[<Fact>]
let ``a socket is neither called nor read, and talks in its own types`` () : Task = task {
    let! message =
        refusal<InvalidOperationException>(fun worker -> worker.Call<int, int64>("adding", 1, none))

    Assert.Equal("\"adding\" is a socket; talk with it by Converse.", message)

    let! message =
        refusal<InvalidOperationException>(fun worker ->
            worker.Converse<int, int>("adding", numbers, none)
            |> Items.iterate none (fun _ -> Task.CompletedTask)
            :> Task)

    Assert.Equal("\"adding\" takes int and returns int64, not int and int.", message)

    let! message =
        refusal<InvalidOperationException>(fun worker ->
            worker.Converse<int, string>("words", numbers, none)
            |> Items.iterate none (fun _ -> Task.CompletedTask)
            :> Task)

    Assert.Equal("\"words\" is a stream; read it with Items.", message)
}

[<Fact>]
let ``an endpoint that is not there is told with those that are`` () : Task = task {
    let! message =
        refusal<ArgumentException>(fun worker -> worker.Call<Text, int>("synk", text, none))

    Assert.Contains("\"answering\" has no endpoint \"synk\"; it has sync, async,", message)
    Assert.Contains("did you mean \"sync\"?", message)
}

[<Fact>]
let ``endpoints are bound in order, synchronous ones as such`` () =
    let visitor = {
        new BoundVisitor<string> with
            member _.Api(card, handler) =
                match handler with
                | Synchronous _ -> $"{card.Name} on a thread"
                | Asynchronous _ -> card.Name

            member _.Batched(card, handler) =
                if handler.Synchronous then
                    $"{card.Name} in batches on a thread"
                else
                    $"{card.Name} in batches"

            member _.Stream(card, _) = $"{card.Name}, a stream"
            member _.Job(card, _) = $"{card.Name}, a job"
            member _.Socket(card, _) = $"{card.Name}, a socket"
    }

    Assert.Equal<string list>(
        [
            "sync on a thread"
            "async"
            "syncContext on a thread"
            "asyncContext"
            "requestId on a thread"
            "cancellable on a thread"
            "list on a thread"
            "raises on a thread"
            "raisesBeforeItsTask"
            "words, a stream"
            "adding, a socket"
            "train, a job"
            "jobRaises, a job"
        ],
        worker().Bound visitor
    )

// -- start and stop ----------------------------------------------------------------------------------

let private noting (happened: ResizeArray<string>) = service {
    name "noting"

    init (fun _ -> task {
        let state = new State(happened)
        state.Note "init"
        return state
    })

    onStartup (fun state -> state.Note "first start")
    onStartup (fun state -> task { state.Note "second start" })

    onStartup (fun state ->
        state.Note "third start"
        Task.CompletedTask)

    onShutdown (fun state -> state.Note "first stop")
    onShutdown (fun state -> task { state.Note "second stop" })
    api "echo" (fun (text: string) -> text)
}

[<Fact>]
let ``the checks of a service are asked of the state of the worker`` () : Task = task {
    let checkedOn = ResizeArray<int>()

    let note (state: int) answer =
        checkedOn.Add state
        answer

    let it = service {
        name "it"
        init (fun setup -> setup.Worker.Index)
        onReady (fun state -> note state true)
        onReady (fun state -> task { return note state false })
        onAlive (fun state -> note state (state = 7))
        api "echo" (fun (text: string) -> text)
    }

    let! worker =
        start
            noDependencies
            {
                setup with
                    Worker = { Index = 7; Count = 8 }
            }
            it

    let! ready = Task.WhenAll [ for check in worker.OnReady -> check () ]
    Assert.Equal<bool[]>([| true; false |], ready)
    let! alive = Task.WhenAll [ for check in worker.OnAlive -> check () ]
    Assert.Equal<bool[]>([| true |], alive)
    Assert.Equal<int seq>([ 7; 7; 7 ], checkedOn)
}

[<Fact>]
let ``a worker starts with init and its hooks, and stops with its hooks and disposal, in order`` () : Task = task {
    let happened = ResizeArray<string>()
    let! worker = start noDependencies setup (noting happened)
    Assert.Equal<string seq>([ "init"; "first start"; "second start"; "third start" ], happened)
    happened.Clear()
    do! worker.DisposeAsync()
    Assert.Equal<string seq>([ "first stop"; "second stop"; "disposed" ], happened)
}

[<Fact>]
let ``a worker stops once, however often it is disposed`` () : Task = task {
    let happened = ResizeArray<string>()
    let! worker = start noDependencies setup (noting happened)
    do! worker.DisposeAsync()
    happened.Clear()
    do! worker.DisposeAsync()
    Assert.Empty happened
}

[<Fact>]
let ``a state that is only disposable is disposed synchronously`` () : Task = task {
    let memory = new IO.MemoryStream()

    let it = service {
        name "it"

        init (fun _ -> {
            new IDisposable with
                member _.Dispose() = memory.Dispose()
        })

        api "echo" (fun (text: string) -> text)
    }

    let! worker = start noDependencies setup it
    do! worker.DisposeAsync()
    Assert.False memory.CanRead
}

[<Fact>]
let ``every hook runs and the state is disposed though a hook raises`` () : Task = task {
    let happened = ResizeArray<string>()

    let it = service {
        name "it"
        init (fun _ -> new State(happened))
        onShutdown (fun _ -> invalidOp "first")
        onShutdown (fun state -> state.Note "second")
        onShutdown (fun _ -> task { return invalidOp "third" })
        api "echo" (fun (text: string) -> text)
    }

    let! worker = start noDependencies setup it

    let! raised =
        Assert.ThrowsAsync<AggregateException>(fun () -> worker.DisposeAsync().AsTask())

    Assert.Equal<string seq>([ "first"; "third" ], raised.InnerExceptions |> Seq.map _.Message)
    Assert.Equal<string seq>([ "second"; "disposed" ], happened)
}

[<Fact>]
let ``a start that fails disposes the state and names the hook that raised`` () : Task = task {
    let happened = ResizeArray<string>()

    let it = service {
        name "it"
        init (fun _ -> new State(happened))
        onStartup (fun state -> state.Note "first")
        onStartup (fun _ -> invalidOp "second")
        onStartup (fun state -> state.Note "third")
        onShutdown (fun state -> state.Note "stop")
        api "echo" (fun (text: string) -> text)
    }

    let! raised =
        Assert.ThrowsAsync<InvalidOperationException>(fun () -> start noDependencies setup it)

    Assert.Equal("`onStartup` of \"it\" raised InvalidOperationException: second", raised.Message)
    Assert.Equal("second", (nonNull raised.InnerException).Message)
    Assert.Equal<string seq>([ "first"; "disposed" ], happened)
}

[<Fact>]
let ``a start that fails names the hook that raised though the disposal fails too, which is logged`` () : Task = task {
    let lines = LogTests.Lines()

    let it = service {
        name "it"

        init (fun _ -> {
            new IDisposable with
                member _.Dispose() = invalidOp "disposal"
        })

        onStartup (fun _ -> invalidOp "hook")
        api "echo" (fun (text: string) -> text)
    }

    let! raised =
        Assert.ThrowsAsync<InvalidOperationException>(fun () -> start noDependencies { setup with Log = lines } it)

    Assert.Equal("hook", (nonNull raised.InnerException).Message)

    match lines.Written with
    | [ LogLevel.Error, _, cause ] -> Assert.Equal("disposal", (nonNull cause).Message)
    | other -> Assert.Fail $"%A{other}"
}

[<Fact>]
let ``an init that raises makes the start fail`` () : Task = task {
    let it = service {
        name "it"
        init (fun (_: Setup<unit>) -> (invalidOp "no model": int))
        api "echo" (fun (text: string) -> text)
    }

    let starting = start noDependencies setup it
    let! raised = Assert.ThrowsAsync<InvalidOperationException>(fun () -> starting)
    Assert.Equal("`init` of \"it\" raised InvalidOperationException: no model", raised.Message)
    Assert.Equal("no model", (nonNull raised.InnerException).Message)
}

[<Fact>]
let ``onDeployment is the host's to run`` () : Task = task {
    let mutable deployments = 0

    let it =
        let count = fun () -> deployments <- deployments + 1

        service {
            name "it"
            onDeployment count
            onDeployment (fun () -> task { count () })
            api "echo" (fun (text: string) -> text)
        }

    let! _ = start noDependencies setup it
    Assert.Equal(0, deployments)

    for step in (Definition.require it).OnDeployment do
        do! step ()

    Assert.Equal(2, deployments)
}
