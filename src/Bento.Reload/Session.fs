namespace Bento.Reload

open System
open System.IO
open Bento.Cli
open FSharp.Compiler.Diagnostics
open FSharp.Compiler.Interactive.Shell

/// One long-lived session of F# Interactive, which takes a script anew in the blink of an eye. A session for each save would
/// take half a second and leave 30 MB behind.
[<Sealed>]
type internal Session() =

    let arguments = [|
        "bento"
        "--noninteractive"
        "--nologo"
        "--gui-"
        "--quiet"
        "--readline-"
        "--optimize+"
        for reference in ScriptCompiler.references () do
            $"-r:{reference}"
    |]

    let session =
        FsiEvaluationSession.Create(
            FsiEvaluationSession.GetDefaultConfiguration(),
            arguments,
            new StringReader "",
            TextWriter.Synchronized(Console.Out),
            TextWriter.Null
        )

    let line (diagnostic: FSharpDiagnostic) =
        let severity =
            match diagnostic.Severity with
            | FSharpDiagnosticSeverity.Error -> "error"
            | _ -> "warning"

        $"{diagnostic.FileName}({diagnostic.StartLine},{diagnostic.StartColumn + 1}): {severity} {diagnostic.ErrorNumberText}: {diagnostic.Message}"

    let told (severities: FSharpDiagnosticSeverity list) (diagnostics: FSharpDiagnostic array) =
        diagnostics
        |> Array.filter (fun diagnostic -> List.contains diagnostic.Severity severities)
        |> Array.map line
        |> String.concat "\n"

    /// The services that a script has now. Raises what the compiler or the script has to say against it.
    member _.Evaluate(script: string) : ScriptServices =
        let before = session.DynamicAssemblies.Length

        let run () =
            match session.EvalScriptNonThrowing script with
            | Choice1Of2(), diagnostics ->
                match told [ FSharpDiagnosticSeverity.Warning ] diagnostics with
                | "" -> ()
                | warnings -> eprintfn "%s" warnings
            | Choice2Of2 problem, diagnostics ->
                match told [ FSharpDiagnosticSeverity.Error ] diagnostics with
                | "" -> raise problem
                | errors -> raise (CliException $"{script} does not compile.\n{errors}")

        ScriptLoading.adopting run (fun () ->
            session.DynamicAssemblies[before..]
            |> Seq.collect Loading.servicesOf
            |> Seq.distinct
            |> List.ofSeq)

    interface IDisposable with
        member _.Dispose() = (session :> IDisposable).Dispose()
