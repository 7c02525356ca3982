namespace Bento

open System
open System.Collections.Generic
open System.Globalization
open System.Text.Json

/// The slow second look at a body that was refused: the faults of a value in it, with their paths, as its shape tells them.
/// Places are from the value up to the root until they are told.
[<RequireQualifiedAccess>]
module internal Explanation =

    /// More faults than these help nobody, and a hostile body could have millions.
    [<Literal>]
    let mostFaults = 100

    [<Literal>]
    let private longestShown = 60

    /// A caller knows by its beginning what is meant, and a hostile one gets no more back than it sent.
    let cut (text: string) =
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

    let private path (location: Step list) = Fault.path (List.rev location)

    let fault location kind message = {
        Location = List.rev location
        Kind = kind
        Message = $"{path location}{message}"
    }

    let private unwanted location shape element =
        fault location "type" $": wanted {Shape.describe shape}, given {shown element}"

    let private outOfRange location element wanted =
        fault location "range" $": {shown element} is out of range; wanted {wanted}"

    // -- scalars -------------------------------------------------------------------------------------

    /// A whole number that fits is `None`, as everywhere below. Its text is looked at only when it does not.
    let private integer location shape minimum maximum (element: JsonElement) =
        match element.TryGetInt64() with
        | true, number when decimal number >= minimum && decimal number <= maximum -> None
        | _ when element.GetRawText().AsSpan().ContainsAny('.', 'e', 'E') -> Some(unwanted location shape element)
        | _ ->
            match element.TryGetDecimal() with
            | true, number when number >= minimum && number <= maximum -> None
            | _ -> Some(outOfRange location element $"{minimum} to {maximum}")

    let private half (element: JsonElement) =
        Half.Parse(element.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture)

    let private number location format (element: JsonElement) =
        let fits =
            match format with
            | NumberFormat.Half -> Half.IsFinite(half element)
            | NumberFormat.Single -> Single.IsFinite(element.GetSingle())
            | NumberFormat.Double -> Double.IsFinite(element.GetDouble())
            | NumberFormat.Decimal -> fst (element.TryGetDecimal())

        if fits then
            None
        else
            let wanted = (string format).ToLowerInvariant()
            Some(outOfRange location element $"what a {wanted} holds")

    let private isCharacter (text: string) =
        text.Length = 1 && not (Char.IsSurrogate text[0])

    let private text location shape format (element: JsonElement) =
        try
            let text = nonNull (element.GetString())

            let readable =
                match format with
                | TextFormat.Plain -> true
                | TextFormat.Character -> isCharacter text
                | TextFormat.Guid -> fst (element.TryGetGuid())
                | TextFormat.DateTime -> fst (element.TryGetDateTime())
                | TextFormat.DateTimeOffset ->
                    fst (element.TryGetDateTimeOffset())
                    && TextOf.hasOffset (string (element.GetString()))
                | TextFormat.Date -> (TextOf.date text).IsSome
                | TextFormat.Time -> (TextOf.time text).IsSome
                | TextFormat.Duration -> (TextOf.duration text).IsSome
                | TextFormat.Uri -> (TextOf.uri text).IsSome
                | TextFormat.Base64 -> fst (element.TryGetBytesFromBase64())

            if readable then
                None
            else
                Some(unwanted location shape element)
        with :? InvalidOperationException as problem ->
            // Text that is not UTF-8, or half of a surrogate pair, is found only where it is read.
            Some(fault location "json" $": {problem.Message}")

    let private listed names =
        names |> List.map (fun name -> $"\"{name}\"") |> String.concat ", "

    let private choice location (names: string list) (element: JsonElement) =
        let given = nonNull (element.GetString())

        if List.contains given names then
            None
        else
            Some(
                fault
                    location
                    "enum"
                    $": \"{cut given}\" is none of {listed names}{Suggestion.didYouMean names (cut given)}"
            )

    // -- constraints ---------------------------------------------------------------------------------

    let private measure shape (element: JsonElement) =
        match shape, element.ValueKind with
        | Shape.Text TextFormat.Base64, JsonValueKind.String ->
            match element.TryGetBytesFromBase64() with
            | true, NonNull bytes -> Some(bytes.Length, "bytes")
            | _ -> None
        | _, JsonValueKind.String -> Some(ConstraintCheck.lengthOf (nonNull (element.GetString())), "characters")
        | _, JsonValueKind.Array -> Some(element.GetArrayLength(), "items")
        | _, JsonValueKind.Object -> Some(Seq.length (element.EnumerateObject()), "entries")
        | _ -> None

    let wrongLength location (length: int) (unit: string) (minimum: int) (maximum: int) =
        let wanted =
            if maximum = Int32.MaxValue then
                $"{minimum} or more"
            else
                $"{minimum} to {maximum}"

        fault location "length" $" has {length} {unit}; wanted {wanted}"

    let private valueOf format (element: JsonElement) =
        match format with
        | NumberFormat.Half -> float (half element)
        | NumberFormat.Single -> float (element.GetSingle())
        | NumberFormat.Double
        | NumberFormat.Decimal -> element.GetDouble()

    let rec private broken location shape (element: JsonElement) one =
        match one, shape with
        | _ when element.ValueKind = JsonValueKind.Null -> None
        | _, Shape.Optional inner -> broken location inner element one
        | Constraint.Range(minimum, maximum), _ ->
            let format =
                match shape with
                | Shape.Number format -> format
                | _ -> NumberFormat.Double

            let low, high = ConstraintCheck.ends format minimum maximum

            if ConstraintCheck.isWithin low high (valueOf format element) then
                None
            else
                Some(outOfRange location element $"{minimum} to {maximum}")
        | Constraint.Length(minimum, maximum), _ ->
            match measure shape element with
            | Some(length, unit) when not (ConstraintCheck.isWithin minimum maximum length) ->
                Some(wrongLength location length unit minimum maximum)
            | _ -> None
        | Constraint.Pattern pattern, _ ->
            if ConstraintCheck.matches pattern (nonNull (element.GetString())) then
                None
            else
                Some(fault location "pattern" $": the text does not match {pattern}")
        | Constraint.ContentType _, _ -> None

    // -- tensors and grids ---------------------------------------------------------------------------

    let elementShape element =
        let integer (minimum: 'T) (maximum: 'T) =
            Shape.Integer(Convert.ToDecimal minimum, Convert.ToDecimal maximum)

        match element with
        | ElementType.Boolean -> Shape.Boolean
        | ElementType.SByte -> integer SByte.MinValue SByte.MaxValue
        | ElementType.Byte -> integer Byte.MinValue Byte.MaxValue
        | ElementType.Int16 -> integer Int16.MinValue Int16.MaxValue
        | ElementType.UInt16 -> integer UInt16.MinValue UInt16.MaxValue
        | ElementType.Int32 -> integer Int32.MinValue Int32.MaxValue
        | ElementType.UInt32 -> integer UInt32.MinValue UInt32.MaxValue
        | ElementType.Int64 -> integer Int64.MinValue Int64.MaxValue
        | ElementType.UInt64 -> integer UInt64.MinValue UInt64.MaxValue
        | ElementType.Half -> Shape.Number NumberFormat.Half
        | ElementType.Single -> Shape.Number NumberFormat.Single
        | ElementType.Double -> Shape.Number NumberFormat.Double

    /// The bytes of a text as they are, which need not be text: a marked number is none.
    let private bytesOf (element: JsonElement) =
        Text.Encoding.UTF8.GetBytes(element.GetRawText().Trim '"')

    let private isMarkedNumber (element: JsonElement) =
        let mutable number = 0.

        element.ValueKind = JsonValueKind.String
        && BareNumbers.tryRead (ReadOnlySpan(bytesOf element)) &number

    /// The lengths of lists inside each other, as the first of each level has them.
    let rec private lengthsOf (element: JsonElement) : int list =
        if element.ValueKind <> JsonValueKind.Array then
            []
        else
            match element.GetArrayLength() with
            | 0 -> [ 0 ]
            | length -> length :: lengthsOf element[0]

    /// The lengths that a tensor of nothing is declared to have beyond those that JSON can show.
    let private completed declared lengths =
        match declared with
        | Some wanted when List.contains 0 lengths && List.length lengths < List.length wanted ->
            lengths
            @ (wanted |> List.skip lengths.Length |> List.map (fun length -> max length 0))
        | _ -> lengths

    let private isDeclared wanted lengths =
        List.length wanted = List.length lengths
        && List.forall2 (fun wanted length -> wanted < 0 || wanted = length) wanted lengths

    let private shownLengths (lengths: int list) = String.Join(" x ", lengths)

    let ragged location given length =
        fault location "ragged" $" has {given} items, and the first list beside it {length}"

    /// What is wrong with the lengths of a tensor, if anything.
    let undeclared location (tensor: TensorShape) lengths : Fault option =
        let lengths = List.truncate (Shape.mostDimensions + 1) lengths

        match tensor.Dimensions with
        | None when lengths.Length > Shape.mostDimensions ->
            Some(
                fault
                    location
                    "shape"
                    $": wanted {Shape.describe (Shape.Tensor tensor)}, of at most {Shape.mostDimensions} dimensions, given more"
            )
        | Some wanted when not (isDeclared wanted (completed tensor.Dimensions lengths)) ->
            Some(
                fault location "shape" $": wanted {Shape.describe (Shape.Tensor tensor)}, given {shownLengths lengths}"
            )
        | _ -> None

    /// Whether it stands for a file of the form that the JSON was made of.
    let private isAttached (element: JsonElement) =
        match element.ValueKind with
        | JsonValueKind.Number ->
            match element.TryGetInt32() with
            | true, number -> (Attachments.Current number).IsSome
            | _ -> false
        | _ -> false

    /// Its shape and its elements have been looked at where it was read.
    let private isAttachedTensor (element: JsonElement) =
        element.ValueKind = JsonValueKind.String
        && (Attachments.CurrentTensor(ReadOnlySpan(bytesOf element))).IsSome

    // -- the walk ------------------------------------------------------------------------------------

    let private keyFits key (name: string) =
        match key with
        | Shape.Integer(minimum, maximum) -> (TextOf.wholeNumber minimum maximum name).IsSome
        | Shape.Text TextFormat.Guid -> (TextOf.guid name).IsSome
        | Shape.Choice names -> List.contains name names
        | _ -> true

    let private givenTwice location =
        fault location "json" " is given more than once"

    /// What is wrong with a key of a map, if anything, beside those seen before it.
    let keyFault (seen: HashSet<string>) location key name : Fault option =
        if not (seen.Add name) then
            Some(givenTwice location)
        elif keyFits key name then
            None
        else
            Some(fault location "type" $": wanted a key that is {Shape.describe key}")

    let private isRepeated (name: string) (element: JsonElement) =
        let mutable fields = element.EnumerateObject()
        let mutable times = 0

        while times < 2 && fields.MoveNext() do
            if fields.Current.NameEquals name then
                times <- times + 1

        times = 2

    /// Adds the faults of one value to those found so far, until they are enough.
    let rec walk (found: ResizeArray<Fault>) location shape (element: JsonElement) : unit =
        let add = Option.iter found.Add

        match shape, element.ValueKind with
        | (Shape.Optional _ | Shape.Unit), JsonValueKind.Null -> ()
        | Shape.Optional inner, _ -> walk found location inner element
        | Shape.Custom custom, _ ->
            custom.Judge(element.GetRawText())
            |> Option.iter (fun reason -> found.Add(fault location "type" $": {reason}"))
        | _, JsonValueKind.Null -> found.Add(fault location "null" $": wanted {Shape.describe shape}, given null")
        | Shape.Tensor tensor, _ -> walkTensor found location tensor element
        | Shape.Boolean, (JsonValueKind.True | JsonValueKind.False)
        | Shape.Unit, JsonValueKind.Object -> ()
        | Shape.Integer(minimum, maximum), JsonValueKind.Number -> add (integer location shape minimum maximum element)
        | Shape.Number format, JsonValueKind.Number -> add (number location format element)
        | Shape.Text format, JsonValueKind.String -> add (text location shape format element)
        | Shape.Choice names, JsonValueKind.String -> add (choice location names element)
        | (Shape.Sequence inner | Shape.Set inner), JsonValueKind.Array -> walkItems found location inner element
        | Shape.Grid(rank, inner), JsonValueKind.Array ->
            walkGrid found location shape inner rank (lengthsOf element) element
        | Shape.Tuple parts, JsonValueKind.Array when element.GetArrayLength() = parts.Length ->
            parts
            |> List.iteri (fun index part -> walk found (Step.Index index :: location) part element[index])
        | Shape.Tuple parts, JsonValueKind.Array ->
            found.Add(fault location "length" $" has {element.GetArrayLength()} items; wanted {parts.Length}")
        | Shape.Map(key, inner), JsonValueKind.Object ->
            let mutable fields = element.EnumerateObject()
            let seen = HashSet<string>()

            while found.Count < mostFaults && fields.MoveNext() do
                let name = fields.Current.Name
                let location = Step.Name(cut name) :: location

                match keyFault seen location key name with
                | Some fault -> found.Add fault
                | None -> walk found location inner fields.Current.Value
        | Shape.Record record, JsonValueKind.Object ->
            walkFields walkValue found location record.Fields record.Closed [] element
        | Shape.Union union, JsonValueKind.Object -> walkUnion walkValue found location union element
        | Shape.Content _, _ ->
            if not (isAttached element) then
                let wanted = $"{Shape.describe shape}, attached in a body of multipart/form-data"
                found.Add(fault location "type" $": wanted {wanted}, given {shown element}")
        | _ -> found.Add(unwanted location shape element)

    and walkItem found location inner (item: JsonElement) =
        if not (item.ValueKind = JsonValueKind.Null && Shape.readsNullAsNaN inner) then
            walk found location inner item

    and private walkItems found location inner element =
        let mutable items = element.EnumerateArray()
        let mutable index = 0

        while found.Count < mostFaults && items.MoveNext() do
            walkItem found (Step.Index index :: location) inner items.Current
            index <- index + 1

    /// Each list must be as long as the first of its level.
    and walkGrid found location shape inner rank lengths element =
        match lengths with
        | _ when rank = 0 -> walkItem found location inner element
        | _ when element.ValueKind <> JsonValueKind.Array -> found.Add(unwanted location shape element)
        | length :: _ when element.GetArrayLength() <> length ->
            found.Add(ragged location (element.GetArrayLength()) length)
        | _ ->
            let rest = List.skip (min 1 lengths.Length) lengths
            let mutable index = 0

            for item in element.EnumerateArray() do
                if found.Count < mostFaults then
                    walkGrid found (Step.Index index :: location) shape inner (rank - 1) rest item

                index <- index + 1

    and private walkTensor found location tensor element =
        match element.ValueKind with
        | _ when isAttachedTensor element -> ()
        | JsonValueKind.Object -> found.Add(unwanted location (Shape.Tensor tensor) element)
        | JsonValueKind.String when not (isMarkedNumber element) ->
            found.Add(unwanted location (Shape.Tensor tensor) element)
        | _ ->
            let lengths = lengthsOf element

            match undeclared location tensor lengths with
            | Some fault -> found.Add fault
            | None -> walkElements found location (elementShape tensor.Element) lengths element

    and walkElements found location shape lengths element =
        match lengths, element.ValueKind with
        | [], JsonValueKind.Array ->
            found.Add(fault location "ragged" ": wanted a number as in the first place, given a list")
        | [], _ -> walkElement found location shape element
        | length :: _, JsonValueKind.Array when element.GetArrayLength() <> length ->
            found.Add(ragged location (element.GetArrayLength()) length)
        | _ :: rest, JsonValueKind.Array ->
            let mutable index = 0

            for item in element.EnumerateArray() do
                if found.Count < mostFaults then
                    walkElements found (Step.Index index :: location) shape rest item

                index <- index + 1
        | _ -> found.Add(fault location "ragged" $": wanted a list as in the first place, given {shown element}")

    /// Floating-point tensors take null, and true and false, for numbers.
    and private walkElement found location shape element =
        match shape, element.ValueKind with
        | Shape.Number _, (JsonValueKind.Null | JsonValueKind.True | JsonValueKind.False) -> ()
        | Shape.Number _, JsonValueKind.String when isMarkedNumber element -> ()
        | _ -> walk found location shape element

    and walkUnion judge found location union element =
        let tag = Step.Name "type" :: location
        let names = union.Cases |> List.map _.Name

        match element.TryGetProperty "type" with
        | false, _ -> found.Add(fault tag "missing" $" is missing; wanted one of {listed names}")
        | true, _ when isRepeated "type" element -> found.Add(givenTwice tag)
        | true, value when value.ValueKind <> JsonValueKind.String -> found.Add(unwanted tag (Shape.Choice names) value)
        | true, value ->
            match union.Cases |> List.tryFind (fun case -> value.ValueEquals case.Name) with
            | None -> choice tag names value |> Option.iter found.Add
            | Some case -> walkFields judge found location case.Fields union.Closed [ "type" ] element

    and walkFields judge found location fields closed others element =
        for field in fields do
            if found.Count < mostFaults then
                walkField judge found location element field

        if closed then
            let known = others @ (fields |> List.map _.Name)
            let aliases = fields |> List.choose _.Alias
            let seen = HashSet(known @ aliases)

            for property in element.EnumerateObject() do
                if found.Count < mostFaults && seen.Add property.Name then
                    let name = cut property.Name

                    found.Add(
                        fault
                            (Step.Name name :: location)
                            "unknown"
                            $" is not known here{Suggestion.didYouMean known name}"
                    )

    and private walkField judge found location element field =
        let here = Step.Name field.Name :: location

        let value (name: string) =
            match element.TryGetProperty name with
            | true, value -> Some value
            | _ -> None

        let judgeOne name value =
            if isRepeated name element then
                found.Add(givenTwice here)
            else
                judge found here field value

        match value field.Name, Option.bind value field.Alias with
        | Some _, Some _ ->
            found.Add(fault here "unknown" $" is given twice, as \"{field.Name}\" and as \"{field.Alias.Value}\"")
        | Some value, None -> judgeOne field.Name value
        | None, Some value -> judgeOne field.Alias.Value value
        | None, None when field.Required ->
            found.Add(fault here "missing" $" is missing; wanted {Shape.describe field.Shape}")
        | None, None -> ()

    /// The constraints of a value are looked at when there is nothing else to say of it.
    and walkValue found location field value =
        let before = found.Count
        walk found location field.Shape value

        if found.Count = before then
            field.Constraints
            |> List.choose (broken location field.Shape value)
            |> List.iter found.Add

    let notJson location (problem: exn) = [
        {
            Location = location
            Kind = "json"
            Message = $"The {Fault.path location} is not JSON: {problem.Message}"
        }
    ]

    /// Gives the document of a value, which is known to be JSON, to `see`.
    let inDocument location (see: JsonElement -> unit) (json: ReadOnlyMemory<byte>) : Fault list =
        use document = JsonDocument.Parse json

        try
            see document.RootElement
            []
        // A name or a text that is not UTF-8 is found only where it is compared.
        with :? InvalidOperationException as problem ->
            notJson location problem
