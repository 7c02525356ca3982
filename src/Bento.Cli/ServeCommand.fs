namespace Bento.Cli

open System.CommandLine
open System.IO
open System.Threading.Tasks
open Bento

/// `bento serve`: a service on the air until the process is asked to end.
[<RequireQualifiedAccess>]
module internal ServeCommand =

    let private host =
        Option<string>(
            "--host",
            Description = "The address to listen on. Other machines reach 0.0.0.0 and ::.",
            DefaultValueFactory = fun _ -> Serve.options.Host
        )

    let private port =
        Option<int>(
            "--port",
            Description = "The port to listen on; 0 takes a free one.",
            DefaultValueFactory = fun _ -> Serve.options.Port
        )

    port.Validators.Add(fun result ->
        let given = result.GetValueOrDefault<int>()

        if given < 0 || given > 65535 then
            result.AddError $"--port {given}: wanted a port from 0 to 65535.")

    let private started options definition : Task<Server> = task {
        try
            return! Serve.start options definition
        with :? IOException as problem ->
            return
                raise (
                    CliException
                        $"Cannot listen on {options.Host}:{options.Port}: {problem.Message} Choose another with --port."
                )
    }

    let private serve (arguments: ParseResult) : Task<int> = task {
        let options = {
            Serve.options with
                Host = arguments.GetRequiredValue host
                Port = arguments.GetRequiredValue port
        }

        let! definition = TargetArgument.definition arguments
        use! server = started options definition
        printfn "%s" (Report.text (Definition.require definition).Card)
        printfn "Serving on %s; Ctrl+C stops." server.Address
        do! server.Completion
        return if server.Cancelled = 0 then 0 else 1
    }

    let command =
        let command = Command("serve", "Serves a service over HTTP.")
        command.Arguments.Add TargetArgument.argument
        command.Options.Add host
        command.Options.Add port
        command.SetAction(fun arguments -> serve arguments)
        command
