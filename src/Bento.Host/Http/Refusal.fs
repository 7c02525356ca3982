namespace Bento

open System
open System.Text.Json
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Microsoft.AspNetCore.WebUtilities

/// Why a request is not answered with success.
type internal Refusal = {
    Status: int
    Detail: string
    Faults: Fault list
}

[<RequireQualifiedAccess>]
module internal Refusal =

    let plain status detail = {
        Status = status
        Detail = detail
        Faults = []
    }

    /// For the log: there is nobody to read it.
    let callerLeft =
        plain StatusCodes.Status499ClientClosedRequest "The caller left before its body was whole."

    let ofFaults (faults: Fault list) = {
        Status = StatusCodes.Status400BadRequest
        Detail =
            match faults with
            | [ one ] -> one.Message
            | several -> $"The body has {several.Length} faults; see errors."
        Faults = faults
    }

    /// A status outside the registry, which a handler may choose, has no phrase of its own.
    let private title status =
        match ReasonPhrases.GetReasonPhrase status with
        | "" when status < StatusCodes.Status500InternalServerError -> "Client Error"
        | "" -> "Server Error"
        | phrase -> phrase

    let private writeFault (writer: Utf8JsonWriter) (fault: Fault) =
        writer.WriteStartObject()
        writer.WriteStartArray "loc"

        for step in fault.Location do
            match step with
            | Step.Name name -> writer.WriteStringValue name
            | Step.Index index -> writer.WriteNumberValue index

        writer.WriteEndArray()
        writer.WriteString("type", fault.Kind)
        writer.WriteString("msg", fault.Message)
        writer.WriteEndObject()

    /// The refusal as RFC 9457 has it; `error` repeats `detail` for BentoML's clients, which read that.
    let private writeProblem (http: HttpContext) refusal (writer: Utf8JsonWriter) =
        writer.WriteString("type", "about:blank")
        writer.WriteString("title", title refusal.Status)
        writer.WriteNumber("status", refusal.Status)
        writer.WriteString("detail", refusal.Detail)
        writer.WriteString("instance", http.Request.PathBase.Add(http.Request.Path).ToUriComponent())
        writer.WriteString("requestId", http.TraceIdentifier)

        if not refusal.Faults.IsEmpty then
            writer.WriteStartArray "errors"
            refusal.Faults |> List.iter (writeFault writer)
            writer.WriteEndArray()

        writer.WriteString("error", refusal.Detail)

    /// The refusal as bytes of JSON, on one line.
    let problem (http: HttpContext) (refusal: Refusal) : ReadOnlyMemory<byte> =
        Response.jsonObject (writeProblem http refusal)

    /// Answers with the refusal, unless the answer is on its way already: then only breaking off tells the caller.
    let write (http: HttpContext) (refusal: Refusal) : Task =
        RequestId.assign http |> ignore

        if http.Response.HasStarted then
            http.Abort()
            Task.CompletedTask
        else
            Response.send http refusal.Status "application/problem+json" (problem http refusal)
