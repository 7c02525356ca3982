namespace Bento

open System
open System.Buffers
open System.IO
open System.IO.Compression
open System.IO.Pipelines
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Microsoft.AspNetCore.Http.Features

/// How much an endpoint takes in.
type internal Limit = { Endpoint: string; Most: int64 }

/// The bytes of a body, out of their encoding and within their limit.
[<RequireQualifiedAccess>]
module internal Intake =

    /// What an endpoint takes. A body is read in one piece, of which the runtime makes none that is larger.
    let limit (service: ServiceCard) (card: EndpointCard) : Limit =
        let (Bytes most) =
            card.BodyLimit
            |> Option.orElse service.Traffic.BodyLimit
            |> Option.defaultValue Defaults.bodyLimit

        {
            Endpoint = card.Name
            Most = min most (int64 Array.MaxLength)
        }

    let private tooLarge limit =
        Refusal.plain
            StatusCodes.Status413PayloadTooLarge
            $"The body is larger than {Bytes limit.Most}, which is what \"{limit.Endpoint}\" takes at most."
        |> Error

    /// The server's own limit gives way to the endpoint's, which is counted here, under every server alike.
    let private liftServerLimit (http: HttpContext) =
        match http.Features.Get<IHttpMaxRequestBodySizeFeature>() with
        | null -> ()
        | feature when feature.IsReadOnly -> ()
        | feature -> feature.MaxRequestBodySize <- Nullable()

    // -- encodings -----------------------------------------------------------------------------------

    [<RequireQualifiedAccess; Struct>]
    type private Encoding =
        | None
        | Gzip
        | Brotli
        | Deflate

    let private encoding (http: HttpContext) =
        let given = http.Request.Headers.ContentEncoding

        if given.Count = 0 then
            Ok Encoding.None
        else
            match (string given).Trim().ToLowerInvariant() with
            | ""
            | "identity" -> Ok Encoding.None
            | "gzip"
            | "x-gzip" -> Ok Encoding.Gzip
            | "br" -> Ok Encoding.Brotli
            | "deflate" -> Ok Encoding.Deflate
            | other ->
                http.Response.Headers.AcceptEncoding <- "gzip, br, deflate"

                Refusal.plain
                    StatusCodes.Status415UnsupportedMediaType
                    $"The body's encoding is {other}; bodies are taken in gzip, br or deflate, or without one."
                |> Error

    /// Both what is sent and what comes out of it count: either may be without end.
    let private decoded limit encoding (sent: Stream) : LimitedStream =
        let counted = new LimitedStream(sent, limit.Most)

        let plain: Stream =
            match encoding with
            | Encoding.None -> sent
            | Encoding.Gzip -> new GunzippedStream(counted)
            | Encoding.Brotli -> new BrotliStream(new EncodedStream(counted), CompressionMode.Decompress)
            | Encoding.Deflate -> new ZLibStream(new EncodedStream(counted), CompressionMode.Decompress)

        new LimitedStream(plain, limit.Most)

    // -- failures ------------------------------------------------------------------------------------

    /// A caller that closes its side in the middle of a body. Kestrel has no public word for it but this one: what it
    /// raises for broken chunks has the same type and status.
    let private isCutShort (problem: BadHttpRequestException) =
        problem.Message = "Unexpected end of request content."

    let private refusalOf limit (problem: exn) =
        match problem with
        | :? TooLargeException -> tooLarge limit
        | :? BadHttpRequestException as bad when isCutShort bad -> Error Refusal.callerLeft
        | :? BadHttpRequestException as bad -> Error(Refusal.plain bad.StatusCode bad.Message)
        | :? InvalidDataException ->
            Refusal.plain StatusCodes.Status400BadRequest "The body is not in the encoding that Content-Encoding names."
            |> Error
        | _ -> Error Refusal.callerLeft

    /// What may go wrong with a body on its way, and is no failure of ours. A cancellation that is not the request's own
    /// is the server's word for a connection that is no more.
    let private (|Expected|_|) (cancellation: CancellationToken) (problem: exn) =
        match problem with
        | :? OperationCanceledException when not cancellation.IsCancellationRequested -> Some()
        | :? TooLargeException
        | :? InvalidDataException
        | :? IOException -> Some()
        | _ -> None

    // -- as a stream ---------------------------------------------------------------------------------

    /// Gives the body to `read` as it comes in.
    let stream
        limit
        (http: HttpContext)
        (cancellation: CancellationToken)
        (read: LimitedStream -> Task<Result<'In, Refusal>>)
        : Task<Result<'In, Refusal>> = task {
        liftServerLimit http

        match encoding http with
        | Error refusal -> return Error refusal
        | Ok _ when http.Request.ContentLength.GetValueOrDefault() > limit.Most -> return tooLarge limit
        | Ok encoding ->
            try
                use body =
                    decoded limit encoding (new BodyStream(http.Request.BodyReader, cancellation))

                return! read body
            with Expected cancellation as problem ->
                return refusalOf limit problem
    }

    // -- as a whole ----------------------------------------------------------------------------------

    let private receive limit (body: PipeReader) (cancellation: CancellationToken) decode : Task<Result<'In, Refusal>> =
        task {
            try
                let mutable answer = ValueNone

                while answer.IsNone do
                    let! read = BodyPipe.read body cancellation

                    if read.Buffer.Length > limit.Most then
                        answer <- ValueSome(tooLarge limit)
                        body.AdvanceTo read.Buffer.End
                    elif read.IsCompleted then
                        answer <- ValueSome(decode read.Buffer)
                        body.AdvanceTo read.Buffer.End
                    else
                        body.AdvanceTo(read.Buffer.Start, read.Buffer.End)

                return answer.Value
            with Expected cancellation as problem ->
                return refusalOf limit problem
        }

    let private receiveEncoded limit encoding (http: HttpContext) cancellation decode : Task<Result<'In, Refusal>> =
        task {
            use body =
                decoded limit encoding (new BodyStream(http.Request.BodyReader, cancellation))

            let reader = PipeReader.Create body
            let! result = receive limit reader cancellation decode
            do! reader.CompleteAsync()
            return result
        }

    /// Waits for the whole body and decodes it as it lies, which is where nothing is encoded the server's buffers.
    let pieces
        limit
        (http: HttpContext)
        (cancellation: CancellationToken)
        (decode: ReadOnlySequence<byte> -> Result<'In, Refusal>)
        : Task<Result<'In, Refusal>> =
        liftServerLimit http

        match encoding http with
        | Error refusal -> Task.FromResult(Error refusal)
        | Ok _ when http.Request.ContentLength.GetValueOrDefault() > limit.Most -> Task.FromResult(tooLarge limit)
        | Ok Encoding.None -> receive limit http.Request.BodyReader cancellation decode
        | Ok encoding -> receiveEncoded limit encoding http cancellation decode

    /// Gives the body to `decode` in one piece: where the server has it in one, as it lies there, else a copy.
    let inOnePiece (decode: ReadOnlyMemory<byte> -> 'Result) (body: ReadOnlySequence<byte>) =
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

    /// Waits for the whole body and decodes it in one piece.
    let whole
        limit
        http
        cancellation
        (decode: ReadOnlyMemory<byte> -> Result<'In, Refusal>)
        : Task<Result<'In, Refusal>> =
        pieces limit http cancellation (inOnePiece decode)
