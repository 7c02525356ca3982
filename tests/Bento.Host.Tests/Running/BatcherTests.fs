/// Batches over HTTP: who is in them, who is not, and what each caller is told.
module Bento.Hosting.Tests.BatcherTests

open System
open System.Collections.Concurrent
open System.Net.Http
open System.Threading
open System.Threading.Tasks
open Xunit
open Bento
open Bento.Hosting.Tests.ExpositionTests
open Bento.Hosting.Tests.Holding
open Bento.Hosting.Tests.Wire

/// The rows of every batch, in the order in which they began; the batch of row zero stays inside until it is let go.
type Seen() =
    let batches = ConcurrentQueue<int[]>()
    let holding = Holding()

    member _.Batches = List.ofSeq batches
    member _.Rows = batches |> Array.concat
    member _.Holding = holding

    member _.Note(rows: int[]) =
        batches.Enqueue rows

        if Array.contains 0 rows then
            holding.Block "zero"

    member _.Open() = holding.Release "zero"

let private poisoned = 13
let private forbidden = 31

let private compute (rows: int[]) =
    if Array.contains poisoned rows then
        invalidOp "poison"

    if Array.contains forbidden rows then
        raise (BentoException(403, "Not this one."))

    rows |> Array.map (fun row -> row * 2)

/// A service whose one place is taken while row zero is in it.
let private narrow (seen: Seen) = service {
    endpoint "double" {
        inFlight 1
        maxBatch 16
        timeout (seconds 50)
    }

    endpoint "hurried" {
        inFlight 1
        timeout (milliseconds 300)
    }

    endpoint "pairs" {
        inFlight 1
        maxBatch 2
    }

    name "narrow"
    threads 4

    api
        "double"
        (batched (fun (rows: int[]) ->
            seen.Note rows
            compute rows))

    api
        "hurried"
        (batched (fun (rows: int[]) ->
            seen.Note rows
            compute rows))

    api
        "pairs"
        (batchedRows (fun (rows: int[]) ->
            seen.Note rows
            compute rows))
}

let ask (client: HttpClient) endpoint (row: int) : Task<Answer> =
    postJson client $"/{endpoint}" (string row)

/// Takes the only place of an endpoint, and has others wait behind it.
let behindZero (seen: Seen) (client: HttpClient) endpoint (rows: int list) = task {
    let first = ask client endpoint 0
    do! seen.Holding.Until "zero"
    let others = [| for row in rows -> ask client endpoint row |]
    do! inWork client (float (rows.Length + 1))
    return first, others
}

let allOf (first: Task<Answer>, others: Task<Answer>[]) : Task<Answer[]> = task {
    do! within (Task.WhenAll(Array.append [| first |] others))
    return others |> Array.map _.Result
}

[<Fact>]
let ``callers that come at once are each answered by their own result, in batches no larger than they may be``
    ()
    : Task = task {
    let seen = Seen()
    let! server, client = App.serving (narrow seen)
    use _ = server
    use client = client
    let! callers = behindZero seen client "double" [ 100..163 ]
    seen.Open()
    let! answers = allOf callers
    Assert.Equal<string[]>([| for row in 100..163 -> string (row * 2) |], answers |> Array.map _.Body)
    Assert.Equal<int[]>([| 0; yield! [ 100..163 ] |], Array.sort seen.Rows)
    Assert.All(seen.Batches, fun batch -> Assert.InRange(batch.Length, 1, 16))
    // They had gathered: four batches are enough for them, and one more row cannot be without a fifth.
    Assert.Equal(5, seen.Batches.Length)
}

[<Fact>]
let ``a row that makes its batch raise harms nobody else`` () : Task = task {
    let seen = Seen()
    let! server, client = App.serving (narrow seen)
    use _ = server
    use client = client
    let rows = [ 1; 2; poisoned; 4; 5; forbidden; 7; 8 ]
    let! callers = behindZero seen client "double" rows
    seen.Open()
    let! answers = allOf callers

    for row, answer in Seq.zip rows answers do
        if row = poisoned then
            Assert.Equal(500, answer.Status)
            Assert.DoesNotContain("poison", answer.Body)
        elif row = forbidden then
            Assert.Equal(403, answer.Status)
            Assert.Contains("Not this one.", answer.Body)
        else
            Assert.Equal(string (row * 2), answer.Body)
}

