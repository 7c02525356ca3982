/// The page of a service, as a browser gets it; tests/Bento.EndToEnd opens it in one.
module Bento.Hosting.Tests.PageTests

open System
open System.IO
open System.IO.Compression
open System.Net.Http
open System.Text
open System.Text.RegularExpressions
open System.Threading.Tasks
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.DependencyInjection
open Xunit
open Bento
open Bento.Hosting.Tests.Wire

let private greeting = service {
    name "greeting"
    api "greet" (fun (name: string) -> $"Hello, {name}.")
}

let private servingBelow prefix : Task<Server * HttpClient> = task {
    let! server =
        Serve.start
            {
                Serve.options with
                    Port = 0
                    Prefix = prefix
            }
            greeting

    let handler = new SocketsHttpHandler(AllowAutoRedirect = false)
    return server, new HttpClient(handler, BaseAddress = Uri server.Address)
}

/// What the page wants beside it.
let private wanted (page: Answer) = [
    for one in Regex.Matches(page.Body, """(?:src|href)="([^"]+)" """.Trim()) -> one.Groups[1].Value
]

[<Theory>]
[<InlineData "">]
[<InlineData "/v1/hello">]
let ``the page and all that it wants are there, below the prefix`` (prefix: string) : Task = task {
    let! server, client = servingBelow prefix
    use _ = client
    use _ = server
    let! page = get client (prefix + "/")
    Assert.Equal(200, page.Status)
    Assert.Equal("text/html; charset=utf-8", page.Headers["content-type"])
    Assert.Contains("<title>greeting</title>", page.Body)
    Assert.True(page.Headers.ContainsKey "x-request-id")
    let wanted = List.distinct (wanted page)
    Assert.Contains("page/swagger-ui-bundle.js", wanted)
    Assert.Contains("docs.json", wanted)

    for one in wanted do
        let! answer = get client $"{prefix}/{one}"
        Assert.True((answer.Status = 200), $"{one}: {answer.Status}")
        Assert.NotEmpty answer.Bytes
}

[<Fact>]
let ``the page may load nothing from elsewhere and be shown nowhere else`` () : Task = task {
    let! server, client = servingBelow ""
    use _ = client
    use _ = server
    let! page = get client "/"
    let policy = page.Headers["content-security-policy"]

    for rule in
        [
            "default-src 'none'"
            "script-src 'self';"
            "connect-src 'self'"
            "frame-ancestors 'none'"
        ] do
        Assert.Contains(rule, policy)

    Assert.DoesNotContain("http", policy)
    Assert.DoesNotContain("*", policy)

    for path in [ "/"; "/page/page.js"; "/page/swagger-ui-bundle.js" ] do
        let! answer = get client path
        Assert.Equal("nosniff", answer.Headers["x-content-type-options"])
        Assert.Equal("no-referrer", answer.Headers["referrer-policy"])
}

[<Theory>]
[<InlineData "/">]
[<InlineData "/page/streams.js">]
[<InlineData "/page/swagger-ui.css">]
let ``the page has a tag, answers a head, and is not sent again to those who have it`` (path: string) : Task = task {
    let! server, client = servingBelow ""
    use _ = client
    use _ = server
    let! whole = get client path

    let! again =
        sendWith client "GET" path [ "If-None-Match", whole.Headers["etag"] ] "" [||]

    Assert.Equal(304, again.Status)
    Assert.Empty again.Bytes
    Assert.Equal("no-cache", again.Headers["cache-control"])
    use! socket = connect server.Address
    do! sendText socket (head "HEAD" path [])
    let! headed = readAnswer socket
    Assert.Equal(200, headed.Status)
    Assert.Empty headed.Bytes
    Assert.Equal(string whole.Bytes.Length, headed.Headers["content-length"])
    let! wrong = sendWith client "PUT" path [] "" [||]
    problem 405 wrong |> ignore
    Assert.Equal("GET, HEAD", wrong.Headers["allow"])
}

