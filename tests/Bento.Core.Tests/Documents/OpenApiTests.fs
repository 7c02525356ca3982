/// The OpenAPI document of a service. That it is a valid one is for Redocly's lint to say, in the end-to-end tests.
module Bento.Tests.OpenApiTests

open System.Collections.Generic
open System.Text.Json.Nodes
open Xunit
open Bento

type Album = {
    Title: string
    Cover: Image option
    [<ContentType "text/csv">]
    Table: File option
    Notes: File list option
    Ratings: int list
}

type Passage = { Text: string; MaxLength: int option }

let private summarize (passage: Passage) = passage.Text

let private summarization = service {
    endpoint "summarize" { route "/v1/summarize" }
    name "summarization"
    description "Shortens."
    version "1.2.0"
    labels [ "team", "search"; "license", "MIT" ]
    api "summarize" summarize
    api "count-all" (fun (texts: string[]) -> texts.Length)
}

let private written: Documentation = {
    Documentation.none with
        Members =
            dict [
                "M:Any.summarize(Bento.Tests.OpenApiTests.Passage)", "Makes it short. Keeps what matters."
                "T:Bento.Tests.OpenApiTests.Passage", "A text."
                "P:Bento.Tests.OpenApiTests.Passage.MaxLength", "How long at most."
            ]
            |> Dictionary
}

let private document documentation =
    OpenApi.ofService documentation "" (Service.require summarization).Card

let private at (path: string list) (node: JsonNode) =
    path |> List.fold (fun (node: JsonNode) name -> nonNull (node[name])) node

let private said path node = (at path node).ToJsonString()

let private operation route =
    at [ "paths"; route; "post" ] (document written)

[<Fact>]
let ``the service is in the document's head`` () =
    let it = document Documentation.none
    Assert.Equal("\"3.1.0\"", said [ "openapi" ] it)

    Assert.Equal(
        """{"title":"summarization","version":"1.2.0","description":"Shortens.","license":{"name":"MIT","identifier":"MIT"}}""",
        said [ "info" ] it
    )

    Assert.Equal("""[{"url":"/"}]""", said [ "servers" ] it)
    Assert.Equal("[]", said [ "security" ] it)

[<Fact>]
let ``a prefix is where the server is`` () =
    let it =
        OpenApi.ofService Documentation.none "/v2" (Service.require summarization).Card

    Assert.Equal("""[{"url":"/v2"}]""", said [ "servers" ] it)

[<Fact>]
let ``an operation is named after its endpoint and told in the words above its handler`` () =
    let it = operation "/v1/summarize"
    Assert.Equal("\"summarize\"", said [ "operationId" ] it)
    Assert.Equal("\"Makes it short\"", said [ "summary" ] it)
    Assert.Equal("\"Makes it short. Keeps what matters.\"", said [ "description" ] it)
    Assert.Equal("\"Count all\"", said [ "summary" ] (operation "/count-all"))

[<Fact>]
let ``fields are told in the words above them`` () =
    let schema =
        at [ "requestBody"; "content"; "application/json"; "schema" ] (operation "/v1/summarize")

    Assert.Equal("\"A text.\"", said [ "description" ] schema)
    Assert.Equal("\"How long at most.\"", said [ "properties"; "maxLength"; "description" ] schema)

[<Fact>]
let ``a text is answered as text or as JSON`` () =
    let content = at [ "responses"; "200"; "content" ] (operation "/v1/summarize")

    Assert.Equal("""{"schema":{"type":"string"}}""", said [ "text/plain" ] content)
    Assert.Equal("""{"schema":{"type":"string"},"example":"text"}""", said [ "application/json" ] content)

[<Fact>]
let ``every refusal that can come is told, as a problem`` () =
    let it = document Documentation.none
    let responses = (at [ "paths"; "/count-all"; "post"; "responses" ] it).AsObject()
    let statuses = responses |> Seq.map _.Key |> List.ofSeq
    Assert.Equal<string list>([ "200"; "400"; "406"; "413"; "415"; "429"; "500"; "503"; "504" ], statuses)

    for KeyValue(status, response) in responses do
        if status <> "200" then
            let place = string ((nonNull response)["$ref"])
            let path = place.Substring(2).Split '/' |> List.ofArray

            Assert.Equal(
                """{"$ref":"#/components/schemas/Problem"}""",
                said (path @ [ "content"; "application/problem+json"; "schema" ]) it
            )

    for status in [ "TooManyRequests"; "ServiceUnavailable" ] do
        Assert.Equal(
            """{"$ref":"#/components/headers/RetryAfter"}""",
            said [ "components"; "responses"; status; "headers"; "Retry-After" ] it
        )

