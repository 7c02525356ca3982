/// Streams over real connections: what their readers get, and what becomes of producers and places.
module Bento.Hosting.Tests.StreamingTests

open System
open System.Collections.Concurrent
open System.Collections.Generic
open System.IO
open System.Linq
open System.Net
open System.Net.Http
open System.Net.Sockets
open System.Text
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Hosting
open Microsoft.AspNetCore.Server.Kestrel.Core
open Microsoft.Extensions
open Microsoft.Extensions.DependencyInjection
open Xunit
open Bento
open Bento.Hosting.Tests.ExpositionTests
open Bento.Hosting.Tests.Holding
open Bento.Hosting.Tests.Producing
open Bento.Hosting.Tests.Wire

let private secret = "the password is 1234"

type Token = { Text: string; Index: int }

let private upTo (count: int) (make: int -> 'T) : IAsyncEnumerable<'T> =
    Items.produce (fun emit _ -> task {
        for index in 0 .. count - 1 do
            do! emit (make index)
    })

/// Emits so many items, then raises.
let private failingAfter (count: int) (problem: exn) : IAsyncEnumerable<string> =
    Items.produce (fun emit _ -> task {
        for index in 0 .. count - 1 do
            do! emit $"item {index}"

        raise problem
    })

let private speaking = service {
    traffic { concurrency 2 }
    name "speaking"
    stream "words" (fun (count: int) -> upTo count (fun index -> $"word {index}\n"))
    stream "tokens" (fun (count: int) -> upTo count (fun index -> { Text = "on\ne"; Index = index }))
    stream "failing" (fun (count: int) -> failingAfter count (InvalidOperationException secret))
    stream "refusing" (fun (count: int) -> failingAfter count (BentoException(409, "Not any more.")))

    stream "unmade" (fun (_: int) -> (raise (InvalidOperationException secret): IAsyncEnumerable<string>))

    stream "told" (fun (context: Context<unit>) (status: int) ->
        let response = context.Response
        response.Status <- status
        response.SetHeader("X-Model", "small")
        response.SetHeader("Content-Type", "text/csv")
        response.SetHeader("Cache-Control", "no-store")
        response.SetCookie(Cookie.make "seen" "yes")

        ready (Watch()) 0 (fun index ->
            if index > 0 then
                response.SetHeader("X-Late", "never")

            $"{index},")
        |> _.Take(2))
}

// -- framings ----------------------------------------------------------------------------------------------

let private read client accept path json : Task<Answer> = task {
    use! response = openStream client accept path json
    return! answerOf response
}

[<Fact>]
let ``Accept decides how items are told apart, and an ordinary answer's status and id are there`` () : Task = task {
    let! server, client = App.serving speaking
    use _ = client
    use _ = server

    for accept, path, mediaType, body in
        [
            "", "/words", "text/plain; charset=utf-8", "word 0\nword 1\n"
            "text/plain", "/words", "text/plain; charset=utf-8", "word 0\nword 1\n"
            "application/x-ndjson", "/words", "application/x-ndjson", "\"word 0\\n\"\n\"word 1\\n\"\n"
            "text/event-stream",
            "/words",
            "text/event-stream",
            "data: word 0\ndata: \n\ndata: word 1\ndata: \n\nevent: end\ndata:\n\n"
            "*/*",
            "/tokens",
            "application/x-ndjson",
            "{\"text\":\"on\\ne\",\"index\":0}\n{\"text\":\"on\\ne\",\"index\":1}\n"
            "text/event-stream;q=0.9, text/html",
            "/tokens",
            "text/event-stream",
            "data: {\"text\":\"on\\ne\",\"index\":0}\n\ndata: {\"text\":\"on\\ne\",\"index\":1}\n\nevent: end\ndata:\n\n"
        ] do
        let! answer = read client accept path "2"
        Assert.Equal(200, answer.Status)
        Assert.Equal(body, answer.Body)
        Assert.Equal(mediaType, answer.Headers["content-type"])
        Assert.Equal("no-cache", answer.Headers["cache-control"])
        Assert.Equal("no", answer.Headers["x-accel-buffering"])
        Assert.NotEmpty answer.Headers["x-request-id"]
        Assert.False(answer.Headers.ContainsKey "content-encoding")

    let! refused = read client "application/json" "/tokens" "2"
    Assert.Contains("application/x-ndjson or text/event-stream", problem 406 refused)
    let! refused = read client "text/plain" "/tokens" "2"
    problem 406 refused |> ignore
    let! faulty = read client "text/event-stream" "/tokens" "\"two\""
    Assert.Equal<(string * string) list>([ "[]", "type" ], faults faulty)
}

