namespace Bento

open System
open System.Threading.Tasks
open Microsoft.Extensions.Logging

/// One `onReady` or `onAlive` of one worker, as probes ask it. It is not asked again while its last answer is outstanding,
/// so that one that hangs costs one thread, and a probe waits for it only so long.
[<Sealed>]
type internal Check(operation: string, worker: int, ask: unit -> Task<bool>, log: ILogger) =

    /// Below the second that Kubernetes waits for a probe unless told otherwise.
    static let patience = TimeSpan.FromMilliseconds 800.

    let turn = obj ()
    let mutable running: Task<string option> = Task.FromResult None
    let mutable last: string option = None

    /// A failure is told once, not with every probe.
    let note (reason: string option) (problem: exn | null) =
        if reason <> last then
            last <- reason

            match reason with
            | Some reason -> log.LogWarning(problem, "Worker {Worker}: {Reason}.", worker, reason)
            | None -> log.LogInformation("Worker {Worker}: `{Check}` is well again.", worker, operation)

        reason

    let run () : Task<string option> = task {
        try
            match! ask () with
            | true -> return note None null
            | false -> return note (Some $"`{operation}` says false") null
        with problem ->
            return note (Some $"`{operation}` raised {problem.GetType().Name}") problem
    }

    let current () =
        lock turn (fun () ->
            if running.IsCompleted then
                // A check that blocks its thread must not block the probe's.
                running <- Task.Run<string option>(run)

            running)

    member _.Worker = worker

    /// What is wrong, if anything. What a check raised is for the log only.
    member _.Ask() : Task<string option> = task {
        try
            return! current().WaitAsync patience
        with :? TimeoutException ->
            return Some $"`{operation}` has not answered within {patience.TotalMilliseconds} ms"
    }
