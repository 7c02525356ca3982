/// One deadline from the arrival on: who is told what when it has passed, and whose place is free when.
module Bento.Hosting.Tests.LifespanTests

open System
open System.Collections.Concurrent
open System.Net.Http
open System.Text
open System.Threading
open System.Threading.Tasks
open Xunit
open Bento
open Bento.Hosting.Tests.ExpositionTests
open Bento.Hosting.Tests.Holding
open Bento.Hosting.Tests.Wire

let private span = "The deadline of 300 ms has passed"

type Upload = { Note: string; Data: Bento.File }

let private hurried (holding: Holding) = service {
    traffic {
        concurrency 1
        timeout (milliseconds 300)
    }

    endpoint "patient" { timeout (minutes 5) }
    endpoint "huge" { timeout TimeSpan.MaxValue }
    name "hurried"
    threads 1

    api "heed" (fun (context: Context<unit>) () -> task {
        do! Task.Delay(TimeSpan.FromMinutes 5., context.Cancellation)
        return 1
    })

    api "ignore" (fun (who: string) -> task {
        do! holding.Stay who
        return who
    })

    api "block" (fun (who: string) ->
        holding.Block who
        who)

    api "failLate" (fun (who: string) -> task {
        do! holding.Stay who
        return raise (InvalidOperationException "late"): string
    })

    api "attach" (fun (upload: Upload) -> upload.Note)

    api "patient" (fun (context: Context<unit>) () -> task {
        do! Task.Delay 600
        return context.Cancellation.IsCancellationRequested
    })

    api "huge" (fun (context: Context<unit>) () ->
        match Option.ofNullable context.Deadline with
        | Some deadline -> deadline.Year
        | None -> 0)

    api "deadline" (fun (context: Context<unit>) () ->
        match Option.ofNullable context.Deadline with
        | Some deadline -> (deadline - DateTimeOffset.UtcNow).TotalMilliseconds
        | None -> nan)

    api "echo" (fun (text: string) -> text)
}

[<Fact>]
let ``a handler that heeds its token is ended at the deadline, and 504 names the run`` () : Task = task {
    let! server, client = App.serving (hurried (Holding()))
    use _ = client
    use _ = server
    let! answer = post client "/heed" "" [||]
    let detail = problem 504 answer
    Assert.Contains(span, detail)
    Assert.Contains("the run of the handler took", detail)
    do! inWork client 0.
    let! figures = scrape client
    Assert.Equal(1., value "bento_requests_cancelled_total" [ "cause", "deadline" ] figures)
    Assert.Equal(1., value "bento_requests_total" [ "status", "504" ] figures)
}

[<Theory>]
[<InlineData "ignore">]
[<InlineData "block">]
let ``504 is sent at the deadline though the handler goes on, and its place is free when it has ended, not before``
    (endpoint: string)
    : Task = task {
    let holding = Holding()
    let! server, client = App.serving (hurried holding)
    use _ = client
    use _ = server
    let! answer = postJson client $"/{endpoint}" "\"one\""
    Assert.Contains("the run of the handler took", problem 504 answer)
    Assert.Equal<string list>([ "one" ], holding.Entered)
    do! inWork client 1.
    let! refused = postJson client "/echo" "\"two\""
    problem 429 refused |> ignore
    holding.Release "one"
    do! inWork client 0.
    let! after = postJson client "/echo" "\"three\""
    Assert.Equal("three", after.Body)
    let! figures = scrape client
    Assert.Equal(1., value "bento_requests_total" [ "status", "504" ] figures)
}

[<Fact>]
let ``an answer in a handler's stead ends its connection, which is the handler's`` () : Task = task {
    let holding = Holding()
    let! server, client = App.serving (hurried holding)
    use _ = client
    use _ = server
    use! socket = connect server.Address

    do!
        sendText
            socket
            "POST /ignore HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\n\"one\""

    let buffer = Array.zeroCreate<byte> 4096
    let! count = socket.ReceiveAsync(Memory buffer, cancellation ())
    let lines = (Encoding.UTF8.GetString(buffer, 0, count)).Split "\r\n"
    Assert.Equal("HTTP/1.1 504 Gateway Timeout", lines[0])
    Assert.Contains("Connection: close", lines)
    do! inWork client 1.
    holding.Release "one"
    let! _ = readToEnd socket
    do! inWork client 0.
}