[<Fact>]
let ``a stream without items is an answer all the same`` () : Task = task {
    let! server, client = App.serving speaking
    use _ = client
    use _ = server

    for accept, body in
        [
            "", ""
            "application/x-ndjson", ""
            "text/event-stream", "event: end\ndata:\n\n"
        ] do
        let! answer = read client accept "/words" "0"
        Assert.Equal(200, answer.Status)
        Assert.Equal(body, answer.Body)
}

[<Fact>]
let ``without a wish each item is one chunk, whatever its size`` () : Task = task {
    let long = service {
        name "long"
        stream "long" (fun (size: int) -> upTo 3 (fun index -> String(char (int 'a' + index), size)))
    }

    let! server, client = App.serving long
    use _ = client
    use _ = server

    for size in [ 1; 5_000; 60_000 ] do
        let request =
            head "POST" "/long" [ "Content-Type: application/json"; $"Content-Length: {(string size).Length}" ]
            + string size

        let! answer = exchange server.Address (Encoding.UTF8.GetBytes request)
        Assert.Equal("chunked", answer.Headers["transfer-encoding"])

        let wanted =
            String.concat "" [
                for letter in [ 'a'; 'b'; 'c' ] do
                    yield $"{size:x}\r\n{String(letter, size)}\r\n"

                yield "0\r\n\r\n"
            ]

        Assert.Equal(wanted, answer.Body)
}

[<Fact>]
let ``what the handler says of its answer before the first item is sent, and nothing after it`` () : Task = task {
    let! server, client = App.serving speaking
    use _ = client
    use _ = server
    let! answer = read client "" "/told" "203"
    Assert.Equal(203, answer.Status)
    Assert.Equal("0,1,", answer.Body)
    Assert.Equal("small", answer.Headers["x-model"])
    Assert.Equal("text/csv", answer.Headers["content-type"])
    Assert.Equal("no-store", answer.Headers["cache-control"])
    Assert.StartsWith("seen=yes", answer.Headers["set-cookie"])
    Assert.False(answer.Headers.ContainsKey "x-late")
    let! framed = read client "text/event-stream" "/told" "200"
    Assert.Equal("text/event-stream", framed.Headers["content-type"])
    let! nothing = read client "text/event-stream" "/told" "204"
    Assert.Equal(204, nothing.Status)
    Assert.Empty nothing.Bytes
}

// -- failures ----------------------------------------------------------------------------------------------

[<Fact>]
let ``what fails before the first item is an ordinary refusal`` () : Task = task {
    let! server, client = App.serving speaking
    use _ = client
    use _ = server

    for accept in [ ""; "application/x-ndjson"; "text/event-stream"; "text/plain" ] do
        for path in [ "/failing"; "/unmade" ] do
            let! answer = read client accept path "0"
            Assert.Equal("The handler failed; the log has it under the request id.", problem 500 answer)

        let! answer = read client accept "/refusing" "0"
        Assert.Equal("Not any more.", problem 409 answer)

    do! inWork client 0.
}

/// What each framing says of a failure after two items; text has no room for it.
let private lastWords framing (status: int) (detail: string) (body: string) =
    let items, mark =
        match framing with
        | "text/event-stream" -> "data: item 0\n\ndata: item 1\n\n", "event: error\ndata: "
        | "application/x-ndjson" -> "\"item 0\"\n\"item 1\"\n", "{\"error\":"
        | _ -> "item 0item 1", ""

    Assert.StartsWith(items, body)
    let rest = body.Substring items.Length

    if mark = "" then
        Assert.Empty rest
    else
        Assert.StartsWith(mark + "{\"type\":\"about:blank\"", rest)
        Assert.Contains($"\"status\":{status},\"detail\":\"{detail}\"", rest)
        Assert.DoesNotContain("event: end", rest)
        Assert.DoesNotContain(secret, rest)

