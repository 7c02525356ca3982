namespace Bento

open System.Collections.Generic
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.Primitives
open Microsoft.Net.Http.Headers

/// What a caller would have, out of what there is.
[<RequireQualifiedAccess>]
module internal Negotiation =

    let private precision (range: MediaTypeHeaderValue) =
        if range.MatchesAllTypes then 0
        elif range.MatchesAllSubTypes then 1
        else 2

    /// How much a media type is wanted: what the most precise range that covers it says, nothing where none does.
    let private weight (accepted: IList<MediaTypeHeaderValue>) (mediaType: string) =
        accepted
        |> Seq.filter _.MatchesMediaType(mediaType)
        |> Seq.sortByDescending precision
        |> Seq.tryHead
        |> Option.map _.Quality.GetValueOrDefault(1.)
        |> Option.defaultValue 0.

    /// The place of the highest weight, the first of those that are equal, and -1 where nothing is wanted.
    let private best (weights: float seq) =
        let mutable best = -1
        let mutable highest = 0.

        for index, weight in Seq.indexed weights do
            if weight > highest then
                best <- index
                highest <- weight

        best

    /// Which of the media types an answer should have, by `Accept`; -1 where none will do. A header that says nothing
    /// that can be read asks for nothing.
    let mediaType (http: HttpContext) (offers: string[]) : int =
        let given = http.Request.Headers.Accept

        if StringValues.IsNullOrEmpty given || (given.Count = 1 && given[0] = "*/*") then
            0
        else
            let accepted = http.Request.GetTypedHeaders().Accept

            if accepted.Count = 0 then
                0
            else
                offers |> Seq.map (weight accepted) |> best

    let private coding (accepted: IList<StringWithQualityHeaderValue>) (name: string) =
        let find (name: string) =
            accepted
            |> Seq.tryFind (fun one -> one.Value.Equals(name, System.StringComparison.OrdinalIgnoreCase))

        match find name |> Option.orElse (find "*") with
        | Some found -> found.Quality.GetValueOrDefault 1.
        | None -> 0.

    /// Which of the encodings an answer should have, by `Accept-Encoding`; -1 where it should have none.
    let encoding (http: HttpContext) (offers: string[]) : int =
        if StringValues.IsNullOrEmpty http.Request.Headers.AcceptEncoding then
            -1
        else
            let accepted = http.Request.GetTypedHeaders().AcceptEncoding
            offers |> Seq.map (coding accepted) |> best
