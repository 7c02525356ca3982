namespace Bento

open System.Collections.Generic
open System.Threading
open System.Threading.Channels
open System.Threading.Tasks

/// Sequences that arrive over time: F# has no `yield` for these in its core library, nor `for` in `task`.
[<RequireQualifiedAccess>]
module Items =

    /// The items that `produce` emits, no faster than they are taken; a consumer that stops early stops it too.
    let produce (produce: ('T -> Task) -> CancellationToken -> Task) : IAsyncEnumerable<'T> = {
        new IAsyncEnumerable<'T> with
            member _.GetAsyncEnumerator cancellation =
                let stop = CancellationTokenSource.CreateLinkedTokenSource cancellation
                let channel = Channel.CreateBounded<'T> 1

                let emit item =
                    channel.Writer.WriteAsync(item, stop.Token).AsTask()

                let running: Task<unit> = task {
                    try
                        do! produce emit stop.Token
                        channel.Writer.Complete()
                    with problem ->
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
                        })

                {
                    new IAsyncEnumerator<'T> with
                        member _.Current = items.Current
                        member _.MoveNextAsync() = items.MoveNextAsync()

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