let private isSeen (client: HttpClient) version : Task<unit> = task {
    for framing in [ "text/event-stream"; "application/x-ndjson"; "text/plain"; "*/*" ] do
        for path, status, detail in
            [
                "/failing", 500, "The handler failed; the log has it under the request id."
                "/refusing", 409, "Not any more."
            ] do
            use! response = openWith client version framing path "2"
            Assert.Equal(200, int response.StatusCode)
            let! body, ended = readBroken response
            Assert.True(ended.IsSome, $"A clean end of {path} as {framing} over {version}: {body}")
            lastWords framing status detail body
}

[<Fact>]
let ``a producer that fails is no clean end in any framing`` () : Task = task {
    let! server, client = App.serving speaking
    use _ = client
    use _ = server
    do! isSeen client HttpVersion.Version11
    do! inWork client 0.
    let! figures = scrape client
    Assert.Equal(4., value "bento_requests_total" [ "endpoint", "/failing"; "status", "500" ] figures)
    Assert.Equal(4., value "bento_requests_total" [ "endpoint", "/refusing"; "status", "409" ] figures)
    Assert.Equal(0., value "bento_requests_cancelled_total" [] figures)
}

/// HTTP/2 without TLS, which Serve does not offer.
let private overHttp2 (definition: Definition<'State>) : Task<WebApplication * HttpClient> = task {
    let builder = WebApplication.CreateEmptyBuilder(WebApplicationOptions())

    builder.WebHost
        .UseKestrelCore()
        .ConfigureKestrel(fun kestrel ->
            kestrel.Listen(IPAddress.Loopback, 0, (fun listen -> listen.Protocols <- HttpProtocols.Http2)))
    |> ignore

    builder.Services.AddRoutingCore().AddBento definition |> ignore
    let app = builder.Build()
    app.UseRouting() |> ignore
    app.MapBento definition |> ignore
    app.MapBentoMetrics() |> ignore
    do! app.StartAsync()

    let client =
        new HttpClient(
            BaseAddress = Uri(Seq.head app.Urls),
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact
        )

    return app, client
}

[<Fact>]
let ``a producer that fails is no clean end over HTTP/2, and other streams of its connection go on`` () : Task = task {
    let! app, client = overHttp2 speaking
    use _ = client
    use _ = app
    do! isSeen client HttpVersion.Version20
    use! response = openWith client HttpVersion.Version20 "" "/words" "2"
    let! answer = answerOf response
    Assert.Equal("word 0\nword 1\n", answer.Body)
}

[<Fact>]
let ``over HTTP/1.0, which has no chunks, a failure is a reset`` () : Task = task {
    let! server, client = App.serving speaking
    use _ = client
    use _ = server

    let ask path = task {
        use! socket = connect server.Address

        do! sendText socket $"POST {path} HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: 1\r\n\r\n2"

        use stream = new NetworkStream(socket, ownsSocket = false)
        use got = new MemoryStream()

        try
            do! stream.CopyToAsync(got, cancellation ())
            return true
        with :? IOException ->
            return false
    }

    let! clean = ask "/words"
    Assert.True clean
    let! clean = ask "/failing"
    Assert.False clean
}

/// As `App.listening`, whose log can be read.
let private logged (definition: Definition<'State>) (test: HttpClient -> Logs.Logs -> Task<unit>) : Task<unit> = task {
    let! app, logs = App.listening definition
    use _ = app
    use client = new HttpClient(BaseAddress = Uri(Seq.head app.Urls))
    do! test client logs
}

