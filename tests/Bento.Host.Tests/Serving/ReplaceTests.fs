/// One definition after another on one server, over real sockets, with callers who do not look up.
module Bento.Hosting.Tests.ReplaceTests

open System
open System.Collections.Concurrent
open System.Net.Http
open System.Net.Sockets
open System.Runtime.CompilerServices
open System.Threading
open System.Threading.Tasks
open Xunit
open Bento
open Bento.Hosting.Tests.Holding
open Bento.Hosting.Tests.Producing
open Bento.Hosting.Tests.Talking
open Bento.Hosting.Tests.Wire

/// What is told of the life of each edition.
type private Told = ConcurrentQueue<string>

let private edition (told: Told) (number: int) : Definition<int> = service {
    name "edition"
    init (fun (_: Setup<unit>) -> number)
    onShutdown (fun (number: int) -> told.Enqueue $"shutdown {number}")
    api "which" (fun (context: Context<int>) () -> context.State)
}

let private ask (client: HttpClient) : Task<string> = task {
    use! answer = client.PostAsync("/which", null, cancellation ())
    Assert.Equal(200, int answer.StatusCode)
    return! answer.Content.ReadAsStringAsync(cancellation ())
}

/// What tells that a request has come in, what lets requests go, and the definition in which they stay until then.
let private holding (told: Told) (called: string) =
    let started = new SemaphoreSlim 0

    let finish =
        TaskCompletionSource<int> TaskCreationOptions.RunContinuationsAsynchronously

    started,
    finish,
    service {
        name "edition"
        onShutdown (fun () -> told.Enqueue $"shutdown {called}")

        api "which" (fun (_: Context<unit>) () -> task {
            started.Release() |> ignore
            return! finish.Task
        })
    }

let private serving definition (act: Server -> HttpClient -> Task<unit>) : Task = task {
    let! server, client = App.serving definition
    use _ = server
    use _ = client
    do! act server client
}

[<Fact>]
let ``a new definition answers at the same address, and the old one is shut down`` () : Task =
    let told = Told()

    serving (edition told 1) (fun server client -> task {
        let! before = ask client
        do! server.Replace(edition told 2)
        let! after = ask client
        Assert.Equal(("1", "2"), (before, after))
        do! eventually "the shutdown of the first" (fun () -> Task.FromResult(Seq.toList told = [ "shutdown 1" ]))
    })

[<Fact>]
let ``callers who keep their connections lose no request while definitions come and go`` () : Task =
    let told = Told()

    serving (edition told 0) (fun server _ -> task {
        use stop = new CancellationTokenSource()
        use client = new HttpClient(BaseAddress = Uri server.Address)

        let counts = Array.zeroCreate<int> 8

        let calling caller : Task = task {
            let mutable last = 0

            while not stop.IsCancellationRequested do
                let! number = ask client
                // One caller sees the editions in their order.
                Assert.True(int number >= last)
                last <- int number
                counts[caller] <- counts[caller] + 1
        }

        let callers = [ for caller in 0 .. counts.Length - 1 -> Task.Run(fun () -> calling caller) ]

        for number in 1..20 do
            do! server.Replace(edition told number)

        do!
            eventually "an answer to each caller, or the failure of one" (fun () ->
                Task.FromResult(
                    Array.forall (fun count -> count > 0) counts
                    || callers |> List.exists _.IsFaulted
                ))

        stop.Cancel()
        do! (Task.WhenAll callers).WaitAsync patience
        let! last = ask client
        Assert.Equal("20", last)

        do!
            eventually "the shutdown of all but the last" (fun () ->
                Task.FromResult(set told = set [ for number in 0..19 -> $"shutdown {number}" ]))
    })

[<Fact>]
let ``a request that is under way is answered by the definition that let it in`` () : Task =
    let told = Told()
    let started, finish, slow = holding told "slow"

    serving slow (fun server client -> task {
        let under = ask client
        let! came = started.WaitAsync(patience, cancellation ())
        Assert.True came
        do! server.Replace(edition told 2)
        let! after = ask client
        Assert.Equal("2", after)
        Assert.Empty told
        finish.SetResult 1
        let! before = under.WaitAsync patience
        Assert.Equal("1", before)
        do! eventually "the shutdown of the first" (fun () -> Task.FromResult(Seq.toList told = [ "shutdown slow" ]))
    })

