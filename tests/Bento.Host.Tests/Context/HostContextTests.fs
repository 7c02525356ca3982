/// What handlers know of their requests and say of their answers, over a socket.
module Bento.Hosting.Tests.HostContextTests

open System
open System.Collections.Concurrent
open System.IO
open System.Net.Http
open System.Security.Claims
open System.Text
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Http
open Microsoft.Extensions
open Xunit
open Bento
open Bento.Hosting.Tests.Holding
open Bento.Hosting.Tests.Wire

type Seen = {
    Method: string
    Path: string
    Query: string list
    Names: string list
    Header: string list
    Cookie: string option
    Address: string option
    User: string option
}

let private asking = service {
    endpoint "see" { route "/v1/see" }
    name "asking"

    api "see" (fun (context: Context<unit>) () ->
        let request = context.Request

        {
            Method = request.Method
            Path = request.Path
            Query = List.ofSeq (request.Query.All "tag")
            Names = List.ofSeq request.Query.Names
            Header = List.ofSeq (request.Headers.All "x-many")
            Cookie = Option.ofObj (request.Cookies.Find "session")
            Address = Option.ofObj request.ClientAddress
            User =
                request.User.Identity
                |> Option.ofObj
                |> Option.bind (fun who -> Option.ofObj who.Name)
        })
}

[<Fact>]
let ``a handler sees its request: method, path, query, headers, cookies and address`` () : Task = task {
    let! server, client = App.serving asking
    use _ = client
    use _ = server

    let headers = [
        "X-Many: one"
        "X-Many: two"
        "Cookie: theme=dark; session=a%20b"
        "Content-Length: 0"
    ]

    let request = head "POST" "/v1/see?tag=a%20b&tag=c&other" headers
    let! answer = exchange server.Address (Encoding.UTF8.GetBytes request)
    Assert.Equal(200, answer.Status)

    let seen name =
        (nonNull (field name answer)).ToJsonString()

    Assert.Equal("\"POST\"", seen "method")
    Assert.Equal("\"/v1/see\"", seen "path")
    Assert.Equal("""["a b","c"]""", seen "query")
    Assert.Equal("""["tag","other"]""", seen "names")
    Assert.Equal("""["one","two"]""", seen "header")
    Assert.Equal("\"a b\"", seen "cookie")
    Assert.Equal("\"127.0.0.1\"", seen "address")
    Assert.Null(field "user" answer)
}

[<Fact>]
let ``a handler sees whom the application found the caller to be`` () : Task = task {
    use! app =
        App.start (fun services -> services.AddBento asking |> ignore) (fun app ->
            app.Use(fun (http: HttpContext) (next: RequestDelegate) ->
                http.User <- ClaimsPrincipal(ClaimsIdentity([ Claim(ClaimTypes.Name, "ada") ], "test"))
                next.Invoke http)
            |> ignore

            app.UseRouting() |> ignore
            app.MapBento asking |> ignore)

    let! answer = post app.Client "/v1/see" "" [||]
    Assert.Equal("ada", asText (field "user" answer))
}

// -- the answer ------------------------------------------------------------------------------------------

let private say (response: Response) =
    response.Status <- 201
    response.AddHeader("Link", "</a>; rel=next")
    response.AddHeader("Link", "</b>; rel=prev")
    response.SetHeader("X-Model", "small")

    response.SetCookie {
        Cookie.make "session" "a b;c" with
            Path = "/v1"
            Domain = "example.org"
            Expires = Nullable(DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero))
            MaxAge = Nullable(TimeSpan.FromHours 1.)
            Secure = true
            HttpOnly = true
            SameSite = Nullable SameSite.None
            Partitioned = true
    }

    response.SetCookie(Cookie.make "plain" "1")

