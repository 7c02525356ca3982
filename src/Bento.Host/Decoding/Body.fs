namespace Bento

open System
open System.Buffers
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
    /// Whether JSON under its plain name is nothing but JSON.
    TakesJson: bool
}

/// From the bytes of a request to a handler's input, or to the reasons why not.
[<RequireQualifiedAccess>]
module internal Body =

    let rec private rootOf (kind: Type) shape =
        match shape with
        | Shape.Unit -> Root.Nothing
        // As its own bytes a tensor is always there; one that may be absent travels as JSON.
        | Shape.Optional(Shape.Tensor _) -> Root.Value
        | Shape.Optional inner -> rootOf kind inner
        | Shape.Content content -> Root.Content content
        | Shape.Sequence(Shape.Content content) -> Root.Contents content
        | Shape.Tensor tensor -> Root.Tensor(TensorBody.plan tensor)
        | Shape.Text TextFormat.Base64 when kind = typeof<byte[]> -> Root.Bytes
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
            TakesJson =
                match root with
                | Root.Content _
                | Root.Contents _
                | Root.Bytes -> false
                | _ -> true
        }

    // -- what the headers say ------------------------------------------------------------------------

    let private taken (root: Root) =
        match root with
        | Root.Fields _ -> $"{MediaType.json}, {MediaType.multipart} or {MediaType.form}"
        | Root.Contents _ -> MediaType.multipart
        | Root.Tensor _ -> $"{MediaType.json}, {MediaType.npy} or {MediaType.bytes}"
        | Root.Nothing -> MediaType.json
        | Root.Text
        | Root.Value -> $"{MediaType.json} or {MediaType.text}"
        | Root.Content _
        | Root.Bytes -> "any media type"

    let private unsupported reading (given: string) : Result<'In, Refusal> =
        Refusal.plain
            StatusCodes.Status415UnsupportedMediaType
            $"The body's media type is {given}; \"{reading.Card.Name}\" takes {taken reading.Root}, and text in UTF-8."
        |> Error

    let private whole reading http cancellation decode =
        Intake.whole reading.Limit http cancellation decode

    let private json reading http cancellation =
        Intake.pieces reading.Limit http cancellation reading.Decode

    /// Bytes in base64 are told from bytes by the quote before them.
    let private bytes isJson reading http cancellation =
        whole reading http cancellation (fun body ->
            if isJson && body.Span.StartsWith "\""B then
                JsonBody.decode reading.Json body
            else
                Ok(unbox<'In>(body.ToArray())))

    let private tensor reading (http: HttpContext) cancellation decode : Task<Result<'In, Refusal>> option =
        Some(Intake.pieces reading.Limit http cancellation decode)

    let private tensorBytes plan reading (http: HttpContext) cancellation : Task<Result<'In, Refusal>> option =
        match TensorBody.layoutOf http with
        | Error refusal -> Some(Task.FromResult(Error refusal))
        | Ok layout -> tensor reading http cancellation (TensorBody.ofBytes plan layout)

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

    let private parsed reading (context: HostContext) cancellation mediaType : Task<Result<'In, Refusal>> option =
        let http = context.Http
        let isUtf8 = MediaType.isUtf8 mediaType

        match reading.Root with
        | _ when MediaType.is MediaType.multipart mediaType -> parts reading context cancellation mediaType
        | Root.Content content -> Some(file content reading context cancellation)
        | Root.Bytes -> Some(bytes (MediaType.isJson mediaType) reading http cancellation)
        | _ when MediaType.isJson mediaType && isUtf8 -> Some(json reading http cancellation)
        | Root.Fields plan when MediaType.is MediaType.form mediaType && isUtf8 ->
            Some(whole reading http cancellation (FormBody.ofUrlEncoded plan reading.Json http))
        | Root.Text when MediaType.is MediaType.text mediaType && isUtf8 ->
            Some(whole reading http cancellation (JsonBody.decodeText reading.Json))
        | Root.Tensor plan when MediaType.is MediaType.npy mediaType ->
            tensor reading http cancellation (TensorBody.ofNpy plan)
        | Root.Tensor plan when MediaType.is MediaType.bytes mediaType -> tensorBytes plan reading http cancellation
        | (Root.Value | Root.Tensor _) when MediaType.is MediaType.text mediaType && isUtf8 ->
            Some(json reading http cancellation)
        // What clients call a body that they do not send is their own affair.
        | Root.Nothing ->
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
