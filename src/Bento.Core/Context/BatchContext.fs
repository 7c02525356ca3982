namespace Bento

open System.Collections.Concurrent
open System.Collections.Generic
open System.Threading

/// What a batched handler may know of the requests that it answers together. `BatchContext<'State>` adds the state.
[<AbstractClass>]
type BatchContext() =

    /// The id of the request that each row came with, in the order of the rows.
    abstract RequestIds: IReadOnlyList<string>

    /// Fires when nobody waits for any of the answers any more: one caller that leaves changes nothing for the others.
    abstract Cancellation: CancellationToken

    /// Writes to the host's log.
    abstract Log: Log

    /// What handlers of this worker keep from one request to the next.
    abstract Items: ConcurrentDictionary<string, objnull>

    /// Which worker answers, of how many.
    abstract Worker: WorkerPlace

/// The context of a batched handler in a service whose `init` makes a `'State`.
[<Sealed>]
type BatchContext<'State>(state: 'State, batch: BatchContext) =
    inherit BatchContext()

    /// What `init` made for this worker.
    member _.State = state

    override _.RequestIds = batch.RequestIds
    override _.Cancellation = batch.Cancellation
    override _.Log = batch.Log
    override _.Items = batch.Items
    override _.Worker = batch.Worker

/// The context of a batch without a server: what calls in process have, and what tests give to a batched handler.
[<Sealed>]
type LocalBatchContext
    (
        requestIds: IReadOnlyList<string>,
        cancellation: CancellationToken,
        log: Log,
        items: ConcurrentDictionary<string, objnull>,
        worker: WorkerPlace
    ) =
    inherit BatchContext()

    /// A context of requests with these ids, with nobody to cancel it and no log.
    new(requestIds: IReadOnlyList<string>) =
        LocalBatchContext(requestIds, CancellationToken.None, Log.none, ConcurrentDictionary(), WorkerPlace.only)

    override _.RequestIds = requestIds
    override _.Cancellation = cancellation
    override _.Log = log
    override _.Items = items
    override _.Worker = worker
