/// Short words for making JSON documents.
module internal Bento.JsonNodes

open System.Text.Json.Nodes

let text (value: string) : JsonNode =
    JsonValue.Create value |> nonNull :> JsonNode

let flag (value: bool) : JsonNode = JsonValue.Create value

let number (value: int) : JsonNode = JsonValue.Create value

let array (items: JsonNode seq) : JsonNode = JsonArray(Array.ofSeq items)

/// An object with its members in this order.
let members (given: (string * JsonNode) list) =
    let whole = JsonObject()

    for name, value in given do
        whole.Add(name, value)

    whole

let node (given: (string * JsonNode) list) : JsonNode = members given
