namespace Bento.Cli

open System
open System.Diagnostics
open System.IO
open System.Net.Sockets
open System.Threading
open System.Threading.Tasks
open Bento

/// A service on the air that gives way to a new one after each save, and goes on where the new one is no good.
[<RequireQualifiedAccess>]
module internal Reloading =

    /// As a line for the terminal and a probe, without the trace: the code at fault is the caller's own.
    let private explain (problem: exn) =
        match problem with
        | :? CliException
        | :? InvalidServiceException
        | :? ArgumentException
        | :? IOException
        | :? SocketException -> problem.Message
        | problem -> Foreground.withTrace problem

    /// The first line, bounded, for a probe.
    let private short (text: string) =
        let line = text.Split('\n', 2).[0].Trim()
        if line.Length > 300 then line.Substring(0, 300) else line

    /// Starts a server; a port that it cannot have is told with the way out.
    let serve (options: ServeOptions) (definition: Definition) : Task<Server> = task {
        try
            return! Serve.start options definition
        with (:? IOException | :? SocketException) as problem ->
            let sentence =
                Foreground.cannotListen options "Choose another with --host or --port." problem

            return raise (CliException sentence)
    }

    let private start (load: unit -> Task<ConfiguredTarget>) : Task<Server option> = task {
        try
            let! target = load ()
            let! server = serve target.Options target.Definition
            Foreground.announce (Definition.require target.Definition).Card server.Address target.Options
            return Some server
        with problem ->
            eprintfn "bento: %s\nWaiting for a save." (explain problem)
            return None
    }

    let rec private started (load: unit -> Task<ConfiguredTarget>) (watching: Watching) cancellation : Task<Server> =
        task {
            match! start load with
            | Some server -> return server
            | None ->
                do! watching.Changed cancellation
                return! started load watching cancellation
        }

    let private replace (name: string) (load: unit -> Task<ConfiguredTarget>) (server: Server) : Task<unit> = task {
        let began = Stopwatch.GetTimestamp()

        try
            let! target = load ()
            do! server.Replace target.Definition
            let taken = Stopwatch.GetElapsedTime began
            eprintfn $"Reloaded {name} in {taken.TotalMilliseconds:F0} ms."
        with problem ->
            let reason = explain problem
            eprintfn $"bento: {reason}\nThe service from before the save goes on."

            match server with
            | :? RunningServer as server -> server.Notice <- Some(short reason)
            | _ -> ()
    }

    let private follow name load (server: Server) (watching: Watching) (cancellation: CancellationToken) : Task<unit> =
        task {
            try
                while not cancellation.IsCancellationRequested do
                    do! watching.Changed cancellation
                    do! replace name load server
            with :? OperationCanceledException ->
                ()
        }

    /// Serves what `load` gives, and again after each change, until the process or `stop` ends it: the exit code.
    let run
        (name: string)
        (watching: Watching)
        (load: unit -> Task<ConfiguredTarget>)
        (stop: CancellationToken)
        : Task<int> = task {
        use! server = started load watching stop
        use ending = CancellationTokenSource.CreateLinkedTokenSource stop
        use _ = stop.Register(fun () -> server.Stop CancellationToken.None |> ignore)
        let following = follow name load server watching ending.Token
        do! server.Completion
        do! ending.CancelAsync()
        do! following
        return if server.Cancelled = 0 then 0 else 1
    }
