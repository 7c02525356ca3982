namespace Bento

open System
open System.Text
open System.Text.Json
open System.Text.Json.Nodes
open Bento.JsonNodes

/// Values that a shape takes, for people to start from.
[<RequireQualifiedAccess>]
module Example =

    let private textual format =
        match format with
        | TextFormat.Plain -> "text"
        | TextFormat.Character -> "a"
        | TextFormat.Guid -> "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
        | TextFormat.DateTime -> "2026-01-31T12:30:00"
        | TextFormat.DateTimeOffset -> "2026-01-31T12:30:00+00:00"
        | TextFormat.Date -> "2026-01-31"
        | TextFormat.Time -> "12:30:00"
        | TextFormat.Duration -> "PT1M30S"
        | TextFormat.Uri -> "https://example.com/"
        | TextFormat.Base64 -> "AAEC"

    /// Longer examples help nobody.
    [<Literal>]
    let private longest = 16

    /// Each part, or nothing where one of them has none.
    let private all (parts: JsonNode option list) =
        if parts |> List.forall _.IsSome then
            Some(List.choose id parts)
        else
            None

    let private asObject (parts: (string * JsonNode option) list) =
        all (List.map snd parts)
        |> Option.map (fun values -> node (List.zip (List.map fst parts) values))

    let private copies count (part: unit -> JsonNode option) =
        all (List.init count (fun _ -> part ())) |> Option.map array

    let private element kind : JsonNode =
        match kind with
        | ElementType.Boolean -> flag true
        | ElementType.Half
        | ElementType.Single
        | ElementType.Double -> JsonValue.Create 0.5
        | _ -> number 1

    /// One value along each dimension of any length. A large tensor is no example.
    let private tensor (shape: TensorShape) =
        let lengths = shape.Dimensions |> Option.defaultValue [ -1 ] |> List.map (max -1)
        let lengths = lengths |> List.map (fun length -> if length < 0 then 1 else length)

        let rec nested lengths =
            match lengths with
            | [] -> element shape.Element
            | length :: rest -> array [ for _ in 1..length -> nested rest ]

        if
            lengths |> List.forall (fun length -> length <= longest)
            && List.length lengths <= 4
        then
            Some(nested lengths)
        else
            None

    let private isReal shape =
        match shape with
        | Shape.Number _ -> true
        | _ -> false

    let rec private isTextual shape =
        match shape with
        | Shape.Text _
        | Shape.Choice _ -> true
        | Shape.Optional inner -> isTextual inner
        | _ -> false

    /// What a person gave as an example of a field, unless the field does not take it.
    let private given (field: FieldShape) (words: string) : JsonNode option =
        let json =
            if isTextual field.Shape then
                (text words).ToJsonString()
            else
                words

        match Faults.ofField field (ReadOnlyMemory(Encoding.UTF8.GetBytes json)) with
        | [] -> JsonNode.Parse json |> Option.ofObj
        | _ -> None

    /// A value that keeps a field's constraints too; nothing where that takes more than the constraints themselves tell.
    let rec private within written (constraints: Constraint list) (shape: Shape) : JsonNode option =
        match shape, constraints with
        | Shape.Optional inner, _ -> within written constraints inner
        | _, [] -> make written shape
        | Shape.Integer(lowest, highest), [ Constraint.Range(minimum, maximum) ] when
            abs minimum < 1e15 && maximum >= 1.
            ->
            let value = max (decimal (ceil minimum)) (max lowest (min highest 1m))

            if float value <= maximum then
                Some(JsonValue.Create value)
            else
                None
        | Shape.Integer _, [ Constraint.Range(minimum, maximum) ] when abs maximum < 1e15 && floor maximum >= minimum ->
            Some(JsonValue.Create(decimal (floor maximum)))
        | real, [ Constraint.Range(minimum, maximum) ] when isReal real ->
            Some(JsonValue.Create(max minimum (min maximum 0.5)))
        | Shape.Text TextFormat.Plain, [ Constraint.Length(minimum, maximum) ] when minimum <= longest ->
            let words = "text".PadRight(minimum, 't')
            Some(text (words.Substring(0, min words.Length maximum)))
        | Shape.Sequence inner, [ Constraint.Length(minimum, maximum) ] when minimum <= longest ->
            copies (min maximum (max minimum 1)) (fun () -> make written inner)
        | _ -> None

    and private ofField written (example: FieldShape -> string option) (field: FieldShape) : JsonNode option =
        match example field |> Option.bind (given field), field.Default with
        | Some value, _ -> Some value
        | None, Some json when json <> "null" -> JsonNode.Parse json |> Option.ofObj
        | None, _ -> within written field.Constraints field.Shape

    and private make (written: RecordShape -> FieldShape -> string option) (shape: Shape) : JsonNode option =
        match shape with
        | Shape.Unit -> Some(node [])
        | Shape.Boolean -> Some(flag true)
        | Shape.Integer(minimum, maximum) -> Some(JsonValue.Create(max minimum (min maximum 1m)))
        | Shape.Number _ -> Some(JsonValue.Create 0.5)
        | Shape.Text format -> Some(text (textual format))
        | Shape.Choice names -> names |> List.tryHead |> Option.map text
        | Shape.Optional inner -> make written inner
        | Shape.Sequence inner
        | Shape.Set inner -> copies 1 (fun () -> make written inner)
        | Shape.Grid(rank, inner) when rank > 1 -> copies 1 (fun () -> make written (Shape.Grid(rank - 1, inner)))
        | Shape.Grid(_, inner) -> copies 1 (fun () -> make written inner)
        | Shape.Tensor shape -> tensor shape
        | Shape.Tuple parts -> all (List.map (make written) parts) |> Option.map array
        | Shape.Map(Shape.Text TextFormat.Plain, value) -> asObject [ "key", make written value ]
        | Shape.Map(key, value) ->
            match make written key with
            | Some key -> asObject [ string key, make written value ]
            | None -> None
        | Shape.Record record -> ofFields written (written record) record.Fields
        | Shape.Union union ->
            match union.Cases with
            | first :: _ -> ofCase written first
            | [] -> None
        | Shape.Content _
        | Shape.Custom _ -> None

    /// A field that may be absent is left out where it has no example.
    and private ofFields written example (fields: FieldShape list) =
        [
            for field in fields do
                match ofField written example field with
                | None when not field.Required -> ()
                | value -> field.Name, value
        ]
        |> asObject

    and private ofCase written (case: CaseShape) =
        ofFields written (fun _ -> None) case.Fields
        |> Option.map (fun fields ->
            fields.AsObject().Insert(0, "type", text case.Name)
            fields)

    /// A value of the shape as JSON, made of the examples that people gave of its fields where they did; nothing where none
    /// can be told.
    let documented (documentation: Documentation) (shape: Shape) : JsonNode option =
        make (Documentation.exampleOf documentation) shape

    /// A value of the shape as JSON; nothing where none can be told from the shape alone.
    let ofShape (shape: Shape) : JsonNode option = documented Documentation.none shape
