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

    /// A caller knows by its beginning what is meant, and a hostile one gets no more back than it sent.
    let private cut (text: string) =
        if text.Length > longestShown then
            text.Substring(0, longestShown) + "…"
        else
            text

    let private shown (element: JsonElement) =
        match element.ValueKind with
        | JsonValueKind.Object -> "an object"
        | JsonValueKind.Array -> "a list"
        | JsonValueKind.String -> "text"
        | _ -> cut (element.GetRawText())

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

    /// A whole number that fits is `None`, as everywhere below. Its text is looked at only when it does not.
    let private integer location shape minimum maximum (element: JsonElement) =
        match element.TryGetInt64() with
        | true, number when decimal number >= minimum && decimal number <= maximum -> None
        | _ when element.GetRawText().AsSpan().ContainsAny('.', 'e', 'E') -> Some(unwanted location shape element)
        | _ ->
            match element.TryGetDecimal() with
            | true, number when number >= minimum && number <= maximum -> None
            | _ -> Some(outOfRange location element $"{minimum} to {maximum}")

    let private number location format (element: JsonElement) =
        let fits =
            match format with
            | NumberFormat.Half -> Half.IsFinite(Half.op_Explicit (element.GetDouble()): Half)
            | NumberFormat.Single -> Single.IsFinite(element.GetSingle())
            | NumberFormat.Double -> Double.IsFinite(element.GetDouble())
            | NumberFormat.Decimal -> fst (element.TryGetDecimal())

        if fits then
            None
        else
            let wanted = (string format).ToLowerInvariant()
            Some(outOfRange location element $"what a {wanted} holds")

    let private text location shape format (element: JsonElement) =
        try
            let readable =
                match format with
                | TextFormat.Plain -> not (isNull (element.GetString()))
                | TextFormat.Guid -> fst (element.TryGetGuid())
                | TextFormat.DateTime -> fst (element.TryGetDateTime())
                | TextFormat.DateTimeOffset -> fst (element.TryGetDateTimeOffset())
                | _ -> false

            if readable then
                None
            else
                Some(unwanted location shape element)
        with :? InvalidOperationException as problem ->
            // Text that is not UTF-8, or half of a surrogate pair, is found only where it is read.
            Some(fault location "json" $"{path location}: {problem.Message}")

    /// Whether it stands for a file of the form that the JSON was made of.
    let private isAttached (element: JsonElement) =
        match element.ValueKind with
        | JsonValueKind.Number ->
            match element.TryGetInt32() with
            | true, number -> (Attachments.Current number).IsSome
            | _ -> false
        | _ -> false

    /// Adds the faults of one value to those found so far, until they are enough.
    let rec private walk (found: ResizeArray<Fault>) location shape (element: JsonElement) : unit =
        let add = Option.iter found.Add

        match shape, element.ValueKind with
        | (Shape.Optional _ | Shape.Unit), JsonValueKind.Null -> ()
        | Shape.Optional inner, _ -> walk found location inner element
        | _, JsonValueKind.Null ->
            found.Add(fault location "null" $"{path location}: wanted {Shape.describe shape}, given null")
        | Shape.Boolean, (JsonValueKind.True | JsonValueKind.False)
        | Shape.Unit, JsonValueKind.Object -> ()
        | Shape.Integer(minimum, maximum), JsonValueKind.Number -> add (integer location shape minimum maximum element)
        | Shape.Number format, JsonValueKind.Number -> add (number location format element)
        | Shape.Text format, JsonValueKind.String -> add (text location shape format element)
        | Shape.Sequence inner, JsonValueKind.Array ->
            let mutable items = element.EnumerateArray()
            let mutable index = 0

            while found.Count < mostFaults && items.MoveNext() do
                walk found (Step.Index index :: location) inner items.Current
                index <- index + 1
        | Shape.Map(_, inner), JsonValueKind.Object ->
            let mutable fields = element.EnumerateObject()

            while found.Count < mostFaults && fields.MoveNext() do
                walk found (Step.Name(cut fields.Current.Name) :: location) inner fields.Current.Value
        | Shape.Content _, _ ->
            if not (isAttached element) then
                let wanted = $"{Shape.describe shape}, attached in a body of multipart/form-data"
                found.Add(fault location "type" $"{path location}: wanted {wanted}, given {shown element}")
        | Shape.Record record, JsonValueKind.Object ->
            for field in record.Fields do
                if found.Count < mostFaults then
                    walkField found location element field
        | _ -> found.Add(unwanted location shape element)

    and private walkField found location element field =
        let location = Step.Name field.Name :: location

        match element.TryGetProperty field.Name, field.Shape with
        | (true, value), _ -> walk found location field.Shape value
        | _, Shape.Optional _ -> ()
        | _ -> found.Add(fault location "missing" $"{path location} is missing; wanted {Shape.describe field.Shape}")

    let private documentOptions = JsonDocumentOptions(AllowDuplicateProperties = false)

    let private notJson (problem: exn) = [ fault [] "json" $"The body is not JSON: {problem.Message}" ]

    /// Every fault of a body, up to a hundred; none where it is as wanted.
    let faults shape (body: ReadOnlyMemory<byte>) : Fault list =
        try
            use document = JsonDocument.Parse(body, documentOptions)
            let found = ResizeArray()
            walk found [] shape document.RootElement
            List.ofSeq found
        with
        | :? JsonException as problem -> notJson problem
        // A name that is not UTF-8 is found only where it is compared.
        | :? InvalidOperationException as problem -> notJson problem
