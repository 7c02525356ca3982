namespace Bento.Cli

open System
open System.Diagnostics
open System.IO
open System.Runtime.InteropServices
open System.Threading
open System.Threading.Tasks

/// Watches over the process that evaluates a script, so that what the script does to its process does not end the command.
[<Sealed>]
type internal Supervisor(script: string, arguments: string list) =

    let program = Path.Combine(AppContext.BaseDirectory, "reload", "bento-reload.dll")

    let stopping = new CancellationTokenSource()
    let turn = obj ()
    let mutable worker: Process | null = null

    let letGo (running: Process) =
        try
            running.StandardInput.Close()
        with :? IOException ->
            ()

    /// The first signal asks the worker for an orderly stop, the second ends it.
    let hear (context: PosixSignalContext) =
        context.Cancel <- true

        lock turn (fun () ->
            let isSecond = stopping.IsCancellationRequested
            stopping.Cancel()

            match worker with
            | null -> ()
            | running when isSecond -> running.Kill()
            | running -> letGo running)

    let start () : Process =
        ProcessStartInfo(Dotnet.muxer, "exec" :: program :: arguments, RedirectStandardInput = true)
        |> Dotnet.start $"{Dotnet.muxer} did not start; install .NET again."

    let takeOn () =
        lock turn (fun () ->
            let running = start ()
            worker <- running

            if stopping.IsCancellationRequested then
                letGo running

            running)

    let dismiss () = lock turn (fun () -> worker <- null)

    let rec serve (watching: Watching) : Task<int> = task {
        use running = takeOn ()
        do! running.WaitForExitAsync()
        dismiss ()
        watching.Mark()
        let code = running.ExitCode

        if stopping.IsCancellationRequested then
            return code
        else
            eprintfn $"bento: The process of {script} ended with exit code {code}; it starts again at the next save."
            do! watching.Changed stopping.Token
            return! serve watching
    }

    /// Serves until the process is asked to end: the exit code.
    member _.Run() : Task<int> = task {
        if not (File.Exists program) then
            raise (CliException $"{program} is missing, which --reload needs; install the command again.")

        use watching = new Watching(fun () -> ScriptSources.files script)

        let heard =
            [ PosixSignal.SIGINT; PosixSignal.SIGTERM; PosixSignal.SIGQUIT ]
            |> List.map (fun signal -> PosixSignalRegistration.Create(signal, hear))

        try
            try
                return! serve watching
            with :? OperationCanceledException when stopping.IsCancellationRequested ->
                return 0
        finally
            heard |> List.iter _.Dispose()
    }

    interface IDisposable with
        member _.Dispose() = stopping.Dispose()
