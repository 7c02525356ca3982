/// What becomes of text on its way into the log, and of lines on their way out of the process.
module Bento.Hosting.Tests.LogTests

open System
open System.Buffers
open System.Collections.Generic
open System.IO
open System.Text
open System.Text.Json.Nodes
open System.Threading
open FsCheck
open FsCheck.FSharp
open Microsoft.Extensions
open Microsoft.AspNetCore.Http
open Xunit
open Bento

let private now = DateTime(2026, 11, 24, 12, 30, 15, 250, DateTimeKind.Utc)

let private written (write: ArrayBufferWriter<byte> -> unit) =
    let line = ArrayBufferWriter<byte>()
    write line
    Encoding.UTF8.GetString line.WrittenSpan

let private whole text =
    Option.ofObj text |> Option.defaultValue ""

let private isDangerous (letter: char) =
    Char.IsControl letter || letter = '\u2028' || letter = '\u2029'

[<Fact>]
let ``whatever a message says, it is one line for a person`` () =
    let isOneLine (message: string | null) =
        let line =
            written (fun line -> LogLine.writeText line now Logging.LogLevel.Warning "Bento.a" (whole message) null)

        line.StartsWith "2026-11-24T12:30:15.250Z warn Bento.a: "
        && line.EndsWith '\n'
        && not (line[.. line.Length - 2] |> Seq.exists isDangerous)

    Check.QuickThrowOnFailure isOneLine

[<Fact>]
let ``whatever a message says, it is one object for a program, and the message is in it`` () =
    let isOneObject (message: string | null) (path: string | null) =
        // A lone half of a surrogate pair is no text, and is written as the character that says so.
        let message = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(whole message))

        let state = [
            KeyValuePair<string, objnull>("Path", whole path)
            KeyValuePair("Count", box 3)
        ]

        let line =
            written (fun line ->
                LogLine.writeJson line now Logging.LogLevel.Error "Bento.a" message (Array.ofList state) null)

        let json = nonNull (JsonNode.Parse line)

        line.IndexOf '\n' = line.Length - 1
        && string json["message"] = message
        && string json["level"] = "error"
        && string json["time"] = "2026-11-24T12:30:15.25Z"
        && string json["count"] = "3"

    Check.QuickThrowOnFailure isOneObject

[<Theory>]
[<InlineData("a\nb", @"a\nb")>]
[<InlineData("a\r\tb", @"a\r\tb")>]
[<InlineData("a\u001b[31mb", @"a\u001b[31mb")>]
[<InlineData("a\u2028b\u202eb", @"a\u2028b\u202eb")>]
[<InlineData("Grüße, 世界", "Grüße, 世界")>]
let ``control characters are shown and others are as they are`` (text: string, shown: string) =
    Assert.Equal(shown, written (fun line -> LogLine.text line text))

[<Fact>]
let ``what caused a line follows it on lines of its own, none of which can be taken for another`` () =
    let cause =
        InvalidOperationException "first\n2026-11-24T12:30:15.250Z info forged\r\nlast"

    let lines =
        (written (fun line -> LogLine.writeText line now Logging.LogLevel.Error "Bento.a" "It failed" cause))
            .TrimEnd('\n')
            .Split
            '\n'

    Assert.Equal("2026-11-24T12:30:15.250Z error Bento.a: It failed", lines[0])
    Assert.Equal(4, lines.Length)
    Assert.All(lines[1..], fun line -> Assert.StartsWith("    ", line))

/// A stream whose reader can stop reading.
[<Sealed>]
type private Pipe() =
    inherit MemoryStream()
    let gate = new ManualResetEventSlim(true)
    let read = StringBuilder()

    member _.Stop() = gate.Reset()
    member _.Go() = gate.Set()
    member _.Said = lock read (fun () -> string read)

    override _.Write(buffer: ReadOnlySpan<byte>) =
        gate.Wait()
        let text = Encoding.UTF8.GetString buffer
        lock read (fun () -> read.Append text |> ignore)

let private patience = TimeSpan.FromSeconds 30.

let private put (sink: LogSink) (line: string) =
    sink.Write(ReadOnlySpan(Encoding.UTF8.GetBytes line), isUrgent = false)

