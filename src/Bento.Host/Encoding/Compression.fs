namespace Bento

open System
open System.IO
open System.IO.Compression
open Microsoft.AspNetCore.Http

/// Large answers made small, for callers that say that they can read them.
[<RequireQualifiedAccess>]
module internal Compression =

    /// Below it an answer costs less to send than to compress: 16 KiB.
    [<Literal>]
    let least = 16_384

    let private offers = [| "br"; "gzip" |]

    /// Whether a type is text in the end; pictures, sounds and archives are compressed already.
    let private gains (mediaType: string) =
        mediaType.StartsWith("text/", StringComparison.OrdinalIgnoreCase)
        || mediaType.StartsWith(MediaType.json, StringComparison.OrdinalIgnoreCase)
        || mediaType.Contains("+json", StringComparison.OrdinalIgnoreCase)
        || mediaType.Contains("xml", StringComparison.OrdinalIgnoreCase)

    let private compress encoding (body: ReadOnlyMemory<byte>) : ReadOnlyMemory<byte> =
        let small = new MemoryStream()

        let target: Stream =
            match encoding with
            | "br" -> new BrotliStream(small, CompressionLevel.Fastest)
            | _ -> new GZipStream(small, CompressionLevel.Fastest)

        using target (fun target -> target.Write body.Span)
        ReadOnlyMemory(small.ToArray())

    /// The body as it is to be sent, with the headers that say so. What a handler has encoded itself is left as it is.
    let apply (http: HttpContext) (mediaType: string) (body: ReadOnlyMemory<byte>) : ReadOnlyMemory<byte> =
        if
            body.Length < least
            || http.Response.Headers.ContentEncoding.Count > 0
            || not (gains mediaType)
        then
            body
        else
            http.Response.Headers.Append("Vary", "Accept-Encoding")

            match Negotiation.encoding http offers with
            | -1 -> body
            | chosen ->
                http.Response.Headers.ContentEncoding <- offers[chosen]
                compress offers[chosen] body
