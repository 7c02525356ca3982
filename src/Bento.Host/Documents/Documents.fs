namespace Bento

open System
open System.Security.Cryptography
open System.Text
open System.Text.Encodings.Web
open System.Text.Json
open System.Text.Json.Nodes
open System.Net.Mime
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.Primitives
open Microsoft.Net.Http.Headers

/// What tools read about a service: OpenAPI's document, and the schema that BentoML's clients want.
[<RequireQualifiedAccess>]
module Documents =

    let private writing indented =
        JsonSerializerOptions(Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = indented)

    let private forPeople = writing true
    let private forPrograms = writing false

    let private openApiOf prefix (hosted: Hosted) =
        OpenApi.ofService (XmlDocumentation.ofService hosted) prefix hosted.Card

    let private schemaOf (hosted: Hosted) =
        ServiceSchema.ofService (XmlDocumentation.ofService hosted) hosted.Card

    /// The OpenAPI 3.1 document of a service served below a prefix, "" for none, as indented JSON.
    let openApi (prefix: string) (definition: Definition) : string =
        (openApiOf prefix (Definition.require definition)).ToJsonString forPeople

    /// What the service says at `/schema.json`, as indented JSON.
    let schema (definition: Definition) : string =
        (schemaOf (Definition.require definition)).ToJsonString forPeople

    // -- over HTTP -----------------------------------------------------------------------------------

    let private isKnown (tag: EntityTagHeaderValue) (http: HttpContext) =
        let known = http.Request.GetTypedHeaders().IfNoneMatch

        known
        |> Seq.exists (fun one -> one.Equals EntityTagHeaderValue.Any || one.Compare(tag, false))

    /// Answers with bytes that are made now, or with nothing to a caller that has them.
    let private serving (document: JsonObject) : RequestDelegate =
        let body = Encoding.UTF8.GetBytes(document.ToJsonString forPrograms)

        let tag =
            let hash = Convert.ToHexStringLower(SHA256.HashData body).Substring(0, 32)
            EntityTagHeaderValue(StringSegment $"\"{hash}\"")

        RequestDelegate(fun http ->
            RequestId.assign http |> ignore
            http.Response.Headers.ETag <- string tag
            http.Response.Headers.CacheControl <- "no-cache"

            if isKnown tag http then
                http.Response.StatusCode <- StatusCodes.Status304NotModified
                Task.CompletedTask
            else
                Response.send http StatusCodes.Status200OK MediaTypeNames.Application.Json (ReadOnlyMemory body))

    /// Each document's path, and what answers there when that path has been mapped below a prefix.
    let internal routes (hosted: Hosted) : (string * (string -> RequestDelegate)) list = [
        "/docs.json", (fun prefix -> serving (openApiOf prefix hosted))
        "/schema.json", (fun _ -> serving (schemaOf hosted))
    ]
