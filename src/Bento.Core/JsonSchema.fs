namespace Bento

open System
open System.Text.Json.Nodes

/// A shape as JSON Schema 2020-12: what a caller may send, and what it is sent back.
[<RequireQualifiedAccess>]
module JsonSchema =

    [<RequireQualifiedAccess>]
    type internal Direction =
        | Input
        | Output

    /// What people wrote about a record, or about one of its fields.
    type internal Describe = RecordShape -> FieldShape option -> string option

    let internal text (value: string) : JsonNode =
        JsonValue.Create value |> nonNull :> JsonNode

    let internal schema (members: (string * JsonNode) list) =
        let schema = JsonObject()

        for name, value in members do
            schema.Add(name, value)

        schema

    let internal array (items: JsonNode seq) : JsonNode = JsonArray(Array.ofSeq items)

    /// The same schema with null among its values.
    let private nullable (inner: JsonObject) =
        match inner["type"] with
        | :? JsonValue as name ->
            inner["type"] <- array [ name.DeepClone(); text "null" ]
            inner
        | :? JsonArray as names ->
            if names |> Seq.forall (fun name -> string name <> "null") then
                names.Add(text "null")

            inner
        | _ -> schema [ "anyOf", array [ inner; schema [ "type", text "null" ] ] ]

    let private integer (minimum: decimal) (maximum: decimal) =
        let format =
            if minimum = decimal Int32.MinValue && maximum = decimal Int32.MaxValue then
                [ "format", text "int32" ]
            elif minimum = decimal Int64.MinValue && maximum = decimal Int64.MaxValue then
                [ "format", text "int64" ]
            else
                []

        schema [
            "type", text "integer"
            yield! format
            "minimum", JsonValue.Create minimum
            "maximum", JsonValue.Create maximum
        ]

    /// Numbers that are not finite are sent as null, and taken from nobody.
    let private number direction format =
        match format, direction with
        | NumberFormat.Decimal, _ -> schema [ "type", text "number" ]
        | floating, direction ->
            let name = if floating = NumberFormat.Single then "float" else "double"

            let one = schema [ "type", text "number"; "format", text name ]

            match direction with
            | Direction.Input -> one
            | Direction.Output -> nullable one

    /// The date and time of day of ISO 8601, as .NET reads and writes it: an offset may be left out.
    [<Literal>]
    let private localTime =
        @"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?$"

    let private textual format =
        match format with
        | TextFormat.Plain -> schema [ "type", text "string" ]
        | TextFormat.Guid -> schema [ "type", text "string"; "format", text "uuid" ]
        | TextFormat.DateTimeOffset -> schema [ "type", text "string"; "format", text "date-time" ]
        | TextFormat.DateTime -> schema [ "type", text "string"; "pattern", text localTime ]

    let rec private ofShape (direction: Direction) (describe: Describe) (shape: Shape) : JsonObject =
        let inner = ofShape direction describe

        match shape with
        | Shape.Unit when direction = Direction.Input -> schema [ "type", array [ text "object"; text "null" ] ]
        | Shape.Unit -> schema [ "type", text "null" ]
        | Shape.Boolean -> schema [ "type", text "boolean" ]
        | Shape.Integer(minimum, maximum) -> integer minimum maximum
        | Shape.Number format -> number direction format
        | Shape.Text format -> textual format
        | Shape.Optional shape -> nullable (inner shape)
        | Shape.Sequence shape -> schema [ "type", text "array"; "items", inner shape ]
        | Shape.Map shape -> schema [ "type", text "object"; "additionalProperties", inner shape ]
        | Shape.Record record -> ofRecord direction describe record

    /// An absent option is left out of what is sent, so that only what is taken may have it as null.
    and private ofField direction describe record (field: FieldShape) =
        let property =
            match field.Shape, direction with
            | Shape.Optional shape, Direction.Output -> ofShape direction describe shape
            | shape, _ -> ofShape direction describe shape

        describe record (Some field)
        |> Option.iter (fun words -> property["description"] <- text words)

        property

    and private ofRecord direction describe record =
        let properties =
            schema [
                for field in record.Fields -> field.Name, ofField direction describe record field :> JsonNode
            ]

        let required =
            record.Fields |> List.filter (fun field -> not field.Shape.IsOptional)

        schema [
            "type", text "object"
            match describe record None with
            | Some words -> "description", text words
            | None -> ()
            "properties", properties
            if not required.IsEmpty then
                "required", array [ for field in required -> text field.Name ]
            if direction = Direction.Output then
                "additionalProperties", JsonValue.Create false
        ]

    /// With the words of people in it.
    let internal described direction describe shape = ofShape direction describe shape

    let private undescribed: Describe = fun _ _ -> None

    /// What a caller may send where this shape is wanted.
    let input (shape: Shape) : JsonObject =
        ofShape Direction.Input undescribed shape

    /// What a caller is sent where this shape is given; numbers that are not finite come as null.
    let output (shape: Shape) : JsonObject =
        ofShape Direction.Output undescribed shape