[<Fact>]
let ``a caller that leaves while it waits is never computed`` () : Task = task {
    let seen = Seen()
    let! server, client = App.serving (narrow seen)
    use _ = server
    use client = client
    let first = ask client "double" 0
    do! seen.Holding.Until "zero"
    use! socket = connect server.Address

    do!
        sendText
            socket
            (head "POST" "/double" [ "Content-Type: application/json"; "Content-Length: 1" ]
             + "1")

    let last = ask client "double" 2
    do! inWork client 3.
    socket.Close()
    do! untilFigure client "bento_requests_cancelled_total" [ "cause", "caller" ] 1.
    seen.Open()
    let! answers = allOf (first, [| last |])
    Assert.Equal("4", answers[0].Body)
    Assert.Equal<int[] list>([ [| 0 |]; [| 2 |] ], seen.Batches)
}

[<Fact>]
let ``a caller whose time is over while it waits is told so, and never computed`` () : Task = task {
    let seen = Seen()
    let! server, client = App.serving (narrow seen)
    use _ = server
    use client = client
    let first = ask client "hurried" 0
    do! seen.Holding.Until "zero"
    let! late = ask client "hurried" 1
    Assert.Equal(504, late.Status)
    Assert.Contains("the wait for a batch", late.Body)
    // The first is told while its thread is still in the handler.
    let! held = first
    Assert.Equal(504, held.Status)
    Assert.Contains("the run of the handler", held.Body)
    seen.Open()
    let! fine = ask client "hurried" 2
    Assert.Equal("4", fine.Body)
    Assert.Equal<int[] list>([ [| 0 |]; [| 2 |] ], seen.Batches)
}

[<Fact>]
let ``a batch that all have left is told so`` () : Task = task {
    let told = TaskCompletionSource TaskCreationOptions.RunContinuationsAsynchronously

    let it = service {
        endpoint "wait" { timeout (milliseconds 200) }
        name "it"

        api
            "wait"
            (batched (fun (batch: BatchContext<unit>) (rows: int[]) -> task {
                try
                    do! Task.Delay(Timeout.Infinite, batch.Cancellation)
                with :? OperationCanceledException ->
                    told.SetResult()

                return rows
            }))
    }

    use! app = App.hosting [ it ]
    let! answer = ask app.Client "wait" 1
    Assert.Equal(504, answer.Status)
    do! within told.Task
}

let private wrong = service {
    name "wrong"
    api "short" (batched (fun (rows: int[]) -> Array.skip 1 rows))
    api "none" (batched (fun (_: int[]) -> task { return Unchecked.defaultof<int[]> }))
    api "null" (batched (fun (rows: int[]) -> rows |> Array.map (fun _ -> Unchecked.defaultof<string>)))
    api "key" (batched (fun (rows: int[]) -> rows) |> Batched.by (fun row -> 10 / row))
}

[<Theory>]
[<InlineData("short", "The batched handler of \"short\" gave 0 results for 1 rows.")>]
[<InlineData("none", "The batched handler of \"none\" gave null in place of 1 results.")>]
[<InlineData("null", "")>]
[<InlineData("key", "")>]
let ``what a handler does wrong is told to the log, and is nobody's answer`` (endpoint: string, said: string) : Task =
    task {
        use! app = App.hosting [ wrong ]
        let! answer = ask app.Client endpoint 0
        Assert.Equal(500, answer.Status)

        Assert.Contains(
            app.Lines,
            fun line ->
                match line.Cause with
                | null -> false
                | cause -> cause.Message.Contains said
        )
    }