[<Fact>]
let ``a failure is in the log once, and so is one of an enumerator in its end, which harms nobody`` () : Task = task {
    let ending = service {
        name "ending"
        stream "failing" (fun (count: int) -> failingAfter count (InvalidOperationException secret))

        stream "undisposable" (fun (_: int) ->
            let inner = upTo 1 string

            {
                new IAsyncEnumerable<string> with
                    member _.GetAsyncEnumerator token =
                        let items = inner.GetAsyncEnumerator token

                        {
                            new IAsyncEnumerator<string> with
                                member _.Current = items.Current
                                member _.MoveNextAsync() = items.MoveNextAsync()
                                member _.DisposeAsync() = raise (IOException secret)
                        }
            })
    }

    do!
        logged ending (fun client logs -> task {
            let errors () =
                logs.Lines
                |> List.filter (fun line -> line.Level >= Logging.LogLevel.Error && line.Category = "Bento.ending")

            use! broken = openStream client "text/event-stream" "/failing" "1"
            let! _ = readBroken broken
            let line = Assert.Single(errors ())
            Assert.IsType<InvalidOperationException> line.Cause |> ignore
            let! answer = read client "text/event-stream" "/undisposable" "1"
            Assert.Equal("data: 0\n\nevent: end\ndata:\n\n", answer.Body)
            let line = errors () |> List.last
            Assert.Equal(2, (errors ()).Length)
            Assert.IsType<IOException> line.Cause |> ignore
            Assert.Contains("failed in its end", line.Message)
        })
}

// -- readers that leave ------------------------------------------------------------------------------------

/// Producers of every kind: one that waits, one that never has to, and one that keeps its thread between two items.
let private watched (watch: Watch) = service {
    traffic { concurrency 1000 }
    name "watched"

    stream "waiting" (fun (number: int) ->
        producer watch number (fun count token ->
            ValueTask<int voption>(
                task {
                    do! Task.Delay(Random.Shared.Next 20, token)
                    return ValueSome count
                }
            )))

    stream "stuck" (fun (number: int) ->
        producer watch number (fun count token ->
            ValueTask<int voption>(
                task {
                    if count > 0 then
                        do! Task.Delay(Timeout.Infinite, token)

                    return ValueSome count
                }
            )))

    stream "flooding" (fun (number: int) -> ready watch number id)

    stream "spinning" (fun (number: int) ->
        producer watch number (fun count token ->
            while count > 0 && not token.IsCancellationRequested do
                Thread.Sleep 1

            ValueTask<int voption>(ValueSome count)))

    stream "context" (fun (context: Context<unit>) (number: int) ->
        producer watch number (fun count _ ->
            ValueTask<int voption>(
                task {
                    if count > 0 then
                        do! Task.Delay(Timeout.Infinite, context.Cancellation)

                    return ValueSome count
                }
            )))
}

let private request path (number: int) accept =
    let body = string number

    head "POST" path [
        "Content-Type: application/json"
        $"Content-Length: {body.Length}"
        $"Accept: {accept}"
    ]
    + body

[<Theory>]
[<InlineData "waiting">]
[<InlineData "stuck">]
[<InlineData "flooding">]
[<InlineData "spinning">]
[<InlineData "context">]
let ``a reader that leaves stops its producer, wherever that is`` (endpoint: string) : Task = task {
    let watch = Watch()
    let! server, client = App.serving (watched watch)
    use _ = client
    use _ = server

    for number, reset in [ 1, true; 2, false ] do
        use! socket = connect server.Address
        do! sendText socket (request ("/" + endpoint) number "text/event-stream")
        let! count = socket.ReceiveAsync(Memory(Array.zeroCreate 256), cancellation ())
        Assert.True(count > 0)

        if reset then
            socket.LingerState <- LingerOption(true, 0)

        socket.Dispose()
        do! watch.UntilStopped number

    Assert.Equal(2, watch.Cancelled)
    do! inWork client 0.
    do! untilFigure client "bento_requests_total" [ "status", "499" ] 2.
    do! untilFigure client "bento_requests_cancelled_total" [ "cause", "caller" ] 2.
}

