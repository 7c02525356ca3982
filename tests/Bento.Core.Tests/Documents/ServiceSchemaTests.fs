/// `/schema.json`, to the letter that BentoML's clients want.
module Bento.Tests.ServiceSchemaTests

open System.Collections.Generic
open System.Text.Json.Nodes
open Xunit
open Bento

type Passage = { Text: string; MaxLength: int option }

type Summary = {
    Short: string
    Scores: float32[]
    ByWord: Map<string, int>
}

let private summarize (passage: Passage) : Summary = {
    Short = passage.Text
    Scores = [||]
    ByWord = Map.empty
}

let private words (text: string) : IAsyncEnumerable<string> = Items.produce (fun emit _ -> emit text)

let private written: Documentation = {
    Documentation.none with
        Members =
            dict [
                "M:Any.summarize(Bento.Tests.ServiceSchemaTests.Passage)", "Makes it short."
                "P:Bento.Tests.ServiceSchemaTests.Passage.Text", "What to shorten."
            ]
            |> Dictionary
}

let private schemaOf documentation definition =
    ServiceSchema.ofService documentation (Service.require definition).Card

[<Fact>]
let ``a service in BentoML's words`` () =
    let it = service {
        endpoint "summarize" { route "/v1/summarize" }
        name "summarization"
        description "Shortens."
        api "summarize" summarize
    }

    let wanted =
        """{
  "name": "summarization", "type": "service", "description": "Shortens.",
  "routes": [ {
    "name": "summarize", "route": "/v1/summarize", "doc": "Makes it short.", "batchable": false, "is_task": false,
    "input": { "title": "Input", "type": "object", "properties": {
        "text": { "type": "string", "title": "Text", "description": "What to shorten." },
        "maxLength": { "type": "integer", "title": "Max Length", "default": null } }, "required": ["text"] },
    "output": { "type": "object", "properties": {
        "short": { "type": "string", "title": "Short" },
        "scores": { "type": "array", "items": { "type": "number" }, "title": "Scores" },
        "byWord": { "type": "object", "additionalProperties": { "type": "integer" }, "title": "By Word" } },
        "required": ["short", "scores", "byWord"] } } ],
  "paths": { "/v1/summarize": { "mounted": false } } }"""

    let given = schemaOf written it
    Assert.True(JsonNode.DeepEquals(JsonNode.Parse wanted, given), given.ToJsonString())

let private route endpoint =
    let definition = service {
        name "it"
        endpoints [ endpoint ]
    }

    let schema = schemaOf Documentation.none definition
    (nonNull ((nonNull schema["routes"])[0])).AsObject()

let private said (schema: JsonNode | null) = (nonNull schema).ToJsonString()

[<Fact>]
let ``nothing to take is an object without properties, and nothing to give is null`` () =
    let it = route (Endpoint.api "ping" (Synchronous(fun _ () -> ())))
    Assert.Equal("""{"title":"Input","type":"object","properties":{},"required":[]}""", said it["input"])
    Assert.Equal("""{"type":"null"}""", said it["output"])

[<Fact>]
let ``a value of its own is the root input`` () =
    let it =
        route (Endpoint.api "count" (Synchronous(fun _ (texts: string[]) -> texts.Length)))

    Assert.Equal("""{"type":"array","items":{"type":"string"},"root_input":true}""", said it["input"])
    Assert.Equal("""{"type":"integer"}""", said it["output"])

[<Fact>]
let ``a text that may be null does not say that it is a text, which would be read raw`` () =
    let it =
        route (Endpoint.api "find" (Synchronous(fun _ (text: string) -> Some text)))

    Assert.Equal("{}", said it["output"])

[<Fact>]
let ``a stream and a job say so`` () =
    let it = route (Endpoint.stream "words" (fun _ -> words))
    Assert.Equal("""{"type":"string","is_stream":true}""", said it["output"])

    let it =
        route (Endpoint.job "count" (fun _ (text: string) -> task { return text.Length }))

    Assert.Equal("true", said it["is_task"])

/// Every object in a document.
let rec private objects (node: JsonNode | null) : JsonObject list = [
    match node with
    | :? JsonObject as one ->
        one

        for KeyValue(_, value) in one do
            yield! objects value
    | :? JsonArray as several ->
        for value in several do
            yield! objects value
    | _ -> ()
]

type Nested = {
    Passages: Passage option list
    Summaries: Map<string, Summary option>
}

[<Fact>]
let ``nothing is said that the clients do not know`` () =
    let it = service {
        name "it"
        api "nested" (fun (nested: Nested) -> Some nested)
        api "root" (fun (passages: Passage list option) -> passages)
    }

    for one in objects (schemaOf Documentation.none it) do
        for name in [ "$ref"; "$defs"; "anyOf"; "oneOf"; "allOf"; "prefixItems" ] do
            Assert.False(one.ContainsKey name, one.ToJsonString())

        match one["type"] with
        | null -> ()
        | :? JsonArray -> Assert.Fail $"a list of types: {one.ToJsonString()}"
        | kind when string kind = "array" -> Assert.IsType<JsonObject> one["items"] |> ignore
        | _ -> ()

[<Fact>]
let ``a file that may be absent is published as a file`` () =
    let it = service {
        name "it"
        api "file" (fun () -> (None: Bento.File option))
    }

    let schema = schemaOf Documentation.none it
    let route = nonNull ((nonNull schema["routes"])[0])
    let wanted = JsonNode.Parse """{"type":"file","format":"binary"}"""
    Assert.True(JsonNode.DeepEquals(wanted, route["output"]), schema.ToJsonString())

[<Fact>]
let ``sockets are left out, which BentoML's clients would post to`` () =
    let it = service {
        name "talking"
        api "echo" (fun (text: string) -> text)
        socket "chat" (fun (texts: IAsyncEnumerable<string>) -> texts)
    }

    let schema = schemaOf Documentation.none it
    let route = nonNull (Assert.Single((nonNull schema["routes"]).AsArray()))
    Assert.Equal("\"echo\"", said route["name"])
    Assert.Equal("""{"/echo":{"mounted":false}}""", said schema["paths"])
