namespace Bento

open System
open System.IO
open System.Text
open System.Text.Json
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.Primitives

/// In what way a value is written.
[<RequireQualifiedAccess>]
type internal Rendition =
    | As of Carriage
    /// Text or bytes in the type that the handler tells, which alone may be what the caller takes.
    | Told

/// How the answers of one endpoint are written.
[<NoComparison; NoEquality>]
type internal Writing<'Out> = {
    Card: EndpointCard
    Codec: Codec<'Out>
    /// The ways there are, the usual one first.
    Renditions: Rendition[]
    /// Their media types. Files have whatever type they have, which nobody knows before the handler has run.
    Offers: string[]
    /// For a tensor.
    Tensor: TensorPlan option
}

/// From a handler's output to the bytes of an answer.
[<RequireQualifiedAccess>]
module internal Answer =

    [<Literal>]
    let plainText = "text/plain; charset=utf-8"

    let rec private tensorOf shape =
        match shape with
        | Shape.Optional inner -> tensorOf inner
        | Shape.Tensor tensor -> Some tensor
        | _ -> None

    /// Whether values go out as text, without quotes.
    let isText shape =
        List.contains Carriage.Text (Carriage.ofOutput shape)

    let plan<'Out> (card: EndpointCard) : Writing<'Out> =
        let carriages = Carriage.ofOutput card.Output.Shape |> Array.ofList

        {
            Card = card
            Codec = card.Output.Codec :?> Codec<'Out>
            Renditions = Array.map Rendition.As carriages
            Offers = Array.map Carriage.mediaType carriages
            Tensor = tensorOf card.Output.Shape |> Option.map (TensorBody.plan card.Output.Type)
        }

    // -- what the caller would have ------------------------------------------------------------------

    let notAcceptable (card: EndpointCard) (offers: string[]) (http: HttpContext) =
        let offers = String.Join(" or ", offers)

        Refusal.plain
            StatusCodes.Status406NotAcceptable
            $"\"{card.Name}\" answers with {offers}, and Accept asks for {http.Request.Headers.Accept}."

    /// How a request will be answered, which is known before the work for it begins, or why it cannot be. The type of a text
    /// or of bytes may be the handler's to tell, so that these are judged once it has.
    let choose (writing: Writing<'Out>) (http: HttpContext) : Result<Rendition, Refusal> =
        match writing.Renditions[0] with
        | Rendition.As(Carriage.Content _) as file -> Ok file
        | usual ->
            match Negotiation.mediaType http writing.Offers, usual with
            | -1, Rendition.As Carriage.Text -> Ok Rendition.Told
            | -1, _ -> Error(notAcceptable writing.Card writing.Offers http)
            | chosen, _ -> Ok writing.Renditions[chosen]

    // -- bytes ---------------------------------------------------------------------------------------

    /// Statuses whose answers have no body.
    let (|Bodiless|_|) status =
        match status with
        | StatusCodes.Status204NoContent
        | StatusCodes.Status205ResetContent
        | StatusCodes.Status304NotModified -> true
        | _ -> false

    /// The work is done when the answer is whole: its place is free before the caller can know.
    let private send (context: HostContext) mediaType (body: byte[]) : Task =
        context.Leave()
        let http = context.Http

        match context.Answer() with
        | Bodiless as status -> Response.sendNothing http status
        | status ->
            let mediaType = context.MediaType mediaType
            Response.send http status mediaType (Compression.apply http mediaType (ReadOnlyMemory body))

    /// What JSON has as a string, without its quotes.
    let textOf (codec: Codec<'Out>) (output: 'Out) : string =
        match box output with
        | :? string as text -> text
        | _ ->
            JsonSerializer.Deserialize<string>(ReadOnlySpan(codec.Encode output))
            |> Option.ofObj
            |> Option.defaultValue ""

    let private text (writing: Writing<'Out>) (output: 'Out) =
        Encoding.UTF8.GetBytes(textOf writing.Codec output)

    let private sendJson writing context output =
        send context MediaType.json (writing.Codec.Encode output)

    let private sendNpy (writing: Writing<'Out>) (context: HostContext) (plan: TensorPlan) (output: 'Out) : Task =
        match plan.Bytes.Write(output, Npy.head plan.Shape.Element) with
        | ValueSome(struct (_, file)) -> send context MediaType.npy file
        | ValueNone -> sendJson writing context output

    let private sendElements (writing: Writing<'Out>) (context: HostContext) (plan: TensorPlan) (output: 'Out) : Task =
        match plan.Bytes.Write(output, (fun _ -> [||])) with
        | ValueSome(struct (lengths, bytes)) ->
            let headers = context.Http.Response.Headers
            headers[TensorBody.shapeHeader] <- StringValues(String.Join(',', lengths))
            headers[TensorBody.elementHeader] <- StringValues(Shape.elementName plan.Shape.Element)
            send context MediaType.bytes bytes
        | ValueNone -> sendJson writing context output

    // -- files ---------------------------------------------------------------------------------------

    /// The stream is copied as the caller takes it, and the place is kept until the end.
    let private sendStream (context: HostContext) mediaType (length: int64 voption) (source: Stream) : Task = task {
        use source = source
        let http = context.Http

        match context.Answer() with
        | Bodiless as status ->
            context.Leave()
            do! Response.sendNothing http status
        | status ->
            http.Response.StatusCode <- status
            http.Response.ContentType <- context.MediaType mediaType
            http.Response.Headers.XContentTypeOptions <- "nosniff"

            if length.IsSome then
                http.Response.ContentLength <- length.Value

            do! source.CopyToAsync(http.Response.Body, http.RequestAborted)
            context.Leave()
    }

    let private sendFile (context: HostContext) kind (file: Bento.File) : Task =
        let headers = context.Http.Response.Headers

        if headers.ContentDisposition.Count = 0 then
            headers.ContentDisposition <- FileName.disposition kind file.Name

        let mediaType =
            if (MediaType.tryParse file.ContentType).IsSome then
                file.ContentType
            else
                MediaType.bytes

        sendStream context mediaType (ValueSome file.Length) (file.Open())

    let private lengthOf (stream: Stream) =
        if stream.CanSeek then
            ValueSome(stream.Length - stream.Position)
        else
            ValueNone

    /// A page among files would run in its reader's browser, were it shown; pictures are shown.
    let rec private sendContent (context: HostContext) (output: objnull) : Task option =
        match output with
        | :? Bento.File as file -> Some(sendFile context "attachment" file)
        // An SVG is such a page.
        | :? Image as image when image.File.ContentType.StartsWith("image/svg", StringComparison.OrdinalIgnoreCase) ->
            Some(sendFile context "attachment" image.File)
        | :? Image as image -> Some(sendFile context "inline" image.File)
        | :? Stream as stream -> Some(sendStream context MediaType.bytes (lengthOf stream) stream)
        | :? (Bento.File option) as file -> file |> Option.bind (box >> sendContent context)
        | :? (Image option) as image -> image |> Option.bind (box >> sendContent context)
        | :? (Stream option) as stream -> stream |> Option.bind (box >> sendContent context)
        | _ -> None

    // -- the answer ----------------------------------------------------------------------------------

    let takesNull (card: EndpointCard) =
        match card.Output.Shape with
        | Shape.Optional _
        | Shape.Unit -> true
        | _ -> false

    let private sendTold (writing: Writing<'Out>) (context: HostContext) (output: 'Out) : Task =
        let http = context.Http
        let told = (context.MediaType "" |> _.Split(';') |> Array.head |> _.Trim())

        if told <> "" && Negotiation.mediaType http [| told |] = 0 then
            match box output with
            | :? (byte[]) as bytes -> send context "" bytes
            | _ -> send context "" (text writing output)
        else
            context.Leave()
            Refusal.write http (notAcceptable writing.Card writing.Offers http)

    /// Answers with what the handler gave. Bytes whose type it told are sent as they are.
    let write (writing: Writing<'Out>) rendition (context: HostContext) (output: 'Out) : Task =
        match rendition, box output with
        | _, null when not (takesNull writing.Card) ->
            invalidOp $"\"{writing.Card.Name}\" returned null, which is not {Shape.describe writing.Card.Output.Shape}."
        | Rendition.As(Carriage.Content _), content ->
            sendContent context content
            |> Option.defaultWith (fun () -> sendJson writing context output)
        | Rendition.Told, _ -> sendTold writing context output
        | _, (:? (byte[]) as bytes) when context.MediaType "" <> "" -> send context "" bytes
        | Rendition.As Carriage.Bytes, (:? (byte[]) as bytes) -> send context MediaType.bytes bytes
        | Rendition.As Carriage.Npy, _ -> sendNpy writing context writing.Tensor.Value output
        | Rendition.As Carriage.Elements, _ -> sendElements writing context writing.Tensor.Value output
        | Rendition.As Carriage.Text, _ -> send context plainText (text writing output)
        | _ -> sendJson writing context output
