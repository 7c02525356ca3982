namespace Bento

open System
open System.IO
open System.IO.Compression
open System.Net
open System.Reflection
open System.Text
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Swashbuckle.AspNetCore.SwaggerUI

/// The page to try a service on: Swagger UI over `/docs.json`, from this server alone. Nothing of it is read before
/// somebody opens it.
[<RequireQualifiedAccess>]
module internal Page =

    // -- what it is made of --------------------------------------------------------------------------

    let private resource (assembly: Assembly) (name: string) : byte[] =
        match assembly.GetManifestResourceStream name with
        | null ->
            invalidOp
                $"{assembly.GetName().FullName} has no \"{name}\", which the page of a service needs; wanted the version that Bento.Host was made with."
        | stream ->
            use stream = stream
            let bytes = Array.zeroCreate<byte>(int stream.Length)
            stream.ReadExactly(bytes, 0, bytes.Length)
            bytes

    let private ours name =
        resource typeof<ServeOptions>.Assembly name

    /// Compressed in their assembly, which is not loaded before it is asked for one.
    let private ofSwaggerUi name =
        resource
            typeof<SwaggerUIOptions>.Assembly
            $"Swashbuckle.AspNetCore.SwaggerUI.node_modules.swagger_ui_dist.{name}"

    let private decompress (bytes: byte[]) =
        use plain = new MemoryStream()
        use source = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress)
        source.CopyTo plain
        plain.ToArray()

    // -- over HTTP -----------------------------------------------------------------------------------

    /// Nothing may come from elsewhere or go there, and no other page may show this one within itself. Swagger UI has
    /// pictures in its style, and shows the answers that are pictures or sounds.
    let private policy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
media-src blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    let private guard (http: HttpContext) =
        http.Response.Headers.XContentTypeOptions <- "nosniff"
        http.Response.Headers["Referrer-Policy"] <- "no-referrer"

    let private gzip = [| "gzip" |]

    let private compressed mediaType name : RequestDelegate =
        let stored = lazy (ofSwaggerUi name)
        let plain = lazy (decompress stored.Value)
        let tag = lazy (Standing.tag true stored.Value)

        RequestDelegate(fun http ->
            guard http
            http.Response.Headers.Vary <- "Accept-Encoding"

            Standing.send http tag.Value mediaType (fun () ->
                match Negotiation.encoding http gzip with
                | 0 ->
                    http.Response.Headers.ContentEncoding <- gzip[0]
                    ReadOnlyMemory stored.Value
                | _ -> ReadOnlyMemory plain.Value))

    let private asIs mediaType name : RequestDelegate =
        let stored = lazy (ours name)
        let tag = lazy (Standing.tag false stored.Value)

        RequestDelegate(fun http ->
            guard http
            Standing.send http tag.Value mediaType (fun () -> ReadOnlyMemory stored.Value))

    /// The page reads what lies beside it, so that its address must end with a slash. The way there is from where the
    /// caller is, who may see the service below a path that a proxy takes away.
    let private redirect (http: HttpContext) : Task =
        let path = (http.Request.PathBase + http.Request.Path).ToUriComponent()
        RequestId.assign http |> ignore
        http.Response.Headers.Location <- $"./{path.Substring(path.LastIndexOf '/' + 1)}/"
        Response.sendNothing http StatusCodes.Status308PermanentRedirect

    let private html (title: string) : RequestDelegate =
        let stored =
            lazy
                (let page = Encoding.UTF8.GetString(ours "index.html")
                 Encoding.UTF8.GetBytes(page.Replace("{{title}}", WebUtility.HtmlEncode title)))

        let tag = lazy (Standing.tag false stored.Value)

        RequestDelegate(fun http ->
            if (string http.Request.Path).EndsWith '/' then
                guard http
                http.Response.Headers.ContentSecurityPolicy <- policy
                Standing.send http tag.Value "text/html; charset=utf-8" (fun () -> ReadOnlyMemory stored.Value)
            else
                redirect http)

    let private script = "text/javascript; charset=utf-8"
    let private style = "text/css; charset=utf-8"

    /// Each path of the page of a service, and what answers there.
    let routes (title: string) : (string * RequestDelegate) list = [
        "/", html title
        SystemRoutes.page + "page.js", asIs script "page.js"
        SystemRoutes.page + "run.js", asIs script "run.js"
        SystemRoutes.page + "streams.js", asIs script "streams.js"
        SystemRoutes.page + "page.css", asIs style "page.css"
        SystemRoutes.page + "icon.svg", asIs "image/svg+xml" "icon.svg"
        SystemRoutes.page + "swagger-ui-bundle.js", compressed script "swagger-ui-bundle.js"
        SystemRoutes.page + "swagger-ui.css", compressed style "swagger-ui.css"
    ]
