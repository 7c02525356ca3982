namespace Bento

open System
open System.Net.Mime
open System.Text
open System.Text.Json
open System.Threading.Tasks
open Microsoft.AspNetCore.Http

/// What probes ask: whether the process lives, whether its services take requests, and how it is doing.
[<RequireQualifiedAccess>]
module internal Health =

    let private answer (http: HttpContext) (status: int) (write: Utf8JsonWriter -> unit) : Task =
        RequestId.assign http |> ignore
        Response.send http status MediaTypeNames.Application.Json (Response.jsonObject write)

    /// 200 for as long as the process answers at all.
    let live (http: HttpContext) : Task =
        answer http StatusCodes.Status200OK (fun writer -> writer.WriteString("status", "alive"))

    /// The figures of every endpoint and of the process, as Prometheus reads them.
    let metrics (runtime: Runtime) (http: HttpContext) : Task =
        RequestId.assign http |> ignore
        let text = Exposition.text (runtime.Metrics.Families @ ProcessFigures.families ())
        Response.send http StatusCodes.Status200OK Exposition.mediaType (ReadOnlyMemory(Encoding.UTF8.GetBytes text))

    /// 200 when every service is ready, else 503; either way the stage of each.
    let ready (runtime: Runtime) (http: HttpContext) : Task =
        let isReady = runtime.Hosts |> List.forall (fun host -> host.Stage = Stage.Ready)

        let status =
            if isReady then
                StatusCodes.Status200OK
            else
                http.Response.Headers.RetryAfter <- "1"
                StatusCodes.Status503ServiceUnavailable

        answer http status (fun writer ->
            writer.WriteString("status", (if isReady then "ready" else "not ready"))
            writer.WriteStartObject "services"

            for host in runtime.Hosts do
                writer.WriteString(host.Definition.Name, (string host.Stage).ToLowerInvariant())

            writer.WriteEndObject())
