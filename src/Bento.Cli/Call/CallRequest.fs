namespace Bento.Cli

open System
open System.Collections.Generic
open System.IO
open System.Net.Http
open System.Net.Http.Headers
open System.Net.Mime
open System.Text
open System.Text.Encodings.Web
open System.Text.Json
open Microsoft.AspNetCore.StaticFiles

/// The body of a call, in the forms that BentoML's own clients send.
[<RequireQualifiedAccess>]
module internal CallRequest =

    let private writing =
        JsonSerializerOptions(Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping)

    let private jsonOf (value: JsonElement) =
        JsonSerializer.Serialize(value, writing)

    let private types =
        let types = FileExtensionContentTypeProvider()
        types.Mappings[".npy"] <- "application/x-npy"
        types

    let private mediaTypeOf (path: string) =
        match types.TryGetContentType path with
        | true, mediaType -> mediaType
        | _ -> MediaTypeNames.Application.Octet

    let private fileContent (path: string) : HttpContent =
        let source: Stream =
            if path = CallArguments.standardInput then
                Console.OpenStandardInput()
            else
                File.OpenRead path

        let content = new StreamContent(source)
        content.Headers.ContentType <- MediaTypeHeaderValue(mediaTypeOf path)
        content

    let private jsonContent value : HttpContent =
        new StringContent(jsonOf value, Encoding.UTF8, MediaTypeNames.Application.Json)

    let private plainContent (text: string) : HttpContent =
        new StringContent(text, Encoding.UTF8, MediaTypeNames.Text.Plain)

    /// Values stand before files, as JSON without a media type.
    let private multipart (fields: (string * Carried) list) : HttpContent =
        let form = new MultipartFormDataContent()

        for name, carried in fields do
            match carried with
            | Carried.Value value ->
                let part = new StringContent(jsonOf value)
                part.Headers.ContentType <- null
                form.Add(part, name)
            | Carried.Files _ -> ()

        for name, carried in fields do
            match carried with
            | Carried.Files paths ->
                for path in paths do
                    form.Add(fileContent path, name, string (Path.GetFileName path))
            | Carried.Value _ -> ()

        form

    let private takesFiles (route: CallRoute) =
        match route.Input with
        | CallInput.Fields fields -> fields |> List.exists (fun (_, wanted) -> wanted.IsFile || wanted.IsFiles)
        | CallInput.Root _ -> false

    let private values (fields: (string * Carried) list) = [
        for name, carried in fields do
            match carried with
            | Carried.Value value -> name, value
            | Carried.Files _ -> ()
    ]

    let private form fields : HttpContent =
        new FormUrlEncodedContent(
            values fields
            |> List.map (fun (name, value) -> KeyValuePair(name, jsonOf value))
        )

    let private object fields : HttpContent =
        jsonContent (JsonSerializer.SerializeToElement(dict (values fields)))

    let private root (carried: Carried) : HttpContent =
        match carried with
        | Carried.Files paths -> fileContent paths.Head
        | Carried.Value value when value.ValueKind = JsonValueKind.String -> plainContent (string (value.GetString()))
        | Carried.Value value -> jsonContent value

    /// The body of a request to the endpoint; none where there is nothing to say.
    let content (route: CallRoute) (sending: Sending) : HttpContent | null =
        match sending with
        | Sending.Root carried -> root carried
        | Sending.Fields fields when fields |> List.exists (fun (_, carried) -> carried.IsFiles) -> multipart fields
        | Sending.Fields fields when takesFiles route -> form fields
        | Sending.Fields fields -> object fields
        | Sending.Nothing when takesFiles route -> null
        | Sending.Nothing ->
            match route.Input with
            | CallInput.Fields _ -> object []
            | CallInput.Root _ -> null