[<Fact>]
let ``a definition that cannot start leaves the old one as it was`` () : Task =
    let told = Told()

    let raising = service {
        name "edition"

        init (fun (_: Setup<unit>) ->
            if told.IsEmpty then
                failwith "no model"

            1)

        api "which" (fun (context: Context<int>) () -> context.State)
    }

    let mistaken = service {
        resources { memory "much" }
        name "edition"
        api "which" (fun (_: Context<unit>) () -> 3)
    }

    serving (edition told 1) (fun server client -> task {
        let! raised = Assert.ThrowsAnyAsync<exn>(fun () -> server.Replace raising)
        Assert.Contains("no model", string raised)

        let! refused =
            Assert.ThrowsAsync<InvalidServiceException>(fun () -> server.Replace mistaken)

        Assert.Contains("much", refused.Message)
        let! after = ask client
        Assert.Equal("1", after)
        Assert.Empty told
        (server :?> RunningServer).Notice <- Some "no model"
        let! ready = client.GetStringAsync("/readyz", cancellation ())
        Assert.Contains("\"reload\":\"no model\"", ready)
        do! server.Replace(edition told 2)
        let! ready = client.GetStringAsync("/readyz", cancellation ())
        Assert.DoesNotContain("reload", ready)
    })

[<Fact>]
let ``routes that are gone are a 404, and new ones are there, in the documents too`` () : Task =
    let other = service {
        name "other"
        api "what" (fun (_: Context<unit>) () -> "this")
    }

    serving (edition (Told()) 1) (fun server client -> task {
        do! server.Replace other
        use! gone = client.PostAsync("/which", null, cancellation ())
        use! there = client.PostAsync("/what", null, cancellation ())
        let! document = client.GetStringAsync("/docs.json", cancellation ())
        let! ready = client.GetStringAsync("/readyz", cancellation ())
        Assert.Equal((404, 200), (int gone.StatusCode, int there.StatusCode))
        Assert.Contains("/what", document)
        Assert.DoesNotContain("/which", document)
        Assert.Contains("\"other\":\"ready\"", ready)
    })

[<Fact>]
let ``figures go on from one definition to the next, a series an endpoint`` () : Task =
    serving (edition (Told()) 1) (fun server client -> task {
        let! _ = ask client
        do! server.Replace(edition (Told()) 2)
        let! _ = ask client
        let! text = client.GetStringAsync("/metrics", cancellation ())

        let counted =
            text.Split '\n'
            |> Array.filter _.StartsWith("bento_requests_total{service=\"edition\"")

        let line = Assert.Single counted
        Assert.EndsWith(" 2", line)
    })

[<Fact>]
let ``a stream goes on to its end, and a socket is told to come again`` () : Task =
    let watch = Watch()
    let go = new SemaphoreSlim 0

    let make count (token: CancellationToken) : ValueTask<string voption> =
        let next: Task<string voption> = task {
            do! go.WaitAsync token
            return if count < 3 then ValueSome $"{count}" else ValueNone
        }

        ValueTask<string voption> next

    let talkative = service {
        name "edition"
        stream "count" (fun (_: Context<unit>) () -> producer watch 1 make)
        socket "echo" (fun (_: Context<unit>) (messages: Collections.Generic.IAsyncEnumerable<string>) -> messages)
    }

    serving talkative (fun server client -> task {
        use request = new HttpRequestMessage(HttpMethod.Post, "/count")
        go.Release() |> ignore

        use! answer =
            client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation ())

        use! socket = talk server "/echo"
        do! say socket "\"here\""
        let! _ = hear socket
        do! server.Replace(edition (Told()) 2)
        let! closed = hear socket

        match closed with
        | Closed(status, _) -> Assert.Equal(1012, status)
        | other -> failwith $"{other} is no close."

        go.Release 3 |> ignore
        let! text = answer.Content.ReadAsStringAsync(cancellation ())
        Assert.Equal("012", text)
        let! number = ask client
        Assert.Equal("2", number)
    })

