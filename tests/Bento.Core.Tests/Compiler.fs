/// One compiler for all snippets: its start-up is most of what a compilation costs.
module Bento.Tests.Compiler

open System
open System.IO
open FSharp.Compiler.CodeAnalysis
open FSharp.Compiler.Diagnostics
open FSharp.Compiler.Text

/// What the compiler says, at a line of the snippet.
type Message = { Line: int; Code: int; Text: string }

/// What the snippets may use: handlers of every kind, a state, a dependency.
let private prelude =
    """module Snippet
open System
open System.Collections.Generic
open System.Threading.Tasks
open Bento
type Text = { Body: string }
type Summary = { Short: string }
type Model() =
    member _.Summarize(text: string) : Task<string> = Task.FromResult(text.Substring(0, 3))
    member _.Tokens(text: string) : IAsyncEnumerable<string> = failwith text
let load (_: Setup<unit>) = Task.FromResult(Model())
let warm (model: Model) : Task = model.Summarize "warm"
let loadNow (_: Setup<unit>) = Model()
let sync (t: Text) : Summary = { Short = t.Body }
let asyn (t: Text) : Task<Summary> = Task.FromResult { Short = t.Body }
let ping (context: Context) (t: Text) : Task<Summary> = Task.FromResult { Short = context.RequestId + t.Body }
let summarize (context: Context<Model>) (t: Text) : Task<Summary> = task { let! s = context.State.Summarize t.Body in return { Short = s } }
let generate (context: Context<Model>) (t: Text) : IAsyncEnumerable<string> = context.State.Tokens t.Body
let generatePlain (t: Text) : IAsyncEnumerable<string> = failwith t.Body
let chat (context: Context<Model>) (turns: IAsyncEnumerable<Text>) : IAsyncEnumerable<string> = context.State.Tokens(string turns)
let chatPlain (turns: IAsyncEnumerable<Text>) : IAsyncEnumerable<string> = failwith (string turns)
let length (t: Text) = t.Body.Length
let lengths (batch: BatchContext<Model>) (rows: Text[]) : int[] = rows |> Array.map length
let lengthsLater (rows: Text[]) : Task<int[]> = Task.FromResult(rows |> Array.map length)
type Client = { Summarize: Text -> Task<Summary> }
let summarizer: Dependency<Client> = Dependency.named "summarizer"
"""

let private preludeLines = prelude |> Seq.filter ((=) '\n') |> Seq.length

let private checker = FSharpChecker.Create(suggestNamesForErrors = true)

let private references =
    match AppContext.GetData "TRUSTED_PLATFORM_ASSEMBLIES" with
    | :? string as assemblies ->
        assemblies.Split Path.PathSeparator
        |> Array.filter (fun path -> not (path.Contains "FSharp.Compiler"))
        |> Array.map (fun path -> "-r:" + path)
    | _ -> failwith "The runtime does not say which assemblies it has."

let private file = "/Snippet.fs"

let private options =
    let options =
        checker.GetProjectOptionsFromCommandLineArgs(
            "/Snippet.fsproj",
            [|
                "--noframework"
                "--targetprofile:netcore"
                "--target:library"
                "--checknulls+"
                yield! references
            |]
        )

    {
        options with
            SourceFiles = [| file |]
    }

/// Checks a whole file and gives the errors in it.
let check (source: string) : Message list =
    let _, answer =
        checker.ParseAndCheckFileInProject(file, hash source, SourceText.ofString source, options)
        |> Async.RunSynchronously

    match answer with
    | FSharpCheckFileAnswer.Aborted -> failwith "The compiler gave up on the source."
    | FSharpCheckFileAnswer.Succeeded results -> [
        for diagnostic in results.Diagnostics do
            if diagnostic.Severity = FSharpDiagnosticSeverity.Error then
                {
                    Line = diagnostic.StartLine
                    Code = diagnostic.ErrorNumber
                    Text = diagnostic.Message
                }
      ]

/// Checks a snippet behind the prelude; line 1 is the snippet's first.
let errors (snippet: string) : Message list =
    check (prelude + snippet)
    |> List.map (fun message -> {
        message with
            Line = message.Line - preludeLines
    })
