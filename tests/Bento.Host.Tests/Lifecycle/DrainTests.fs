/// Stops of a server that has something to do.
module Bento.Hosting.Tests.DrainTests

open System
open System.Collections.Concurrent
open System.Diagnostics.Metrics
open System.Net.Http
open System.Net.Sockets
open System.Text
open System.Threading
open System.Threading.Tasks
open Xunit
open Bento
open Bento.Hosting.Tests.Wire

let private anywhere = { Serve.options with Port = 0 }
let private none = CancellationToken.None

/// What a service whose handlers are held up does, step by step.
[<Sealed>]
type private Held() =
    let entered =
        TaskCompletionSource TaskCreationOptions.RunContinuationsAsynchronously

    let gate = TaskCompletionSource TaskCreationOptions.RunContinuationsAsynchronously

    let mutable steps: string list = []

    let note step =
        lock gate (fun () -> steps <- steps @ [ step ])

    member _.Entered = within entered.Task
    member _.Release() = gate.TrySetResult() |> ignore
    member _.Steps = lock gate (fun () -> steps)

    member _.Service = service {
        endpoint "short" { timeout (milliseconds 50) }
        name "held"
        init (fun (_: Setup<unit>) -> 1)
        onShutdown (fun _ -> note "onShutdown")
        api "ask" (fun () -> 1)

        api "hold" (fun (context: Context<int>) () -> task {
            entered.TrySetResult() |> ignore

            try
                do! gate.Task.WaitAsync context.Cancellation
                note "finished"
            with :? OperationCanceledException ->
                note "cancelled"

            return 2
        })

        api "deaf" (fun (_: Context<int>) () -> task {
            entered.TrySetResult() |> ignore
            do! gate.Task
            note "finished"
            return 3
        })

        api "short" (fun (_: Context<int>) () -> task {
            entered.TrySetResult() |> ignore
            do! gate.Task
            note "finished"
            return 4
        })
    }

/// How often a stop has broken off a request to an endpoint of that service, as other exporters see it.
let private brokenOff (route: string) =
    use listener = new MeterListener()
    let counts = ConcurrentBag<int64>()

    listener.InstrumentPublished <-
        fun instrument listener ->
            if instrument.Name = "bento_requests_cancelled_total" then
                listener.EnableMeasurementEvents instrument

    listener.SetMeasurementEventCallback<int64>(fun _ value tags _ ->
        let labels = tags.ToArray() |> Array.map (fun tag -> string tag.Value)

        if labels = [| "held"; route; "shutdown" |] then
            counts.Add value)

    listener.Start()
    listener.RecordObservableInstruments()
    Seq.sum counts

let private ask (address: string) method path : Task<Answer> =
    let text = $"{method} {path} HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n"
    exchange address (Encoding.UTF8.GetBytes text)

[<Fact>]
let ``for the drain delay readiness is withdrawn and requests are answered, each the last one of its connection``
    ()
    : Task = task {
    use! server = Serve.start { anywhere with DrainDelay = seconds 2 } (Held()).Service
    let! ready = get (new HttpClient(BaseAddress = Uri server.Address)) "/readyz"
    Assert.Equal(200, ready.Status)
    let stopping = server.Stop none
    // Neither asks for the connection to be closed: the server does.
    let! notReady = ask server.Address "GET" "/readyz"
    Assert.Equal(503, notReady.Status)
    Assert.Equal("close", notReady.Headers["connection"])
    let! answer = ask server.Address "POST" "/ask"
    Assert.Equal("1", answer.Body)
    Assert.Equal("close", answer.Headers["connection"])
    Assert.False stopping.IsCompleted
    do! within stopping
    Assert.Equal(0, server.Cancelled)

    let! refusal =
        Assert.ThrowsAsync<SocketException>(fun () -> connect server.Address :> Task)

    Assert.Equal(SocketError.ConnectionRefused, refusal.SocketErrorCode)
}

[<Fact>]
let ``a request in flight is answered, and told that its connection ends`` () : Task = task {
    let held = Held()
    use! server = Serve.start anywhere held.Service
    let asked = ask server.Address "POST" "/hold"
    do! held.Entered
    let stopping = server.Stop none
    do! Task.Delay 600
    held.Release()
    let! answer = asked
    Assert.Equal("2", answer.Body)
    Assert.Equal("close", answer.Headers["connection"])
    do! within stopping
    Assert.Equal<string list>([ "finished"; "onShutdown" ], held.Steps)
    Assert.Equal(0, server.Cancelled)
}

[<Fact>]
let ``what has not ended within the grace is cancelled and counted, and the service ends in order`` () : Task = task {
    let held = Held()

    use! server =
        Serve.start
            {
                anywhere with
                    Grace = milliseconds 400
            }
            held.Service

    use! socket = connect server.Address
    do! sendText socket "POST /hold HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n"
    do! held.Entered
    do! within (server.Stop none)
    Assert.Equal(1, server.Cancelled)
    Assert.Equal<string list>([ "cancelled"; "onShutdown" ], held.Steps)
    let! said = readToEnd socket
    Assert.Empty said
    Assert.Equal(1L, brokenOff "/hold")
}