/// Puts a definition on the air and asks it. Apart from its test, so that nothing of the test's own keeps the state.
[<MethodImpl(MethodImplOptions.NoInlining)>]
let private replaceByOneWatched (server: Server) (client: HttpClient) : Task<WeakReference> = task {
    let state = obj ()

    do!
        server.Replace(
            service {
                name "edition"
                init (fun (_: Setup<unit>) -> state)
                api "which" (fun (context: Context<obj>) () -> context.State.GetHashCode())
            }
        )

    let! _ = ask client
    return WeakReference state
}

[<Fact>]
let ``what was replaced is not kept in memory`` () : Task =
    serving (edition (Told()) 1) (fun server client -> task {
        let! state = replaceByOneWatched server client
        do! server.Replace(edition (Told()) 3)
        let! _ = ask client

        do!
            eventually "the state's collection" (fun () ->
                GC.Collect()
                GC.WaitForPendingFinalizers()
                Task.FromResult(not state.IsAlive))
    })

[<Fact>]
let ``a stop breaks a replacement off, and nothing is replaced after it`` () : Task = task {
    let told = Told()
    let starting = new SemaphoreSlim 0

    let endless = service {
        name "edition"

        init (fun (setup: Setup<unit>) -> task {
            starting.Release() |> ignore
            do! Task.Delay(Timeout.Infinite, setup.Cancellation)
            return 2
        })

        api "which" (fun (context: Context<int>) () -> context.State)
    }

    let! server, client = App.serving (edition told 1)
    use _ = server
    use _ = client
    let replacing = server.Replace endless
    let! came = starting.WaitAsync(patience, cancellation ())
    Assert.True came
    do! within (server.Stop(cancellation ()))
    let! _ = Assert.ThrowsAsync<InvalidOperationException>(fun () -> replacing)

    let! _ =
        Assert.ThrowsAsync<InvalidOperationException>(fun () -> server.Replace(edition told 3))

    Assert.Equal<string list>([ "shutdown 1" ], List.ofSeq told)
}

/// Stops a server whose next definition is being made, and that for as long as the test wants.
let private stopsWhile (making: CancellationToken -> Task -> Task<unit>) : Task = task {
    let told = Told()
    let starting = new SemaphoreSlim 0

    let made = TaskCompletionSource TaskCreationOptions.RunContinuationsAsynchronously

    let next = service {
        name "edition"

        init (fun (setup: Setup<unit>) -> task {
            let work = making setup.Cancellation made.Task
            starting.Release() |> ignore
            do! work
            return 2
        })

        api "which" (fun (context: Context<int>) () -> context.State)
    }

    let options = {
        Serve.options with
            Port = 0
            Grace = minutes 10
    }

    let! server = Serve.start options (edition told 1)
    let replacing = server.Replace next
    let! came = starting.WaitAsync(patience, cancellation ())
    Assert.True came

    try
        do! within (server.Stop(cancellation ()))
        Assert.Equal<string list>([ "shutdown 1" ], List.ofSeq told)
    finally
        made.SetResult()

    let! _ = Assert.ThrowsAsync<InvalidOperationException>(fun () -> within replacing)

    do! server.DisposeAsync()
}

[<Fact>]
let ``a replacement that is deaf to a stop does not keep the server from it`` () : Task =
    stopsWhile (fun _ made -> task { do! made })

[<Fact>]
let ``a replacement that hears of a stop and does not come back from that does not hold it up`` () : Task =
    stopsWhile (fun cancellation made -> task {
        cancellation.Register(fun () -> made.Wait()) |> ignore
        do! made
    })

[<Fact>]
let ``a stop whose grace is over shuts down what was replaced too`` () : Task = task {
    let told = Told()
    let started, finish, deaf = holding told "deaf"

    let options = {
        Serve.options with
            Port = 0
            Grace = milliseconds 300
    }

    use! server = Serve.start options deaf
    use! socket = connect server.Address
    do! sendText socket (head "POST" "/which" [ "Content-Length: 0" ])
    let! came = started.WaitAsync(patience, cancellation ())
    Assert.True came
    do! server.Replace(edition told 2)
    do! within (server.Stop(cancellation ()))
    Assert.Equal<Set<string>>(set [ "shutdown deaf"; "shutdown 2" ], set told)
    finish.SetResult 1
}
