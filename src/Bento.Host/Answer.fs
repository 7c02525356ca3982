namespace Bento

open System
open System.Net.Mime
open System.Text
open System.Text.Json
open System.Text.Json.Serialization.Metadata
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Microsoft.Net.Http.Headers

/// From a handler's output to the bytes of an answer.
[<RequireQualifiedAccess>]
module internal Answer =

    let private weight (mediaType: string) (accepted: MediaTypeHeaderValue) =
        if MediaTypeHeaderValue(mediaType).IsSubsetOf accepted then
            accepted.Quality.GetValueOrDefault 1.
        else
            0.

    /// Whether `Accept` ranks JSON above plain text.
    let private prefersJson (http: HttpContext) =
        let accepted = http.Request.GetTypedHeaders().Accept

        let best mediaType =
            accepted |> Seq.map (weight mediaType) |> Seq.max

        accepted.Count > 0
        && best MediaTypeNames.Application.Json > best MediaTypeNames.Text.Plain

    /// Answers with what the handler gave: a string as text, unless the caller would rather have JSON, and all else as JSON.
    let write (info: JsonTypeInfo<'Out>) (http: HttpContext) (output: 'Out) : Task =
        let send mediaType (body: byte[]) =
            Response.send http StatusCodes.Status200OK mediaType (ReadOnlyMemory body)

        match box output with
        | :? string as text when not (prefersJson http) ->
            send "text/plain; charset=utf-8" (Encoding.UTF8.GetBytes text)
        | _ -> send MediaTypeNames.Application.Json (JsonSerializer.SerializeToUtf8Bytes(output, info))