/// Says each number back as text.
let private chat (numbers: IAsyncEnumerable<int>) : IAsyncEnumerable<string> =
    Items.produce (fun emit cancellation -> task { do! numbers |> Items.iterate cancellation (string >> emit) })

[<Fact>]
let ``a socket is a GET with an upgrade, and its messages are in a field of ours`` () =
    let talking = service {
        name "talking"
        socket "say-back" chat
    }

    let it =
        OpenApi.ofService Documentation.none "" (Service.require talking).Card
        |> at [ "paths"; "/say-back"; "get" ]

    Assert.Equal("\"say-back\"", said [ "operationId" ] it)
    Assert.Equal("\"Say back\"", said [ "summary" ] it)

    Assert.Equal<string list>(
        [ "101"; "403"; "426"; "429"; "500"; "503"; "504" ],
        [
            for pair in (at [ "responses" ] it).AsObject() do
                pair.Key
        ]
    )

    Assert.Equal("\"integer\"", said [ "x-bento-socket"; "receives"; "type" ] it)
    Assert.Equal("\"string\"", said [ "x-bento-socket"; "sends"; "type" ] it)

let private albums = service {
    name "albums"
    api "store" (fun (album: Album) -> album.Title)
    api "maybe" (fun (passage: Passage option) -> passage.IsSome)
    api "show" (fun (picture: Image) -> picture)
    api "join" (fun (files: File list option) -> files.IsSome)
    api "add" (fun (tensor: System.Numerics.Tensors.Tensor<float32> option) -> tensor)
    api "reverse" (fun (bytes: byte[]) -> bytes)
    api "day" (fun (day: System.DateOnly) -> day)
}

let private contents (route: string) =
    let operation =
        at [ "paths"; "/" + route; "post" ] (OpenApi.ofService Documentation.none "" (Service.require albums).Card)

    let names (content: JsonNode) = [ for KeyValue(name, _) in content.AsObject() -> name ]
    let taken = at [ "requestBody"; "content" ] operation
    taken, names taken, names (at [ "responses"; "200"; "content" ] operation)

[<Fact>]
let ``every media type that is taken or given is told`` () =
    let taken, given = "application/json", "text/plain"
    let forms = [ "multipart/form-data"; taken; "application/x-www-form-urlencoded" ]
    let tensor = [ taken; "application/x-npy"; "application/octet-stream" ]

    for route, takes, gives in
        [
            "store", forms, [ given; taken ]
            "maybe", [ taken; "multipart/form-data"; "application/x-www-form-urlencoded" ], [ taken ]
            "show", [ "image/*"; "multipart/form-data" ], [ "image/*" ]
            "join", [ "multipart/form-data" ], [ taken ]
            "add", tensor, tensor
            "reverse", [ taken; "*/*" ], [ given; taken; "application/octet-stream" ]
            "day", [ taken; given ], [ given; taken ]
        ] do
        let _, wanted, answered = contents route
        Assert.Equal((route, takes, gives), (route, wanted, answered))

[<Fact>]
let ``files are told as parts of their types, and are nowhere else`` () =
    let taken, _, _ = contents "store"

    Assert.Equal(
        """{"cover":{"contentType":"image/*"},"table":{"contentType":"text/csv"}}""",
        said [ "multipart/form-data"; "encoding" ] taken
    )

    for name in [ "application/json"; "application/x-www-form-urlencoded" ] do
        let properties = (at [ name; "schema"; "properties" ] taken).AsObject()
        Assert.Equal<string list>([ "title"; "ratings" ], [ for KeyValue(name, _) in properties -> name ])

    Assert.Equal(
        """{"ratings":{"contentType":"application/json"}}""",
        said [ "application/x-www-form-urlencoded"; "encoding" ] taken
    )