[<Fact>]
let ``an answer in a handler's stead is logged with the words that the caller has`` () : Task = task {
    let holding = Holding()
    let! app, logs = App.listening (hurried holding)
    use _ = app
    use client = new HttpClient(BaseAddress = Uri(Seq.head app.Urls))
    let! answer = postJson client "/ignore" "\"one\""
    let detail = problem 504 answer

    let line =
        logs.Lines |> List.filter _.Message.Contains("The deadline of") |> Assert.Single

    Assert.EndsWith(detail, line.Message)
    Assert.Contains(answer.Headers["x-request-id"], line.Message)
    holding.Release "one"
}

[<Fact>]
let ``a failure after the deadline is logged, and the caller has its 504`` () : Task = task {
    let holding = Holding()
    let! app, logs = App.listening (hurried holding)
    use _ = app
    use client = new HttpClient(BaseAddress = Uri(Seq.head app.Urls))
    let! answer = postJson client "/failLate" "\"one\""
    problem 504 answer |> ignore
    holding.Release "one"

    do!
        eventually "the line" (fun () ->
            logs.Lines
            |> List.exists (fun line ->
                line.Message.Contains "failed after its deadline"
                && (string line.Cause).Contains "late")
            |> Task.FromResult)
}

[<Fact>]
let ``a body that comes too slowly is under the deadline too`` () : Task = task {
    let! server, client = App.serving (hurried (Holding()))
    use _ = client
    use _ = server
    use! socket = connect server.Address

    do!
        sendText
            socket
            (head "POST" "/echo" [ "Content-Type: application/json"; "Content-Length: 100" ]
             + "\"never")

    let! answer = readAnswer socket
    let detail = problem 504 answer
    Assert.Contains(span, detail)
    Assert.Contains("the wait for the body took", detail)
    do! inWork client 0.
}

[<Theory>]
[<InlineData("/echo", "Content-Encoding: gzip", "Content-Type: application/json")>]
[<InlineData("/attach", "Content-Type: multipart/form-data; boundary=part", "Accept: */*")>]
[<InlineData("/attach", "Content-Type: application/x-www-form-urlencoded", "Accept: */*")>]
let ``whatever the body, one that comes too slowly is under the deadline``
    (path, first: string, second: string)
    : Task = task {
    let! server, client = App.serving (hurried (Holding()))
    use _ = client
    use _ = server
    use! socket = connect server.Address
    do! sendText socket (head "POST" path [ first; second; "Content-Length: 100" ])
    let! answer = readAnswer socket
    Assert.Contains("the wait for the body took", problem 504 answer)
    do! inWork client 0.
}

[<Fact>]
let ``a request that waits for a thread is ended at its deadline, and never computed`` () : Task = task {
    let holding = Holding()

    let threaded = service {
        endpoint "brief" { timeout (milliseconds 300) }
        name "threaded"
        threads 1

        api "block" (fun (who: string) ->
            holding.Block who
            who)

        api "brief" (fun (who: string) ->
            holding.Block who
            who)
    }

    let! server, client = App.serving threaded
    use _ = client
    use _ = server
    let first = postJson client "/block" "\"first\""
    do! holding.Until "first"
    let! late = postJson client "/brief" "\"late\""
    Assert.Contains("the wait for a thread took", problem 504 late)
    let next = postJson client "/block" "\"next\""
    do! inWork client 2.
    holding.Release "first"
    do! holding.Until "next"
    holding.Release "next"
    let! answers = Task.WhenAll [ first; next ]
    Assert.Equal<string list>([ "first"; "next" ], [ for answer in answers -> answer.Body ])
    Assert.Equal<string list>([ "first"; "next" ], holding.Entered)
}

