namespace Bento.Cli

open System.IO
open System.Text
open System.Text.Encodings.Web
open System.Text.Json

/// How bad a finding is. Only a fault keeps a service from being served.
[<RequireQualifiedAccess>]
type internal Condition =
    | Ok
    | Warning
    | Fault

/// One thing that the doctor has looked at.
type internal Finding = {
    /// What was looked at, in a word or two.
    What: string
    Condition: Condition
    Sentence: string
    /// What to do about it, where something is to be done.
    Mend: string option
}

[<RequireQualifiedAccess>]
module internal Finding =

    let ok what sentence = {
        What = what
        Condition = Condition.Ok
        Sentence = sentence
        Mend = None
    }

    let warning what sentence mend = {
        What = what
        Condition = Condition.Warning
        Sentence = sentence
        Mend = Some mend
    }

    let fault what sentence mend = {
        What = what
        Condition = Condition.Fault
        Sentence = sentence
        Mend = Some mend
    }

    /// The worst of all that was found.
    let worst (findings: Finding list) =
        findings |> List.map _.Condition |> List.fold max Condition.Ok

    /// The exit code of the command: warnings do not fail.
    let exitCode findings =
        match worst findings with
        | Condition.Ok
        | Condition.Warning -> 0
        | Condition.Fault -> 1

    let private word (condition: Condition) = (string condition).ToLowerInvariant()

    let private verdict findings =
        let count condition =
            findings
            |> List.filter (fun finding -> finding.Condition = condition)
            |> List.length

        match count Condition.Fault, count Condition.Warning with
        | 0, 0 -> "All is well."
        | 0, warnings -> $"Services can be served; warnings: {warnings}."
        | faults, warnings -> $"Services cannot be served; faults: {faults}, warnings: {warnings}."

    /// For a terminal: a line a finding, what to do below it, the verdict at the end.
    let text (findings: Finding list) =
        let width = findings |> List.map _.What.Length |> List.fold max 0
        let indent = String.replicate (9 + width + 2) " "

        String.concat "\n" [
            for finding in findings do
                $"{(word finding.Condition).PadRight 9}{finding.What.PadRight width}  {finding.Sentence}"

                match finding.Mend with
                | Some mend -> indent + mend
                | None -> ()

            ""
            verdict findings
        ]

    /// For programs: `{"condition", "findings": [{"what", "condition", "sentence", "mend"}]}`.
    let json (findings: Finding list) =
        use bytes = new MemoryStream()

        let write () =
            use writer =
                new Utf8JsonWriter(
                    bytes,
                    JsonWriterOptions(Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping)
                )

            writer.WriteStartObject()
            writer.WriteString("condition", word (worst findings))
            writer.WriteStartArray "findings"

            for finding in findings do
                writer.WriteStartObject()
                writer.WriteString("what", finding.What)
                writer.WriteString("condition", word finding.Condition)
                writer.WriteString("sentence", finding.Sentence)
                writer.WriteString("mend", Option.toObj finding.Mend)
                writer.WriteEndObject()

            writer.WriteEndArray()
            writer.WriteEndObject()

        write ()
        Encoding.UTF8.GetString(bytes.ToArray())
