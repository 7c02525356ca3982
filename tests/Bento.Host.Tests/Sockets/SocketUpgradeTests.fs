/// From requests to sockets, and what is no such request.
module Bento.Hosting.Tests.SocketUpgradeTests

open System
open System.Collections.Generic
open System.Net
open System.Net.Http
open System.Net.WebSockets
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.DependencyInjection
open Xunit
open Bento
open Bento.Hosting.Tests.GiraffeLike
open Bento.Hosting.Tests.Holding
open Bento.Hosting.Tests.Producing
open Bento.Hosting.Tests.Talking
open Bento.Hosting.Tests.Wire

let private talking = service {
    traffic { concurrency 1 }
    endpoint "echo" { route "/v1/echo" }
    name "talking"
    socket "echo" (fun (texts: IAsyncEnumerable<string>) -> texts)

    socket "who" (fun (context: Context<unit>) (_: IAsyncEnumerable<unit>) ->
        Items.produce (fun emit _ -> task {
            do! emit context.RequestId

            do!
                emit (
                    context.Request.Query.Find "name"
                    |> Option.ofObj
                    |> Option.defaultValue "nobody"
                )
        }))
}

let private answerTo (server: Server) (request: string) : Task<Answer> = task {
    use! socket = connect server.Address
    do! sendText socket request
    return! readAnswer socket
}

let private upgrade server path headers =
    answerTo server (upgradeHead path ("Connection: close" :: headers))

[<Theory>]
[<InlineData("http://here.test", "here.test", true)>]
[<InlineData("https://here.test", "here.test", true)>]
[<InlineData("https://HERE.test", "here.TEST", true)>]
[<InlineData("http://here.test:3000", "here.test:3000", true)>]
[<InlineData("https://here.test", "here.test:443", true)>]
[<InlineData("http://[::1]:3000", "[::1]:3000", true)>]
[<InlineData("http://here.test:3000", "here.test", false)>]
[<InlineData("http://here.test", "here.test:3000", false)>]
[<InlineData("http://here.test.evil.test", "here.test", false)>]
[<InlineData("http://evil.test", "here.test", false)>]
[<InlineData("null", "here.test", false)>]
[<InlineData("", "here.test", false)>]
[<InlineData("http://here.test, http://here.test", "here.test", false)>]
let ``a page is of this host when its name and port are`` (origin: string, host: string, isSame: bool) =
    Assert.Equal(isSame, SocketUpgrade.isSameOrigin origin false (HostString host))

[<Fact>]
let ``a page that came in the clear is not of a host that is asked over TLS`` () =
    Assert.False(SocketUpgrade.isSameOrigin "http://here.test" true (HostString "here.test"))
    Assert.True(SocketUpgrade.isSameOrigin "https://here.test" true (HostString "here.test"))
    Assert.True(SocketUpgrade.isSameOrigin "https://here.test" false (HostString "here.test"))

[<Fact>]
let ``a request that is no upgrade is told what is wanted`` () : Task = task {
    let! server, client = App.serving talking
    use _ = server
    let! answer = get client "/v1/echo"
    Assert.Equal("\"echo\" is a socket; ask for an upgrade to a WebSocket of version 13.", problem 426 answer)
    Assert.Equal("websocket", answer.Headers["upgrade"])
    Assert.Equal("13", answer.Headers["sec-websocket-version"])
    let! answer = answerTo server (upgradeHeadOf 8 "/v1/echo" [])
    Assert.Equal(426, answer.Status)
    let! answer = post client "/v1/echo" "application/json" "1"B
    Assert.Equal("/v1/echo does not take POST; use CONNECT, GET.", problem 405 answer)
}

[<Fact>]
let ``pages of other origins are refused, and those of this one are not`` () : Task = task {
    let! server, _ = App.serving talking
    use _ = server
    let! refused = upgrade server "/v1/echo" [ "Origin: http://evil.test" ]

    Assert.Equal("The page is from http://evil.test, and sockets here are for pages of test.", problem 403 refused)

    use! socket = talkWith [ "Origin", server.Address ] server "/v1/echo"
    do! say socket "\"hello\""
    let! said = hear socket
    Assert.Equal(Text "\"hello\"", said)
}