[<Fact>]
let ``a thousand readers that leave at random points stop a thousand producers, each at once, and no place is lost``
    ()
    : Task = task {
    let watch = Watch()
    let! server, client = App.serving (watched watch)
    use _ = client
    use _ = server
    let left = ConcurrentDictionary<int, DateTime>()
    let random = Random 7
    use crowd = new SemaphoreSlim 64

    let read (number: int) endpoint (bytes: int) reset : Task<unit> = task {
        do! crowd.WaitAsync(cancellation ())

        try
            use! socket = connect server.Address
            do! sendText socket (request endpoint number "text/event-stream")
            let buffer = Array.zeroCreate 1024
            let mutable got = 0
            let mutable count = 1

            while got < bytes && count > 0 do
                let! read = socket.ReceiveAsync(Memory buffer, cancellation ())
                count <- read
                got <- got + read

            if reset then
                socket.LingerState <- LingerOption(true, 0)

            left[number] <- DateTime.UtcNow
            socket.Dispose()
        finally
            crowd.Release() |> ignore
    }

    let readers: Task list = [
        for number in 1..1000 ->
            // The one is silent after its first item, the other never is.
            if random.Next 3 = 0 then
                read number "/stuck" (1 + random.Next 100) (random.Next 2 = 0)
            else
                read number "/waiting" (1 + random.Next 500) (random.Next 2 = 0)
    ]

    do! Task.WhenAll readers
    do! watch.UntilStopped 1000
    Assert.Equal(1000, watch.Cancelled)

    let late =
        left
        |> Seq.filter (fun pair -> watch.Stopped[pair.Key] - pair.Value > TimeSpan.FromSeconds 1.)
        |> Seq.length

    // On a machine that does much else some may have to wait for a processor.
    Assert.True(late < 50, $"{late} of 1,000 producers went on for more than a second.")
    do! inWork client 0.
    do! untilFigure client "bento_requests_total" [ "status", "499" ] 1000.
}

[<Fact>]
let ``over HTTP/2 a reader that gives up its stream stops the producer`` () : Task = task {
    let watch = Watch()
    let! app, client = overHttp2 (watched watch)
    use _ = client
    use _ = app
    let! response = openWith client HttpVersion.Version20 "" "/stuck" "1"
    response.Dispose()
    do! watch.UntilStopped 1
    Assert.Equal(1, watch.Cancelled)
    do! inWork client 0.
}

// -- readers that are slow ---------------------------------------------------------------------------------

[<Fact>]
let ``a slow reader slows a producer that could make a million items, and memory stays flat`` () : Task = task {
    let size = 8192
    let watch = Watch()
    let text = String('x', size)

    let endless = service {
        name "endless"
        stream "endless" (fun (number: int) -> ready watch number (fun _ -> text))
    }

    let! server, client = App.serving endless
    use _ = client
    use _ = server
    use! socket = connect server.Address
    do! sendText socket (request "/endless" 1 "text/plain")
    let buffer = Array.zeroCreate size

    // What the system holds between the two sides is not ours to choose, and grows to a few megabytes.
    let mostHeld = 32 <<< 20

    /// Waits until nothing more is made.
    let settled () : Task<int64> = task {
        let mutable before = -1L

        while before <> watch.Items do
            before <- watch.Items
            do! Task.Delay 200

        return before
    }

    let! held = settled ()
    Assert.InRange(held * int64 size, 1L, int64 mostHeld)
    let memory = GC.GetTotalMemory true
    let mutable taken = 0

    for _ in 1..50 do
        let! count = socket.ReceiveAsync(Memory buffer, cancellation ())
        taken <- taken + count
        do! Task.Delay 5

    let! afterwards = settled ()
    Assert.InRange(afterwards * int64 size, held * int64 size, int64 (taken + mostHeld))
    Assert.InRange(GC.GetTotalMemory true - memory, Int64.MinValue, 4L <<< 20)
    socket.Dispose()
    do! watch.UntilStopped 1
    do! inWork client 0.
}

// -- places ------------------------------------------------------------------------------------------------

[<Fact>]
let ``a stream holds its place until its producer has ended, and then gives it back before its reader knows``
    ()
    : Task = task {
    let disposal =
        TaskCompletionSource TaskCreationOptions.RunContinuationsAsynchronously

    let holding = service {
        traffic { concurrency 1 }
        name "holding"

        stream "slowly" (fun (_: int) -> {
            new IAsyncEnumerable<int> with
                member _.GetAsyncEnumerator token = {
                    new IAsyncEnumerator<int> with
                        member _.Current = 1

                        member _.MoveNextAsync() =
                            ValueTask<bool>(Task.Delay(Timeout.Infinite, token).ContinueWith(fun (_: Task) -> false))

                        member _.DisposeAsync() = ValueTask disposal.Task
                }
        })

        stream "words" (fun (count: int) -> upTo count (fun index -> $"word {index}\n"))
    }

    let! server, client = App.serving holding
    use _ = client
    use _ = server

    // Each finds the place of the one before free.
    for _ in 1..20 do
        let! answer = read client "" "/words" "2"
        Assert.Equal(200, answer.Status)

    use! socket = connect server.Address
    do! sendText socket (request "/slowly" 1 "*/*")
    do! inWork client 1.
    socket.Dispose()
    let! refused = read client "" "/words" "2"
    problem 429 refused |> ignore
    disposal.SetResult()
    do! inWork client 0.
    let! answer = read client "" "/words" "2"
    Assert.Equal(200, answer.Status)
}

