namespace Bento

open System
open System.Text
open System.Text.Encodings.Web
open System.Text.Json
open System.Text.Json.Nodes
open System.Net.Mime
open Microsoft.AspNetCore.Http

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

    /// Answers with bytes that are made now.
    let private serving (document: JsonObject) : RequestDelegate =
        let body = Encoding.UTF8.GetBytes(document.ToJsonString forPrograms)
        let tag = Standing.tag false body

        RequestDelegate(fun http ->
            Standing.send http tag MediaTypeNames.Application.Json (fun () -> ReadOnlyMemory body))

    /// Each document's path, and what answers there when that path has been mapped below a prefix.
    let internal routes (hosted: Hosted) : (string * (string -> RequestDelegate)) list = [
        SystemRoutes.openApi, (fun prefix -> serving (openApiOf prefix hosted))
        SystemRoutes.schema, (fun _ -> serving (schemaOf hosted))
    ]
