namespace Bento

open System
open System.Buffers
open System.IO
open System.IO.Pipelines
open System.Net.Mime
open System.Text
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Microsoft.AspNetCore.Http.Features
open Microsoft.Extensions.Primitives
open Microsoft.Net.Http.Headers

/// How the bodies of one endpoint are read.
[<NoComparison; NoEquality>]
type internal Reading<'In> = {
    Card: EndpointCard
    Limit: int64
    Codec: Codec<'In>
}

/// From the bytes of a request to a handler's input, or to the reasons why not.
[<RequireQualifiedAccess>]
module internal Body =

    let plan<'In> (service: ServiceCard) (card: EndpointCard) : Reading<'In> =
        let (Bytes limit) =
            card.BodyLimit
            |> Option.orElse service.Traffic.BodyLimit
            |> Option.defaultValue Defaults.bodyLimit

        {
            Card = card
            // A body is read in one piece, of which the runtime makes none that is larger.
            Limit = min limit (int64 Array.MaxLength)
            Codec = card.Input.Codec :?> Codec<'In>
        }

    // -- what the headers say ------------------------------------------------------------------------

    let private same (first: string) (second: StringSegment) =
        second.Equals(first, StringComparison.OrdinalIgnoreCase)

    let private isJson (mediaType: MediaTypeHeaderValue) =
        same MediaTypeNames.Application.Json mediaType.MediaType
        || same "json" mediaType.Suffix

    let private isText (mediaType: MediaTypeHeaderValue) =
        same MediaTypeNames.Text.Plain mediaType.MediaType

    let private isUtf8 (mediaType: MediaTypeHeaderValue) =
        not mediaType.Charset.HasValue
        || same "utf-8" (HeaderUtilities.RemoveQuotes mediaType.Charset)

    [<RequireQualifiedAccess; Struct>]
    type private Format =
        | Json
        | Text

    let private (|MediaType|_|) (given: string) =
        match MediaTypeHeaderValue.TryParse given with
        | true, (NonNull mediaType) -> Some mediaType
        | _ -> None

    /// What nearly every caller sends, told apart without parsing.
    let private isPlainJson (given: string) =
        given.Equals("application/json", StringComparison.OrdinalIgnoreCase)
        || given.Equals("application/json; charset=utf-8", StringComparison.OrdinalIgnoreCase)

    /// A body without a media type is taken for JSON.
    let private format (card: EndpointCard) (http: HttpContext) =
        let isString = card.Input.Type = typeof<string>

        match http.Request.ContentType with
        | null
        | "" -> Ok Format.Json
        | given when isPlainJson given -> Ok Format.Json
        | MediaType mediaType when isJson mediaType && isUtf8 mediaType -> Ok Format.Json
        | MediaType mediaType when isString && isText mediaType && isUtf8 mediaType -> Ok Format.Text
        | given ->
            let wanted =
                if isString then
                    "application/json or text/plain"
                else
                    "application/json"

            Refusal.plain
                StatusCodes.Status415UnsupportedMediaType
                $"The body's media type is {given}; \"{card.Name}\" takes {wanted}, in UTF-8."
            |> Error

    // -- the value -----------------------------------------------------------------------------------

    let private unreadable message =
        Refusal.ofFaults [
            {
                Location = []
                Kind = "json"
                Message = message
            }
        ]
        |> Error

    let private takesNull reading =
        match reading.Card.Input.Shape with
        | Shape.Optional _
        | Shape.Unit -> true
        | _ -> false

    let private readJson (reading: Reading<'In>) (body: ReadOnlyMemory<byte>) =
        reading.Codec.Decode body |> Result.mapError Refusal.ofFaults

    let private strictUtf8 = UTF8Encoding(false, true)

    let private readText (body: ReadOnlyMemory<byte>) =
        try
            Ok(strictUtf8.GetString body.Span)
        with :? DecoderFallbackException ->
            unreadable "The body is not UTF-8."

    let private mark = [| 0xEFuy; 0xBBuy; 0xBFuy |]

    /// Some editors and shells put a mark before UTF-8, which is no part of the text.
    let private withoutMark (body: ReadOnlyMemory<byte>) =
        if body.Span.StartsWith(mark) then
            body.Slice mark.Length
        else
            body

    let private decode (reading: Reading<'In>) format (body: ReadOnlyMemory<byte>) : Result<'In, Refusal> =
        let body = withoutMark body

        match format with
        | Format.Text -> readText body |> Result.map (fun text -> unbox<'In> text)
        | Format.Json when not body.IsEmpty -> readJson reading body
        | Format.Json when takesNull reading -> Ok Unchecked.defaultof<'In>
        | Format.Json ->
            unreadable
                $"The body is empty; \"{reading.Card.Name}\" takes {Shape.describe reading.Card.Input.Shape} as JSON."

    // -- the bytes -----------------------------------------------------------------------------------

    let private tooLarge reading =
        Refusal.plain
            StatusCodes.Status413PayloadTooLarge
            $"The body is larger than {Bytes reading.Limit}, which is what \"{reading.Card.Name}\" takes at most."
        |> Error

    /// The server's own limit gives way to the endpoint's, which is counted here, under every server alike.
    let private liftServerLimit (http: HttpContext) =
        match http.Features.Get<IHttpMaxRequestBodySizeFeature>() with
        | null -> ()
        | feature when feature.IsReadOnly -> ()
        | feature -> feature.MaxRequestBodySize <- Nullable()

    /// Gives the body to `decode` in one piece: where the server has it in one, as it lies there, else a copy.
    let private inOnePiece (decode: ReadOnlyMemory<byte> -> 'Result) (body: ReadOnlySequence<byte>) =
        if body.IsSingleSegment then
            decode body.First
        else
            let length = int body.Length
            let copy = ArrayPool<byte>.Shared.Rent length

            try
                body.CopyTo(Span copy)
                decode (ReadOnlyMemory(copy, 0, length))
            finally
                ArrayPool<byte>.Shared.Return copy

    /// Waits for the whole body and decodes it where it lies, in the server's buffers.
    let private receive
        reading
        (http: HttpContext)
        (cancellation: CancellationToken)
        (decode: ReadOnlyMemory<byte> -> Result<'In, Refusal>)
        = task {
        try
            liftServerLimit http
            let body = http.Request.BodyReader
            let mutable answer = ValueNone

            if http.Request.ContentLength.GetValueOrDefault() > reading.Limit then
                answer <- ValueSome(tooLarge reading)

            while answer.IsNone do
                let! read = BodyPipe.read body cancellation

                if read.Buffer.Length > reading.Limit then
                    answer <- ValueSome(tooLarge reading)
                    body.AdvanceTo read.Buffer.End
                elif read.IsCompleted then
                    answer <- ValueSome(inOnePiece decode read.Buffer)
                    body.AdvanceTo read.Buffer.End
                else
                    body.AdvanceTo(read.Buffer.Start, read.Buffer.End)

            return answer.Value
        with
        | :? BadHttpRequestException as bad -> return Error(Refusal.plain bad.StatusCode bad.Message)
        | :? IOException -> return Error Refusal.callerLeft
    }

    /// Reads the body of a request at the input type of its endpoint, until the token fires.
    let read
        (reading: Reading<'In>)
        (http: HttpContext)
        (cancellation: CancellationToken)
        : Task<Result<'In, Refusal>> =
        match format reading.Card http with
        | Error refusal -> Task.FromResult(Error refusal)
        | Ok format -> receive reading http cancellation (decode reading format)