[<Fact>]
let ``rows of one request are split over batches and answered in their order`` () : Task = task {
    let seen = Seen()
    use! app = App.hosting [ narrow seen ]
    let! answer = postJson app.Client "/pairs" "[1, 2, 3, 4, 5]"
    Assert.Equal("[2,4,6,8,10]", answer.Body)
    Assert.Equal<int[]>([| 1..5 |], Array.sort seen.Rows)
    Assert.All(seen.Batches, fun batch -> Assert.InRange(batch.Length, 1, 2))
    let! nothing = postJson app.Client "/pairs" "[]"
    Assert.Equal("[]", nothing.Body)
}

[<Fact>]
let ``one bad row is the failure of its request, and of no other`` () : Task = task {
    let seen = Seen()
    let! server, client = App.serving (narrow seen)
    use _ = server
    use client = client
    let first = postJson client "/pairs" "[0]"
    do! seen.Holding.Until "zero"
    let bad = postJson client "/pairs" $"[1, 2, {poisoned}]"
    let good = postJson client "/pairs" "[3, 4, 5]"
    do! inWork client 3.
    seen.Open()
    let! answers = allOf (first, [| bad; good |])
    Assert.Equal<int list>([ 500; 200 ], [ for answer in answers -> answer.Status ])
    Assert.Equal("[6,8,10]", answers[1].Body)
}

[<Fact>]
let ``more rows than may wait are turned away, as many of them as a request brings`` () : Task = task {
    let seen = Seen()
    let! server, client = App.serving (narrow seen)
    use _ = server
    use client = client
    let first = postJson client "/pairs" "[0]"
    do! seen.Holding.Until "zero"
    let waiting = [| for _ in 1..333 -> postJson client "/pairs" "[1,2,3]" |]
    do! inWork client 334.
    let! refused = postJson client "/pairs" "[61, 62, 63, 64, 65]"
    Assert.Equal(429, refused.Status)
    Assert.Equal("1", refused.Headers["retry-after"])
    seen.Open()
    let! answers = allOf (first, waiting)
    Assert.All(answers, fun answer -> Assert.Equal("[2,4,6]", answer.Body))
}

[<Fact>]
let ``a request of many rows lets others have their turn between them`` () : Task = task {
    let seen = Seen()
    let! server, client = App.serving (narrow seen)
    use _ = server
    use client = client
    let first = postJson client "/pairs" "[0]"
    do! seen.Holding.Until "zero"
    let many = String.Join(',', [ 101..200 ])
    let large = postJson client "/pairs" $"[{many}]"
    do! inWork client 2.
    let small = postJson client "/pairs" "[1]"
    do! inWork client 3.
    seen.Open()
    let! answers = allOf (first, [| large; small |])
    Assert.Equal(100, answers[0].Body.Split(',').Length)
    Assert.Equal("[2]", answers[1].Body)
    Assert.Contains(seen.Batches |> List.take 3, fun batch -> Array.contains 1 batch)
}

[<Fact>]
let ``a row's own failure is told to its caller`` () : Task = task {
    let it = service {
        name "it"

        api
            "judge"
            (batched (fun (rows: int[]) ->
                rows
                |> Array.map (fun row ->
                    if row < 0 then
                        Error "The number is below zero."
                    else
                        Ok row)))
    }

    use! app = App.hosting [ it ]
    let! fine = ask app.Client "judge" 1
    Assert.Equal("1", fine.Body)
    let! refused = ask app.Client "judge" -1
    Assert.Equal(400, refused.Status)
    Assert.Contains("The number is below zero.", refused.Body)
}

[<Fact>]
let ``rows of unequal keys are computed apart`` () : Task = task {
    let seen = Seen()

    let it = service {
        endpoint "double" { inFlight 1 }
        name "it"

        api
            "double"
            (batched (fun (rows: int[]) ->
                seen.Note rows
                rows)
             |> Batched.by (fun row -> if row % 2 = 0 then Some [| row % 2 |] else None))
    }

    let! server, client = App.serving it
    use _ = server
    use client = client
    let! callers = behindZero seen client "double" [ 1..8 ]
    seen.Open()
    let! answers = allOf callers
    Assert.Equal<string[]>([| for row in 1..8 -> string row |], answers |> Array.map _.Body)

    Assert.Equal<int[] list>(
        [ [| 0 |]; [| 1; 3; 5; 7 |]; [| 2; 4; 6; 8 |] ],
        seen.Batches |> List.map Array.sort |> List.sortBy Array.head
    )
}