[<Fact>]
let ``a socket without a place is refused before the upgrade, and has one when another ends`` () : Task = task {
    let! server, client = App.serving talking
    use _ = server
    use! first = talk server "/v1/echo"
    do! inWork client 1.
    let! refused = upgrade server "/v1/echo" []
    Assert.Contains("as many requests as it takes", problem 429 refused)
    Assert.Equal("1", refused.Headers["retry-after"])
    do! within (first.CloseAsync(WebSocketCloseStatus.NormalClosure, "", cancellation ()))
    do! inWork client 0.
    use! second = talk server "/v1/echo"
    do! say second "\"again\""
    let! said = hear second
    Assert.Equal(Text "\"again\"", said)
}

[<Fact>]
let ``a service that stops takes no new sockets, though it takes requests for a while`` () : Task = task {
    use! server =
        Serve.start
            {
                Serve.options with
                    Port = 0
                    DrainDelay = seconds 5
            }
            talking

    use client = new HttpClient(BaseAddress = Uri server.Address)
    let stopping = server.Stop CancellationToken.None

    do!
        eventually "the end of readiness" (fun () -> task {
            let! ready = get client "/readyz"
            return ready.Status = 503
        })

    let! refused = upgrade server "/v1/echo" []
    Assert.Equal("\"talking\" stops.", problem 503 refused)
    Assert.Equal("1", refused.Headers["retry-after"])
    do! within stopping
}

[<Fact>]
let ``the upgrade carries the request's id, which the handler sees as all else of the request`` () : Task = task {
    let! server, client = App.serving talking
    use _ = server
    use! socket = talkWith [ "X-Request-ID", "mine-1" ] server "/who?name=ann"
    let! said = hearAll socket
    Assert.Equal<Said list>([ Text "\"mine-1\""; Text "\"ann\""; Closed(1000, "") ], said)
    do! untilFigure client "bento_requests_total" [ "endpoint", "/who"; "status", "101" ] 1.
    use! raw = connect server.Address
    do! sendText raw (upgradeHead "/who" [ "X-Request-ID: mine-2" ])
    let! answer = readAnswer raw
    Assert.Equal(101, answer.Status)
    Assert.Equal("mine-2", answer.Headers["x-request-id"])
}

[<Fact>]
let ``in an application of one's own a socket needs no other step`` () : Task = task {
    use! app = App.hosting [ talking ]
    use! socket = talkWithin app "/v1/echo"
    do! say socket "\"hello\""
    let! said = hear socket
    Assert.Equal(Text "\"hello\"", said)
}

[<Fact>]
let ``a handler of Giraffe's type takes sockets too, and passes over what is posted to them`` () : Task = task {
    use! app =
        App.start
            (fun services -> services.AddBento talking |> ignore)
            (useTree (choose [ Host.toHttpHandler talking; text "passed over" ]))

    use! socket = talkWithin app "/v1/echo"
    do! say socket "\"hello\""
    let! said = hear socket
    Assert.Equal(Text "\"hello\"", said)
    let! answer = post app.Client "/v1/echo" "application/json" "1"B
    Assert.Equal("passed over", answer.Body)
}

[<Fact>]
let ``over HTTP/2 a socket is a stream of its connection`` () : Task = task {
    let! app, client = overHttp2 talking
    use _ = app
    use _ = client
    let address = Seq.head app.Urls
    use invoker = new HttpMessageInvoker(new SocketsHttpHandler())
    use socket = new ClientWebSocket()
    socket.Options.HttpVersion <- HttpVersion.Version20
    socket.Options.HttpVersionPolicy <- HttpVersionPolicy.RequestVersionExact
    do! within (socket.ConnectAsync(Uri(address.Replace("http://", "ws://") + "/v1/echo"), invoker, cancellation ()))
    do! say socket "\"hello\""
    let! said = hear socket
    Assert.Equal(Text "\"hello\"", said)
    do! within (socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", cancellation ()))

    use request =
        new HttpRequestMessage(
            HttpMethod.Get,
            address + "/v1/echo",
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact
        )

    use! answer = invoker.SendAsync(request, cancellation ())
    let! refused = answerOf answer
    Assert.Contains("is a socket", problem 400 refused)
}