[<Fact>]
let ``what is large is sent compressed to those who can read it`` () : Task = task {
    let! server, client = servingBelow ""
    use _ = client
    use _ = server
    let path = "/page/swagger-ui-bundle.js"
    let! plain = get client path
    let! small = sendWith client "GET" path [ "Accept-Encoding", "br, gzip" ] "" [||]
    Assert.Equal("gzip", small.Headers["content-encoding"])
    Assert.Equal("Accept-Encoding", small.Headers["vary"])
    Assert.Equal(plain.Headers["etag"], small.Headers["etag"])
    Assert.DoesNotContain("content-encoding", plain.Headers.Keys)
    Assert.InRange(small.Bytes.Length, 1, plain.Bytes.Length / 2)

    use unzip =
        new GZipStream(new MemoryStream(small.Bytes), CompressionMode.Decompress)

    use copy = new MemoryStream()
    do! unzip.CopyToAsync(copy, cancellation ())
    Assert.Equal<byte[]>(plain.Bytes, copy.ToArray())
    Assert.Contains("SwaggerUIBundle", plain.Body)
}

[<Fact>]
let ``the page's address ends with a slash, from wherever the caller sees it`` () : Task = task {
    let! server, client = servingBelow "/v1/hello"
    use _ = client
    use _ = server
    let! bare = get client "/v1/hello"
    Assert.Equal(308, bare.Status)
    Assert.Equal("./hello/", bare.Headers["location"])
    Assert.True(bare.Headers.ContainsKey "x-request-id")
    let seen = Uri(Uri "https://example.com/shop/v1/hello", bare.Headers["location"])
    Assert.Equal("https://example.com/shop/v1/hello/", string seen)
}

[<Fact>]
let ``a name is text in the page, whatever is in it`` () =
    let route =
        Page.routes "<script>a & \"b\"</script>"
        |> List.find (fun (path, _) -> path = "/")

    let http = DefaultHttpContext()
    http.Request.Path <- PathString "/"
    use body = new MemoryStream()
    http.Response.Body <- body

    task {
        do! (snd route).Invoke http
        let page = Encoding.UTF8.GetString(body.ToArray())
        Assert.Contains("<title>&lt;script&gt;a &amp; &quot;b&quot;&lt;/script&gt;</title>", page)
    }
    :> Task

[<Fact>]
let ``an endpoint where the page has a file takes posts, and the page stays`` () : Task = task {
    let same = service {
        endpoint "greet" { route "/page/page.js" }
        name "same"
        api "greet" (fun (name: string) -> $"Hello, {name}.")
    }

    let! server, client = App.serving same
    use _ = client
    use _ = server
    let! answer = postJson client "/page/page.js" "\"Ada\""
    Assert.Equal(200, answer.Status)
    Assert.Contains("Hello, Ada.", answer.Body)
    let! script = get client "/page/page.js"
    Assert.Equal("text/javascript; charset=utf-8", script.Headers["content-type"])
    let! wrong = sendWith client "DELETE" "/page/page.js" [] "" [||]
    problem 405 wrong |> ignore
    Assert.Equal("GET, HEAD, POST", wrong.Headers["allow"])
}

[<Fact>]
let ``several services of an application have a page each`` () : Task = task {
    let other = service {
        name "other"
        api "other" (fun () -> 1)
    }

    use! app =
        App.start (fun services -> services.AddBento(greeting).AddBento other |> ignore) (fun app ->
            for prefix, definition in [ "/greeting", greeting; "/other", other ] do
                let group = app.MapGroup prefix
                group.MapBentoDocuments definition |> ignore
                group.MapBentoPage definition |> ignore)

    for name in [ "greeting"; "other" ] do
        let! page = get app.Client $"/{name}/"
        Assert.Contains($"<title>{name}</title>", page.Body)
        let! script = get app.Client $"/{name}/page/page.js"
        Assert.Equal(200, script.Status)
}

[<Fact>]
let ``without the page the root is nothing, and the documents stay`` () : Task = task {
    let! server =
        Serve.start
            {
                Serve.options with
                    Port = 0
                    Page = false
            }
            greeting

    use _ = server
    use client = new HttpClient(BaseAddress = Uri server.Address)

    for path in [ "/"; "/page/page.js" ] do
        let! nothing = get client path
        problem 404 nothing |> ignore

    let! docs = get client "/docs.json"
    Assert.Equal(200, docs.Status)
}

[<Fact>]
let ``no file of the page names another host`` () : Task = task {
    let! server, client = servingBelow ""
    use _ = client
    use _ = server
    let! page = get client "/"

    for one in wanted page |> List.filter (fun one -> not (one.Contains "swagger-ui")) do
        let! answer = get client $"/{one}"
        // The namespace of SVG is a name, which nobody asks.
        let text = answer.Body.Replace("http://www.w3.org/2000/svg", "")

        if one.StartsWith("page/", StringComparison.Ordinal) then
            Assert.DoesNotMatch("https?://", text)
}