[<Fact>]
let ``who waits for company is let go when the host stops`` () : Task = task {
    let it = service {
        endpoint "patient" { maxDelay (minutes 30) }
        name "it"
        api "patient" (batched (fun (rows: int[]) -> rows))
    }

    let! server, client = App.serving it
    use client = client
    let waiting = ask client "patient" 1
    do! inWork client 1.
    do! within (server.Stop(cancellation ()))
    let! answer = waiting
    Assert.Equal("1", answer.Body)
}

[<Fact>]
let ``a batch waits for company no longer than it may`` () : Task = task {
    let batches = ConcurrentQueue<int[]>()

    let it = service {
        endpoint "patient" { maxDelay (milliseconds 50) }
        name "it"

        api
            "patient"
            (batched (fun (rows: int[]) ->
                batches.Enqueue rows
                rows))
    }

    let! server, client = App.serving it
    use _ = server
    use client = client
    let! answers = Task.WhenAll [ for row in 1..3 -> ask client "patient" row ]
    Assert.Equal<string[]>([| "1"; "2"; "3" |], answers |> Array.map _.Body)
    let! figures = scrape client
    Assert.Equal(float batches.Count, value "bento_batches_total" [ "reason", "delay" ] figures)
}

[<Fact>]
let ``every worker runs batches on its own state, and no more of them at once than it has threads`` () : Task = task {
    let crowds = [| Crowd(); Crowd() |]
    let rounds = Holding()

    let it = service {
        endpoint "where" { maxBatch 1 }
        name "it"
        workers 2
        threads 1
        init (fun setup -> setup.Worker.Index)

        api
            "where"
            (batched (fun (batch: BatchContext<int>) (rows: int[]) ->
                crowds[batch.State].Enter()
                rounds.Block $"{batch.State}"
                crowds[batch.State].Leave()
                rows |> Array.map (fun _ -> batch.State, batch.Worker.Index)))
    }

    let! server, client = App.serving it
    use _ = server
    use client = client
    let asked = [| for row in 1..6 -> ask client "where" row |]
    do! rounds.Until "0"
    do! rounds.Until "1"
    do! inWork client 6.
    rounds.Release "0"
    rounds.Release "1"
    let! answers = Task.WhenAll asked

    Assert.Equal<string list>(
        [ "[0,0]"; "[1,1]" ],
        [ for answer in answers -> answer.Body ] |> List.distinct |> List.sort
    )

    Assert.Equal<int list>([ 1; 1 ], [ for crowd in crowds -> crowd.Most ])
}

[<Fact>]
let ``figures tell of batches what there is to know`` () : Task = task {
    let seen = Seen()
    let! server, client = App.serving (narrow seen)
    use _ = server
    use client = client
    let! callers = behindZero seen client "double" [ 1; 2; poisoned; 4 ]
    seen.Open()
    let! _ = allOf callers
    let! figures = scrape client

    let figure name labels =
        value name ([ "endpoint", "/double" ] @ labels) figures
    // Zero alone, the four, their halves, and the halves of the half with the poison.
    Assert.Equal(6., figure "bento_batch_rows_count" [])
    Assert.Equal(11., figure "bento_batch_rows_sum" [])
    Assert.Equal(2., figure "bento_batches_total" [ "reason", "idle" ])
    Assert.Equal(4., figure "bento_batches_total" [ "reason", "retry" ])
    Assert.Equal(5., figure "bento_batch_queue_seconds_count" [])
    Assert.Equal(6., figure "bento_batch_run_seconds_count" [])
    Assert.True(figure "bento_batch_run_seconds_sum" [] > 0.)
    Assert.Equal(0., value "bento_batch_rows_count" [ "endpoint", "unknown" ] figures)
}
