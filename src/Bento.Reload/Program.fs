/// The process that `bento serve SCRIPT --reload` watches over: an `exit` in the script ends only this one.
module Bento.Reload.Program

open System
open System.CommandLine
open System.IO
open System.Threading
open System.Threading.Tasks
open Bento
open Bento.Cli

/// The command holds the other end of the standard input, and lets go of it to have this process stop, or by its own end.
let private untilLetGo (stop: CancellationTokenSource) : Task = task {
    use input = Console.OpenStandardInput()
    let buffer = Array.zeroCreate<byte> 256
    let mutable read = 1

    while read > 0 do
        let! count = input.ReadAsync(buffer, 0, buffer.Length)
        read <- count

    do! stop.CancelAsync()
}

let private serve (arguments: ParseResult) : Task<int> = task {
    let target = ConfiguredTarget.target arguments
    let script = Path.GetFullPath target.Path
    use stop = new CancellationTokenSource()
    Task.Run(fun () -> untilLetGo stop) |> ignore
    use watching = new Watching(fun () -> ScriptSources.files script)
    let session = lazy (new Session())

    let load () = task { return ConfiguredTarget.configure arguments target (session.Value.Evaluate script) }

    return! Reloading.run target.Path watching load ignore stop.Token
}

[<EntryPoint>]
let main arguments =
    let command = RootCommand "Serves a script, and again after each save."
    ConfiguredTarget.add command
    command.SetAction(fun arguments -> serve arguments)

    let invocation =
        InvocationConfiguration(ProcessTerminationTimeout = Nullable(), EnableDefaultExceptionHandler = false)

    command
        .Parse(arguments, ParserConfiguration(ResponseFileTokenReplacer = null))
        .InvokeAsync(invocation)
        .GetAwaiter()
        .GetResult()
