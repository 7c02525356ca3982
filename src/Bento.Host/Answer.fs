namespace Bento

open System
open System.Collections.Generic
open System.Net.Mime
open System.Text
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.Primitives
open Microsoft.Net.Http.Headers

/// How the answers of one endpoint are written.
[<NoComparison; NoEquality>]
type internal Writing<'Out> = {
    Card: EndpointCard
    Codec: Codec<'Out>
}

/// From a handler's output to the bytes of an answer.
[<RequireQualifiedAccess>]
module internal Answer =

    let plan<'Out> (card: EndpointCard) : Writing<'Out> = {
        Card = card
        Codec = card.Output.Codec :?> Codec<'Out>
    }

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

    /// Whether `Accept` ranks JSON above plain text.
    let private prefersJson (http: HttpContext) =
        if StringValues.IsNullOrEmpty http.Request.Headers.Accept then
            false
        else
            let accepted = http.Request.GetTypedHeaders().Accept
            weight accepted MediaTypeNames.Application.Json > weight accepted MediaTypeNames.Text.Plain

    /// The work is done when the answer is whole: its place is free before the caller can know.
    let private send (context: HostContext) mediaType (body: byte[]) : Task =
        context.Leave()
        let http = context.Http

        match context.Answer() with
        | StatusCodes.Status204NoContent
        | StatusCodes.Status205ResetContent
        | StatusCodes.Status304NotModified as status -> Response.sendNothing http status
        | status -> Response.send http status (context.MediaType mediaType) (ReadOnlyMemory body)

    let private sendJson (writing: Writing<'Out>) context (output: 'Out) =
        send context MediaTypeNames.Application.Json (writing.Codec.Encode output)

    /// Answers with what the handler gave: a string as text, unless the caller would rather have JSON, and all else as JSON.
    let write (writing: Writing<'Out>) (context: HostContext) (output: 'Out) : Task =
        match box output, writing.Card.Output.Shape with
        | :? string as text, _ when not (prefersJson context.Http) ->
            send context "text/plain; charset=utf-8" (Encoding.UTF8.GetBytes text)
        | null, (Shape.Optional _ | Shape.Unit) -> sendJson writing context output
        | null, shape -> invalidOp $"\"{writing.Card.Name}\" returned null, which is not {Shape.describe shape}."
        | _ -> sendJson writing context output
