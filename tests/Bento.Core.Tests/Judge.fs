/// JSON Schema as somebody else reads it: npm's ajv, in one process for all questions.
module Bento.Tests.Judge

open System
open System.Diagnostics
open System.IO
open System.Text
open System.Text.Json.Nodes

/// Where `dotnet fsi build.fsx` keeps what it downloads.
let private home =
    match Environment.GetEnvironmentVariable "BENTO_HOME" with
    | null
    | "" -> Path.Combine(Environment.GetFolderPath Environment.SpecialFolder.UserProfile, ".bento")
    | home -> home

let private script = Path.Combine(__SOURCE_DIRECTORY__, "..", "tools", "judge.js")

[<Sealed>]
type Judge() =
    let node =
        let start =
            ProcessStartInfo(
                "node",
                [ script; Path.Combine(home, "test-tools") ],
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                StandardInputEncoding = UTF8Encoding false,
                StandardOutputEncoding = UTF8Encoding false
            )

        nonNull (Process.Start start)

    let ask (question: string) : string =
        node.StandardInput.WriteLine question
        node.StandardInput.Flush()

        match node.StandardOutput.ReadLine() with
        | null -> failwith "The judge has left; `dotnet fsi build.fsx tools` installs what it needs."
        | answer -> answer

    /// The schema that values are judged by from now on.
    member _.Take(schema: JsonObject) =
        ask $"""{{"schema":{schema.ToJsonString()}}}""" |> ignore

    /// What is wrong with a value, which is JSON in one line.
    member _.Faults(json: string) : string option =
        match ask $"""{{"value":{json}}}""" with
        | "null" -> None
        | faults -> Some faults

    interface IDisposable with
        member _.Dispose() =
            node.StandardInput.Close()
            node.WaitForExit()
            node.Dispose()
