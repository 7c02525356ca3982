namespace Bento

open System
open System.Security.Cryptography
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.Primitives
open Microsoft.Net.Http.Headers

/// Answers that stay the same while the process runs: they have a tag, and a caller who has one is not sent it again.
[<RequireQualifiedAccess>]
module internal Standing =

    /// The tag of bytes. A weak one is for bytes that are sent compressed or not, as the caller likes.
    let tag isWeak (bytes: byte[]) =
        let hash = Convert.ToHexStringLower(SHA256.HashData bytes).Substring(0, 32)
        EntityTagHeaderValue(StringSegment $"\"{hash}\"", isWeak)

    let private isKnown (tag: EntityTagHeaderValue) (http: HttpContext) =
        let known = http.Request.GetTypedHeaders().IfNoneMatch

        known
        |> Seq.exists (fun one -> one.Equals EntityTagHeaderValue.Any || one.Compare(tag, false))

    /// Answers with what `body` gives, or with nothing to a caller that has what the tag is of.
    let send (http: HttpContext) (tag: EntityTagHeaderValue) mediaType (body: unit -> ReadOnlyMemory<byte>) : Task =
        RequestId.assign http |> ignore
        http.Response.Headers.ETag <- string tag
        http.Response.Headers.CacheControl <- "no-cache"

        if isKnown tag http then
            http.Response.StatusCode <- StatusCodes.Status304NotModified
            Task.CompletedTask
        else
            Response.send http StatusCodes.Status200OK mediaType (body ())
