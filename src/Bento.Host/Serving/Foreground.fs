namespace Bento

open System
open System.IO
open System.Net.Sockets
open System.Reflection

/// What a process tells the person in front of it that serves one service and then ends.
[<RequireQualifiedAccess>]
module internal Foreground =

    /// What a program of ours says after its service is on the air.
    let announce (card: ServiceCard) (address: string) (options: ServeOptions) =
        printfn "%s" (Report.text card)
        printfn "Serving on %s%s; Ctrl+C stops." address options.Prefix

    /// A start that failed at the port, in words for whoever chose that.
    let cannotListen (options: ServeOptions) (wayOut: string) (problem: exn) =
        $"Cannot listen on {options.Host}:{options.Port}: {problem.Message.TrimEnd '.'}. {wayOut}"

    /// What was raised, with its trace. Where one only names what another broke, as a step of a start does, its sentence
    /// comes first and alone; the trace is that of the cause.
    let withTrace (problem: exn) =
        match problem, problem.InnerException with
        | _, null
        | :? AggregateException, _ -> string problem
        | _, cause when
            isNull cause.InnerException
            && problem.Message.EndsWith(cause.Message, StringComparison.Ordinal)
            ->
            $"{problem.Message}\n{cause.StackTrace}"
        | _, cause -> $"{problem.Message}\n{cause}"

    /// Why a service could not be started. What is no mistake of a definition's or of options' is told with its trace.
    /// The way out is for whoever chose a port that cannot be listened on.
    let explain (options: ServeOptions) (wayOut: string) (problem: exn) =
        match problem with
        | :? InvalidServiceException
        | :? ArgumentException -> problem.Message
        | :? OperationCanceledException -> "It was asked to stop before it was ready."
        | :? IOException
        | :? SocketException -> cannotListen options wayOut problem
        | problem -> withTrace problem

    let private isScript =
        match Assembly.GetEntryAssembly() with
        | null -> false
        | entry -> entry.GetName().Name = "fsi"

    /// Whether a person types the program as it runs, to whom its end would be a surprise.
    let isConversation =
        isScript
        && Environment.GetCommandLineArgs()
           |> Array.skip 1
           |> Array.takeWhile (fun argument -> argument <> "--")
           |> Array.forall (fun argument ->
               argument.StartsWith '-'
               || not (argument.EndsWith(".fsx", StringComparison.OrdinalIgnoreCase)))

    /// The settings beside a script or a program, and the environment's.
    let configuration (definition: Definition) : Configuration =
        let folder =
            if isScript then
                string (Path.GetDirectoryName definition.File)
            else
                AppContext.BaseDirectory

        Configuration.empty
        |> Configuration.withFolder folder
        |> Configuration.withEnvironment
