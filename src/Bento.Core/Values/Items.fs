namespace Bento

open System
open System.Collections.Generic
open System.Runtime.ExceptionServices
open System.Threading
open System.Threading.Channels
open System.Threading.Tasks

/// What a producer raised, and whether whoever takes its items has been told.
[<Sealed>]
type internal ProducerFailure() =
    let mutable problem: exn | null = null
    let mutable isSeen = false

    member _.Set given = problem <- given

    /// Passes an answer on, and sees it where it is the failure. Most answers are there at once, and are none.
    member _.Watch(next: ValueTask<bool>) : ValueTask<bool> =
        let watch () : Task<bool> = task {
            try
                return! next
            with raised ->
                isSeen <- isSeen || Object.ReferenceEquals(raised, problem)
                ExceptionDispatchInfo.Throw raised
                return false
        }

        if next.IsCompletedSuccessfully then
            next
        else
            ValueTask<bool>(watch ())

    /// Raises what nobody was told, unless it is that the producer was stopped.
    member _.RaiseUnseen() =
        match problem with
        | null -> ()
        | :? OperationCanceledException -> ()
        | problem when not isSeen -> ExceptionDispatchInfo.Throw problem
        | _ -> ()

/// Sequences that arrive over time: F# has no `yield` for these in its core library, nor `for` in `task`.
[<RequireQualifiedAccess>]
module Items =

    /// The items that `produce` emits, no faster than they are taken; a consumer that stops early stops it too. What it
    /// raises comes after its items, or, where nobody asks for it any more, out of the enumerator's disposal.
    let produce (produce: ('T -> Task) -> CancellationToken -> Task) : IAsyncEnumerable<'T> = {
        new IAsyncEnumerable<'T> with
            member _.GetAsyncEnumerator cancellation =
                let stop = CancellationTokenSource.CreateLinkedTokenSource cancellation
                let channel = Channel.CreateBounded<'T> 1
                let failure = ProducerFailure()

                let emit item =
                    channel.Writer.WriteAsync(item, stop.Token).AsTask()

                let running: Task<unit> = task {
                    try
                        do! produce emit stop.Token
                        channel.Writer.Complete()
                    with problem ->
                        failure.Set problem
                        channel.Writer.Complete problem
                }

                let items = channel.Reader.ReadAllAsync(stop.Token).GetAsyncEnumerator stop.Token

                let finished: Lazy<Task<unit>> =
                    lazy
                        (task {
                            do! stop.CancelAsync()
                            do! running
                            do! items.DisposeAsync()
                            stop.Dispose()
                            failure.RaiseUnseen()
                        })

                {
                    new IAsyncEnumerator<'T> with
                        member _.Current = items.Current
                        member _.MoveNextAsync() = failure.Watch(items.MoveNextAsync())

                        member _.DisposeAsync() = ValueTask finished.Value
                }
    }

    /// Does `action` with each item, one after the other.
    let iterate (cancellation: CancellationToken) (action: 'T -> Task) (items: IAsyncEnumerable<'T>) : Task<unit> = task {
        use items = items.GetAsyncEnumerator cancellation
        let! first = items.MoveNextAsync()
        let mutable more = first

        while more do
            do! action items.Current
            let! next = items.MoveNextAsync()
            more <- next
    }