let private saying = service {
    name "saying"

    api "succeed" (fun (context: Context<unit>) () ->
        say context.Response
        1)

    api "intend" (fun (context: Context<unit>) () ->
        say context.Response
        context.Response.SetHeader("WWW-Authenticate", "Bearer")
        raise (BentoException(401, "Who are you?"))
        : int)

    api "fail" (fun (context: Context<unit>) () ->
        say context.Response
        failwith "no"
        : int)

    api "status" (fun (context: Context<unit>) (status: int) ->
        context.Response.Status <- status
        "text")

    api "page" (fun (context: Context<unit>) () ->
        context.Response.SetHeader("Content-Type", "text/html; charset=utf-8")
        "<p>")
}

/// Every header as it stands on the wire.
let private rawHeaders address (path: string) : Task<string list> = task {
    use! socket = connect address
    do! sendText socket (head "POST" path [ "Content-Length: 0" ])
    let! bytes = readToEnd socket
    let head = (Encoding.UTF8.GetString bytes).Split("\r\n\r\n")[0]
    return head.Split "\r\n" |> List.ofArray
}

[<Fact>]
let ``an answer has the status, the headers and the cookies that its handler said`` () : Task = task {
    let! server, client = App.serving saying
    use _ = client
    use _ = server
    let! lines = rawHeaders server.Address "/succeed"
    Assert.Equal("HTTP/1.1 201 Created", lines.Head)
    Assert.Contains("Link: </a>; rel=next", lines)
    Assert.Contains("Link: </b>; rel=prev", lines)
    Assert.Contains("x-model: small", lines |> List.map (fun line -> line.Replace("X-Model", "x-model")))

    let cookie = lines |> List.find _.StartsWith("Set-Cookie: session=")

    for part in
        [
            "session=a%20b%3Bc"
            "path=/v1"
            "domain=example.org"
            "expires=Wed, 02 Jan 2030 03:04:05 GMT"
            "max-age=3600"
            "secure"
            "httponly"
            "samesite=none"
            "Partitioned"
        ] do
        Assert.Contains(part, cookie)

    Assert.Contains("Set-Cookie: plain=1; path=/", lines)
}

[<Fact>]
let ``an intended failure says what its handler said, but for the status`` () : Task = task {
    let! server, client = App.serving saying
    use _ = client
    use _ = server
    let! answer = post client "/intend" "" [||]
    Assert.Equal("Who are you?", problem 401 answer)
    Assert.Equal("Bearer", answer.Headers["www-authenticate"])
    Assert.Equal("</a>; rel=next, </b>; rel=prev", answer.Headers["link"])
    Assert.Contains("plain=1", answer.Headers["set-cookie"])
}

[<Fact>]
let ``any other failure says nothing of what its handler said`` () : Task = task {
    let! server, client = App.serving saying
    use _ = client
    use _ = server
    let! answer = post client "/fail" "" [||]
    problem 500 answer |> ignore
    Assert.False(answer.Headers.ContainsKey "link")
    Assert.False(answer.Headers.ContainsKey "set-cookie")
}

[<Theory>]
[<InlineData(204, "")>]
[<InlineData(304, "")>]
[<InlineData(202, "text")>]
let ``a status that has no body is sent without one`` (status: int, body: string) : Task = task {
    let! server, client = App.serving saying
    use _ = client
    use _ = server

    for _ in 1..2 do
        let! answer = postJson client "/status" (string status)
        Assert.Equal((status, body), (answer.Status, answer.Body))
}

[<Fact>]
let ``a handler may say what its text is`` () : Task = task {
    let! server, client = App.serving saying
    use _ = client
    use _ = server
    let! answer = post client "/page" "" [||]
    Assert.Equal("text/html; charset=utf-8", answer.Headers["content-type"])
    Assert.Equal("<p>", answer.Body)
}

// -- the rest --------------------------------------------------------------------------------------------

let private directories (holding: Holding) (paths: ConcurrentQueue<string>) = service {
    endpoint "late" { timeout (milliseconds 200) }
    name "directories"

    api "use" (fun (context: Context<unit>) (fails: bool) ->
        let path = context.TempDirectory
        paths.Enqueue path
        File.WriteAllText(Path.Combine(path, "file"), "text")

        if fails then
            failwith "no"

        path = context.TempDirectory && Directory.Exists path)

    api "late" (fun (context: Context<unit>) () -> task {
        paths.Enqueue context.TempDirectory
        do! holding.Stay "late"
        return Directory.Exists context.TempDirectory
    })
}

