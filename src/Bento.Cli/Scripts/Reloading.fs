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

    /// How long after a server's own hearing of a signal this has heard of it too.
    let private hearing = TimeSpan.FromMilliseconds 500.

    let private start (load: unit -> Task<ConfiguredTarget>) (stop: CancellationToken) : Task<Server option> = task {
        try
            let! target = (load ()).WaitAsync stop
            let! server = ServedTarget.start stop target
            return Some server
        with problem ->
            if problem :? OperationCanceledException then
                let! _ = Task.WhenAny(Task.Delay(hearing, stop))
                ()

            stop.ThrowIfCancellationRequested()
            eprintfn "bento: %s\nWaiting for a save." (explain problem)
            return None
    }

    let rec private started load (watching: Watching) (stop: CancellationToken) : Task<Server> = task {
        match! start load stop with
        | Some server -> return server
        | None ->
            do! watching.Changed stop
            return! started load watching stop
    }

    let private replace (name: string) load (taken: unit -> unit) (server: Server) (stop: CancellationToken) = task {
        let began = Stopwatch.GetTimestamp()

        try
            // Neither a build nor the `init` of what comes next is waited for when there is no use for it any more.
            let! target = (load (): Task<ConfiguredTarget>).WaitAsync stop
            do! (server.Replace target.Definition).WaitAsync stop
            taken ()
            let time = Stopwatch.GetElapsedTime began
            eprintfn $"Reloaded {name} in {time.TotalMilliseconds:F0} ms."
        with problem when not stop.IsCancellationRequested ->
            let reason = explain problem
            eprintfn $"bento: {reason}\nThe service from before the save goes on."

            match server with
            | :? RunningServer as server -> server.Notice <- Some(short reason)
            | _ -> ()
    }

    let private follow name load taken server (watching: Watching) (stop: CancellationToken) : Task<unit> = task {
        try
            while not stop.IsCancellationRequested do
                do! watching.Changed stop
                do! replace name load taken server stop
        with _ when stop.IsCancellationRequested ->
            ()
    }

    let private serve name (watching: Watching) load (taken: unit -> unit) (stop: CancellationToken) : Task<int> = task {
        use! server = started load watching stop
        taken ()
        use ending = CancellationTokenSource.CreateLinkedTokenSource stop
        use _ = stop.Register(fun () -> server.Stop CancellationToken.None |> ignore)
        let following = follow name load taken server watching ending.Token
        do! server.Completion
        do! ending.CancelAsync()
        do! following
        return if server.Cancelled = 0 then 0 else 1
    }

    /// Serves what `load` gives, and again after each change, until the process or `stop` ends it: the exit code. Calls
    /// `taken` when what was loaded last has come on the air.
    let run
        (name: string)
        (watching: Watching)
        (load: unit -> Task<ConfiguredTarget>)
        (taken: unit -> unit)
        (stop: CancellationToken)
        : Task<int> = task {
        try
            return! serve name watching load taken stop
        with :? OperationCanceledException when stop.IsCancellationRequested ->
            return 0
    }
