namespace Bento

open System
open System.Buffers
open System.IO.Pipelines
open System.Net.Mime
open System.Text
open System.Text.Json
open System.Text.Json.Serialization.Metadata
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
    Json: JsonTypeInfo<'In>
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
            Limit = limit
            Json = Json.info<'In>
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

    /// A body without a media type is taken for JSON.
    let private format (card: EndpointCard) (http: HttpContext) =
        let isString = card.Input.Type = typeof<string>

        match http.Request.ContentType with
        | null
        | "" -> Ok Format.Json
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

    /// The whole body, which lies in the server's buffers until the reader is advanced.
    let private readAll reading (http: HttpContext) : Task<Result<ReadOnlySequence<byte>, Refusal>> = task {
        liftServerLimit http
        let body = http.Request.BodyReader
        let mutable answer = ValueNone

        if http.Request.ContentLength.GetValueOrDefault() > reading.Limit then
            answer <- ValueSome(tooLarge reading)

        while answer.IsNone do
            let! read = body.ReadAsync http.RequestAborted

            if read.Buffer.Length > reading.Limit then
                body.AdvanceTo read.Buffer.End
                answer <- ValueSome(tooLarge reading)
            elif read.IsCompleted then
                answer <- ValueSome(Ok read.Buffer)
            else
                body.AdvanceTo(read.Buffer.Start, read.Buffer.End)

        return answer.Value
    }

    // -- the value -----------------------------------------------------------------------------------

    let private parse (info: JsonTypeInfo<'In>) (body: ReadOnlySequence<byte>) =
        let mutable reader = Utf8JsonReader body

        let value: objnull = JsonSerializer.Deserialize(&reader, info :> JsonTypeInfo)

        if reader.Read() then
            raise (JsonException "there is more after the end of the value.")

        unbox<'In> value

    let private nullWord = "null"B

    let private contains (word: byte[]) (body: ReadOnlySequence<byte>) =
        let mutable reader = SequenceReader<byte> body
        let mutable before = ReadOnlySequence<byte>.Empty
        reader.TryReadTo(&before, ReadOnlySpan word, true)

    /// System.Text.Json lets nulls into lists and maps; a body without the word needs no second look.
    let private hiddenNulls reading body =
        if contains nullWord body then
            Explanation.faults reading.Card.Input.Shape body
        else
            []

    let private unreadable message =
        Refusal.ofFaults [
            {
                Location = []
                Kind = "json"
                Message = message
            }
        ]
        |> Error

    let private readJson reading (body: ReadOnlySequence<byte>) =
        try
            match hiddenNulls reading body with
            | [] -> Ok(parse reading.Json body)
            | faults -> Error(Refusal.ofFaults faults)
        with :? JsonException as problem ->
            match Explanation.faults reading.Card.Input.Shape body with
            | [] -> unreadable $"The body cannot be read at {problem.Path}."
            | faults -> Error(Refusal.ofFaults faults)

    let private strictUtf8 = UTF8Encoding(false, true)

    let private readText (body: ReadOnlySequence<byte>) =
        try
            Ok(strictUtf8.GetString &body)
        with :? DecoderFallbackException ->
            unreadable "The body is not UTF-8."

    let private decode (reading: Reading<'In>) format (body: ReadOnlySequence<byte>) : Result<'In, Refusal> =
        match format with
        | Format.Text -> readText body |> Result.map (fun text -> unbox<'In> text)
        | Format.Json when not body.IsEmpty -> readJson reading body
        | Format.Json when reading.Card.Input.Shape = Shape.Unit -> Ok Unchecked.defaultof<'In>
        | Format.Json ->
            unreadable
                $"The body is empty; \"{reading.Card.Name}\" takes {Shape.describe reading.Card.Input.Shape} as JSON."

    /// Reads the body of a request at the input type of its endpoint.
    let read (reading: Reading<'In>) (http: HttpContext) : Task<Result<'In, Refusal>> = task {
        match format reading.Card http with
        | Error refusal -> return Error refusal
        | Ok format ->
            match! readAll reading http with
            | Error refusal -> return Error refusal
            | Ok body ->
                let input = decode reading format body
                http.Request.BodyReader.AdvanceTo body.End
                return input
    }
