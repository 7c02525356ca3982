module Bento.Hosting.Tests.HandlerTests

open System
open System.IO
open System.Net.Http
open System.Text
open System.Threading.Tasks
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Http
open Xunit
open Bento
open Bento.Hosting.Tests.GiraffeLike
open Bento.Hosting.Tests.Wire

type Word = { Word: string }

let private shouting = service {
    endpoint "shout" { route "/v1/shout" }
    api "shout" (fun (word: Word) -> { Word = word.Word.ToUpperInvariant() })
    api "echo" (fun (word: Word) -> word)
}

let private other = service { api "other" (fun () -> "other") }

// These lines are the proof that the types are the same: they compile.
let private ours: HttpFunc -> HttpFunc = Host.toHttpHandler shouting
let private theirs: Bento.HttpHandler = fun next http -> next http
let private both: GiraffeLike.HttpHandler = theirs >=> ours

let private tree (handler: GiraffeLike.HttpHandler) : Task<App.App> =
    App.start (fun services -> services.AddBento shouting |> ignore) (useTree handler)

[<Fact>]
let ``a service is one branch among others`` () : Task = task {
    use! app = tree (choose [ route "/hello" >=> text "hello"; both; text "nobody" ])
    let! hello = get app.Client "/hello"
    Assert.Equal("hello", hello.Body)
    let! shout = postJson app.Client "/v1/shout" """{"word":"bento"}"""
    Assert.Equal("""{"word":"BENTO"}""", shout.Body)
    let! echo = postJson app.Client "/ECHO" """{"word":"bento"}"""
    Assert.Equal("""{"word":"bento"}""", echo.Body)
}

[<Theory>]
[<InlineData("POST", "/shout")>]
[<InlineData("POST", "/v1/shout/")>]
[<InlineData("POST", "/v1")>]
[<InlineData("GET", "/v1/shout")>]
[<InlineData("PUT", "/echo")>]
let ``what is not the service's own is passed over with its body unread`` (method: string, path: string) : Task = task {
    let last: GiraffeLike.HttpHandler =
        fun _ http -> task {
            use reader = new StreamReader(http.Request.Body)
            let! body = reader.ReadToEndAsync()
            do! http.Response.WriteAsync("passed over: " + body)
            return Some http
        }

    use! app = tree (choose [ ours; last ])
    let! answer = sendWith app.Client method path [] "application/json" "{}"B
    Assert.Equal("passed over: {}", answer.Body)
    Assert.False(answer.Headers.ContainsKey "x-request-id")
}

[<Fact>]
let ``a handled request does not go on to the next handler`` () : Task = task {
    use! app = tree (ours >=> text "and more")
    let! answer = postJson app.Client "/echo" """{"word":"bento"}"""
    Assert.Equal("""{"word":"bento"}""", answer.Body)
}

[<Fact>]
let ``under a prefix the rest of the path is matched`` () : Task = task {
    use! app = tree (choose [ subRoute "/api" (subRoute "/words" ours); text "nobody" ])
    let! inside = postJson app.Client "/api/words/echo" """{"word":"bento"}"""
    Assert.Equal("""{"word":"bento"}""", inside.Body)
    let! outside = postJson app.Client "/echo" """{"word":"bento"}"""
    Assert.Equal("nobody", outside.Body)
    let! glued = postJson app.Client "/api/wordsecho" """{"word":"bento"}"""
    Assert.Equal("nobody", glued.Body)
}

[<Fact>]
let ``a refusal is an answer, not passed over`` () : Task = task {
    use! app = tree (choose [ ours; text "nobody" ])
    let! answer = postJson app.Client "/echo" "{}"
    Assert.Equal<_ list>([ """["word"]""", "missing" ], faults answer)
}

[<Fact>]
let ``without AddBento the first request says what is missing`` () : Task = task {
    use! app = App.start ignore (useTree ours)

    let! problem =
        Assert.ThrowsAsync<InvalidOperationException>(fun () -> postJson app.Client "/echo" "{}" :> Task)

    Assert.Contains("AddBento", problem.Message)
}