[<Fact>]
let ``an endpoint's own timeout counts more than the service's`` () : Task = task {
    let! server, client = App.serving (hurried (Holding()))
    use _ = client
    use _ = server
    let! answer = post client "/patient" "" [||]
    Assert.Equal("false", answer.Body)
}

[<Fact>]
let ``a handler is told its deadline`` () : Task = task {
    let! server, client = App.serving (hurried (Holding()))
    use _ = client
    use _ = server
    let! answer = post client "/deadline" "" [||]
    Assert.InRange((nonNull answer.Json).GetValue<float>(), 0.1, 300.)
    let! huge = post client "/huge" "" [||]
    Assert.Equal("9999", huge.Body)
}

[<Fact>]
let ``without a timeout a request has a minute`` () : Task = task {
    let plain = service {
        name "plain"

        api "left" (fun (context: Context<unit>) () ->
            match Option.ofNullable context.Deadline with
            | Some deadline -> (deadline - DateTimeOffset.UtcNow).TotalSeconds
            | None -> nan)
    }

    let! server, client = App.serving plain
    use _ = client
    use _ = server
    let! answer = post client "/left" "" [||]
    Assert.InRange((nonNull answer.Json).GetValue<float>(), 1., 60.)
}

[<Fact>]
let ``a token that a handler keeps never fires for another request`` () : Task = task {
    let kept = ConcurrentQueue<CancellationToken>()

    let keeping = service {
        traffic { timeout (milliseconds 200) }
        name "keeping"
        threads 4

        api "keep" (fun (context: Context<unit>) () ->
            kept.Enqueue context.Cancellation
            1)

        api "late" (fun (context: Context<unit>) () -> task {
            do! Task.Delay(TimeSpan.FromMinutes 5., context.Cancellation)
            return 1
        })
    }

    let! server, client = App.serving keeping
    use _ = client
    use _ = server

    for _ in 1..5 do
        let! answer = post client "/keep" "" [||]
        Assert.Equal(200, answer.Status)
        let! late = post client "/late" "" [||]
        Assert.Equal(504, late.Status)

    Assert.Equal(5, kept.Count)
    Assert.DoesNotContain(kept, fun token -> token.IsCancellationRequested)
}

[<Fact>]
let ``what a handler does on cancellation may fail, and the caller has its answer`` () : Task = task {
    let failing = service {
        traffic { timeout (milliseconds 200) }
        name "failing"

        api "wait" (fun (context: Context<unit>) () -> task {
            use _ = context.Cancellation.Register(fun () -> failwith "on cancellation")
            do! Task.Delay 5_000
            return 1
        })
    }

    let! app, logs = App.listening (failing)
    use _ = app
    use client = new HttpClient(BaseAddress = Uri(Seq.head app.Urls))
    let! answer = post client "/wait" "" [||]
    problem 504 answer |> ignore

    do!
        eventually "the line" (fun () ->
            logs.Lines
            |> List.exists (fun line -> (string line.Cause).Contains "on cancellation")
            |> Task.FromResult)
}

[<Fact>]
let ``what is said of a request that is over does not hit the next one of its lifespan`` () =
    let life = Lifespan(Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance)
    let http = Microsoft.AspNetCore.Http.DefaultHttpContext()
    life.Start(http, TimeSpan.FromMinutes 5.)
    let first = life.Epoch
    Assert.True(life.End())
    life.Expire first
    life.Start(http, TimeSpan.FromMinutes 5.)
    life.Expire first
    life.EnterOf(first, RequestStage.Run)
    Assert.Equal(Ending.None, life.Ending)
    Assert.False life.Token.IsCancellationRequested
    life.Expire life.Epoch
    Assert.Equal(Ending.TimeOver, life.Ending)
    Assert.True life.Token.IsCancellationRequested
    Assert.False(life.End())