[<Fact>]
let ``work after the answer, the directory and what the request was are there until the end of the stream`` () : Task =
    task {
        let steps = ConcurrentQueue<string>()

        let tidy = service {
            name "tidy"

            stream "tidy" (fun (context: Context<unit>) (count: int) ->
                let folder = context.TempDirectory

                Items.produce (fun emit _ -> task {
                    for index in 1..count do
                        steps.Enqueue $"item in {Directory.Exists folder} for {context.Request.Path}"
                        do! emit index

                    context.Response.After(fun () -> task { steps.Enqueue $"after in {Directory.Exists folder}" })
                    steps.Enqueue folder
                }))
        }

        let! server, client = App.serving tidy
        use _ = client
        use _ = server
        let! answer = read client "" "/tidy" "2"
        Assert.Equal("1\n2\n", answer.Body)

        do! eventually "the work after the answer" (fun () -> Task.FromResult(steps.Count = 4))
        let steps = List.ofSeq steps
        Assert.Equal("item in True for /tidy", steps[0])
        Assert.Equal("item in True for /tidy", steps[1])
        Assert.Equal("after in True", steps[3])
        do! eventually "the end of the directory" (fun () -> Task.FromResult(not (Directory.Exists steps[2])))
    }

// -- drain -------------------------------------------------------------------------------------------------

[<Fact>]
let ``a stop waits for a stream to end by itself, and cancels one that does not within the grace`` () : Task = task {
    for ends in [ true; false ] do
        let watch = Watch()

        let slowly = service {
            name "slowly"

            stream "slowly" (fun (number: int) ->
                producer watch number (fun count token ->
                    ValueTask<int voption>(
                        task {
                            do! Task.Delay(20, token)
                            return if ends && count = 30 then ValueNone else ValueSome count
                        }
                    )))
        }

        let grace = if ends then seconds 60 else milliseconds 300

        let! server =
            Serve.start
                {
                    Serve.options with
                        Port = 0
                        Grace = grace
                }
                slowly

        use _ = server
        use client = new HttpClient(BaseAddress = Uri server.Address)
        use! response = openStream client "text/event-stream" "/slowly" "1"
        let stopped = server.Stop(cancellation ())
        let! body, ended = readBroken response
        do! within stopped
        Assert.Equal(ends, ended.IsNone)
        Assert.Equal(ends, body.EndsWith "data: 29\n\nevent: end\ndata:\n\n")
        Assert.Equal((if ends then 0 else 1), server.Cancelled)
        Assert.Equal(1, watch.Stopped.Count)
}

// -- in a hurry --------------------------------------------------------------------------------------------

let private hurried (holding: Holding) (watch: Watch) = service {
    traffic {
        concurrency 1
        timeout (milliseconds 300)
        idle (milliseconds 300)
        heartbeat (milliseconds 40)
    }

    name "hurried"

    // It stops where it is told to, before which item that is, until it is cancelled.
    stream "heeding" (fun (stop: int) ->
        producer watch stop (fun count token ->
            ValueTask<int voption>(
                task {
                    if count = stop then
                        do! Task.Delay(Timeout.Infinite, token)

                    return ValueSome count
                }
            )))

    // It stops there whatever its token says.
    stream "deaf" (fun (stop: int) ->
        producer watch stop (fun count _ ->
            ValueTask<int voption>(
                task {
                    if count = stop then
                        do! holding.Stay "deaf"

                    return ValueSome count
                }
            )))

    // It is always in time, and takes longer than `timeout` and `idle` in all.
    stream "steady" (fun (number: int) ->
        producer watch number (fun count token ->
            ValueTask<int voption>(
                task {
                    do! Task.Delay(100, token)
                    return if count = 10 then ValueNone else ValueSome count
                }
            )))
}