[<Fact>]
let ``a request's directory is its own and gone with it, even when it failed or was late`` () : Task = task {
    let holding, paths = Holding(), ConcurrentQueue<string>()
    let! server, client = App.serving (directories holding paths)
    use _ = client
    use _ = server
    let! answer = postJson client "/use" "false"
    Assert.Equal("true", answer.Body)
    let! failed = postJson client "/use" "true"
    Assert.Equal(500, failed.Status)
    let! late = post client "/late" "" [||]
    Assert.Equal(504, late.Status)
    Assert.Equal(3, (Seq.distinct paths |> Seq.length))
    Assert.True(Directory.Exists(Seq.last paths), "The handler is still at work.")
    holding.Release "late"

    do!
        eventually "the end of the directories" (fun () ->
            paths |> Seq.forall (fun path -> not (Directory.Exists path)) |> Task.FromResult)
}

[<Fact>]
let ``code side by side in one handler has one directory, one request and one answer`` () : Task = task {
    let sideBySide = service {
        name "side-by-side"

        api "ask" (fun (context: Context<unit>) () ->
            use together = new Barrier(4)
            let answers, requests, paths = ConcurrentBag(), ConcurrentBag(), ConcurrentBag()

            let ask () =
                together.SignalAndWait()
                answers.Add(box context.Response)
                requests.Add(box context.Request)
                paths.Add context.TempDirectory

            let threads = [ for _ in 1..4 -> Thread ask ]
            threads |> List.iter _.Start()
            threads |> List.iter _.Join()

            [
                answers |> Seq.distinctBy LanguagePrimitives.PhysicalHash |> Seq.length
                requests |> Seq.distinctBy LanguagePrimitives.PhysicalHash |> Seq.length
                paths |> Seq.distinct |> Seq.length
            ])
    }

    use! app = App.hosting [ sideBySide ]

    for _ in 1..200 do
        let! answer = post app.Client "/ask" "" [||]
        Assert.Equal("[1,1,1]", answer.Body)
}

[<Fact>]
let ``what a handler logs is beside the id of its request`` () : Task = task {
    let speaking = service {
        name "speaking"

        api "speak" (fun (context: Context<unit>) () ->
            context.Log |> Log.warning "look {here}"
            context.RequestId)
    }

    use! app = App.hosting [ speaking ]

    let! answer =
        sendWith app.Client "POST" "/speak" [ "X-Request-ID", "the-id" ] "" [||]

    Assert.Equal("the-id", answer.Body)

    let line =
        Assert.Single(app.Lines |> List.filter (fun line -> line.Category = "Bento.speaking"))

    Assert.Equal("look {here} (request the-id)", line.Message)
    Assert.Equal(Logging.LogLevel.Warning, line.Level)
}

[<Fact>]
let ``a context that is kept beyond its request says that it has ended, and reads no other`` () : Task = task {
    let kept = ConcurrentQueue<Context>()

    let keeping = service {
        name "keeping"

        api "keep" (fun (context: Context<unit>) () ->
            kept.Enqueue context
            ignore context.Request.Method
            1)
    }

    let! server, client = App.serving keeping
    use _ = client
    use _ = server
    let! _ = post client "/keep" "" [||]
    do! inWork client 0.
    let! _ = post client "/keep" "" [||]
    let context = Seq.head kept

    do!
        eventually "the end of the request" (fun () ->
            try
                ignore context.Request.Method
                Task.FromResult false
            with :? InvalidOperationException as ended ->
                Assert.Contains("The request has ended", ended.Message)
                Task.FromResult true)

    Assert.Throws<InvalidOperationException>(fun () -> ignore context.TempDirectory)
    |> ignore

    Assert.False context.Deadline.HasValue
    Assert.False context.Cancellation.IsCancellationRequested
}
