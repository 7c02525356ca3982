namespace Bento

open System
open System.Buffers
open System.Collections.Generic
open System.Globalization
open System.Text
open System.Text.Encodings.Web
open System.Text.Json
open System.Text.Unicode
open Microsoft.Extensions.Logging

/// Lines of the log as bytes. Whatever a caller sends, it cannot end a line and begin one of its own.
[<RequireQualifiedAccess>]
module internal LogLine =

    [<Literal>]
    let private moment = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'"

    /// Control characters, and what a reader of a log may take for the end of a line.
    let private dangerous =
        SearchValues.Create [|
            for code in 0..31 -> char code
            for code in 127..159 -> char code
            yield! "\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
        |]

    let word (level: LogLevel) =
        match level with
        | LogLevel.Trace
        | LogLevel.Debug -> "debug"
        | LogLevel.Information -> "info"
        | LogLevel.Warning -> "warn"
        | LogLevel.Error -> "error"
        | _ -> "fatal"

    let ascii (line: IBufferWriter<byte>) (text: string) =
        Encoding.UTF8.GetBytes(text.AsSpan(), line) |> ignore

    let private escaped (text: string) =
        let shown = StringBuilder(text.Length + 16)

        for letter in text do
            if not (dangerous.Contains letter) then
                shown.Append letter
            elif letter = '\n' then
                shown.Append @"\n"
            elif letter = '\r' then
                shown.Append @"\r"
            elif letter = '\t' then
                shown.Append @"\t"
            else
                shown.Append(@"\u").Append((int letter).ToString("x4", CultureInfo.InvariantCulture))
            |> ignore

        string shown

    /// Text from anywhere.
    let text (line: IBufferWriter<byte>) (text: string) =
        ascii
            line
            (if text.AsSpan().ContainsAny dangerous then
                 escaped text
             else
                 text)

    let integer (line: IBufferWriter<byte>) (number: int64) =
        let span = line.GetSpan 20
        let mutable count = 0

        if number.TryFormat(span, &count, ReadOnlySpan(), CultureInfo.InvariantCulture) then
            line.Advance count

    let milliseconds (line: IBufferWriter<byte>) (span: TimeSpan) =
        let target = line.GetSpan 32
        let mutable count = 0

        if span.TotalMilliseconds.TryFormat(target, &count, "F3", CultureInfo.InvariantCulture) then
            line.Advance count

    let time (line: IBufferWriter<byte>) (now: DateTime) =
        let target = line.GetSpan 24
        let mutable count = 0

        if now.TryFormat(target, &count, moment, CultureInfo.InvariantCulture) then
            line.Advance count

    /// The beginning of a line for a person.
    let openText line (now: DateTime) level =
        time line now
        ascii line " "
        ascii line (word level)
        ascii line " "

    let private writing =
        JsonWriterOptions(Encoder = JavaScriptEncoder.Create UnicodeRanges.All, SkipValidation = true)

    let jsonWriter (line: IBufferWriter<byte>) = new Utf8JsonWriter(line, writing)

    // Names that every line has, encoded once.
    let private timeName = JsonEncodedText.Encode "time"
    let private levelName = JsonEncodedText.Encode "level"
    let private categoryName = JsonEncodedText.Encode "category"

    /// The beginning of a line for a program.
    let openJson (json: Utf8JsonWriter) (now: DateTime) level (category: string) =
        json.WriteStartObject()
        json.WriteString(timeName, DateTime(now.Ticks - now.Ticks % TimeSpan.TicksPerMillisecond, DateTimeKind.Utc))
        json.WriteString(levelName, word level)
        json.WriteString(categoryName, category)

    let private own =
        set [ "time"; "level"; "category"; "message"; "exception"; "{OriginalFormat}" ]

    /// The values that the message of a line was made with, under names of their own.
    let private writeValues (json: Utf8JsonWriter) (state: objnull) =
        match state with
        | :? IReadOnlyList<KeyValuePair<string, objnull>> as values ->
            for pair in values do
                let name = JsonNamingPolicy.CamelCase.ConvertName pair.Key

                if not (own.Contains pair.Key || own.Contains name) then
                    match pair.Value with
                    | null -> json.WriteNull name
                    | :? int as number -> json.WriteNumber(name, number)
                    | :? int64 as number -> json.WriteNumber(name, number)
                    | :? bool as truth -> json.WriteBoolean(name, truth)
                    | other -> json.WriteString(name, string other)
        | _ -> ()

    /// A line of the log as an object.
    let writeJson
        (line: IBufferWriter<byte>)
        now
        level
        category
        (message: string)
        (state: objnull)
        (cause: exn | null)
        =
        use json = jsonWriter line
        openJson json now level category
        json.WriteString("message", message)
        writeValues json state

        match cause with
        | null -> ()
        | cause -> json.WriteString("exception", string cause)

        json.WriteEndObject()
        json.Flush()
        ascii line "\n"

    /// A line of the log for a person. What caused it follows on lines that begin with blanks, as no line of its own does.
    let writeText (line: IBufferWriter<byte>) now level (category: string) (message: string) (cause: exn | null) =
        openText line now level
        ascii line category
        ascii line ": "
        text line message
        ascii line "\n"

        match cause with
        | null -> ()
        | cause ->
            for part in (string cause).Split '\n' do
                ascii line "    "
                text line (part.TrimEnd '\r')
                ascii line "\n"
