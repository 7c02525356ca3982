namespace Bento

open System
open System.Runtime.ExceptionServices
open System.Threading
open System.Threading.Tasks
open Microsoft.Extensions.Hosting
open Microsoft.Extensions.Logging

/// The editions of one server. The first starts and the last stops with the application; in between each takes the place
/// of the one before without losing a request.
[<Sealed>]
type internal Editions(options: ServeOptions, application: IServiceProvider, log: ILogger<Editions>) =

    /// How long what has heard of a stop may take to take itself back.
    static let patience = seconds 5

    [<VolatileField>]
    let mutable current: Edition | null = null

    let mutable cancelled = 0
    let mutable isBrokenOff = false

    // Guards what follows: a stop must not miss an edition that comes on the air at that very moment.
    let turn = obj ()
    let mutable isStopping = false
    let mutable retiring: (Edition * Task<unit>) list = []

    /// One replacement after the other.
    let replacing = new SemaphoreSlim 1
    let stopping = new CancellationTokenSource()

    let answering () =
        match current with
        | null -> invalidOp "The server has no service yet."
        | edition -> edition

    /// The editions that may have requests, the one that answers first.
    let living () =
        lock turn (fun () -> answering () :: List.map fst retiring)

    let finish (edition: Edition) : Task<unit> = task {
        try
            try
                do! edition.Retire()
                do! edition.Stop CancellationToken.None
            finally
                lock turn (fun () ->
                    retiring <-
                        retiring
                        |> List.filter (fun (other, _) -> not (obj.ReferenceEquals(other, edition))))

            do! (edition :> IAsyncDisposable).DisposeAsync()
        with problem ->
            log.LogError(problem, "What was replaced did not stop cleanly.")
    }

    let refuse () =
        raise (InvalidOperationException "The server is stopping, and replaces its service no more.")

    /// Puts an edition that is ready in the place of the one that answers.
    let swap (next: Edition) =
        lock turn (fun () ->
            if isStopping then
                refuse ()

            let before = answering ()
            next.Runtime.Notice <- None
            current <- next
            retiring <- (before, Task.Run<unit>(fun () -> finish before)) :: retiring)

    let abandon (edition: Edition) : Task<unit> = task {
        try
            do! (edition :> IAsyncDisposable).DisposeAsync()
        with problem ->
            log.LogError(problem, "What could not replace the service did not stop cleanly.")
    }

    let replace (definition: Definition) : Task<unit> = task {
        let next = new Edition(options, definition, application)

        try
            next.Map()
            do! next.Start stopping.Token
            swap next
        with problem ->
            do! abandon next

            if isStopping then
                refuse ()

            ExceptionDispatchInfo.Throw problem
    }

    /// Waits for replacements to be over: for one under way, which may be deaf to the stop, and for what they replaced.
    let takeBack (cancellation: CancellationToken) : Task<unit> = task {
        let under = replacing.WaitAsync cancellation

        let finishing =
            lock turn (fun () -> [ for _, finish in retiring -> finish :> Task ])

        try
            do! Task.WhenAll(under :: finishing).WaitAsync(patience, cancellation)
        with
        | :? TimeoutException
        | :? OperationCanceledException ->
            log.LogWarning(
                "A definition that was being started or replaced has not ended; the stop goes on without it."
            )
    }

    /// Takes the first definition. Raises what `AddBento` and `MapBento` would.
    member _.Open(definition: Definition) =
        let first = new Edition(options, definition, application)
        current <- first
        first.Map()

    /// Of the definition that answers.
    member _.Card: ServiceCard = (answering ()).Card

    /// Lets a request in to the edition that answers, which it must leave.
    member this.Enter() : Edition =
        let edition = answering ()
        if edition.TryEnter() then edition else this.Enter()

    /// Starts a definition beside the one that answers, and then has it answer in its place.
    member _.Replace(definition: Definition) : Task = task {
        try
            do! replacing.WaitAsync stopping.Token
        with :? OperationCanceledException ->
            refuse ()

        try
            do! replace definition
        finally
            replacing.Release() |> ignore
    }

    /// Says at `/readyz` why a new definition has not taken the place of the one that answers; nothing once one has.
    member _.Notice
        with set (notice: string option) = (answering ()).Runtime.Notice <- notice

    /// Withdraws readiness, and has nothing new come on the air.
    member _.Drain() =
        lock turn (fun () -> isStopping <- true)
        living () |> List.iter _.Runtime.Drain()
        // A definition that is being started may have code that hears of it, and takes its time.
        stopping.CancelAsync() |> ignore

    member _.IsEnding = living () |> List.forall _.Runtime.IsEnding
    member _.InProgress = living () |> List.sumBy _.Runtime.InProgress

    /// Requests that the stop has broken off, as its grace was over.
    member _.Cancelled = cancelled

    /// Whether the grace of the stop was over before the stop was.
    member _.IsBrokenOff = isBrokenOff

    /// Notes that so many requests are broken off.
    member _.BreakOff(count: int) =
        isBrokenOff <- true
        cancelled <- count
        living () |> List.iter _.Runtime.BreakOff(count)

    /// Stops what is not stopped yet, and waits for the end.
    member _.End() : Task =
        Task.WhenAll [
            for edition in living () -> edition.Runtime.End CancellationToken.None :> Task
        ]

    interface IHostedService with

        member _.StartAsync cancellation = (answering ()).Start cancellation

        member _.StopAsync cancellation = task {
            do! Task.WhenAll [ for edition in living () -> edition.Stop cancellation ]

            // What has been broken off may never end.
            if not isBrokenOff then
                do! takeBack cancellation
        }

    interface IAsyncDisposable with
        member _.DisposeAsync() =
            match current with
            | null -> ValueTask.CompletedTask
            | edition -> (edition :> IAsyncDisposable).DisposeAsync()
