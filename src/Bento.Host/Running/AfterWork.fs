namespace Bento

open System
open System.Collections.Generic
open System.Threading
open System.Threading.Tasks
open Microsoft.Extensions.Logging

/// What handlers left to be done after their answers, in a host. The request's place is free by then; a host that stops
/// waits for the work.
[<Sealed>]
type internal AfterWork(logger: ILogger) =
    let mutable running = 0
    let turn = obj ()
    let mutable waiting: TaskCompletionSource | null = null

    let finish () =
        lock turn (fun () ->
            running <- running - 1

            match waiting with
            | NonNull waiting when running = 0 -> waiting.TrySetResult() |> ignore
            | _ -> ())

    let run (context: HostContext) (works: IReadOnlyList<Func<Task>>) : Task<unit> = task {
        do! Task.Yield()

        for work in works do
            try
                do! work.Invoke()
            with problem ->
                logger.LogError(problem, "Work after the answer to request {RequestId} failed.", context.RequestId)

        context.RemoveDirectory()
        finish ()
    }

    /// Starts the work of one request.
    member _.Start(context: HostContext, works: IReadOnlyList<Func<Task>>) =
        lock turn (fun () -> running <- running + 1)
        run context works |> ignore

    /// How many requests have work under way.
    member _.Running = Volatile.Read &running

    /// Ends when no work is under way.
    member _.Finished: Task =
        lock turn (fun () ->
            if running = 0 then
                Task.CompletedTask
            else
                let source =
                    match waiting with
                    | NonNull source when not source.Task.IsCompleted -> source
                    | _ -> TaskCompletionSource TaskCreationOptions.RunContinuationsAsynchronously

                waiting <- source
                source.Task)
