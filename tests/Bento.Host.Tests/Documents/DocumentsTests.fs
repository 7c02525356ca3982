/// What tools read of a service that runs.
module Bento.Hosting.Tests.DocumentsTests

open System.Text
open System.Text.Json.Nodes
open System.Threading.Tasks
open Microsoft.AspNetCore.Builder
open Microsoft.Extensions.DependencyInjection
open Xunit
open Bento
open Bento.Hosting.Tests.Wire

/// A text to make short.
type Long = {
    /// <summary>What to shorten; see <see cref="T:Bento.Hosting.Tests.DocumentsTests.Long"/>.</summary>
    Text: string
    /// <summary>How many words to keep.</summary>
    /// <example>12</example>
    Words: int option
}

/// Makes a text short.
///   It keeps what matters.
let shorten (long: Long) = long.Text

let private shortening = service {
    name "shortening"
    api "shorten" shorten
}

/// What is at a path of names and indices.
let private nodeAt (path: string) (json: JsonNode | null) : JsonNode =
    path.Split ' '
    |> Array.fold
        (fun (node: JsonNode | null) step ->
            match node with
            | :? JsonArray as items -> items[int step]
            | NonNull one -> one[step]
            | _ -> null)
        json
    |> nonNull

let private at path (answer: Answer) = string (nodeAt path answer.Json)

[<Theory>]
[<InlineData "/docs.json">]
[<InlineData "/schema.json">]
let ``documents have a tag, and are not sent again to those who have them`` (path: string) : Task = task {
    let! server, client = App.serving shortening
    use _ = client
    use _ = server
    let! whole = get client path
    Assert.Equal(200, whole.Status)
    Assert.Equal("application/json", whole.Headers["content-type"])
    Assert.True(whole.Headers.ContainsKey "x-request-id")
    let tag = whole.Headers["etag"]

    for given in [ tag; "W/" + tag; "\"other\", " + tag; "*" ] do
        let! again = sendWith client "GET" path [ "If-None-Match", given ] "" [||]
        Assert.Equal(304, again.Status)
        Assert.Empty again.Bytes
        Assert.Equal(tag, again.Headers["etag"])

    let! other = sendWith client "GET" path [ "If-None-Match", "\"other\"" ] "" [||]
    Assert.Equal<byte[]>(whole.Bytes, other.Bytes)
    let! wrong = sendWith client "POST" path [] "" [||]
    problem 405 wrong |> ignore
    Assert.Equal("GET, HEAD", wrong.Headers["allow"])
    use! socket = connect server.Address
    do! sendText socket (head "HEAD" path [])
    let! headed = readAnswer socket
    Assert.Empty headed.Bytes
    Assert.Equal(whole.Headers["content-length"], headed.Headers["content-length"])
    Assert.Equal(tag, headed.Headers["etag"])
}

[<Fact>]
let ``what is written above handlers, types and fields is in the documents`` () : Task = task {
    use! app =
        App.start (fun services -> services.AddBento shortening |> ignore) (fun app ->
            app.MapBentoDocuments shortening |> ignore)

    let! docs = get app.Client "/docs.json"
    Assert.Equal("Makes a text short", at "paths /shorten post summary" docs)
    Assert.Equal("Makes a text short. It keeps what matters.", at "paths /shorten post description" docs)
    let schema = "paths /shorten post requestBody content application/json schema"
    Assert.Equal("A text to make short.", at (schema + " description") docs)
    Assert.Equal("What to shorten; see Long.", at (schema + " properties text description") docs)
    let example = "paths /shorten post requestBody content application/json example"
    Assert.Equal("12", at (example + " words") docs)
    let! schema = get app.Client "/schema.json"
    Assert.Equal("Makes a text short. It keeps what matters.", at "routes 0 doc" schema)
}

[<Fact>]
let ``below a prefix the document says where the service is`` () : Task = task {
    let! server =
        Serve.start
            {
                Serve.options with
                    Port = 0
                    Prefix = "/v1/short"
            }
            shortening

    use _ = server
    use client = new System.Net.Http.HttpClient(BaseAddress = System.Uri server.Address)
    let! docs = get client "/v1/short/docs.json"
    Assert.Equal("/v1/short", at "servers 0 url" docs)
    let! schema = get client "/v1/short/schema.json"
    Assert.Equal("/shorten", at "routes 0 route" schema)
    let! nothing = get client "/docs.json"
    problem 404 nothing |> ignore
}

[<Fact>]
let ``a group's prefixes are in the document, and each service has its own`` () : Task = task {
    let other = service {
        name "other"
        api "other" (fun () -> 1)
    }

    use! app =
        App.start (fun services -> services.AddBento(shortening).AddBento other |> ignore) (fun app ->
            let outer = app.MapGroup("/outer/")
            outer.MapGroup("/inner").MapBentoDocuments shortening |> ignore
            app.MapBentoDocuments other |> ignore)

    let! docs = get app.Client "/outer/inner/docs.json"
    Assert.Equal("shortening", at "info title" docs)
    Assert.Equal("/outer/inner", at "servers 0 url" docs)
    let! docs = get app.Client "/docs.json"
    Assert.Equal("other", at "info title" docs)
}

[<Fact>]
let ``a document can be had without serving`` () =
    Assert.Equal("shortening", string (nodeAt "info title" (JsonNode.Parse(Documents.openApi "" shortening))))
    Assert.Equal("shortening", string (nodeAt "name" (JsonNode.Parse(Documents.schema shortening))))

[<Fact>]
let ``a definition with problems has no documents`` () =
    let broken = service {
        name "broken"
        workers 0
        api "one" (fun () -> 1)
    }

    Assert.Throws<InvalidServiceException>(fun () -> Documents.openApi "" broken |> ignore)
    |> ignore

type Everything = {
    Flag: bool
    Small: sbyte
    Large: uint64
    Real: float
    Exact: decimal
    Text: string
    Id: System.Guid
    At: System.DateTimeOffset
    Local: System.DateTime
    Maybe: int option
    Many: float32[][]
    ByName: Map<string, Long>
}

[<Fact>]
let ``an endpoint takes the example that its document gives`` () : Task = task {
    let it = service {
        name "it"
        api "record" (fun (everything: Everything) -> everything)
        api "root" (fun (texts: string list) -> texts)
        api "nothing" (fun () -> ())
        api "text" (fun (text: string) -> text)
    }

    use! app =
        App.start (fun services -> services.AddBento it |> ignore) (fun app ->
            app.MapBento it |> ignore
            app.MapBentoDocuments it |> ignore)

    let! docs = get app.Client "/docs.json"

    for path in [ "/record"; "/root"; "/nothing"; "/text" ] do
        let example =
            nodeAt $"paths {path} post requestBody content application/json example" docs.Json

        let body = Encoding.UTF8.GetBytes(example.ToJsonString())
        let! answer = post app.Client path "application/json" body
        Assert.True((answer.Status = 200), answer.Body)
}
