namespace Bento

open System
open System.Diagnostics
open System.Threading
open System.Threading.Tasks
open Microsoft.Extensions.Hosting
open Microsoft.Extensions.Logging

/// A stop without losses: readiness is withdrawn, then nobody else is let in, and what has begun is finished. What comes
/// after it, the server's own stop, closes idle connections and waits for the others.
[<Sealed>]
type internal Drain(options: ServeOptions, connections: Connections, editions: Editions, log: ILogger<Drain>) =

    /// How long connections must have been silent: a caller that keeps one may be about to send its next request.
    let silence = TimeSpan.FromMilliseconds 250.

    let look = TimeSpan.FromMilliseconds 10.

    let isOver (since: int64) (span: TimeSpan) = Stopwatch.GetElapsedTime since >= span

    /// Waits until no connection is open, or nothing has come or gone on any of them for a while.
    let settle (start: int64) : Task<unit> = task {
        let mutable last = Stopwatch.GetTimestamp()
        let mutable seen = connections.Moves

        while connections.Open > 0
              && not (isOver last silence)
              && not (isOver start options.Grace) do
            do! Task.Delay look

            if connections.Moves <> seen then
                seen <- connections.Moves
                last <- Stopwatch.GetTimestamp()
    }

    /// When the grace is over, breaks off what has not ended.
    let keepTime (start: int64) : Task<unit> = task {
        while not editions.IsEnding && not (isOver start options.Grace) do
            do! Task.Delay look

        if not editions.IsEnding then
            let left = max connections.Requests editions.InProgress
            editions.BreakOff left

            // Without a request there is still what never became one, such as half a head.
            if left > 0 then
                log.LogError(
                    "{Count} requests had not ended within the grace of {Grace} s; they are cancelled.",
                    left,
                    options.Grace.TotalSeconds
                )

            connections.Abort()
    }

    let drain () : Task<unit> = task {
        editions.Drain()
        connections.Drain()
        log.LogInformation("Stopping; requests under way: {Count}.", connections.Requests)
        do! Task.Delay options.DrainDelay
        let start = Stopwatch.GetTimestamp()
        let timed = keepTime start
        do! connections.CloseListeners()
        do! settle start
        // It goes on beside the server's own stop, which waits for the same requests, and ends with it.
        ignore timed
    }

    interface IHostedLifecycleService with
        member _.StartingAsync _ = Task.CompletedTask
        member _.StartAsync _ = Task.CompletedTask
        member _.StartedAsync _ = Task.CompletedTask
        member _.StoppingAsync(cancellation: CancellationToken) = (drain ()).WaitAsync cancellation
        member _.StopAsync _ = Task.CompletedTask
        member _.StoppedAsync _ = Task.CompletedTask
