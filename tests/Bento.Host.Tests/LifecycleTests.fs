module Bento.Hosting.Tests.LifecycleTests

open System
open System.Collections.Concurrent
open System.Threading
open System.Threading.Tasks
open Microsoft.Extensions
open Xunit
open Bento
open Bento.Hosting.Tests.Wire

/// The steps of services' lives, in the order in which they happen.
[<Sealed>]
type Diary() =
    let steps = ConcurrentQueue<string>()
    member _.Steps = List.ofSeq steps
    member _.Write(step: string) = steps.Enqueue step

[<Sealed>]
type State(diary: Diary, owner: string) =
    member _.Note(step: string) = diary.Write $"{owner}: {step}"

    interface IAsyncDisposable with
        member this.DisposeAsync() =
            this.Note "disposed"
            ValueTask.CompletedTask

/// A service that writes all its steps into a diary; what `failing` names raises instead.
let private living (diary: Diary) owner (failing: string) : Definition<State> =
    let step name =
        diary.Write $"{owner}: {name}"

        if name = failing then
            raise (ArithmeticException $"{name} went wrong")

    service {
        endpoint "ask" { route $"/{owner}" }
        name owner
        onDeployment (fun () -> step "first onDeployment")

        onDeployment (fun () -> task {
            do! Task.Yield()
            step "onDeployment"
        })

        init (fun (setup: Setup<unit>) -> task {
            do! Task.Yield()
            Assert.Equal({ Index = 0; Count = 1 }, setup.Worker)
            Assert.Equal(Device.Cpu, setup.Device)
            Assert.Empty setup.Models
            setup.Log |> Log.information $"{owner} speaks"
            step "init"
            return State(diary, owner)
        })

        onStartup (fun (_: State) -> step "first onStartup")

        onStartup (fun (_: State) -> task {
            do! Task.Yield()
            step "onStartup"
        })

        onShutdown (fun (_: State) -> step "first onShutdown")

        onShutdown (fun (_: State) -> task {
            do! Task.Yield()
            step "onShutdown"
        })

        api "ask" (fun (context: Context<State>) () -> task {
            context.State.Note "asked"
            return 1
        })
    }

let private started owner = [
    $"{owner}: first onDeployment"
    $"{owner}: onDeployment"
    $"{owner}: init"
    $"{owner}: first onStartup"
    $"{owner}: onStartup"
]

let private stopped owner = [ $"{owner}: first onShutdown"; $"{owner}: onShutdown"; $"{owner}: disposed" ]

[<Fact>]
let ``a service lives from onDeployment to its disposal`` () : Task = task {
    let diary = Diary()
    let! app = App.hosting [ living diary "a" "" ]
    Assert.Equal<string list>(started "a", diary.Steps)
    let! answer = post app.Client "/a" "" [||]
    Assert.Equal("1", answer.Body)
    Assert.Contains(app.Lines, fun line -> line.Category = "Bento.a" && line.Message = "a speaks")
    do! (app :> IAsyncDisposable).DisposeAsync()
    Assert.Equal<string list>(started "a" @ [ "a: asked" ] @ stopped "a", diary.Steps)
}

[<Fact>]
let ``services start in the order in which they were added and stop in reverse`` () : Task = task {
    let diary = Diary()
    let first, second = living diary "a" "", living diary "b" ""

    let! app =
        App.start (fun services -> services.AddBento(first).AddBento(second).AddBento first |> ignore) (fun app ->
            app.MapBento second |> ignore)

    let! answer = post app.Client "/b" "" [||]
    Assert.Equal("1", answer.Body)
    do! app.Stop()
    do! app.Stop()
    do! (app :> IAsyncDisposable).DisposeAsync()

    Assert.Equal<string list>(started "a" @ started "b" @ [ "b: asked" ] @ stopped "b" @ stopped "a", diary.Steps)
}

let private failedStart (start: unit -> Task) =
    Assert.ThrowsAsync<InvalidOperationException> start

