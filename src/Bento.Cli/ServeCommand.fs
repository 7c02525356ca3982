namespace Bento.Cli

open System.CommandLine
open System.CommandLine.Parsing
open System.Threading
open System.Threading.Tasks

/// `bento serve`: a service on the air until the process is asked to end.
[<RequireQualifiedAccess>]
module internal ServeCommand =

    let private reload =
        Option<bool>(
            "--reload",
            Description = "Serves a script or a project anew after each save, without losing a request.",
            DefaultValueFactory = fun _ -> false
        )

    let private serveOnce (arguments: ParseResult) : Task<int> = task {
        let! target = ConfiguredTarget.load arguments
        use! server = ServedTarget.start CancellationToken.None target
        do! server.Completion
        return if server.Cancelled = 0 then 0 else 1
    }

    /// The words of the command line that the worker takes too.
    let private forWorker (arguments: ParseResult) = [
        for token in arguments.Tokens do
            if token.Type <> TokenType.Command && token.Value <> reload.Name then
                token.Value
    ]

    let private reloadProject (arguments: ParseResult) (target: Target) (file: string) : Task<int> = task {
        use interruption = new Interruption()
        use project = new ReloadedProject(file)
        use watching = new Watching(project.Sources)

        let load () = task {
            let! found = project.Services()
            return ConfiguredTarget.configure arguments target found
        }

        return! Reloading.run target.Path watching load project.Taken interruption.Token
    }

    let private serveAnew (arguments: ParseResult) : Task<int> = task {
        let target = ConfiguredTarget.target arguments

        match Target.kind target with
        | TargetKind.Script file ->
            use supervisor = new Supervisor(file, forWorker arguments)
            return! supervisor.Run()
        | TargetKind.Project file -> return! reloadProject arguments target file
        | TargetKind.Assembly path ->
            return raise (CliException $"{path} has no sources for --reload to watch; give its project, or a script.")
    }

    let private serve (arguments: ParseResult) : Task<int> =
        if arguments.GetRequiredValue reload then
            serveAnew arguments
        else
            serveOnce arguments

    let command =
        let command = Command("serve", "Serves a service over HTTP.")
        ConfiguredTarget.add command
        command.Options.Add reload
        command.SetAction(fun arguments -> serve arguments)
        command
