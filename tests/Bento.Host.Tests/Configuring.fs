/// Services to configure, and configurations from text.
module Bento.Hosting.Tests.Configuring

open System.IO
open Xunit
open Bento

let shouting = service {
    traffic {
        timeout (seconds 5)
        queue 3
    }

    endpoint "shout" { bodyLimit "1MiB" }
    name "shouting"
    workers 1
    api "shout" (fun (text: string) -> text.ToUpperInvariant())
    api "whisper" (fun (text: string) -> text.ToLowerInvariant())
}

let adding = service {
    name "adding-numbers"
    api "add" (fun (number: int) -> number + 1)
}

let counting = service {
    endpoint "count" { maxDelay (milliseconds 5) }
    name "counting"
    api "count" (batched (fun (rows: string[]) -> rows |> Array.map String.length))
}

/// A folder of its own for as long as `test` runs.
let inFolder (test: string -> 'Result) : 'Result =
    let folder = Directory.CreateTempSubdirectory "bento-configuration-"

    try
        test folder.FullName
    finally
        folder.Delete true

/// Nothing but what a file of this text says.
let yaml (text: string) : Configuration =
    inFolder (fun folder ->
        let path = Path.Combine(folder, Configuration.FileName)
        File.WriteAllText(path, text)
        Configuration.empty |> Configuration.withFile path)

let both: Definition list = [ shouting; adding ]

let apply configuration =
    Configuration.apply configuration Serve.options both

/// The card of one of the two after they are configured.
let cardOf (definition: Definition) (configured: Configured) =
    configured.Definitions
    |> List.find (fun other -> other.Name = definition.Name)
    |> Definition.require
    |> _.Card

let refusal configuration =
    Assert.Throws<InvalidServiceException>(fun () -> apply configuration |> ignore)

/// Everything that is wrong, as the file's name, the line and the sentence.
let problems configuration = [
    for file, problem in InvalidServiceException.problems (refusal configuration) ->
        string (Path.GetFileName file), Problem.line problem, Problem.describe problem
]

/// The one thing that is wrong with a file: its line and the sentence.
let problemIn text =
    match problems (yaml text) with
    | [ file, line, sentence ] ->
        Assert.Equal(Configuration.FileName, file)
        line, sentence
    | several -> failwith $"%A{several}"
