namespace Bento

open System
open System.Net.Mime
open Microsoft.Extensions.Primitives
open Microsoft.Net.Http.Headers

/// What the header Content-Type says, and what is made of it.
[<RequireQualifiedAccess>]
module internal MediaType =

    [<Literal>]
    let json = MediaTypes.json

    [<Literal>]
    let text = MediaTypes.text

    [<Literal>]
    let form = MediaTypes.form

    [<Literal>]
    let multipart = MediaTypes.multipart

    [<Literal>]
    let bytes = MediaTypes.bytes

    [<Literal>]
    let npy = MediaTypes.npy

    let private same (first: string) (second: StringSegment) =
        second.Equals(first, StringComparison.OrdinalIgnoreCase)

    /// What nearly every caller sends, told apart without parsing.
    let isPlainJson (given: string) =
        given.Equals(json, StringComparison.OrdinalIgnoreCase)
        || given.Equals("application/json; charset=utf-8", StringComparison.OrdinalIgnoreCase)

    let tryParse (given: string) =
        match MediaTypeHeaderValue.TryParse given with
        | true, (NonNull mediaType) -> Some mediaType
        | _ -> None

    let is (name: string) (mediaType: MediaTypeHeaderValue) = same name mediaType.MediaType

    let isJson (mediaType: MediaTypeHeaderValue) =
        is MediaTypeNames.Application.Json mediaType || same "json" mediaType.Suffix

    /// UTF-8, which is what no charset means, or ASCII, which is part of it.
    let isUtf8 (mediaType: MediaTypeHeaderValue) =
        not mediaType.Charset.HasValue
        || same "utf-8" (HeaderUtilities.RemoveQuotes mediaType.Charset)
        || same "us-ascii" (HeaderUtilities.RemoveQuotes mediaType.Charset)

    /// Type and subtype in small letters, without parameters: "image/png".
    let essence (given: string) =
        match tryParse given with
        | Some mediaType -> mediaType.MediaType.ToString().ToLowerInvariant()
        | None -> bytes

    /// Whether a type is one of those that a range such as "image/*" or "text/csv, text/plain" takes.
    let isWithin (ranges: string) (mediaType: string) =
        ranges.Split(',', StringSplitOptions.TrimEntries ||| StringSplitOptions.RemoveEmptyEntries)
        |> Array.exists (fun range ->
            range = "*/*"
            || range.Equals(mediaType, StringComparison.OrdinalIgnoreCase)
            || (range.EndsWith("/*", StringComparison.Ordinal)
                && mediaType.StartsWith(range.TrimEnd '*', StringComparison.OrdinalIgnoreCase)))
