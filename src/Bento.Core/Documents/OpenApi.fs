namespace Bento

open System
open System.Text.Json.Nodes
open Bento.JsonNodes

/// A service as OpenAPI 3.1 has it, with every answer that it can give.
[<RequireQualifiedAccess>]
module OpenApi =

    let private reference (place: string) =
        node [ "$ref", text ("#/components/" + place) ]

    // -- what all endpoints share --------------------------------------------------------------------

    let private faultSchema () =
        node [
            "type", text "object"
            "description", text "One fault of a body, and where it is."
            "properties",
            node [
                "loc",
                node [
                    "type", text "array"
                    "description", text "The names and indices that lead from the body's root to the fault."
                    "items", node [ "type", array [ text "string"; text "integer" ] ]
                ]
                "type", node [ "type", text "string"; "description", text "One word for the kind of fault." ]
                "msg",
                node [
                    "type", text "string"
                    "description", text "What is wrong, and what is wanted."
                ]
            ]
            "required", array [ text "loc"; text "type"; text "msg" ]
        ]

    let private problemSchema () =
        let word description =
            node [ "type", text "string"; "description", text description ]

        node [
            "type", text "object"
            "description", text "Why a request failed, as RFC 9457 has it."
            "properties",
            node [
                "type", word "about:blank: the status says it all."
                "title", word "The status in words."
                "status", node [ "type", text "integer"; "minimum", number 400; "maximum", number 599 ]
                "detail", word "What is wrong, for a person."
                "instance", word "The path of the request."
                "requestId", word "The id under which the log has the request."
                "errors",
                node [
                    "type", text "array"
                    "description", text "Every fault of the body, where that is why."
                    "items", faultSchema ()
                ]
                "error", word "The same as detail."
            ]
            "required",
            array [
                for name in [ "type"; "title"; "status"; "detail"; "instance"; "requestId"; "error" ] -> text name
            ]
        ]

    let private requestIdHeader () =
        node [
            "description", text "The id that joins this answer to the service's log."
            "schema", node [ "type", text "string" ]
        ]

    let private retryAfterHeader () =
        node [
            "description", text "The seconds to wait before asking again."
            "schema", node [ "type", text "integer"; "minimum", number 0 ]
        ]

    let private requestIdParameter () =
        node [
            "name", text "X-Request-ID"
            "in", text "header"
            "description", text "The caller's own id of the request; without it the service makes one."
            "schema",
            node [
                "type", text "string"
                "maxLength", number 128
                "pattern", text "^[A-Za-z0-9_.:/+=@-]+$"
            ]
        ]

    /// Each refusal: its status, its name among the components, what it means, and whether it says when to come back.
    let private refusals = [
        400, "BadRequest", "The body is not what the endpoint takes, or the handler refuses it.", false
        406, "NotAcceptable", "The caller accepts none of the media types that the answer has.", false
        413, "ContentTooLarge", "The body is larger than the endpoint takes.", false
        415,
        "UnsupportedMediaType",
        "The body is of a media type, charset or coding that the endpoint does not take.",
        false
        429, "TooManyRequests", "As many requests as the service takes are under way.", true
        500, "InternalServerError", "The handler failed; the log has it under the request id.", false
        503, "ServiceUnavailable", "The service starts or stops.", true
        504, "GatewayTimeout", "The deadline passed before the answer was there.", false
    ]

    let private headers retry =
        node [
            "X-Request-ID", reference "headers/RequestId"
            if retry then
                "Retry-After", reference "headers/RetryAfter"
        ]

    let private refusal (description: string) retry =
        node [
            "description", text description
            "headers", headers retry
            "content", node [ "application/problem+json", node [ "schema", reference "schemas/Problem" ] ]
        ]

    let private components () =
        node [
            "schemas", node [ "Problem", problemSchema () ]
            "parameters", node [ "RequestId", requestIdParameter () ]
            "headers", node [ "RequestId", requestIdHeader (); "RetryAfter", retryAfterHeader () ]
            "responses",
            node [
                for _, name, description, retry in refusals -> name, refusal description retry
            ]
        ]

    // -- bodies --------------------------------------------------------------------------------------

    let private media (schemaOf: JsonNode) (example: JsonNode option) =
        node [
            "schema", schemaOf
            match example with
            | Some value -> "example", value
            | None -> ()
        ]

    /// What stands for bytes that are no JSON.
    let private binary () =
        media (node [ "type", text "string"; "format", text "binary" ]) None

    let private plainText () =
        media (node [ "type", text "string" ]) None

    let private isFile (field: FieldShape) = (Carriage.contentOf field.Shape).IsSome

    let private constrained (field: FieldShape) =
        field.Constraints
        |> List.tryPick (fun one ->
            match one with
            | Constraint.ContentType mediaType -> Some mediaType
            | _ -> None)

    let rec private isTensor shape =
        match shape with
        | Shape.Tensor _ -> true
        | Shape.Optional inner
        | Shape.Sequence inner
        | Shape.Set inner -> isTensor inner
        | _ -> false

    /// The media types of a field's parts, where they are not those that a document means without a word.
    let private partType (field: FieldShape) =
        match Carriage.contentOf field.Shape, constrained field with
        | Some _, Some mediaType -> Some mediaType
        | Some Content.Image, None -> Some(Carriage.mediaType (Carriage.Content Content.Image))
        | None, _ when isTensor field.Shape -> Some $"{MediaTypes.json}, {MediaTypes.npy}, {MediaTypes.bytes}"
        | _ -> None

    /// In one line a value that is no text is JSON.
    let private valueType (field: FieldShape) =
        match field.Shape with
        | Shape.Text _
        | Shape.Choice _
        | Shape.Optional(Shape.Text _ | Shape.Choice _) -> None
        | _ -> Some MediaTypes.json

    let private form schema (typeOf: FieldShape -> string option) (fields: FieldShape list) =
        let encodings = [
            for field in fields do
                match typeOf field with
                | Some mediaType -> field.Name, node [ "contentType", text mediaType ]
                | None -> ()
        ]

        node [
            "schema", schema
            if not encodings.IsEmpty then
                "encoding", node encodings
        ]

    let private files () =
        media
            (node [
                "type", text "object"
                "additionalProperties", node [ "type", text "string"; "format", text "binary" ]
            ])
            None

    /// A body that comes without any file.
    let rec private withoutFiles shape =
        match shape with
        | Shape.Optional inner -> Shape.Optional(withoutFiles inner)
        | Shape.Record record ->
            Shape.Record {
                record with
                    Fields = record.Fields |> List.filter (isFile >> not)
            }
        | other -> other

    let rec private fieldsOf shape =
        match shape with
        | Shape.Optional inner -> fieldsOf inner
        | Shape.Record record -> record.Fields
        | _ -> []

    /// The media types that a value travels in, and what each is.
    let private bodies direction describe (shape: Shape) example : (string * JsonNode) list =
        let schemaOf shape =
            JsonSchema.described direction describe shape :> JsonNode

        let fields = fieldsOf shape
        let needsFiles = fields |> List.exists (fun field -> isFile field && field.Required)
        let plain = withoutFiles shape

        let body carriage =
            match carriage with
            | Carriage.Json -> media (schemaOf plain) example
            | Carriage.UrlEncoded -> form (schemaOf plain) valueType (fieldsOf plain)
            | Carriage.Multipart when fields.IsEmpty && (Carriage.contentOf shape).IsSome -> files ()
            | Carriage.Multipart -> form (schemaOf shape) partType fields
            | Carriage.Text -> plainText ()
            | Carriage.Bytes
            | Carriage.Content _
            | Carriage.Npy
            | Carriage.Elements -> binary ()

        match direction with
        | JsonSchema.Direction.Output -> [
            for carriage in Carriage.ofOutput shape -> Carriage.mediaType carriage, body carriage
          ]
        | JsonSchema.Direction.Input -> [
            for carriage in Carriage.ofInput shape do
                match carriage with
                | Carriage.Json
                | Carriage.UrlEncoded when needsFiles -> ()
                // Bytes are bytes whatever their sender calls them.
                | Carriage.Bytes -> "*/*", body carriage
                | carriage -> Carriage.mediaType carriage, body carriage
          ]

    /// The media types that the items of a stream travel in: with lines and events, the schema is that of one item.
    let private itemBodies describe (shape: Shape) =
        let items () =
            let schema = JsonSchema.described JsonSchema.Direction.Output describe shape
            media schema (Example.ofShape shape)

        [
            if List.contains Carriage.Text (Carriage.ofOutput shape) then
                "text/plain", plainText ()
            "application/x-ndjson", items ()
            "text/event-stream", items ()
        ]

    /// Bytes alone do not say what tensor they are.
    let private tensorHeaders () = [
        "X-Tensor-Shape", "The lengths of the dimensions of a tensor in application/octet-stream, as in 1,3,224,224."
        "X-Tensor-DType", "The type of the elements of a tensor in application/octet-stream, as in float32."
    ]

    let private parameters (card: EndpointCard) =
        array [
            reference "parameters/RequestId"
            if Carriage.ofInput card.Input.Shape |> List.contains Carriage.Elements then
                for name, description in tensorHeaders () do
                    node [
                        "name", text name
                        "in", text "header"
                        "description", text description
                        "schema", node [ "type", text "string" ]
                    ]
        ]

    let private requestBody documentation (card: EndpointCard) =
        let isOptional =
            match card.Input.Shape with
            | Shape.Unit
            | Shape.Optional _ -> true
            | _ -> false

        let describe = Documentation.describe documentation card
        let example = Example.documented documentation card.Input.Shape

        node [
            "required", flag (not isOptional)
            "content", node (bodies JsonSchema.Direction.Input describe card.Input.Shape example)
        ]

    let private success documentation (card: EndpointCard) =
        let describe = Documentation.describe documentation card

        let example =
            match card.Output.Shape with
            | Shape.Unit -> None
            | shape -> Example.documented documentation shape

        node [
            "description",
            text (
                match card.Kind with
                | EndpointKind.Stream ->
                    "The items as they come: one a line, or one an event, with \"error\" or \"end\" as the last event."
                | EndpointKind.Api
                | EndpointKind.Job
                | EndpointKind.Socket -> "The answer."
            )
            "headers", headers false
            "content",
            node [
                match card.Kind with
                | EndpointKind.Stream -> yield! itemBodies describe card.Output.Shape
                | EndpointKind.Api
                | EndpointKind.Job
                | EndpointKind.Socket -> yield! bodies JsonSchema.Direction.Output describe card.Output.Shape example
            ]
        ]

    // -- one endpoint --------------------------------------------------------------------------------

    /// "summarize-all" in words: "Summarize all".
    let private inWords (name: string) =
        let words = name.Replace('-', ' ').Replace('_', ' ').Trim()

        if words = "" then
            name
        else
            words.Substring(0, 1).ToUpperInvariant() + words.Substring 1

    /// The first sentence of what is written about a handler, without its full stop.
    let private firstSentence (words: string) =
        let stop = words.IndexOf(". ", StringComparison.Ordinal)
        let sentence = if stop < 0 then words else words.Substring(0, stop)
        sentence.TrimEnd '.'

    let private operation documentation (service: ServiceCard) (card: EndpointCard) =
        let written = Documentation.ofHandler card documentation

        node [
            "operationId", text card.Name
            "summary", text (written |> Option.map firstSentence |> Option.defaultValue (inWords card.Name))
            match written with
            | Some words when firstSentence words <> words.TrimEnd '.' -> "description", text words
            | _ -> ()
            "tags", array [ text service.Name ]
            "parameters", parameters card
            "requestBody", requestBody documentation card
            "responses",
            node [
                "200", success documentation card
                for status, name, _, _ in refusals do
                    string status, reference ("responses/" + name)
            ]
        ]

    /// OpenAPI has no words for what follows the upgrade: the messages' schemas are in a field of our own.
    let private socket documentation (service: ServiceCard) (card: EndpointCard) =
        let describe = Documentation.describe documentation card
        let written = Documentation.ofHandler card documentation

        let summary =
            written |> Option.map firstSentence |> Option.defaultValue (inWords card.Name)

        node [
            "operationId", text card.Name
            "summary", text summary
            "description",
            text (
                (written |> Option.map (fun words -> words + " ") |> Option.defaultValue "")
                + "A WebSocket: each message is one value as JSON text; a tensor and bytes also as a binary message."
            )
            "tags", array [ text service.Name ]
            "parameters", array [ reference "parameters/RequestId" ]
            "responses",
            node [
                "101",
                node [
                    "description", text "The connection is a WebSocket from here on."
                    "headers", headers false
                ]
                "403", refusal "The page that asks is of another origin than the service." false
                "426", refusal "The request is no upgrade to a WebSocket." false
                for status, name, _, _ in refusals do
                    if status = 429 || status >= 500 then
                        string status, reference ("responses/" + name)
            ]
            "x-bento-socket",
            node [
                "receives", JsonSchema.described JsonSchema.Direction.Input describe card.Input.Shape
                "sends", JsonSchema.described JsonSchema.Direction.Output describe card.Output.Shape
            ]
        ]

    let private path documentation (service: ServiceCard) (card: EndpointCard) =
        match card.Kind with
        | EndpointKind.Socket -> node [ "get", socket documentation service card ]
        | EndpointKind.Api
        | EndpointKind.Stream
        | EndpointKind.Job -> node [ "post", operation documentation service card ]

    // -- the document --------------------------------------------------------------------------------

    let private info (service: ServiceCard) =
        node [
            "title", text service.Name
            "version", text (service.Version |> Option.defaultValue "0.0.0")
            match service.Description with
            | Some words -> "description", text words
            | None -> ()
            // The one label that OpenAPI has a place for, a license's identifier in SPDX's list.
            match service.Labels |> List.tryFind (fun (label, _) -> label = "license") with
            | Some(_, license) -> "license", node [ "name", text license; "identifier", text license ]
            | None -> ()
        ]

    /// The document of a service that is served below a prefix, "" for none.
    let ofService (documentation: Documentation) (prefix: string) (service: ServiceCard) : JsonObject =
        members [
            "openapi", text "3.1.0"
            "info", info service
            "servers", array [ node [ "url", text (if prefix = "" then "/" else prefix) ] ]
            "security", JsonArray()
            "tags",
            array [
                node [
                    "name", text service.Name
                    match service.Description with
                    | Some words -> "description", text words
                    | None -> ()
                ]
            ]
            "paths", node [ for card in service.Endpoints -> card.Route, path documentation service card ]
            "components", components ()
        ]