[<Fact>]
let ``the definition of another service is not the one that was added`` () : Task = task {
    use! app =
        App.start (fun services -> services.AddBento other |> ignore) (useTree ours)

    let! problem =
        Assert.ThrowsAsync<InvalidOperationException>(fun () -> postJson app.Client "/echo" "{}" :> Task)

    Assert.Contains("AddBento", problem.Message)
    Assert.Contains("\"shouting\"", problem.Message)
}

[<Fact>]
let ``without AddBento neither a service nor its health can be mapped`` () =
    let mappings: (WebApplication -> unit) list = [
        fun app -> app.MapBento shouting |> ignore
        fun app -> app.MapBentoHealth() |> ignore
    ]

    for map in mappings do
        let problem =
            Assert.Throws<InvalidOperationException>(fun () -> App.build ignore map |> ignore)

        Assert.Contains("AddBento", problem.Message)

[<Fact>]
let ``an invalid definition makes no handler`` () =
    let invalid = service { api "two words" (fun () -> "") }
    Assert.Throws<InvalidServiceException>(fun () -> Host.toHttpHandler invalid |> ignore)

[<Fact>]
let ``in a mixed host the endpoints come first and Giraffe's tree last`` () : Task = task {
    use! app =
        App.start (fun services -> services.AddBento(shouting).AddBento other |> ignore) (fun app ->
            app.UseRouting() |> ignore
            app.MapBento shouting |> ignore
            app.MapGroup("/nested").MapBento other |> ignore
            app.UseEndpoints ignore |> ignore
            useTree (choose [ Host.toHttpHandler other; route "/tree" >=> text "tree" ]) app)

    let! endpoint = postJson app.Client "/v1/shout" """{"word":"bento"}"""
    Assert.Equal("""{"word":"BENTO"}""", endpoint.Body)
    let! nested = post app.Client "/nested/other" "" [||]
    Assert.Equal("other", nested.Body)
    let! handler = post app.Client "/other" "" [||]
    Assert.Equal("other", handler.Body)
    let! leaf = get app.Client "/tree"
    Assert.Equal("tree", leaf.Body)
    let! wrongMethod = get app.Client "/v1/shout"
    Assert.Equal(405, wrongMethod.Status)
    Assert.Equal("POST", wrongMethod.Headers["allow"])
}

[<Fact>]
let ``a service may be mapped under several prefixes`` () : Task = task {
    use! app =
        App.start (fun services -> services.AddBento other |> ignore) (fun app ->
            for prefix in [ "/v1"; "/v2" ] do
                app.MapGroup(prefix).MapBento other |> ignore)

    for path in [ "/v1/other"; "/v2/other" ] do
        let! answer = post app.Client path "" [||]
        Assert.Equal("other", answer.Body)
}

[<Fact>]
let ``the same service answers the same in process, through an application and over a socket`` () : Task = task {
    let body = """{"word":"größer"}"""
    use! app = App.hosting [ shouting ]
    let! server, client = App.serving shouting
    use client = client
    use server = server
    let! applied = postJson app.Client "/v1/shout" body
    let! served = postJson client "/v1/shout" body
    let! byHand = postOverSocket server.Address "/v1/shout" (Encoding.UTF8.GetBytes body)
    let worker = Worker.ofState (Service.require shouting) ()
    let! called = worker.Call<Word, Word>("shout", { Word = "größer" }, cancellation ())
    Assert.Equal("GRÖSSER", called.Word.Replace("ß", "SS"))

    for answer in [ applied; served; byHand ] do
        Assert.Equal(200, answer.Status)
        Assert.Equal("application/json", answer.Headers["content-type"])
        Assert.Equal($"{{\"word\":\"{called.Word}\"}}", answer.Body)
}
