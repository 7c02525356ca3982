namespace Bento

open System
open System.Buffers
open System.Collections.Generic
open System.Text.Encodings.Web
open System.Text.Json

/// What a form says for a name, once.
[<RequireQualifiedAccess; NoComparison; NoEquality>]
type internal FormValue =
    /// Text of no said type.
    | Bare of string
    /// What calls itself JSON.
    | Json of byte[]
    | Attached of File
    /// A tensor as its own bytes, and what the headers of the part say of them, "" where they say nothing.
    | Tensor of File * element: string * lengths: string

/// What a part of a form is taken for, where it does not say so itself.
[<RequireQualifiedAccess>]
type internal PartKind =
    | Value
    | File
    | Tensor

/// How the forms of one endpoint are read.
[<NoComparison; NoEquality>]
type internal FormPlan = {
    Record: RecordShape
    /// By the names that the wire has for them.
    Fields: Dictionary<string, FieldShape>
    /// How tensors are read from bytes, by what they are.
    Tensors: Dictionary<TensorShape, TensorPlan>
}

/// A form as the JSON object that it stands for, so that it is decoded and refused as any other body is.
[<RequireQualifiedAccess>]
module internal Form =

    /// The shape of one value of a field, past its options.
    let rec private itemOf shape =
        match shape with
        | Shape.Optional inner -> itemOf inner
        | other -> other

    let rec private listOf shape =
        match shape with
        | Shape.Optional inner -> listOf inner
        | Shape.Sequence inner
        | Shape.Set inner -> Some inner
        | _ -> None

    /// The tensor that a field is, or is a list of.
    let private tensorOf (field: FieldShape) =
        match itemOf (listOf field.Shape |> Option.defaultValue field.Shape) with
        | Shape.Tensor tensor -> Some tensor
        | _ -> None

    let plan (shape: Shape) : FormPlan option =
        match shape with
        | Shape.Record record ->
            let fields = Dictionary StringComparer.Ordinal
            let tensors = Dictionary()

            for field in record.Fields do
                fields[field.Name] <- field
                field.Alias |> Option.iter (fun alias -> fields[alias] <- field)

                tensorOf field
                |> Option.iter (fun tensor -> tensors[tensor] <- TensorBody.plan typeof<obj> tensor)

            Some {
                Record = record
                Fields = fields
                Tensors = tensors
            }
        | _ -> None

    /// Whether a field is a file, or a list of them.
    let takesFiles (field: FieldShape) = (Carriage.contentOf field.Shape).IsSome

    /// Whether an endpoint is one that forms are made for.
    let hasFiles (plan: FormPlan) =
        plan.Record.Fields |> List.exists takesFiles

    let tryField (plan: FormPlan) (name: string) =
        match plan.Fields.TryGetValue name with
        | true, field -> ValueSome field
        | _ -> ValueNone

    /// What a part of that name is taken for; nothing where no field has it.
    let kindOf (plan: FormPlan) (name: string) : PartKind voption =
        tryField plan name
        |> ValueOption.map (fun field ->
            if takesFiles field then PartKind.File
            elif (tensorOf field).IsSome then PartKind.Tensor
            else PartKind.Value)

    // -- one value -----------------------------------------------------------------------------------

    let private fault (field: FieldShape) kind message = {
        Location = [ Step.Name field.Name ]
        Kind = kind
        Message = $"body.{field.Name}: {message}"
    }

    let private isJson (text: byte[]) =
        try
            let mutable reader = Utf8JsonReader(ReadOnlySpan text)

            while reader.Read() do
                ()

            true
        with :? JsonException ->
            false

    /// Whether it is JSON that begins with that character.
    let private isJsonOf (first: char) (text: string) =
        text.AsSpan().TrimStart().StartsWith([| first |].AsSpan())
        && isJson (Text.Encoding.UTF8.GetBytes text)

    let private isOptional shape =
        match shape with
        | Shape.Optional _ -> true
        | _ -> false

    let private describe (field: FieldShape) shape =
        match shape with
        | Shape.Content _ -> $"wanted {Shape.describe field.Shape}, attached with a file name"
        | _ -> $"wanted {Shape.describe field.Shape}"

    let private writeBare (writer: Utf8JsonWriter) field shape (text: string) : Fault option =
        let raw () =
            writer.WriteRawValue(text, skipInputValidation = true)
            None

        match itemOf shape with
        | _ when text = "null" && isOptional shape -> raw ()
        | Shape.Content _ when text = "" && isOptional shape ->
            writer.WriteNullValue()
            None
        | Shape.Content _ when Uri.IsWellFormedUriString(text, UriKind.Absolute) ->
            Some(fault field "type" "a URL is not fetched; attach the file itself")
        | Shape.Content _ as content -> Some(fault field "type" $"{describe field content}, given text")
        | Shape.Text _
        | Shape.Choice _ when isJsonOf '"' text -> raw ()
        | Shape.Text _
        | Shape.Choice _ ->
            writer.WriteStringValue text
            None
        | _ when String.IsNullOrWhiteSpace text && isOptional shape ->
            writer.WriteNullValue()
            None
        | _ when isJson (Text.Encoding.UTF8.GetBytes text) -> raw ()
        | other -> Some(fault field "json" $"{describe field other}, given what is not JSON")

    let private writeJson (writer: Utf8JsonWriter) field shape (json: byte[]) : Fault option =
        match itemOf shape with
        | Shape.Content _ as content -> Some(fault field "type" $"{describe field content}, given JSON")
        | _ when isJson json ->
            writer.WriteRawValue(ReadOnlySpan json, skipInputValidation = true)
            None
        | other -> Some(fault field "json" $"{describe field other}, given what is not JSON")

    let private constraintOf (field: FieldShape) =
        field.Constraints
        |> List.tryPick (fun limit ->
            match limit with
            | Constraint.ContentType ranges -> Some ranges
            | _ -> None)

    /// The first bytes of a file, as far as they tell its type.
    let private beginning (file: File) =
        use source = file.Open()
        let bytes = Array.zeroCreate<byte> FileSignature.length

        let length =
            source.ReadAtLeast(bytes.AsSpan(), bytes.Length, throwOnEndOfStream = false)

        bytes.AsSpan(0, length).ToArray()

    /// What is wrong with a file's type: it is not what it says, or not what is wanted.
    let typeFault (ranges: string option) (content: Content) (file: File) : string option =
        let bytes = beginning file
        let declared = MediaType.essence file.ContentType

        let shown =
            FileSignature.find (ReadOnlySpan bytes)
            |> Option.defaultValue "of no known type"

        let wanted =
            match ranges, content with
            | Some ranges, _ -> Some ranges
            | None, Content.Image -> Some "image/*"
            | None, _ -> None

        match wanted with
        | _ when not (FileSignature.agrees declared (ReadOnlySpan bytes)) ->
            Some $"the file \"{file.Name}\" says that it is {declared}, and its bytes are {shown}"
        | Some ranges when not (MediaType.isWithin ranges declared) ->
            Some $"wanted {ranges}, given {declared} in \"{file.Name}\""
        | _ -> None

    let private strictUtf8 = Text.UTF8Encoding(false, true)

    let private tryText (bytes: byte[]) =
        try
            ValueSome(strictUtf8.GetString bytes)
        with :? Text.DecoderFallbackException ->
            ValueNone

    let private writeFile (attachments: Attachments) (writer: Utf8JsonWriter) field shape (file: File) : Fault option =
        match itemOf shape with
        | Shape.Content content ->
            match typeFault (constraintOf field) content file with
            | Some message -> Some(fault field "content_type" message)
            | None ->
                writer.WriteNumberValue(attachments.Add file)
                None
        | Shape.Text TextFormat.Base64 ->
            match typeFault (constraintOf field) Content.File file with
            | Some message -> Some(fault field "content_type" message)
            | None ->
                writer.WriteBase64StringValue(ReadOnlySpan(file.ReadAllBytes()))
                None
        | Shape.Text _ ->
            match tryText (file.ReadAllBytes()) with
            | ValueSome text -> writeBare writer field shape text
            | ValueNone -> Some(fault field "json" $"the file \"{file.Name}\" is not UTF-8")
        | _ -> writeJson writer field shape (file.ReadAllBytes())

    let private writeTensor plan (attachments: Attachments) (writer: Utf8JsonWriter) field shape part : Fault option =
        let file, element, lengths = part

        let read =
            match itemOf shape with
            | Shape.Tensor tensor ->
                let file: File = file
                TensorBody.ofPart plan.Tensors[tensor] file.ContentType element lengths (file.ReadAllBytes())
            | _ -> None

        match read with
        | Some(Ok tensor) ->
            writer.WriteStringValue(attachments.AddTensor tensor)
            None
        | Some(Error(struct (kind, message))) -> Some(fault field kind message)
        // Programs call a file of JSON bytes where they know no better.
        | None -> writeFile attachments writer field shape file

    /// Writes one value, or null in the place of what no JSON can be made of.
    let private writeOne plan attachments (writer: Utf8JsonWriter) field shape value =
        let found =
            match value with
            | FormValue.Bare text -> writeBare writer field shape text
            | FormValue.Json json -> writeJson writer field shape json
            | FormValue.Attached file -> writeFile attachments writer field shape file
            | FormValue.Tensor(file, element, lengths) ->
                writeTensor plan attachments writer field shape (file, element, lengths)

        if found.IsSome then
            writer.WriteNullValue()

        found

    // -- the object ----------------------------------------------------------------------------------

    /// Whether one value of a list's field is the list itself. Files have no JSON but what is written here: a list of
    /// the sender's would name attachments by their numbers, past every check of a file.
    let private isWhole (field: FieldShape) item value =
        match value with
        | FormValue.Bare text when takesFiles field -> text = "null" && isOptional field.Shape
        | _ when takesFiles field -> false
        | FormValue.Json json -> json.AsSpan().TrimStart(" \t\r\n"B).StartsWith("["B)
        | FormValue.Bare text -> isJsonOf '[' text || (text = "null" && isOptional field.Shape)
        // Bytes that say nothing of their shape are JSON, as from programs that know no better.
        | FormValue.Tensor(file, element, lengths) ->
            not (TensorBody.isOwnBytes file.ContentType element lengths (ReadOnlySpan(beginning file)))
        | FormValue.Attached _ ->
            match itemOf item with
            | Shape.Text _ -> false
            | _ -> true

    /// Whether nobody filled a field in, which a browser sends as a file without name and bytes. A text may be empty.
    let private isUnfilled (field: FieldShape) value =
        let isEmpty (file: File) = file.Length = 0L && file.Name = ""

        match value, itemOf (listOf field.Shape |> Option.defaultValue field.Shape) with
        | _, Shape.Text TextFormat.Plain -> false
        | FormValue.Attached file, _ -> isEmpty file
        | FormValue.Tensor(file, element, lengths), _ -> element = "" && lengths = "" && isEmpty file
        | _ -> false

    /// What was given for a field: where it may be absent or empty, only what somebody filled in.
    let private filledIn (field: FieldShape) values =
        if field.Required && (listOf field.Shape).IsNone then
            values
        else
            values |> List.filter (fun value -> not (isUnfilled field value))

    let private writeList plan attachments (writer: Utf8JsonWriter) field item (values: FormValue list) =
        writer.WriteStartArray()
        let faults = values |> List.choose (writeOne plan attachments writer field item)
        writer.WriteEndArray()
        faults

    let private writeField
        plan
        attachments
        (writer: Utf8JsonWriter)
        (field: FieldShape)
        (values: FormValue list)
        : Fault list =
        match listOf field.Shape, values with
        | Some item, [ value ] when isWhole field item value ->
            writeOne plan attachments writer field field.Shape value |> Option.toList
        | Some item, values -> writeList plan attachments writer field item values
        | None, [ value ] -> writeOne plan attachments writer field field.Shape value |> Option.toList
        | None, values ->
            writer.WriteNullValue()

            [
                fault field "type" $"{describe field field.Shape}, given {values.Length} times"
            ]

    let private options =
        JsonWriterOptions(Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true)

    /// The JSON of a form, and what no JSON can be made of.
    let toJson
        (plan: FormPlan)
        attachments
        (values: IReadOnlyList<struct (string * FormValue)>)
        : ReadOnlyMemory<byte> * Fault list =
        let buffer = ArrayBufferWriter<byte>()
        let faults = ResizeArray<Fault>()
        use writer = new Utf8JsonWriter(buffer, options)
        writer.WriteStartObject()

        for name, same in values |> Seq.groupBy (fun struct (name, _) -> name) do
            let same = [ for struct (_, value) in same -> value ]

            match tryField plan name with
            | ValueSome field ->
                match filledIn field same with
                | [] when not field.Required -> ()
                | given ->
                    writer.WritePropertyName name
                    faults.AddRange(writeField plan attachments writer field given)
            | ValueNone ->
                // Its value does not matter: a closed record refuses its name, others pass over it.
                writer.WriteNull name

        writer.WriteEndObject()
        writer.Flush()
        buffer.WrittenMemory, List.ofSeq faults
