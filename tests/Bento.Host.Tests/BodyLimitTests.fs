module Bento.Hosting.Tests.BodyLimitTests

open System
open System.Net.Http
open System.Net.Sockets
open System.Text
open System.Threading.Tasks
open Microsoft.Extensions
open Xunit
open Bento
open Bento.Hosting.Tests.Wire

let private limited = service {
    traffic { bodyLimit "100" }
    endpoint "narrow" { bodyLimit "50" }
    endpoint "wide" { bodyLimit "40MB" }
    api "usual" (fun (text: string) -> text.Length)
    api "narrow" (fun (text: string) -> text.Length)
    api "wide" (fun (text: string) -> text.Length)
}

let private unlimited = service { api "length" (fun (text: string) -> text.Length) }

/// A JSON string of that many bytes in all.
let private body length =
    Array.concat [ "\""B; Array.create (length - 2) (byte 'a'); "\""B ]

let private onBoth (action: HttpClient -> Task<unit>) : Task<unit> = task {
    use! app = App.hosting [ limited ]
    do! action app.Client
    let! server, client = App.serving limited
    use _ = client
    use _ = server
    do! action client
}

let private assertLimit (ask: int -> Task<Answer>) limit (shown: string) : Task<unit> = task {
    for length in [ limit - 1; limit ] do
        let! answer = ask length
        Assert.Equal(string (length - 2), answer.Body)

    let! over = ask (limit + 1)
    Assert.Contains($"larger than {shown}", problem 413 over)
    let! after = ask limit
    Assert.Equal(200, after.Status)
}

[<Fact>]
let ``the service's limit holds to the byte`` () : Task =
    onBoth (fun client -> assertLimit (fun length -> post client "/usual" "" (body length)) 100 "100")

[<Fact>]
let ``an endpoint's own limit wins, be it smaller or larger`` () : Task =
    onBoth (fun client -> task {
        do! assertLimit (fun length -> post client "/narrow" "" (body length)) 50 "50"
        // Larger than what Kestrel takes by itself.
        do! assertLimit (fun length -> post client "/wide" "" (body length)) 40_000_000 "40000000"
    })

[<Fact>]
let ``a body that does not tell its length is counted`` () : Task =
    onBoth (fun client -> task {
        let inChunks size length =
            postChunks client "/usual" (Array.chunkBySize size (body length))

        do! assertLimit (inChunks 1) 100 "100"
        do! assertLimit (inChunks 64) 100 "100"
        let! far = postChunks client "/narrow" (Array.chunkBySize 65_536 (body 5_000_000))
        Assert.Contains("larger than 50", problem 413 far)
    })

[<Fact>]
let ``plain text is counted as JSON is`` () : Task =
    onBoth (fun client -> task {
        for length, status in [ 99, 200; 100, 200; 101, 413 ] do
            let! answer = post client "/usual" "text/plain" (Array.create length (byte 'a'))
            Assert.Equal(status, answer.Status)
    })

[<Fact>]
let ``100 MB against 64 MiB are a 413 that a plain client can read`` () : Task = task {
    let! server, client = App.serving unlimited
    use _ = client
    use _ = server
    let! told = post client "/length" "application/json" (body 100_000_000)
    Assert.Contains("larger than 64MiB", problem 413 told)

    let! untold =
        postChunks client "/length" (Array.chunkBySize 1_000_000 (body 100_000_000))

    Assert.Contains("larger than 64MiB", problem 413 untold)
    let! after = postJson client "/length" "\"four\""
    Assert.Equal("4", after.Body)
}

[<Fact>]
let ``100 MB against 64 MiB are a 413 that a socket can read`` () : Task = task {
    let! server, client = App.serving unlimited
    use _ = client
    use _ = server
    let! answer = postOverSocket server.Address "/length" (body 100_000_000)
    Assert.Contains("larger than 64MiB", problem 413 answer)
    let! after = postJson client "/length" "\"four\""
    Assert.Equal("4", after.Body)
}

[<Fact>]
let ``64 MiB to the byte are taken`` () : Task = task {
    let! server, client = App.serving unlimited
    use _ = client
    use _ = server
    let! answer = post client "/length" "application/json" (body (64 <<< 20))
    Assert.Equal(string ((64 <<< 20) - 2), answer.Body)
}

[<Fact>]
let ``a caller that asks first is refused before it sends`` () : Task = task {
    let! server, client = App.serving limited
    use _ = client
    use _ = server
    use! socket = connect server.Address
    do! sendText socket (head "POST" "/usual" [ "Expect: 100-continue"; "Content-Length: 1000000000" ])
    let! answer = readAnswer socket
    problem 413 answer |> ignore
}

[<Fact>]
let ``more bytes than Content-Length tells are not part of the body`` () : Task = task {
    let! server, client = App.serving limited
    use _ = client
    use _ = server
    use! socket = connect server.Address
    do! sendText socket (head "POST" "/usual" [ "Content-Length: 6" ] + "\"four\" and more")
    let! answer = readAnswer socket
    Assert.Equal("4", answer.Body)
}

[<Fact>]
let ``a caller that breaks off in its body disturbs nobody`` () : Task = task {
    let! app, logs = App.listening limited
    use app = app
    let address = Seq.head app.Urls

    for _ in 1..20 do
        use! socket = connect address
        do! sendText socket (head "POST" "/usual" [ "Content-Length: 50" ] + "\"four")
        socket.Shutdown SocketShutdown.Send
        let! _ = readToEnd socket
        use! reset = connect address
        do! sendText reset (head "POST" "/usual" [ "Content-Length: 50" ] + "\"four")
        reset.LingerState <- LingerOption(true, 0)

    let! after = postOverSocket address "/usual" "\"four\""B
    Assert.Equal("4", after.Body)
    do! app.StopAsync(cancellation ())
    Assert.DoesNotContain(logs.Lines, fun line -> line.Level >= Logging.LogLevel.Warning)
}

[<Theory>]
[<InlineData("Content-Length: 50", "\"four")>]
[<InlineData("Transfer-Encoding: chunked", "20\r\n\"four")>]
let ``a caller that closes in the middle of its body has left`` (length: string, part: string) : Task = task {
    let! server, client = App.serving limited
    use _ = client
    use _ = server
    use! socket = connect server.Address
    do! sendText socket (head "POST" "/usual" [ length ] + part)
    socket.Shutdown SocketShutdown.Send
    do! Holding.untilFigure client "bento_requests_total" [ "status", "499" ] 1.
    do! Holding.untilFigure client "bento_requests_cancelled_total" [ "cause", "caller" ] 1.
}

[<Theory>]
[<InlineData("zz\r\n\"four\"\r\n0\r\n\r\n")>]
[<InlineData("6\r\n\"four\"x\r\n0\r\n\r\n")>]
let ``broken chunks are a 400`` (chunks: string) : Task = task {
    let! server, client = App.serving limited
    use _ = client
    use _ = server
    use! socket = connect server.Address
    do! sendText socket (head "POST" "/usual" [ "Transfer-Encoding: chunked" ] + chunks)
    let! answer = readAnswer socket
    problem 400 answer |> ignore
}
