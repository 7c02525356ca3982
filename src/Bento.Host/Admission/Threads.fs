namespace Bento

open System
open System.Threading

/// Threads for synchronous handlers. They are the process's own, on which everything else runs too: enough are asked
/// for that some are left when every handler blocks its own.
[<RequireQualifiedAccess>]
module internal Threads =

    let private turn = obj ()
    let mutable private promised = 0
    let mutable private own = 0

    /// How many synchronous handlers run at once on one worker: what is said of it, or one a core.
    let count (card: ServiceCard) =
        let cores =
            card.Resources.Cpu
            |> Option.map (fun (Millicores millicores) ->
                int (min (int64 Int32.MaxValue) ((millicores - 1L) / 1000L + 1L)))

        card.Threads
        |> Option.orElse cores
        // The runtime counts what the process may use: a container's quota, rounded up, where it has one.
        |> Option.defaultValue Environment.ProcessorCount

    /// So many more threads may be blocked from now on, or fewer where the number is below zero.
    let promise (more: int64) =
        lock turn (fun () ->
            let workers, ports = ThreadPool.GetMinThreads()
            let most, _ = ThreadPool.GetMaxThreads()
            // What somebody else set stays beside what is promised here.
            let others = workers - own
            promised <- int (max 0L (min (int64 Int32.MaxValue) (int64 promised + more)))
            own <- int (max 0L (min (int64 promised) (int64 (most - others))))
            ThreadPool.SetMinThreads(others + own, ports) |> ignore)
