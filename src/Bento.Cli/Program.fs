module Bento.Cli.Program

open System
open System.CommandLine
open Bento

/// The service did not start, or ended otherwise than it was asked to.
[<Literal>]
let private failed = 1

/// The command was not understood.
[<Literal>]
let private misused = 2

let private root =
    let root =
        RootCommand "Serves models, each described by a service { } in F# or a class in C#."

    root.Subcommands.Add NewCommand.command
    root.Subcommands.Add ServeCommand.command
    root.Subcommands.Add CallCommand.command
    root.Subcommands.Add OpenApiCommand.command
    root.Subcommands.Add DoctorCommand.command
    root.Subcommands.Add ConfigCommand.command
    root.Subcommands.Add FsiCommand.command
    root.Subcommands.Add CompletionCommand.command
    root

/// Signals are the server's: it drains for as long as it needs.
let private invocation =
    InvocationConfiguration(ProcessTerminationTimeout = Nullable(), EnableDefaultExceptionHandler = false)

let private run (arguments: ParseResult) =
    try
        arguments.InvokeAsync(invocation).GetAwaiter().GetResult()
    with
    | :? CliException
    | :? InvalidServiceException
    | :? ArgumentException as problem ->
        eprintfn "bento: %s" problem.Message
        failed
    | :? OperationCanceledException ->
        eprintfn "bento: It was asked to stop before it was ready."
        failed
    | problem ->
        eprintfn "bento: %s" (Foreground.withTrace problem)
        failed

[<EntryPoint>]
let main arguments =
    let parsed =
        root.Parse(arguments, ParserConfiguration(ResponseFileTokenReplacer = null))

    let code = run parsed
    if parsed.Errors.Count > 0 then misused else code
