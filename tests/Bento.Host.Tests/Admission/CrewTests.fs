/// Several workers: a state each, and work for those who have least.
module Bento.Hosting.Tests.CrewTests

open System
open System.Collections.Concurrent
open System.Threading
open System.Threading.Tasks
open Xunit
open Bento
open Bento.Hosting.Tests.Holding
open Bento.Hosting.Tests.Wire

let private crew (count: int) (holding: Holding) = service {
    name "crew"
    workers count
    init (fun (setup: Setup<unit>) -> setup.Worker)

    api "place" (fun (context: Context<WorkerPlace>) () ->
        Assert.Equal(context.State, context.Worker)
        [ context.State.Index; context.State.Count ])

    api "hold" (fun (context: Context<WorkerPlace>) (who: string) -> task {
        do! holding.Stay who
        return context.State.Index
    })

    api "count" (fun (context: Context<WorkerPlace>) () ->
        unbox<int>(context.Items.AddOrUpdate("count", box 1, (fun _ before -> box (unbox<int> before + 1)))))
}

let private places client times : Task<string list> = task {
    let answers = ResizeArray<string>()

    for _ in 1..times do
        let! answer = post client "/place" "" [||]
        answers.Add answer.Body

    return List.ofSeq answers
}

[<Fact>]
let ``workers take turns while none has more to do than another`` () : Task = task {
    use! app = App.hosting [ crew 3 (Holding()) ]
    let! answers = places app.Client 7
    Assert.Equal<string list>([ "[0,3]"; "[1,3]"; "[2,3]"; "[0,3]"; "[1,3]"; "[2,3]"; "[0,3]" ], answers)
}

[<Fact>]
let ``a request goes to a worker that has the fewest in work`` () : Task = task {
    let holding = Holding()
    use! app = App.hosting [ crew 3 holding ]
    let first = postJson app.Client "/hold" "\"first\""
    do! holding.Until "first"
    let! others = places app.Client 4
    Assert.Equal<string list>([ "[1,3]"; "[2,3]"; "[1,3]"; "[2,3]" ], others)
    let more = [ for who in [ "second"; "third" ] -> postJson app.Client "/hold" $"\"{who}\"" ]
    do! holding.Until "second"
    do! holding.Until "third"
    List.iter holding.Release [ "first"; "second"; "third" ]
    let! answers = Task.WhenAll(first :: more)
    Assert.Equal<string seq>([ "0"; "1"; "2" ], answers |> Seq.map _.Body |> Seq.sort)
}

[<Fact>]
let ``items belong to their worker`` () : Task = task {
    use! app = App.hosting [ crew 2 (Holding()) ]
    let counts = ResizeArray<string>()

    for _ in 1..4 do
        let! answer = post app.Client "/count" "" [||]
        counts.Add answer.Body

    Assert.Equal<string seq>([ "1"; "1"; "2"; "2" ], counts)
}

/// A model that is spoilt by two callers at once.
[<Sealed>]
type private Fragile(everywhere: Crowd) =
    let here = Crowd()
    member _.Most = here.Most

    member _.Run() =
        everywhere.Enter()
        here.Enter()
        Thread.Sleep 5
        here.Leave()
        everywhere.Leave()

[<Fact>]
let ``workers with a thread each serve a model that is not thread-safe, never two at once on one state`` () : Task =
    task {
        let everywhere = Crowd()
        let models = ConcurrentBag<Fragile>()

        let fragile = service {
            name "fragile"
            workers 4
            threads 1

            init (fun (_: Setup<unit>) ->
                let model = Fragile everywhere
                models.Add model
                model)

            api "run" (fun (context: Context<Fragile>) (number: int) ->
                context.State.Run()
                number)
        }

        let! server, client = App.serving fragile
        use _ = client
        use _ = server

        let! answers =
            Task.WhenAll [ for number in 1..120 -> postJson client "/run" (string number) ]

        Assert.Equal<string list>([ for number in 1..120 -> string number ], [ for answer in answers -> answer.Body ])
        Assert.Equal(4, models.Count)
        Assert.All(models, fun model -> Assert.Equal(1, model.Most))
        Assert.InRange(everywhere.Most, 2, 4)
    }

/// A state that tells of its disposal.
[<Sealed>]
type private Counted(index: int, stops: ConcurrentQueue<int>) =
    member _.Index = index

    interface IDisposable with
        member _.Dispose() = stops.Enqueue index

let private counted (starts: ConcurrentQueue<int>) (stops: ConcurrentQueue<int>) failing = service {
    name "counted"
    workers 4

    init (fun (setup: Setup<unit>) -> task {
        starts.Enqueue setup.Worker.Index
        do! Task.Yield()

        if setup.Worker.Index = failing then
            raise (ArithmeticException "no model")

        return new Counted(setup.Worker.Index, stops)
    })

    api "index" (fun (context: Context<Counted>) () -> context.State.Index)
}

[<Fact>]
let ``an init that fails stops the start, and the workers before it are disposed, the last one first`` () : Task = task {
    let starts, stops = ConcurrentQueue<int>(), ConcurrentQueue<int>()

    let! failed =
        Assert.ThrowsAsync<InvalidOperationException>(fun () -> App.hosting [ counted starts stops 2 ] :> Task)

    Assert.Contains("`init` of \"counted\" raised ArithmeticException: no model", failed.Message)
    Assert.Equal<int seq>([ 0; 1; 2 ], starts)
    Assert.Equal<int seq>([ 1; 0 ], stops)
}

[<Fact>]
let ``workers start in order and stop in reverse`` () : Task = task {
    let starts, stops = ConcurrentQueue<int>(), ConcurrentQueue<int>()
    let! app = App.hosting [ counted starts stops -1 ]
    Assert.Equal<int seq>([ 0; 1; 2; 3 ], starts)
    do! (app :> IAsyncDisposable).DisposeAsync()
    Assert.Equal<int seq>([ 3; 2; 1; 0 ], stops)
}
