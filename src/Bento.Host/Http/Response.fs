namespace Bento

open System
open System.Buffers
open System.Text.Encodings.Web
open System.Text.Json
open System.Threading.Tasks
open Microsoft.AspNetCore.Http

/// Answers that are whole before their first byte is sent, so that what cannot be written is never half sent.
[<RequireQualifiedAccess>]
module internal Response =

    /// Sends a body of a known length. A caller that has left is no failure, so that its token is not asked.
    let send (http: HttpContext) (status: int) (mediaType: string) (body: ReadOnlyMemory<byte>) : Task = task {
        http.Response.StatusCode <- status
        http.Response.ContentType <- mediaType
        http.Response.ContentLength <- body.Length
        let! _ = http.Response.BodyWriter.WriteAsync body
        ()
    }

    /// Sends a status that has no body.
    let sendNothing (http: HttpContext) (status: int) : Task =
        http.Response.StatusCode <- status
        http.Response.CompleteAsync()

    // Answers are data and never part of a page, so that letters and quotes need no escapes.
    let private writing =
        JsonWriterOptions(Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping)

    /// The JSON object whose members `write` writes.
    let jsonObject (write: Utf8JsonWriter -> unit) : ReadOnlyMemory<byte> =
        let buffer = ArrayBufferWriter<byte>()
        use writer = new Utf8JsonWriter(buffer, writing)
        writer.WriteStartObject()
        write writer
        writer.WriteEndObject()
        writer.Flush()
        buffer.WrittenMemory