[<Theory>]
[<InlineData("heeding", "text/event-stream")>]
[<InlineData("deaf", "text/event-stream")>]
[<InlineData("deaf", "application/x-ndjson")>]
let ``a first item that does not come in time is a 504, and the place is held until the producer ends``
    (endpoint: string, accept: string)
    : Task = task {
    let holding = Holding()
    let watch = Watch()
    let! server, client = App.serving (hurried holding watch)
    use _ = client
    use _ = server
    let! answer = read client accept ("/" + endpoint) "0"
    Assert.Contains("The deadline of 300 ms has passed", problem 504 answer)

    if endpoint = "deaf" then
        Assert.Empty watch.Stopped
        do! inWork client 1.
        holding.Release "deaf"

    do! watch.UntilStopped 1
    do! inWork client 0.
    let! figures = scrape client
    Assert.Equal(1., value "bento_requests_cancelled_total" [ "cause", "deadline" ] figures)
    Assert.Equal(1., value "bento_requests_total" [ "status", "504" ] figures)
}

[<Theory>]
[<InlineData("heeding", "text/event-stream")>]
[<InlineData("heeding", "application/x-ndjson")>]
[<InlineData("heeding", "*/*")>]
[<InlineData("deaf", "text/event-stream")>]
[<InlineData("deaf", "application/x-ndjson")>]
let ``a stream that is silent for too long is told to be over and broken off, and its producer cancelled``
    (endpoint: string, accept: string)
    : Task = task {
    let holding = Holding()
    let watch = Watch()
    let! server, client = App.serving (hurried holding watch)
    use _ = client
    use _ = server
    use! response = openStream client accept ("/" + endpoint) "1"
    let! body, ended = readBroken response
    Assert.True(ended.IsSome, body)

    Assert.StartsWith(
        (if accept = "text/event-stream" then
             "data: 0\n\n"
         else
             "0\n"),
        body
    )

    Assert.Contains(
        "\"status\":504,\"detail\":\"The stream was silent, or its reader took nothing, for 300 ms.\"",
        body
    )

    if endpoint = "deaf" then
        Assert.Empty watch.Stopped
        do! inWork client 1.
        holding.Release "deaf"

    do! watch.UntilStopped 1
    Assert.Equal(1, watch.Cancelled)
    do! inWork client 0.
    let! figures = scrape client
    Assert.Equal(1., value "bento_requests_cancelled_total" [ "cause", "deadline" ] figures)
    Assert.Equal(1., value "bento_requests_total" [ "status", "504" ] figures)
}

[<Fact>]
let ``a reader that takes nothing for too long is left, and its producer cancelled`` () : Task = task {
    let watch = Watch()
    let text = String('x', 8192)

    let endless = service {
        traffic { idle (milliseconds 500) }
        name "endless"
        stream "endless" (fun (number: int) -> ready watch number (fun _ -> text))
    }

    let! server, client = App.serving endless
    use _ = client
    use _ = server
    use! socket = connect server.Address
    do! sendText socket (request "/endless" 1 "text/event-stream")
    do! watch.UntilStopped 1
    do! inWork client 0.
    do! untilFigure client "bento_requests_total" [ "status", "504" ] 1.
    do! untilFigure client "bento_requests_cancelled_total" [ "cause", "deadline" ] 1.
}

[<Fact>]
let ``a stream that is never silent for long goes on past every deadline, with a heartbeat in each silence`` () : Task =
    task {
        let! server, client = App.serving (hurried (Holding()) (Watch()))
        use _ = client
        use _ = server
        let! events = read client "text/event-stream" "/steady" "1"
        let wanted = String.concat "" [ for index in 0..9 -> $"data: {index}\n\n" ]

        Assert.Equal(
            wanted + "event: end\ndata:\n\n",
            events.Body.Replace("\n\n:\n\n", "\n\n").Replace("\n\n:\n\n", "\n\n")
        )

        Assert.Contains("data: 0\n\n:\n\n", events.Body)
        Assert.False(events.Body.StartsWith ':')
        let! lines = read client "application/x-ndjson" "/steady" "2"
        Assert.Equal(String.concat "" [ for index in 0..9 -> $"{index}\n" ], lines.Body)
    }