[<Fact>]
let ``lines come out whole and in order`` () =
    let pipe = new Pipe()
    let sink = LogSink(pipe, 1 <<< 20)
    let lines = [ for number in 1..1000 -> $"line {number}\n" ]
    List.iter (put sink) lines
    sink.Flush patience
    Assert.Equal(String.Concat lines, pipe.Said)

[<Fact>]
let ``while nobody reads no writer waits, and what does not fit is counted`` () =
    let pipe = new Pipe()
    let sink = LogSink(pipe, 1_000)
    pipe.Stop()
    put sink "first\n"
    // The writing thread has it, and hangs.
    Thread.Sleep 200

    for number in 1..500 do
        put sink $"line {number:D3}\n"

    pipe.Go()
    sink.Flush patience
    put sink "last\n"
    sink.Flush patience
    let said = pipe.Said
    Assert.StartsWith("first\nline 001\n", said)
    Assert.EndsWith("last\n", said)
    let kept = said.Split("line ").Length - 1
    Assert.InRange(kept, 50, 200)
    Assert.Contains($"... {500 - kept} lines of the log were dropped here", said)

let private request () =
    let http = DefaultHttpContext()
    http.Request.Method <- "POST"
    http.Request.Path <- PathString "/v1/one\ntwo"
    http.Request.ContentLength <- 17L
    http.Response.StatusCode <- 200
    http.Response.ContentLength <- 5L
    http.TraceIdentifier <- "the-id"
    http

let private labelled (label: EndpointLabel) (http: DefaultHttpContext) =
    http.SetEndpoint(Microsoft.AspNetCore.Http.Endpoint(null, EndpointMetadataCollection [| label :> obj |], null))
    http

let private logged format (http: HttpContext) =
    let pipe = new Pipe()
    let sink = LogSink(pipe, 1 <<< 20)
    AccessLog(format, sink).Write(http, TimeSpan.FromMilliseconds 12.5)
    sink.Flush patience
    pipe.Said

let private label = EndpointLabel("held", "one", "/v1/one", false)

[<Fact>]
let ``an access line for a person has it all`` () =
    let line = logged LogFormat.Text (request () |> labelled label)
    Assert.EndsWith(@"Z info POST /v1/one\ntwo 200 12.500 ms, in 17, out 5, held.one, the-id" + "\n", line)

[<Fact>]
let ``a blank in a path does not end it`` () =
    let http = request ()
    http.Request.Path <- PathString "/v1/one 200 0.001 ms"
    let line = logged LogFormat.Text (http |> labelled label)
    Assert.Contains(" POST /v1/one%20200%200.001%20ms 200 12.500 ms,", line)

[<Fact>]
let ``an access line for a program has it all, by name`` () =
    let json =
        nonNull (JsonNode.Parse(logged LogFormat.Json (request () |> labelled label)))

    let expected = [
        "level", "info"
        "category", "Bento.Access"
        "requestId", "the-id"
        "method", "POST"
        "path", "/v1/one\ntwo"
        "route", "/v1/one"
        "service", "held"
        "endpoint", "one"
        "status", "200"
        "milliseconds", "12.5"
        "bytesIn", "17"
        "bytesOut", "5"
    ]

    for name, value in expected do
        Assert.Equal(value, string json[name])

[<Theory>]
[<InlineData(200, false)>]
[<InlineData(503, true)>]
let ``a probe has a line only when it fails`` (status: int, isLogged: bool) =
    let http = request () |> labelled (EndpointLabel.Probe "/readyz")
    http.Response.StatusCode <- status

    for format in [ LogFormat.Text; LogFormat.Json ] do
        Assert.Equal(isLogged, (logged format http <> ""))

[<Fact>]
let ``a line is made without garbage`` () =
    let http = request () |> labelled label
    http.Request.Path <- PathString "/v1/one"
    let sink = LogSink(Stream.Null, 64 <<< 20)

    for format in [ LogFormat.Text; LogFormat.Json ] do
        let log = AccessLog(format, sink)

        let writeThousand () =
            for _ in 1..1000 do
                log.Write(http, TimeSpan.FromMilliseconds 1.)

        // Until the sink's buffers are as large as they will be.
        for _ in 1..6 do
            writeThousand ()
            sink.Flush patience

        let before = GC.GetAllocatedBytesForCurrentThread()
        writeThousand ()
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 1000L, 0L, 64L)
