/// The table of answers, row by row, over a socket.
module Bento.Hosting.Tests.ContractTests

open System
open System.Net.Sockets
open System.Text
open System.Threading
open System.Threading.Tasks
open Xunit
open Bento
open Bento.Hosting.Tests.Wire

type Rows = {
    Rows: int list
    Picture: Image option
}

/// What a test and a handler tell each other.
type Signals() =
    member val Started = new SemaphoreSlim(0)
    member val Cancelled = new SemaphoreSlim(0)
    member val Release = TaskCompletionSource TaskCreationOptions.RunContinuationsAsynchronously

let private contract (signals: Signals) = service {
    traffic {
        concurrency 1
        queue 0
        timeout (seconds 60)
        bodyLimit "1KiB"
    }

    endpoint "slow" { timeout (TimeSpan.FromMilliseconds 300.) }

    api "sum" (fun (rows: Rows) -> List.sum rows.Rows)

    api "made" (fun (context: Context<unit>) () ->
        context.Response.Status <- 201
        context.Response.SetHeader("Location", "/made/1")
        1)

    api "fail" (fun (secret: string) -> (failwith $"secret {secret}": int))
    api "refuse" (fun (status: int) -> (raise (BentoException(status, $"refused with {status}")): int))

    api "hold" (fun (context: Context<unit>) () -> task {
        signals.Started.Release() |> ignore

        try
            do! signals.Release.Task.WaitAsync context.Cancellation
        with :? OperationCanceledException ->
            signals.Cancelled.Release() |> ignore
            context.Cancellation.ThrowIfCancellationRequested()

        return 1
    })

    api "slow" (fun (context: Context<unit>) () -> task {
        do! Task.Delay(TimeSpan.FromMinutes 5., context.Cancellation)
        return 1
    })
}

let private serving () : Task<Server * Signals> = task {
    let signals = Signals()
    let! server, client = App.serving (contract signals)
    client.Dispose()
    return server, signals
}

let private send (server: Server) method path headers (body: string) : Task<Answer> =
    let bytes = Encoding.UTF8.GetBytes body
    let length = $"Content-Length: {bytes.Length}"
    exchange server.Address (Array.append (Encoding.UTF8.GetBytes(head method path (length :: headers))) bytes)

let private json = [ "Content-Type: application/json" ]

let private waitFor (signal: SemaphoreSlim) : Task<unit> = task {
    let! came = signal.WaitAsync(TimeSpan.FromSeconds 30., cancellation ())
    Assert.True came
}

/// Opens a request that is in work when this ends.
let private hold (server: Server) (signals: Signals) : Task<Socket> = task {
    let! socket = connect server.Address
    do! sendText socket (head "POST" "/hold" [ "Content-Length: 0" ])
    do! waitFor signals.Started
    return socket
}

[<Fact>]
let ``success is a 200`` () : Task = task {
    let! server, _ = serving ()
    use _ = server
    let! answer = send server "POST" "/sum" json """{"rows":[1,2]}"""
    Assert.Equal(200, answer.Status)
    Assert.Equal("3", answer.Body)
    Assert.NotEmpty answer.Headers["x-request-id"]
}

[<Fact>]
let ``success is what the context set`` () : Task = task {
    let! server, _ = serving ()
    use _ = server
    let! answer = send server "POST" "/made" [] ""
    Assert.Equal(201, answer.Status)
    Assert.Equal("/made/1", answer.Headers["location"])
}

[<Theory>]
[<InlineData("""{"rows":""", "[]", "json")>]
[<InlineData("""{}""", """["rows"]""", "missing")>]
[<InlineData("""{"rows":null}""", """["rows"]""", "null")>]
[<InlineData("""{"rows":[1,"2"]}""", """["rows",1]""", "type")>]
[<InlineData("""{"rows":[99999999999]}""", """["rows",0]""", "range")>]
let ``a body that is not what it should be is a 400`` (body: string, location: string, kind: string) : Task = task {
    let! server, _ = serving ()
    use _ = server
    let! answer = send server "POST" "/sum" json body
    Assert.Equal<_ list>([ location, kind ], faults answer)
}

[<Fact>]
let ``a bad image and a wrong part are a 400`` () : Task = task {
    let! server, _ = serving ()
    use _ = server

    let body =
        "--x\r\nContent-Disposition: form-data; name=\"rows\"\r\n\r\nno list\r\n"
        + "--x\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\nno picture\r\n--x--\r\n"

    let! answer =
        send server "POST" "/sum" [ "Content-Type: multipart/form-data; boundary=x" ] body

    Assert.Equal<(string * string) list>(
        [ """["picture"]""", "content_type"; """["rows"]""", "json" ],
        faults answer |> List.sort
    )
}

[<Fact>]
let ``an unknown route is a 404`` () : Task = task {
    let! server, _ = serving ()
    use _ = server
    let! answer = send server "POST" "/nowhere" json "1"
    problem 404 answer |> ignore
}

