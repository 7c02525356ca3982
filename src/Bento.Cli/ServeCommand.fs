namespace Bento.Cli

open System.CommandLine
open System.IO
open System.Net.Sockets
open System.Threading.Tasks
open Bento

/// `bento serve`: a service on the air until the process is asked to end.
[<RequireQualifiedAccess>]
module internal ServeCommand =

    let private started (options: ServeOptions) definition : Task<Server> = task {
        try
            return! Serve.start options definition
        with (:? IOException | :? SocketException) as problem ->
            let sentence =
                Foreground.cannotListen options "Choose another with --host or --port." problem

            return raise (CliException sentence)
    }

    let private serve (arguments: ParseResult) : Task<int> = task {
        let! target = ConfiguredTarget.load arguments
        use! server = started target.Options target.Definition
        Foreground.announce (Definition.require target.Definition).Card server.Address target.Options
        do! server.Completion
        return if server.Cancelled = 0 then 0 else 1
    }

    let command =
        let command = Command("serve", "Serves a service over HTTP.")
        ConfiguredTarget.add command
        command.SetAction(fun arguments -> serve arguments)
        command
