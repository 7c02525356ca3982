namespace Bento

open System
open System.Text.Json.Nodes
open Bento.JsonNodes

/// A service in BentoML's own words, which its clients read at `/schema.json`. They know no `$ref`, no `anyOf` and no list
/// of types, so that everything stands where it is used and null is never said.
[<RequireQualifiedAccess>]
module ServiceSchema =

    let private openSchema () = JsonObject()

    /// As pydantic makes titles, "max_length" and "maxLength" being "Max Length".
    let private title (name: string) =
        let spaced =
            name.Replace('_', ' ')
            |> Seq.collect (fun letter -> if Char.IsUpper letter then [ ' '; letter ] else [ letter ])
            |> Array.ofSeq
            |> String

        spaced.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        |> Array.map (fun word -> word.Substring(0, 1).ToUpperInvariant() + word.Substring 1)
        |> String.concat " "

    let private textual format =
        let formatted format =
            members [ "type", text "string"; "format", text format ]

        match format with
        | TextFormat.Plain
        | TextFormat.Character -> members [ "type", text "string" ]
        | TextFormat.Guid -> formatted "uuid"
        | TextFormat.DateTime
        | TextFormat.DateTimeOffset -> formatted "date-time"
        | TextFormat.Date -> formatted "date"
        | TextFormat.Time -> formatted "time"
        | TextFormat.Duration -> formatted "duration"
        | TextFormat.Uri -> formatted "uri"
        | TextFormat.Base64 -> formatted "base64"

    /// A shape that says the length of each dimension but one is what `numpy.reshape` takes; any other is left out.
    let private tensor (shape: TensorShape) =
        members [
            "type", text "tensor"
            "format", text "numpy-array"
            "dtype", text (Shape.elementName shape.Element)

            match shape.Dimensions with
            | Some lengths when lengths |> List.filter (fun length -> length < 0) |> List.length <= 1 ->
                "shape", array (lengths |> List.map (fun length -> number (max -1 length)))
            | _ -> ()
        ]

    let private content kind =
        let format = if kind = Content.Image then "image" else "binary"
        members [ "type", text "file"; "format", text format ]

    let rec private ofShape (describe: JsonSchema.Describe) (shape: Shape) : JsonObject =
        let inner = ofShape describe

        let listOf items =
            members [ "type", text "array"; "items", items ]

        match shape with
        | Shape.Unit -> members [ "type", text "null" ]
        | Shape.Boolean -> members [ "type", text "boolean" ]
        | Shape.Integer _ -> members [ "type", text "integer" ]
        | Shape.Number _ -> members [ "type", text "number" ]
        | Shape.Text format -> textual format
        | Shape.Choice names -> members [ "type", text "string"; "enum", array (List.map text names) ]
        | Shape.Optional shape -> inner shape
        | Shape.Sequence item
        | Shape.Set item -> listOf (inner item)
        | Shape.Grid(rank, item) -> List.replicate rank () |> List.fold (fun item () -> listOf item) (inner item)
        | Shape.Tensor shape -> tensor shape
        | Shape.Tuple _ -> listOf (openSchema ())
        | Shape.Map(_, value) -> members [ "type", text "object"; "additionalProperties", inner value ]
        | Shape.Record record -> ofRecord describe record
        | Shape.Union union -> ofUnion describe union
        | Shape.Content kind -> content kind
        | Shape.Custom _ -> openSchema ()

    and private ofField describe record (field: FieldShape) =
        let property = ofShape describe field.Shape
        property["title"] <- text (title field.Name)

        describe record (Some field)
        |> Option.iter (fun words -> property["description"] <- text words)

        for one in field.Constraints do
            match one with
            | Constraint.ContentType mediaType -> property["content_type"] <- text mediaType
            | Constraint.Range(minimum, maximum) ->
                property["minimum"] <- JsonValue.Create minimum
                property["maximum"] <- JsonValue.Create maximum
            | Constraint.Length _
            | Constraint.Pattern _ -> ()

        match field.Default with
        | Some json -> property["default"] <- JsonNode.Parse json
        | None when not field.Required -> property["default"] <- null
        | None -> ()

        property

    and private properties describe record (fields: FieldShape list) =
        members [
            for field in fields do
                field.Name, ofField describe record field
        ]

    and private ofRecord describe record =
        members [
            "type", text "object"
            "properties", properties describe record record.Fields
            "required",
            array [
                for field in record.Fields do
                    if field.Required then
                        text field.Name
            ]
        ]

    /// Every field that some case has: a client drops what is not among the properties.
    and private ofUnion describe union =
        let fields =
            union.Cases
            |> List.collect _.Fields
            |> List.groupBy _.Name
            |> List.map (fun (name, fields) ->
                match List.distinctBy (fun (field: FieldShape) -> field.Shape) fields with
                | [ one ] -> name, ofShape describe one.Shape
                | _ -> name, openSchema ())

        members [
            "type", text "object"
            "properties",
            node [
                "type",
                node [
                    "type", text "string"
                    "enum", array [ for case in union.Cases -> text case.Name ]
                ]
                for name, schema in fields do
                    name, schema
            ]
            "required", array [ text "type" ]
        ]

    /// Fields are the arguments of the client's method; anything else is its one argument.
    let private input describe (shape: Shape) =
        match shape with
        | Shape.Unit ->
            members [
                "title", text "Input"
                "type", text "object"
                "properties", JsonObject()
                "required", JsonArray()
            ]
        | Shape.Record record ->
            let input = ofRecord describe record
            input.Insert(0, "title", text "Input")
            input
        | root ->
            let input = ofShape describe root
            input["root_input"] <- flag true
            input

    /// The type "string" alone makes a client take the body as it is, so that a text that may be null must not say it.
    let private output describe kind (shape: Shape) =
        let output =
            match shape with
            | Shape.Optional(Shape.Content kind) -> content kind
            | Shape.Optional _ -> openSchema ()
            | shape -> ofShape describe shape

        if kind = EndpointKind.Stream then
            output["is_stream"] <- flag true

        output

    let private route (documentation: Documentation) (card: EndpointCard) =
        let describe = Documentation.describe documentation card

        members [
            "name", text card.Name
            "route", text card.Route
            "doc", text (Documentation.ofHandler card documentation |> Option.defaultValue "")
            "batchable", flag false
            "is_task", flag (card.Kind = EndpointKind.Job)
            "input", input describe card.Input.Shape
            "output", output describe card.Kind card.Output.Shape
        ]

    /// The schema of a service; its endpoints' `doc` and its fields' descriptions are what people wrote above them. BentoML
    /// has no sockets, and its clients would post to them: they are left out.
    let ofService (documentation: Documentation) (service: ServiceCard) : JsonObject =
        let posted =
            service.Endpoints |> List.filter (fun card -> card.Kind <> EndpointKind.Socket)

        members [
            "name", text service.Name
            "type", text "service"
            "description", text (service.Description |> Option.defaultValue "")
            "routes", array [ for card in posted -> route documentation card ]
            "paths", node [ for card in posted -> card.Route, node [ "mounted", flag false ] ]
        ]
