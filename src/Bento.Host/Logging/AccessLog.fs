namespace Bento

open System
open System.Buffers
open System.Text.Json
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.Logging

/// What an endpoint of the server is called in the log: part of its metadata.
[<Sealed>]
type internal EndpointLabel(service: string, endpoint: string, route: string, isProbe: bool) =

    /// Of a probe, which is asked all the time: only its failures are of interest.
    static member Probe(route: string) = EndpointLabel("", "", route, true)

    static member Of(service: string, card: EndpointCard) =
        EndpointLabel(service, card.Name, card.Route, false)

    member _.Service = service
    member _.Endpoint = endpoint
    member _.Route = route
    member _.IsProbe = isProbe

module private Names =
    let requestId = JsonEncodedText.Encode "requestId"
    let method = JsonEncodedText.Encode "method"
    let path = JsonEncodedText.Encode "path"
    let route = JsonEncodedText.Encode "route"
    let service = JsonEncodedText.Encode "service"
    let endpoint = JsonEncodedText.Encode "endpoint"
    let status = JsonEncodedText.Encode "status"
    let milliseconds = JsonEncodedText.Encode "milliseconds"
    let bytesIn = JsonEncodedText.Encode "bytesIn"
    let bytesOut = JsonEncodedText.Encode "bytesOut"

/// A line for each request, when its answer is out. The line is made in a buffer of the thread and copied to the sink.
[<Sealed>]
type internal AccessLog(format: LogFormat, sink: LogSink) =

    [<ThreadStatic; DefaultValue>]
    static val mutable private buffer: ArrayBufferWriter<byte> | null

    [<ThreadStatic; DefaultValue>]
    static val mutable private json: Utf8JsonWriter | null

    let pathOf (http: HttpContext) =
        match http.Request.Path.Value with
        | null -> ""
        | path -> path

    let writeText
        (line: ArrayBufferWriter<byte>)
        (http: HttpContext)
        (label: EndpointLabel | null)
        (elapsed: TimeSpan)
        =
        LogLine.openText line DateTime.UtcNow LogLevel.Information
        LogLine.text line http.Request.Method
        LogLine.ascii line " "
        // A path that came encoded may hold blanks, which would pass for the end of the field.
        LogLine.text line ((pathOf http).Replace(" ", "%20"))
        LogLine.ascii line " "
        LogLine.integer line (int64 (Outcome.Of http))
        LogLine.ascii line " "
        LogLine.milliseconds line elapsed
        LogLine.ascii line " ms"
        let received = http.Request.ContentLength

        if received.HasValue then
            LogLine.ascii line ", in "
            LogLine.integer line received.Value

        let sent = http.Response.ContentLength

        if sent.HasValue then
            LogLine.ascii line ", out "
            LogLine.integer line sent.Value

        match label with
        | null -> ()
        | label when label.IsProbe -> ()
        | label ->
            LogLine.ascii line ", "
            LogLine.ascii line label.Service
            LogLine.ascii line "."
            LogLine.ascii line label.Endpoint

        LogLine.ascii line ", "
        LogLine.text line http.TraceIdentifier
        LogLine.ascii line "\n"

    let writeJson (json: Utf8JsonWriter) (http: HttpContext) (label: EndpointLabel | null) (elapsed: TimeSpan) =
        LogLine.openJson json DateTime.UtcNow LogLevel.Information "Bento.Access"
        json.WriteString(Names.requestId, http.TraceIdentifier)
        json.WriteString(Names.method, http.Request.Method)
        json.WriteString(Names.path, pathOf http)

        match label with
        | null -> ()
        | label ->
            json.WriteString(Names.route, label.Route)

            if not label.IsProbe then
                json.WriteString(Names.service, label.Service)
                json.WriteString(Names.endpoint, label.Endpoint)

        json.WriteNumber(Names.status, Outcome.Of http)
        json.WriteNumber(Names.milliseconds, Math.Round(elapsed.TotalMilliseconds, 3))
        let received = http.Request.ContentLength

        if received.HasValue then
            json.WriteNumber(Names.bytesIn, received.Value)

        let sent = http.Response.ContentLength

        if sent.HasValue then
            json.WriteNumber(Names.bytesOut, sent.Value)

        json.WriteEndObject()

    let bufferOfThread () =
        match AccessLog.buffer with
        | null ->
            let line = ArrayBufferWriter<byte> 512
            AccessLog.buffer <- line
            line
        | line -> line

    let jsonOfThread (line: ArrayBufferWriter<byte>) =
        match AccessLog.json with
        | null ->
            let writer = LogLine.jsonWriter line
            AccessLog.json <- writer
            writer
        | writer ->
            writer.Reset line
            writer

    let labelOf (http: HttpContext) : EndpointLabel | null =
        match http.GetEndpoint() with
        | null -> null
        | endpoint -> endpoint.Metadata.GetMetadata<EndpointLabel>()

    /// Writes the line of a request. Sizes are those that were declared: a body in chunks declares none.
    member _.Write(http: HttpContext, elapsed: TimeSpan) =
        let label = labelOf http

        let isQuiet =
            match label with
            | null -> false
            | label -> label.IsProbe && http.Response.StatusCode < StatusCodes.Status400BadRequest

        if not isQuiet then
            let line = bufferOfThread ()

            match format with
            | LogFormat.Text -> writeText line http label elapsed
            | LogFormat.Json ->
                let json = jsonOfThread line
                writeJson json http label elapsed
                json.Flush()
                LogLine.ascii line "\n"

            sink.Write(line.WrittenSpan, isUrgent = false)
            line.ResetWrittenCount()
