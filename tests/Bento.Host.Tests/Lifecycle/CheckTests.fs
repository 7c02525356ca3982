/// `onReady` and `onAlive`, as probes ask them.
module Bento.Hosting.Tests.CheckTests

open System
open System.Text.Json.Nodes
open System.Threading
open System.Threading.Tasks
open Microsoft.Extensions
open Xunit
open Bento
open Bento.Hosting.Tests.Wire

/// What a check does, which may change while it is asked.
[<Sealed>]
type private Dial(first: unit -> Task<bool>) =
    let mutable act = first
    let mutable asked = 0
    member _.Asked = Volatile.Read &asked
    member _.Turn(next: unit -> Task<bool>) = act <- next

    member _.Ask() : Task<bool> =
        Interlocked.Increment &asked |> ignore
        act ()

let private yes () = Task.FromResult true
let private no () = Task.FromResult false

let private checking (ready: Dial) (alive: Dial) = service {
    workers 2
    name "checking"
    init (fun setup -> setup.Worker.Index)
    onReady (fun _ -> true)
    onReady (fun worker -> if worker = 1 then ready.Ask() else yes ())
    onAlive (fun worker -> if worker = 0 then alive.Ask() else yes ())
    api "ask" (fun () -> 1)
}

let private reasons (answer: Answer) = [
    for reason in (nonNull (field "reasons" answer)).AsArray() do
        let reason = nonNull reason
        asText reason["service"], (nonNull reason["worker"]).GetValue<int>(), asText reason["reason"]
]

[<Fact>]
let ``while a worker's onReady says false the service is not ready, and requests are answered`` () : Task = task {
    let ready, alive = Dial no, Dial yes
    use! app = App.hosting [ checking ready alive ]
    let! answer = get app.Client "/readyz"
    Assert.Equal(503, answer.Status)
    Assert.Equal("1", answer.Headers["retry-after"])
    Assert.Equal("not ready", asText (field "status" answer))
    let services = nonNull (field "services" answer)
    Assert.Equal("not ready", asText services["checking"])
    Assert.Equal<(string * int * string) list>([ "checking", 1, "`onReady` says false" ], reasons answer)
    let! life = get app.Client "/livez"
    Assert.Equal(200, life.Status)
    let! asked = post app.Client "/ask" "" [||]
    Assert.Equal("1", asked.Body)

    ready.Turn yes
    let! answer = get app.Client "/readyz"
    Assert.Equal(200, answer.Status)
    Assert.Equal("""{"status":"ready","services":{"checking":"ready"}}""", answer.Body)
}

[<Theory>]
[<InlineData("/livez")>]
[<InlineData("/healthz")>]
let ``where a worker's onAlive says false the process is not alive, whatever its readiness`` (path: string) : Task =
    task {
        let ready, alive = Dial yes, Dial no
        use! app = App.hosting [ checking ready alive ]
        let! answer = get app.Client path
        Assert.Equal(503, answer.Status)
        Assert.Equal("not alive", asText (field "status" answer))
        Assert.Equal<(string * int * string) list>([ "checking", 0, "`onAlive` says false" ], reasons answer)
        let! answer = get app.Client "/readyz"
        Assert.Equal(200, answer.Status)
        alive.Turn yes
        let! answer = get app.Client path
        Assert.Equal(200, answer.Status)
    }

[<Fact>]
let ``what a check raises is told to the log, once, and to callers by its kind only`` () : Task = task {
    let ready =
        Dial(fun () -> task {
            do! Task.Yield()
            return raise (ArithmeticException "password=hunter2")
        })

    use! app = App.hosting [ checking ready (Dial yes) ]

    for _ in 1..3 do
        let! answer = get app.Client "/readyz"
        Assert.Equal(503, answer.Status)

        Assert.Equal<(string * int * string) list>(
            [ "checking", 1, "`onReady` raised ArithmeticException" ],
            reasons answer
        )

        Assert.DoesNotContain("hunter2", answer.Body)

    let line =
        Assert.Single(app.Lines, fun line -> line.Level = Logging.LogLevel.Warning)

    Assert.Contains("Worker 1", line.Message)
    Assert.IsType<ArithmeticException> line.Cause |> ignore
}

[<Theory>]
[<InlineData(true)>]
[<InlineData(false)>]
let ``a check that hangs is not ready in time, and is not asked again before it has answered`` (blocks: bool) : Task =
    task {
        use gate = new ManualResetEventSlim()

        let hang () =
            if blocks then
                gate.Wait()
                yes ()
            else
                task {
                    while not gate.IsSet do
                        do! Task.Delay 10

                    return true
                }

        let ready = Dial hang
        use! app = App.hosting [ checking ready (Dial yes) ]

        for _ in 1..3 do
            let! answer = get app.Client "/readyz"
            Assert.Equal(503, answer.Status)

            Assert.Equal<(string * int * string) list>(
                [ "checking", 1, "`onReady` has not answered within 800 ms" ],
                reasons answer
            )

        Assert.Equal(1, ready.Asked)
        gate.Set()
        use patience = new CancellationTokenSource(TimeSpan.FromSeconds 30.)
        let mutable status = 503

        while status <> 200 do
            do! Task.Delay(10, patience.Token)
            let! answer = get app.Client "/readyz"
            status <- answer.Status
    }

[<Fact>]
let ``probes that come together share the answer of a check`` () : Task = task {
    let gate = TaskCompletionSource<bool>()
    let ready = Dial(fun () -> gate.Task)
    use! app = App.hosting [ checking ready (Dial yes) ]
    let probes = [ for _ in 1..20 -> get app.Client "/readyz" ]
    do! Task.Delay 50
    gate.SetResult true
    let! answers = Task.WhenAll probes
    Assert.All(answers, fun answer -> Assert.Equal(200, answer.Status))
    Assert.InRange(ready.Asked, 1, 19)
}
