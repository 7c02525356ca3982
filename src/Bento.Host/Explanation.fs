namespace Bento

open System
open System.Text.Json

/// The slow second look at a body that was refused: every fault in it, with its path, as its shape tells them.
[<RequireQualifiedAccess>]
module internal Explanation =

    /// More faults than these help nobody, and a hostile body could have millions.
    [<Literal>]
    let private mostFaults = 100

    [<Literal>]
    let private longestShown = 60

    let private shown (element: JsonElement) =
        match element.ValueKind with
        | JsonValueKind.Object -> "an object"
        | JsonValueKind.Array -> "a list"
        | JsonValueKind.String -> "text"
        | _ ->
            let text = element.GetRawText()

            if text.Length > longestShown then
                text.Substring(0, longestShown) + "…"
            else
                text

    let private fault location kind message = {
        Location = List.rev location
        Kind = kind
        Message = message
    }

    let private path (location: Step list) =
        let step part =
            match part with
            | Step.Name name -> "." + name
            | Step.Index index -> $"[{index}]"

        "body" + (location |> List.rev |> List.map step |> String.Concat)

    let private unwanted location shape element =
        fault location "type" $"{path location}: wanted {Shape.describe shape}, given {shown element}"

    let private outOfRange location element wanted =
        fault location "range" $"{path location}: {shown element} is out of range; wanted {wanted}"

    let private integer location shape minimum maximum (element: JsonElement) = [
        let digits = element.GetRawText()

        if digits.AsSpan().ContainsAny('.', 'e', 'E') then
            unwanted location shape element
        else
            match element.TryGetDecimal() with
            | true, number when number >= minimum && number <= maximum -> ()
            | _ -> outOfRange location element $"{minimum} to {maximum}"
    ]

    let private number location format (element: JsonElement) = [
        let fits =
            match format with
            | NumberFormat.Single -> Single.IsFinite(element.GetSingle())
            | NumberFormat.Double -> Double.IsFinite(element.GetDouble())
            | NumberFormat.Decimal -> fst (element.TryGetDecimal())

        if not fits then
            let wanted = (string format).ToLowerInvariant()
            outOfRange location element $"what a {wanted} holds"
    ]

    let private text location shape format (element: JsonElement) = [
        let readable =
            match format with
            | TextFormat.Plain -> not (isNull (element.GetString()))
            | TextFormat.Guid -> fst (element.TryGetGuid())
            | TextFormat.DateTime -> fst (element.TryGetDateTime())
            | TextFormat.DateTimeOffset -> fst (element.TryGetDateTimeOffset())

        if not readable then
            unwanted location shape element
    ]

    let rec private walk location shape (element: JsonElement) : Fault seq =
        match shape, element.ValueKind with
        | (Shape.Optional _ | Shape.Unit), JsonValueKind.Null -> Seq.empty
        | Shape.Optional inner, _ -> walk location inner element
        | _, JsonValueKind.Null ->
            Seq.singleton (fault location "null" $"{path location}: wanted {Shape.describe shape}, given null")
        | Shape.Boolean, (JsonValueKind.True | JsonValueKind.False)
        | Shape.Unit, JsonValueKind.Object -> Seq.empty
        | Shape.Integer(minimum, maximum), JsonValueKind.Number -> integer location shape minimum maximum element
        | Shape.Number format, JsonValueKind.Number -> number location format element
        | Shape.Text format, JsonValueKind.String -> text location shape format element
        | Shape.Sequence inner, JsonValueKind.Array ->
            element.EnumerateArray()
            |> Seq.mapi (fun index item -> walk (Step.Index index :: location) inner item)
            |> Seq.concat
        | Shape.Map inner, JsonValueKind.Object ->
            element.EnumerateObject()
            |> Seq.collect (fun field -> walk (Step.Name field.Name :: location) inner field.Value)
        | Shape.Record record, JsonValueKind.Object -> record.Fields |> Seq.collect (walkField location element)
        | _ -> Seq.singleton (unwanted location shape element)

    and private walkField location element field =
        let location = Step.Name field.Name :: location

        match element.TryGetProperty field.Name, field.Shape with
        | (true, value), _ -> walk location field.Shape value
        | _, Shape.Optional _ -> Seq.empty
        | _ ->
            Seq.singleton (fault location "missing" $"{path location} is missing; wanted {Shape.describe field.Shape}")

    let private documentOptions = JsonDocumentOptions(AllowDuplicateProperties = false)

    let private unreadable message = [ fault [] "json" $"The body is not JSON: {message}" ]

    /// Every fault of a body, up to a hundred; none where it is as wanted.
    let faults shape (body: Buffers.ReadOnlySequence<byte>) : Fault list =
        try
            use document = JsonDocument.Parse(body, documentOptions)
            walk [] shape document.RootElement |> Seq.truncate mostFaults |> List.ofSeq
        with
        | :? JsonException as problem -> unreadable problem.Message
        // A string that is not UTF-8 is found only where it is read.
        | :? InvalidOperationException as problem -> unreadable problem.Message
