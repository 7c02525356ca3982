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
        match inner["enum"] with
        | :? JsonArray as names -> names.Insert(names.Count, null)
        | _ -> ()

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

    let private halfLimits () : (string * JsonNode) list = [
        "minimum", JsonValue.Create(float Half.MinValue)
        "maximum", JsonValue.Create(float Half.MaxValue)
    ]

    /// Numbers that are not finite are sent as null, and taken from nobody.
    let private number direction format =
        match format, direction with
        | NumberFormat.Decimal, _ -> schema [ "type", text "number" ]
        | floating, direction ->
            let name = if floating = NumberFormat.Double then "double" else "float"

            let one =
                schema [
                    "type", text "number"
                    "format", text name
                    if floating = NumberFormat.Half then
                        yield! halfLimits ()
                ]

            match direction with
            | Direction.Input -> one
            | Direction.Output -> nullable one

    /// The date and time of day of ISO 8601, as .NET reads and writes it: an offset may be left out.
    [<Literal>]
    let private localTime =
        @"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?$"

    /// A duration of ISO 8601 without years and months; the format of that name knows no sign and no fraction.
    [<Literal>]
    let private duration =
        @"^-?P(?=\d|T\d)(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$"

    let private textual format =
        match format with
        | TextFormat.Plain -> schema [ "type", text "string" ]
        | TextFormat.Guid -> schema [ "type", text "string"; "format", text "uuid" ]
        | TextFormat.DateTimeOffset -> schema [ "type", text "string"; "format", text "date-time" ]
        | TextFormat.DateTime -> schema [ "type", text "string"; "pattern", text localTime ]
        | TextFormat.Character ->
            schema [
                "type", text "string"
                "minLength", JsonValue.Create 1
                "maxLength", JsonValue.Create 1
            ]
        | TextFormat.Date -> schema [ "type", text "string"; "format", text "date" ]
        | TextFormat.Time -> schema [ "type", text "string"; "pattern", text @"^\d{2}:\d{2}(:\d{2}(\.\d+)?)?$" ]
        | TextFormat.Duration -> schema [ "type", text "string"; "pattern", text duration ]
        | TextFormat.Uri -> schema [ "type", text "string"; "format", text "uri" ]
        | TextFormat.Base64 ->
            schema [
                "type", text "string"
                "contentEncoding", text "base64"
                "pattern", text @"^[A-Za-z0-9+/]*={0,2}$"
            ]

    let private choice names =
        schema [ "type", text "string"; "enum", array (names |> List.map text) ]

    let rec private present shape =
        match shape with
        | Shape.Optional inner -> present inner
        | shape -> shape

    /// Of two ends of a range the one that leaves less.
    let private narrow (property: JsonObject) (name: string) (choose: float -> float -> float) (limit: float) =
        match property[name] with
        | :? JsonValue as known -> property[name] <- JsonValue.Create(choose (float (string known)) limit)
        | _ -> property[name] <- JsonValue.Create limit

    /// A schema has one pattern; what else is to match stands in schemas beside it.
    let private matching (property: JsonObject) (pattern: string) =
        match property["pattern"], property["allOf"] with
        | null, _ -> property["pattern"] <- text pattern
        | _, (:? JsonArray as others) -> others.Add(schema [ "pattern", text pattern ])
        | _ -> property["allOf"] <- array [ schema [ "pattern", text pattern ] ]

    /// What a field's value must keep beyond its type.
    let private constrain (property: JsonObject) (shape: Shape) constraints =
        for one in constraints do
            match one, present shape with
            | Constraint.Range(minimum, maximum), _ ->
                narrow property "minimum" max minimum
                narrow property "maximum" min maximum
            // The length of bytes is not that of their base64.
            | Constraint.Length _, Shape.Text TextFormat.Base64 -> ()
            | Constraint.Length(minimum, maximum), shape ->
                let what =
                    match shape with
                    | Shape.Sequence _
                    | Shape.Set _ -> "Items"
                    | Shape.Map _ -> "Properties"
                    | _ -> "Length"

                narrow property ("min" + what) max (float minimum)

                if maximum < Int32.MaxValue then
                    narrow property ("max" + what) min (float maximum)
            | Constraint.Pattern pattern, _ -> matching property pattern
            | Constraint.ContentType mediaType, _ -> property["contentMediaType"] <- text mediaType

    let rec private nested rank (item: JsonObject) =
        if rank = 0 then
            item
        else
            nested (rank - 1) (schema [ "type", text "array"; "items", item ])

    /// Of what a tensor holds as numbers: truths are taken for them, and null is one that is not finite.
    let private loose direction limits : JsonObject =
        schema [
            "type",
            array [
                text "number"
                if direction = Direction.Input then
                    text "boolean"
                text "null"
            ]
            yield! limits
        ]

    let private element direction kind =
        let one =
            match kind with
            | ElementType.Boolean -> schema [ "type", text "boolean" ]
            | ElementType.Half -> loose direction (halfLimits ())
            | ElementType.Single
            | ElementType.Double -> loose direction []
            | ElementType.SByte -> integer (decimal SByte.MinValue) (decimal SByte.MaxValue)
            | ElementType.Byte -> integer (decimal Byte.MinValue) (decimal Byte.MaxValue)
            | ElementType.Int16 -> integer (decimal Int16.MinValue) (decimal Int16.MaxValue)
            | ElementType.UInt16 -> integer (decimal UInt16.MinValue) (decimal UInt16.MaxValue)
            | ElementType.Int32 -> integer (decimal Int32.MinValue) (decimal Int32.MaxValue)
            | ElementType.UInt32 -> integer (decimal UInt32.MinValue) (decimal UInt32.MaxValue)
            | ElementType.Int64 -> integer (decimal Int64.MinValue) (decimal Int64.MaxValue)
            | ElementType.UInt64 -> integer (decimal UInt64.MinValue) (decimal UInt64.MaxValue)

        one

    /// The same schema with lists among its values, whose items are of another.
    let private orListOf (items: JsonObject) (one: JsonObject) =
        let names =
            match one["type"] with
            | :? JsonArray as names -> names |> Seq.map string |> List.ofSeq
            | name -> [ string name ]

        one["type"] <- array [ for name in names @ [ "array" ] -> text name ]
        one["items"] <- items
        one

    /// An element that is in no list: null there is no tensor, and no number of one.
    let private lone direction kind =
        let one = element direction kind

        match one["type"] with
        | :? JsonArray as names when direction = Direction.Input ->
            one["type"] <-
                array [
                    for name in names do
                        if string name <> "null" then
                            text (string name)
                ]
        | _ -> ()

        one

    /// Lists inside each other, as deep and as long as the tensor is declared to be; where it is not, an element or lists
    /// of them, as deep as a tensor may be.
    let private tensor direction (tensor: TensorShape) =
        match tensor.Dimensions with
        | None ->
            let items =
                (element direction tensor.Element, seq { 2 .. Shape.mostDimensions })
                ||> Seq.fold (fun items _ -> element direction tensor.Element |> orListOf items)

            lone direction tensor.Element |> orListOf items
        | Some [] -> lone direction tensor.Element
        | Some lengths ->
            (element direction tensor.Element, List.rev lengths)
            ||> List.fold (fun item length ->
                schema [
                    "type", text "array"
                    "items", item
                    if length >= 0 then
                        "minItems", JsonValue.Create length
                        "maxItems", JsonValue.Create length
                ])

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
        | Shape.Choice names -> choice names
        | Shape.Sequence shape -> schema [ "type", text "array"; "items", ofItem direction describe shape ]
        | Shape.Set shape -> schema [ "type", text "array"; "items", inner shape ]
        | Shape.Grid(rank, shape) -> nested rank (ofItem direction describe shape)
        | Shape.Tensor shape -> tensor direction shape
        | Shape.Tuple parts ->
            schema [
                "type", text "array"
                "prefixItems", array [ for part in parts -> inner part ]
                "minItems", JsonValue.Create parts.Length
                "maxItems", JsonValue.Create parts.Length
            ]
        | Shape.Map(Shape.Text TextFormat.Plain, value) ->
            schema [ "type", text "object"; "additionalProperties", inner value ]
        | Shape.Map(Shape.Integer _, value) ->
            schema [
                "type", text "object"
                "propertyNames", schema [ "pattern", text "^-?[0-9]+$" ]
                "additionalProperties", inner value
            ]
        | Shape.Map(key, value) ->
            schema [
                "type", text "object"
                "propertyNames", inner key
                "additionalProperties", inner value
            ]
        | Shape.Record record -> ofRecord direction describe record
        | Shape.Union union ->
            schema [
                "oneOf", array [ for case in union.Cases -> ofCase direction describe union case ]
            ]
        | Shape.Content _ -> schema [ "type", text "string"; "format", text "binary" ]
        | Shape.Custom _ -> schema []

    /// An item that is a floating-point number may be null, which is then not a number.
    and private ofItem direction describe item : JsonObject =
        let one = ofShape direction describe item

        if Shape.readsNullAsNaN item then nullable one else one

    and private ofCase direction describe union case : JsonObject =
        let record = {
            Name = union.Name
            Type = union.Type
            Fields = case.Fields
            Closed = union.Closed
        }

        let one = ofRecord direction describe record
        (nonNull one["properties"]).AsObject().Insert(0, "type", schema [ "const", text case.Name ])

        match one["required"] with
        | :? JsonArray as required -> required.Insert(0, text "type")
        | _ -> one["required"] <- array [ text "type" ]

        one

    /// An absent option is left out of what is sent, so that only what is taken may have it as null.
    and private ofField (direction: Direction) describe record (field: FieldShape) =
        let property =
            match field.Shape, direction with
            | Shape.Optional shape, Direction.Output when field.Default.IsNone -> ofShape direction describe shape
            | shape, _ -> ofShape direction describe shape

        describe record (Some field)
        |> Option.iter (fun words -> property["description"] <- text words)

        constrain property field.Shape field.Constraints

        match field.Default with
        | Some json when direction = Direction.Input -> property["default"] <- JsonNode.Parse json
        | _ -> ()

        property

    and private ofRecord direction describe record =
        let properties =
            schema [
                for field in record.Fields -> field.Name, ofField direction describe record field :> JsonNode
            ]

        let required =
            record.Fields
            |> List.filter (fun field -> field.Required || direction = Direction.Output && not field.Shape.IsOptional)

        schema [
            "type", text "object"
            match describe record None with
            | Some words -> "description", text words
            | None -> ()
            "properties", properties
            if not required.IsEmpty then
                "required", array [ for field in required -> text field.Name ]
            if record.Closed || direction = Direction.Output then
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