[<Theory>]
[<InlineData("first onDeployment", "onDeployment", 1, false)>]
[<InlineData("onDeployment", "onDeployment", 2, false)>]
[<InlineData("init", "init", 3, false)>]
[<InlineData("first onStartup", "onStartup", 4, true)>]
[<InlineData("onStartup", "onStartup", 5, true)>]
let ``a step that fails stops the start, is named, and leaves nothing behind``
    (failing: string, step: string, steps: int, disposed: bool)
    : Task = task {
    let diary = Diary()
    let definition = living diary "b" failing

    let! problem =
        failedStart (fun () -> App.hosting [ living diary "a" ""; definition ] :> Task)

    Assert.Contains($"`{step}` of \"b\"", problem.Message)
    Assert.Contains($"{failing} went wrong", problem.Message)
    Assert.IsType<ArithmeticException> problem.InnerException |> ignore

    Assert.Equal<string list>(
        started "a"
        @ List.truncate steps (started "b")
        @ (if disposed then [ "b: disposed" ] else [])
        @ stopped "a",
        diary.Steps
    )
}

[<Fact>]
let ``a server whose service does not start leaves its port free`` () : Task = task {
    let diary = Diary()
    let! server = Serve.start { Serve.options with Port = 0 } (living diary "a" "")
    let port = Uri(server.Address).Port
    do! server.DisposeAsync()
    let options = { Serve.options with Port = port }

    let! _ =
        failedStart (fun () -> Serve.start options (living diary "b" "onStartup") :> Task)

    use! again = Serve.start options (living diary "c" "")
    Assert.EndsWith($":{port}", again.Address)
}

[<Fact>]
let ``a start that is given up is not a failure of the step`` () : Task = task {
    let entered = TaskCompletionSource()

    let slow = service {
        name "slow"

        init (fun (setup: Setup<unit>) -> task {
            entered.SetResult()
            do! Task.Delay(TimeSpan.FromSeconds 30., setup.Cancellation)
        })

        api "ask" (fun () -> 1)
    }

    let app, _ = App.build (fun services -> services.AddBento slow |> ignore) ignore
    use app = app
    use givingUp = new CancellationTokenSource()
    let starting = app.StartAsync givingUp.Token
    do! within entered.Task
    do! givingUp.CancelAsync()
    let! _ = Assert.ThrowsAnyAsync<OperationCanceledException>(fun () -> starting)
    ()
}

[<Theory>]
[<InlineData("first onShutdown")>]
[<InlineData("onShutdown")>]
let ``a failing onShutdown keeps nothing else from stopping`` (failing: string) : Task = task {
    let diary = Diary()
    let! app = App.hosting [ living diary "a" ""; living diary "b" failing ]
    do! app.Stop()
    Assert.Equal<string list>(stopped "b" @ stopped "a", diary.Steps |> List.skip 10)
    let line = app.Lines |> List.find (fun line -> line.Level = Logging.LogLevel.Error)
    Assert.Contains("b did not stop cleanly", line.Message)
    Assert.Contains($"{failing} went wrong", string line.Cause)
    do! (app :> IAsyncDisposable).DisposeAsync()
}

[<Fact>]
let ``an onShutdown that never ends does not keep the application from stopping`` () : Task = task {
    let endless = service {
        name "endless"
        init (fun (_: Setup<unit>) -> Task.FromResult 1)
        onShutdown (fun (_: int) -> task { do! Task.Delay(TimeSpan.FromSeconds 60.) })
        api "ask" (fun () -> 1)
    }

    let app, _ = App.build (fun services -> services.AddBento endless |> ignore) ignore
    do! app.StartAsync(cancellation ())
    use patience = new CancellationTokenSource(TimeSpan.FromMilliseconds 200.)

    let! _ =
        Assert.ThrowsAnyAsync<OperationCanceledException>(fun () -> within (app.StopAsync patience.Token))

    do! within (app.DisposeAsync().AsTask())
}

[<Fact>]
let ``an application that is disposed without being stopped still ends its services`` () : Task = task {
    let diary = Diary()

    let app, _ =
        App.build (fun services -> services.AddBento(living diary "a" "") |> ignore) ignore

    do! app.StartAsync(cancellation ())
    do! app.DisposeAsync()
    Assert.Equal<string list>(started "a" @ stopped "a", diary.Steps)
}

[<Fact>]
let ``a start that is called off makes no further worker`` () : Task = task {
    use off = new CancellationTokenSource()
    let made = ConcurrentQueue<int>()

    let twofold = service {
        name "twofold"
        workers 2

        init (fun (setup: Setup<unit>) ->
            made.Enqueue setup.Worker.Index
            off.Cancel()
            1)

        api "ask" (fun () -> 1)
    }

    let app, _ = App.build (fun services -> services.AddBento twofold |> ignore) ignore
    use app = app

    let! _ =
        Assert.ThrowsAnyAsync<OperationCanceledException>(fun () -> app.StartAsync off.Token)

    Assert.Equal<int seq>([ 0 ], made)
}