[<Fact>]
let ``a handler that does not listen does not keep the server from ending`` () : Task = task {
    let held = Held()

    use! server =
        Serve.start
            {
                anywhere with
                    Grace = milliseconds 200
            }
            held.Service

    use! socket = connect server.Address
    do! sendText socket "POST /deaf HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n"
    do! held.Entered
    do! within (server.Stop none)
    Assert.Equal(1, server.Cancelled)
    Assert.Equal<string list>([ "onShutdown" ], held.Steps)
    held.Release()
}

[<Fact>]
let ``work that goes on after its 504 is waited for before the service ends`` () : Task = task {
    let held = Held()
    use! server = Serve.start anywhere held.Service
    use! socket = connect server.Address
    do! sendText socket "POST /short HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n"
    let buffer = Array.zeroCreate<byte> 4096
    let! count = socket.ReceiveAsync(buffer, cancellation ())
    Assert.StartsWith("HTTP/1.1 504", Encoding.ASCII.GetString(buffer, 0, count))
    let stopping = server.Stop none
    do! Task.Delay 500
    Assert.False stopping.IsCompleted
    Assert.Empty held.Steps
    held.Release()
    do! within stopping
    Assert.Equal<string list>([ "finished"; "onShutdown" ], held.Steps)
}

[<Fact>]
let ``work after an answer has the grace to end, and no more`` () : Task = task {
    let steps = ConcurrentQueue<string>()
    let never = TaskCompletionSource()

    let leaving = service {
        name "leaving"
        init (fun (_: Setup<unit>) -> 1)
        onShutdown (fun _ -> steps.Enqueue "onShutdown")

        api "leave" (fun (context: Context<int>) () ->
            context.Response.After(fun () -> never.Task)
            1)
    }

    use! server =
        Serve.start
            {
                anywhere with
                    Grace = milliseconds 300
            }
            leaving

    let! answer =
        exchange server.Address (Encoding.UTF8.GetBytes(head "POST" "/leave" [ "Content-Length: 0" ]))

    Assert.Equal("1", answer.Body)
    do! within (server.Stop none)
    Assert.Equal(1, server.Cancelled)
    Assert.Equal<string seq>([ "onShutdown" ], steps)
}

[<Fact>]
let ``a stop with nobody there takes no time to think`` () : Task = task {
    use! server = Serve.start { anywhere with Grace = minutes 10 } (Held()).Service
    do! within (server.Stop none)
    do! within server.Completion
}

[<Fact>]
let ``half a head does not keep the server for longer than its grace, and is no request`` () : Task = task {
    let held = Held()

    use! server =
        Serve.start
            {
                anywhere with
                    Grace = milliseconds 500
            }
            held.Service

    use! socket = connect server.Address
    do! sendText socket "POST /ask HTTP/1.1\r\nHost: te"
    do! Task.Delay 100
    do! within (server.Stop none)
    Assert.Equal(0, server.Cancelled)
    Assert.Equal<string list>([ "onShutdown" ], held.Steps)
}

[<Fact>]
let ``an onShutdown that never ends is told, and the process can go on`` () : Task = task {
    let endless = service {
        name "endless"
        init (fun (_: Setup<unit>) -> 1)
        onShutdown (fun _ -> task { do! Task.Delay(TimeSpan.FromMinutes 5.) })
        api "ask" (fun () -> 1)
    }

    let! server = Serve.start anywhere endless

    let! problem =
        Assert.ThrowsAsync<TimeoutException>(fun () -> within (server.Stop none))

    Assert.Equal("`onShutdown` had not ended 10 s after the last request.", problem.Message)
}

/// Asks one request after the other over connections that it keeps for as long as it may, until it is refused. Gives how
/// many were answered and how many got no answer though their connection was taken.
let private callUntilRefused (address: string) : Task<int * int> = task {
    let request = "POST /ask HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n"B
    let buffer = Array.zeroCreate<byte> 4096
    let mutable answered, lost, refused = 0, 0, false
    let mutable socket: Socket option = None

    while not refused do
        try
            match socket with
            | Some _ -> ()
            | None ->
                let! fresh = connect address
                socket <- Some fresh
        with :? SocketException ->
            refused <- true

        match socket with
        | None -> ()
        | Some open' ->
            let mutable text = ""

            try
                let! _ = open'.SendAsync(request, cancellation ())
                let! count = open'.ReceiveAsync(buffer, cancellation ())
                text <- Encoding.ASCII.GetString(buffer, 0, count)
            with :? SocketException ->
                ()

            if text.StartsWith "HTTP/1.1 200" && text.EndsWith "\r\n\r\n1" then
                answered <- answered + 1
            else
                lost <- lost + 1

            if not (text.StartsWith "HTTP/1.1 200") || text.Contains "Connection: close" then
                open'.Dispose()
                socket <- None

    return answered, lost
}

[<Fact>]
let ``a stop under load loses no request`` () : Task = task {
    for _ in 1..5 do
        let! server = Serve.start anywhere (Held()).Service
        let calling = [ for _ in 1..50 -> callUntilRefused server.Address ]
        do! Task.Delay 200
        do! within (server.Stop none)
        do! server.DisposeAsync()
        let all = Task.WhenAll calling
        do! within all
        Assert.Equal(0, all.Result |> Array.sumBy snd)
        Assert.True(all.Result |> Array.sumBy fst > 50)
}
