namespace Bento

open System
open System.Buffers
open System.Collections.Generic
open System.Text
open System.Text.Json

/// Every fault of a body that was refused. The document of a large one would take ten times its memory, so that lists and
/// objects in it are read over, and what is small in them has a document for as long as it is looked at.
[<RequireQualifiedAccess>]
module internal Faults =

    /// Up to so many bytes are looked at as one document.
    [<Literal>]
    let private usual = 262_144

    let private isOf (first: byte) (json: ReadOnlyMemory<byte>) = json.Span[0] = first

    /// Gives the values in a list or an object to `visit`, with their names in an object, until that is false.
    let private iterate (json: ReadOnlyMemory<byte>) (visit: string -> ReadOnlyMemory<byte> -> bool) : unit =
        let mutable reader = Utf8JsonReader(json.Span, JsonReaderOptions())
        reader.Read() |> ignore
        let isObject = reader.TokenType = JsonTokenType.StartObject

        let ends =
            if isObject then
                JsonTokenType.EndObject
            else
                JsonTokenType.EndArray

        let mutable more = reader.Read() && reader.TokenType <> ends

        while more do
            let mutable name = ""

            if isObject then
                name <- nonNull (reader.GetString())
                reader.Read() |> ignore

            let start = int reader.TokenStartIndex
            reader.Skip()
            let value = json.Slice(start, int reader.BytesConsumed - start)
            more <- visit name value && reader.Read() && reader.TokenType <> ends

    /// Whether a value is to be gone through piece by piece. A text or a number is one piece however long it is.
    let private isLarge piece (json: ReadOnlyMemory<byte>) =
        json.Length > piece && (isOf '['B json || isOf '{'B json)

    /// The same kind of value, with nothing in it.
    let private bare (json: ReadOnlyMemory<byte>) : ReadOnlyMemory<byte> =
        if isOf '['B json then ReadOnlyMemory "[]"B
        elif isOf '{'B json then ReadOnlyMemory "{}"B
        else json

    let private countOf (json: ReadOnlyMemory<byte>) =
        let count = ref 0

        iterate json (fun _ _ ->
            count.Value <- count.Value + 1
            true)

        count.Value

    let private isEnough (found: ResizeArray<Fault>) = found.Count >= Explanation.mostFaults

    let private look (found: ResizeArray<Fault>) location (json: ReadOnlyMemory<byte>) (see: JsonElement -> unit) =
        found.AddRange(Explanation.inDocument (List.rev location) see json)

    /// Gives what is small in a list to `small`, many in one document, and what is large to `large`, each with its index.
    let private eachItem
        piece
        found
        location
        json
        (small: int -> JsonElement -> unit)
        (large: int -> ReadOnlyMemory<byte> -> unit)
        =
        let gathered = ArrayBufferWriter<byte>()
        // The places of the first item that is gathered, and of the one at hand.
        let first = ref 0
        let current = ref 0

        let see (list: JsonElement) =
            let mutable index = first.Value

            for item in list.EnumerateArray() do
                if not (isEnough found) then
                    small index item

                index <- index + 1

        let flush () =
            if gathered.WrittenCount > 0 then
                gathered.Write "]"B
                look found location gathered.WrittenMemory see
                gathered.ResetWrittenCount()

        iterate json (fun _ (item: ReadOnlyMemory<byte>) ->
            if isLarge piece item then
                flush ()
                large current.Value item
            else
                if gathered.WrittenCount = 0 then
                    first.Value <- current.Value
                    gathered.Write "["B
                else
                    gathered.Write ","B

                gathered.Write item.Span

                if gathered.WrittenCount > piece then
                    flush ()

            current.Value <- current.Value + 1
            not (isEnough found))

        flush ()

    /// The lengths of lists inside each other, as the first of each level has them, in one pass over all; no more than
    /// so many.
    let private lengthsOf most (json: ReadOnlyMemory<byte>) : int list =
        let lengths = List<int>()
        // How many of the first lists are not over yet: the lengths that may still grow.
        let mutable openLists = 0
        let mutable reader = Utf8JsonReader(json.Span, JsonReaderOptions())
        let mutable more = isOf '['B json

        while more && reader.Read() do
            match reader.TokenType with
            | JsonTokenType.EndArray when reader.CurrentDepth = openLists - 1 ->
                openLists <- openLists - 1
                more <- openLists > 0
            | JsonTokenType.EndArray
            | JsonTokenType.EndObject
            | JsonTokenType.PropertyName -> ()
            | token when reader.CurrentDepth = openLists ->
                let isFirst = openLists = 0 || lengths[openLists - 1] = 0

                if openLists > 0 then
                    lengths[openLists - 1] <- lengths[openLists - 1] + 1

                if
                    token = JsonTokenType.StartArray
                    && isFirst
                    && lengths.Count = openLists
                    && openLists < most
                then
                    lengths.Add 0
                    openLists <- openLists + 1
            | _ -> ()

        List.ofSeq lengths

    /// An object with its fields of those names and their values, large ones with nothing in them, and as many others as there
    /// may be faults. Beside it the large values.
    let private outline piece (names: HashSet<string>) (json: ReadOnlyMemory<byte>) =
        let buffer = ArrayBufferWriter<byte>()
        let large = Dictionary<string, ReadOnlyMemory<byte>>()
        use writer = new Utf8JsonWriter(buffer, JsonWriterOptions(SkipValidation = true))
        let seen = Dictionary<string, int>()
        writer.WriteStartObject()

        iterate json (fun name value ->
            let times =
                match seen.TryGetValue name with
                | true, times -> times
                | _ -> 0

            if names.Contains name && times < 2 then
                seen[name] <- times + 1
                writer.WritePropertyName name

                if isLarge piece value then
                    large[name] <- value
                    writer.WriteRawValue((bare value).Span, skipInputValidation = true)
                else
                    writer.WriteRawValue(value.Span, skipInputValidation = true)
            elif times = 0 && seen.Count < names.Count + Explanation.mostFaults then
                seen[name] <- 1
                writer.WriteNull name

            true)

        writer.WriteEndObject()
        writer.Flush()
        buffer.WrittenMemory, large

    let private namesOf (fields: FieldShape list) = [
        for field in fields do
            field.Name
            yield! Option.toList field.Alias
    ]

    /// Whether an element is as wanted at a glance. Of what is not, a document will tell.
    let private isPlainlyFit shape (reader: byref<Utf8JsonReader>) =
        match shape, reader.TokenType with
        | Shape.Boolean, (JsonTokenType.True | JsonTokenType.False)
        | Shape.Number _, (JsonTokenType.True | JsonTokenType.False | JsonTokenType.Null) -> true
        | Shape.Integer(minimum, maximum), JsonTokenType.Number ->
            let mutable number = 0L

            reader.TryGetInt64 &number
            && decimal number >= minimum
            && decimal number <= maximum
        | Shape.Number format, JsonTokenType.Number ->
            let most =
                match format with
                | NumberFormat.Half -> float Half.MaxValue
                | NumberFormat.Single -> float Single.MaxValue
                | _ -> Double.MaxValue

            let mutable number = 0.
            reader.TryGetDouble &number && abs number <= most
        | _ -> false

    /// The elements of a tensor and the lengths of the lists that they are in, in one pass over all. What is wrong in a
    /// list of a wrong length is forgotten when its length is known.
    let private walkElements
        (found: ResizeArray<Fault>)
        location
        shape
        (lengths: int list)
        (json: ReadOnlyMemory<byte>)
        =
        let wanted = Array.ofList lengths
        // Of each list that is open how many items it had so far, and how many faults there were before it.
        let counts = Array.zeroCreate<int> wanted.Length
        let before = Array.zeroCreate<int> wanted.Length

        let at depth =
            [ for level in depth - 1 .. -1 .. 0 -> Step.Index(counts[level] - 1) ]
            @ location

        let mutable depth = 0
        let mutable reader = Utf8JsonReader(json.Span, JsonReaderOptions())

        while reader.Read() do
            if reader.TokenType = JsonTokenType.EndArray then
                depth <- depth - 1

                if counts[depth] <> wanted[depth] then
                    found.RemoveRange(before[depth], found.Count - before[depth])

                    if not (isEnough found) then
                        found.Add(Explanation.ragged (at depth) counts[depth] wanted[depth])
            else
                if depth > 0 then
                    counts[depth - 1] <- counts[depth - 1] + 1

                if reader.TokenType = JsonTokenType.StartArray && depth < wanted.Length then
                    counts[depth] <- 0
                    before[depth] <- found.Count
                    depth <- depth + 1
                elif depth < wanted.Length || not (isPlainlyFit shape &reader) then
                    let start = int reader.TokenStartIndex
                    reader.Skip()

                    if not (isEnough found) then
                        let item = bare (json.Slice(start, int reader.BytesConsumed - start))
                        let here = at depth
                        look found here item (Explanation.walkElements found here shape (List.skip depth lengths))

    /// Adds the faults of one value, as `Explanation.walk` does.
    let rec private walk piece (found: ResizeArray<Fault>) location shape (json: ReadOnlyMemory<byte>) : unit =
        let isList = isOf '['B json
        let isObject = isOf '{'B json

        match shape with
        | _ when isEnough found -> ()
        | _ when not (isLarge piece json) -> look found location json (Explanation.walk found location shape)
        | Shape.Optional inner -> walk piece found location inner json
        | Shape.Custom custom ->
            custom.Judge(Encoding.UTF8.GetString json.Span)
            |> Option.iter (fun reason -> found.Add(Explanation.fault location "type" $": {reason}"))
        | Shape.Tensor tensor when isList -> walkTensor found location tensor json
        | (Shape.Sequence inner | Shape.Set inner) when isList ->
            eachItem
                piece
                found
                location
                json
                (fun index item -> Explanation.walkItem found (Step.Index index :: location) inner item)
                (fun index item -> walk piece found (Step.Index index :: location) inner item)
        | Shape.Grid(rank, inner) when isList ->
            walkGrid piece found location shape inner rank (lengthsOf rank json) json
        | Shape.Tuple parts when isList ->
            let length = countOf json

            if length <> parts.Length then
                found.Add(Explanation.fault location "length" $" has {length} items; wanted {parts.Length}")
            else
                let rest = ref parts

                iterate json (fun _ item ->
                    walk piece found (Step.Index(parts.Length - rest.Value.Length) :: location) rest.Value.Head item
                    rest.Value <- rest.Value.Tail
                    true)
        | Shape.Map(key, inner) when isObject ->
            let seen = HashSet<string>()

            iterate json (fun name value ->
                let here = Step.Name(Explanation.cut name) :: location

                match Explanation.keyFault seen here key name with
                | Some fault -> found.Add fault
                | None -> walk piece found here inner value

                not (isEnough found))
        | Shape.Record record when isObject ->
            inOutline piece found location (namesOf record.Fields) json (fun judge outline ->
                Explanation.walkFields judge found location record.Fields record.Closed [] outline)
        | Shape.Union union when isObject ->
            let names = "type" :: (union.Cases |> List.collect _.Fields |> namesOf)

            inOutline piece found location names json (fun judge outline ->
                Explanation.walkUnion judge found location union outline)
        // What kind of value it is says it all.
        | _ -> look found location (bare json) (Explanation.walk found location shape)

    and private inOutline piece found location names json see =
        let outline, large = outline piece (HashSet names) json

        let judge (found: ResizeArray<Fault>) here (field: FieldShape) (value: JsonElement) =
            match namesOf [ field ] |> List.tryFind large.ContainsKey with
            | Some name -> walkValue piece found here field large[name]
            | None -> Explanation.walkValue found here field value

        look found location outline (see judge)

    /// Each list must be as long as the first of its level.
    and private walkGrid piece found location shape inner rank lengths json =
        let rest = List.skip (min 1 (List.length lengths)) lengths
        let at index = Step.Index index :: location

        match lengths with
        | _ when rank = 0 -> walk piece found location inner json
        | _ when not (isOf '['B json) -> look found location (bare json) (Explanation.walk found location shape)
        | length :: _ when countOf json <> length -> found.Add(Explanation.ragged location (countOf json) length)
        | _ ->
            eachItem
                piece
                found
                location
                json
                (fun index item -> Explanation.walkGrid found (at index) shape inner (rank - 1) rest item)
                (fun index item -> walkGrid piece found (at index) shape inner (rank - 1) rest item)

    and private walkTensor found location tensor json =
        let lengths = lengthsOf (Shape.mostDimensions + 1) json

        match Explanation.undeclared location tensor lengths with
        | Some fault -> found.Add fault
        | None -> walkElements found location (Explanation.elementShape tensor.Element) lengths json

    /// The value of a field, of which its constraints are looked at when there is nothing else to say.
    and private walkValue piece found location field (json: ReadOnlyMemory<byte>) =
        if isOf '['B json || isOf '{'B json then
            let before = found.Count
            walk piece found location field.Shape json

            if found.Count = before then
                let unit = if isOf '['B json then "items" else "entries"

                for one in field.Constraints do
                    match one with
                    | Constraint.Length(minimum, maximum) ->
                        let length = countOf json

                        if not (ConstraintCheck.isWithin minimum maximum length) then
                            found.Add(Explanation.wrongLength location length unit minimum maximum)
                    | _ -> ()
        else
            look found location json (Explanation.walkValue found location field)

    /// The value of a body in its first pass: whether it is JSON at all, and where its value lies.
    let private valueOf (body: ReadOnlyMemory<byte>) =
        let mutable reader = Utf8JsonReader(body.Span, JsonReaderOptions())
        reader.Read() |> ignore
        let start = int reader.TokenStartIndex

        while reader.Read() do
            ()

        body.Slice start

    let private find location (walk: ResizeArray<Fault> -> ReadOnlyMemory<byte> -> unit) body =
        try
            let found = ResizeArray()
            walk found (valueOf body)
            List.ofSeq found |> List.truncate Explanation.mostFaults
        with
        | :? JsonException as problem -> Explanation.notJson location problem
        // A name that is not UTF-8 is found only where it is read.
        | :? InvalidOperationException as problem -> Explanation.notJson location problem

    /// Every fault of a body that was refused, up to a hundred, found in documents of so many bytes.
    let inPieces piece (shape: Shape) (body: ReadOnlyMemory<byte>) : Fault list =
        find [] (fun found json -> walk piece found [] shape json) body

    let ofBody shape body = inPieces usual shape body

    /// The same of the JSON that is one field's; none where it is as wanted.
    let ofField (field: FieldShape) (body: ReadOnlyMemory<byte>) : Fault list =
        let location = [ Step.Name field.Name ]
        find location (fun found json -> walkValue usual found location field json) body