[<Fact>]
let ``a wrong method is a 405 that says which is right`` () : Task = task {
    let! server, _ = serving ()
    use _ = server
    let! answer = send server "GET" "/sum" [] ""
    problem 405 answer |> ignore
    Assert.Equal("POST", answer.Headers["allow"])
}

[<Fact>]
let ``what the caller does not accept is a 406`` () : Task = task {
    let! server, _ = serving ()
    use _ = server

    let! answer =
        send server "POST" "/sum" ("Accept: image/png" :: json) """{"rows":[1]}"""

    problem 406 answer |> ignore
}

[<Fact>]
let ``a body that is too large is a 413`` () : Task = task {
    let! server, _ = serving ()
    use _ = server
    let! answer = send server "POST" "/sum" json (String(' ', 2000))
    problem 413 answer |> ignore
}

[<Fact>]
let ``a media type and an encoding that are not taken are a 415`` () : Task = task {
    let! server, _ = serving ()
    use _ = server

    let! mediaType =
        send server "POST" "/sum" [ "Content-Type: application/xml" ] "<rows/>"

    problem 415 mediaType |> ignore
    let! encoding = send server "POST" "/sum" ("Content-Encoding: zstd" :: json) "1"
    problem 415 encoding |> ignore
}

[<Fact>]
let ``more than concurrency and queue is a 429 that says when to come again`` () : Task = task {
    let! server, signals = serving ()
    use _ = server
    use! held = hold server signals
    let! answer = send server "POST" "/sum" json """{"rows":[1]}"""
    problem 429 answer |> ignore
    Assert.InRange(int answer.Headers["retry-after"], 1, 60)
    signals.Release.SetResult()
    let! first = readAnswer held
    Assert.Equal(200, first.Status)
}

[<Fact>]
let ``a caller that goes away cancels its work and frees its place`` () : Task = task {
    let! server, signals = serving ()
    use _ = server
    let! held = hold server signals
    held.Dispose()
    do! waitFor signals.Cancelled
    let mutable status = 429
    let mutable patience = 300

    // Its place is free when the handler has ended, shortly after it was told.
    while status = 429 && patience > 0 do
        let! answer = send server "POST" "/sum" json """{"rows":[1]}"""
        status <- answer.Status
        patience <- patience - 1

        if status = 429 then
            do! Task.Delay 20

    Assert.Equal(200, status)
    use client = new Net.Http.HttpClient(BaseAddress = Uri server.Address)

    let counted =
        Text.RegularExpressions.Regex "bento_requests_total\\{[^}]*endpoint=\"/hold\"[^}]*status=\"499\"[^}]*\\} 1"

    let mutable told = ""
    patience <- 300

    while not (counted.IsMatch told) && patience > 0 do
        let! metrics = get client "/metrics"
        told <- metrics.Body
        patience <- patience - 1
        do! Task.Delay 20

    Assert.Matches(counted, told)
}

[<Fact>]
let ``a handler that raises is a 500 that tells nothing`` () : Task = task {
    let! server, _ = serving ()
    use _ = server
    let! answer = send server "POST" "/fail" [ "Content-Type: text/plain" ] "word"
    let detail = problem 500 answer
    Assert.DoesNotContain("secret", answer.Body)
    Assert.Contains("request id", detail)
}

[<Fact>]
let ``a deadline that has passed is a 504 that names what took the time`` () : Task = task {
    let! server, _ = serving ()
    use _ = server
    let! answer = send server "POST" "/slow" [] ""
    Assert.Contains("the run of the handler took", problem 504 answer)
}

[<Theory>]
[<InlineData(401)>]
[<InlineData(403)>]
[<InlineData(404)>]
[<InlineData(409)>]
[<InlineData(503)>]
let ``a status that a handler intends is sent with its message`` (status: int) : Task = task {
    let! server, _ = serving ()
    use _ = server
    let! answer = send server "POST" "/refuse" json (string status)
    Assert.Equal($"refused with {status}", problem status answer)
}

[<Fact>]
let ``a server that drains says so with a 503, and answers what still comes`` () : Task = task {
    let! server =
        Serve.start
            {
                Serve.options with
                    Port = 0
                    DrainDelay = seconds 5
            }
            (contract (Signals()))

    use _ = server
    let stopping = server.Stop(cancellation ())
    let mutable ready = 200
    let mutable patience = 300

    while ready = 200 && patience > 0 do
        let! answer = send server "GET" "/readyz" [] ""
        ready <- answer.Status
        patience <- patience - 1

        if ready <> 200 then
            Assert.Equal("1", answer.Headers["retry-after"])

    Assert.Equal(503, ready)
    let! still = send server "POST" "/sum" json """{"rows":[1,2]}"""
    Assert.Equal("3", still.Body)
    do! stopping
}
