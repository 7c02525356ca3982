/// Streams over real connections: what their readers get, and what becomes of places.
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
open Microsoft.Extensions
open Xunit
open Bento
open Bento.Hosting.Tests.ExpositionTests
open Bento.Hosting.Tests.Holding
open Bento.Hosting.Tests.Producing
open Bento.Hosting.Tests.Wire

let private secret = "the password is 1234"

type Token = { Text: string; Index: int }

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

let private isSeen (client: HttpClient) : Task<unit> = task {
    for framing in [ "text/event-stream"; "application/x-ndjson"; "text/plain"; "*/*" ] do
        for path, status, detail in
            [
                "/failing", 500, "The handler failed; the log has it under the request id."
                "/refusing", 409, "Not any more."
            ] do
            use! response = openStream client framing path "2"
            Assert.Equal(200, int response.StatusCode)
            let! body, ended = readBroken response
            Assert.True(ended.IsSome, $"A clean end of {path} as {framing}: {body}")
            lastWords framing status detail body
}

[<Fact>]
let ``a producer that fails is no clean end in any framing`` () : Task = task {
    let! server, client = App.serving speaking
    use _ = client
    use _ = server
    do! isSeen client
    do! inWork client 0.
    let! figures = scrape client
    Assert.Equal(4., value "bento_requests_total" [ "endpoint", "/failing"; "status", "500" ] figures)
    Assert.Equal(4., value "bento_requests_total" [ "endpoint", "/refusing"; "status", "409" ] figures)
    Assert.Equal(0., value "bento_requests_cancelled_total" [] figures)
}

[<Fact>]
let ``a producer that fails is no clean end over HTTP/2, and other streams of its connection go on`` () : Task = task {
    let! app, client = overHttp2 speaking
    use _ = client
    use _ = app

    // A client of HTTP/2 forgets what it has not read when its stream is reset, so that a slow one may miss the words.
    do!
        eventually "a failure with its last words" (fun () -> task {
            use! response =
                openWith client HttpVersion.Version20 "text/event-stream" "/failing" "2"

            let! body, ended = readBroken response
            Assert.True(ended.IsSome, body)
            return body.Contains "event: error\ndata: {" && body.Contains "\"status\":500"
        })

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

[<Fact>]
let ``what a producer raises after its reader has left is in the log once`` () : Task = task {
    let closing = service {
        name "closing"

        stream "closing" (fun (_: int) ->
            Items.produce (fun emit stop -> task {
                do! emit "a"

                try
                    do! Task.Delay(Timeout.Infinite, stop)
                with :? OperationCanceledException ->
                    raise (InvalidOperationException secret)
            }))
    }

    do!
        logged closing (fun client logs -> task {
            let errors () =
                logs.Lines |> List.filter (fun line -> line.Level >= Logging.LogLevel.Error)

            let! response = openStream client "text/plain" "/closing" "1"
            response.Dispose()
            do! eventually "the line of the log" (fun () -> Task.FromResult(not (errors ()).IsEmpty))
            let line = Assert.Single(errors ())
            Assert.IsType<InvalidOperationException> line.Cause |> ignore
            Assert.Contains("failed in its end", line.Message)
        })
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
