namespace Bento

open System
open System.Buffers
open System.Text.Json
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Http

/// What an input is as a whole, which says in which forms it may travel.
[<RequireQualifiedAccess; NoComparison; NoEquality>]
type internal Root =
    /// An object: JSON, or a form.
    | Fields of FormPlan
    /// One file: the body itself.
    | Content of Content
    /// Files: the parts of a body.
    | Contents of Content
    /// `byte[]`: base64 in JSON, or the body itself.
    | Bytes
    /// A tensor: JSON, numpy's format, or the bytes of its elements.
    | Tensor of TensorPlan
    /// A value that JSON writes as a string: with quotes, or as text without.
    | Text
    /// Any other value: JSON, under the name of text too.
    | Value
    | Nothing

/// How the bodies of one endpoint are read.
[<NoComparison; NoEquality>]
type internal Reading<'In> = {
    Card: EndpointCard
    Limit: Limit
    Json: JsonReading<'In>
    /// From the bytes of JSON, however they lie.
    Decode: ReadOnlySequence<byte> -> Result<'In, Refusal>
    Root: Root
    Carriages: Carriage list
    /// Whether JSON under its plain name is nothing but JSON.
    TakesJson: bool
}

/// From the bytes of a request to a handler's input, or to the reasons why not.
[<RequireQualifiedAccess>]
module internal Body =

    let rec private rootOf kind shape =
        match shape with
        | Shape.Unit -> Root.Nothing
        | Shape.Optional inner -> rootOf kind inner
        | Shape.Content content -> Root.Content content
        | Shape.Sequence(Shape.Content content) -> Root.Contents content
        | Shape.Tensor tensor -> Root.Tensor(TensorBody.plan kind tensor)
        | Shape.Text TextFormat.Base64 -> Root.Bytes
        | Shape.Text _
        | Shape.Choice _ -> Root.Text
        | _ ->
            match Form.plan shape with
            | Some plan -> Root.Fields plan
            | None -> Root.Value

    let plan<'In> (service: ServiceCard) (card: EndpointCard) : Reading<'In> =
        let json = JsonBody.plan<'In> card
        let root = rootOf card.Input.Type card.Input.Shape

        {
            Card = card
            Limit = Intake.limit service card
            Json = json
            Decode = Intake.inOnePiece (JsonBody.decode json)
            Root = root
            Carriages = Carriage.ofInput card.Input.Shape
            TakesJson =
                match root with
                | Root.Content _
                | Root.Contents _
                | Root.Bytes -> false
                | _ -> true
        }

    // -- what the headers say ------------------------------------------------------------------------

    let private taken reading =
        let isAny carriage =
            match carriage with
            | Carriage.Bytes
            | Carriage.Content _ -> true
            | _ -> false

        let names = [
            yield! reading.Carriages |> List.map Carriage.mediaType
            if reading.Root.IsValue then
                MediaType.text
        ]

        if List.exists isAny reading.Carriages then
            "any media type"
        else
            match List.rev names with
            | last :: (_ :: _ as others) -> String.Join(", ", List.rev others) + " or " + last
            | _ -> names.Head

    let private unsupported reading (given: string) : Result<'In, Refusal> =
        Refusal.plain
            StatusCodes.Status415UnsupportedMediaType
            $"The body's media type is {given}; \"{reading.Card.Name}\" takes {taken reading}, and text in UTF-8."
        |> Error

    let private whole reading http cancellation decode =
        Intake.whole reading.Limit http cancellation decode

    let private json reading http cancellation =
        Intake.pieces reading.Limit http cancellation reading.Decode

    let private isNothing (body: ReadOnlyMemory<byte>) =
        body.IsEmpty || body.Span.SequenceEqual "null"B

    /// Base64 in JSON is told from bytes by the quote before it.
    let private bytes isJson reading http cancellation =
        whole reading http cancellation (fun body ->
            let isOptional = reading.Json.Codec.Shape.IsOptional

            if isJson && (body.Span.StartsWith "\""B || isOptional && isNothing body) then
                JsonBody.decode reading.Json body
            else
                match box (body.ToArray()) with
                | :? 'In as bytes -> Ok bytes
                | bytes -> JsonBody.decode reading.Json (ReadOnlyMemory(JsonSerializer.SerializeToUtf8Bytes bytes)))

    /// Nothing is no tensor where there may be none.
    let private tensor reading (http: HttpContext) cancellation decode : Task<Result<'In, Refusal>> =
        Intake.pieces reading.Limit http cancellation (fun body ->
            if body.IsEmpty && reading.Json.Codec.Shape.IsOptional then
                JsonBody.decode reading.Json ReadOnlyMemory.Empty
            else
                decode body)

    let private tensorBytes plan reading (http: HttpContext) cancellation : Task<Result<'In, Refusal>> =
        match TensorBody.layoutOf http with
        | Ok layout -> tensor reading http cancellation (TensorBody.ofBytes plan layout)
        | Error refusal when reading.Json.Codec.Shape.IsOptional ->
            tensor reading http cancellation (fun _ -> Error refusal)
        | Error refusal -> Task.FromResult(Error refusal)

    /// Where files go that are too large for memory; made when the first of them comes.
    let private directory (context: HostContext) () = context.TempDirectory

    let private file content reading (context: HostContext) cancellation =
        let http = context.Http
        let declared = http.Request.ContentType |> Option.ofObj |> Option.defaultValue ""

        Intake.stream reading.Limit http cancellation (fun body ->
            FormBody.ofFile content reading.Json http (directory context) declared body cancellation)

    let private parts reading (context: HostContext) cancellation mediaType : Task<Result<'In, Refusal>> option =
        let read parse =
            Intake.stream reading.Limit context.Http cancellation (fun body ->
                parse reading.Json context.Http (directory context) mediaType body cancellation)
            |> Some

        match reading.Root with
        | Root.Fields plan -> read (FormBody.ofMultipart plan)
        | Root.Contents content -> read (FormBody.ofFiles true content)
        | Root.Content content -> read (FormBody.ofFiles false content)
        | _ -> None

    /// In which of the ways there are a body came.
    let private carriageOf reading mediaType =
        let isText = MediaType.isUtf8 mediaType
        let isParts = MediaType.is MediaType.multipart mediaType

        reading.Carriages
        |> List.tryFind (fun carriage ->
            match carriage with
            | Carriage.Json -> MediaType.isJson mediaType && isText
            | Carriage.Text
            | Carriage.UrlEncoded -> MediaType.is (Carriage.mediaType carriage) mediaType && isText
            | Carriage.Multipart -> isParts
            | Carriage.Npy
            | Carriage.Elements -> MediaType.is (Carriage.mediaType carriage) mediaType
            | Carriage.Bytes
            | Carriage.Content _ -> not isParts)

    let private parsed reading (context: HostContext) cancellation mediaType : Task<Result<'In, Refusal>> option =
        let http = context.Http

        match carriageOf reading mediaType, reading.Root with
        | Some Carriage.Multipart, _ -> parts reading context cancellation mediaType
        | Some(Carriage.Content content), _ -> Some(file content reading context cancellation)
        | Some Carriage.Bytes, _ -> Some(bytes false reading http cancellation)
        | Some Carriage.Json, Root.Bytes -> Some(bytes true reading http cancellation)
        | Some Carriage.Json, _ -> Some(json reading http cancellation)
        | Some Carriage.UrlEncoded, Root.Fields plan ->
            Some(whole reading http cancellation (FormBody.ofUrlEncoded plan reading.Json http))
        | Some Carriage.Text, _ -> Some(whole reading http cancellation (JsonBody.decodeText reading.Json))
        | Some Carriage.Npy, Root.Tensor plan -> Some(tensor reading http cancellation (TensorBody.ofNpy plan))
        | Some Carriage.Elements, Root.Tensor plan -> Some(tensorBytes plan reading http cancellation)
        // BentoML's clients call numbers and lists text, which are JSON all the same.
        | None, (Root.Value | Root.Tensor _) when MediaType.is MediaType.text mediaType && MediaType.isUtf8 mediaType ->
            Some(json reading http cancellation)
        // What clients call a body that they do not send is their own affair.
        | None, Root.Nothing ->
            Some(
                whole reading http cancellation (fun body ->
                    if body.IsEmpty then
                        JsonBody.decode reading.Json body
                    else
                        unsupported reading (string mediaType))
            )
        | _ -> None

    let private untyped reading (context: HostContext) cancellation =
        match reading.Root with
        | Root.Content content -> file content reading context cancellation
        | Root.Bytes -> bytes true reading context.Http cancellation
        // A form that nobody filled in has neither a body nor a type.
        | Root.Fields plan when Form.hasFiles plan ->
            whole reading context.Http cancellation (fun body ->
                JsonBody.decode reading.Json (if body.IsEmpty then ReadOnlyMemory "{}"B else body))
        | _ -> json reading context.Http cancellation

    /// Reads the body of a request at the input type of its endpoint, until the token fires.
    let read
        (reading: Reading<'In>)
        (context: HostContext)
        (cancellation: CancellationToken)
        : Task<Result<'In, Refusal>> =
        let http = context.Http

        match http.Request.ContentType with
        | null
        | "" -> untyped reading context cancellation
        | given when reading.TakesJson && MediaType.isPlainJson given -> json reading http cancellation
        | given ->
            MediaType.tryParse given
            |> Option.bind (parsed reading context cancellation)
            |> Option.defaultWith (fun () -> Task.FromResult(unsupported reading given))
