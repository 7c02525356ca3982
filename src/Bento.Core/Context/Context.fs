namespace Bento

open System
open System.Collections.Concurrent
open System.Threading
open System.Threading.Tasks

/// Which worker this is, of how many.
[<Struct>]
type WorkerPlace = { Index: int; Count: int }

[<RequireQualifiedAccess>]
module WorkerPlace =

    /// The place of a worker that is the only one.
    let only = { Index = 0; Count = 1 }

/// What a handler may know of the request that it answers, and say of the answer. `Context<'State>` adds the state.
[<AbstractClass>]
type Context() =

    /// The id that the answer carries in `X-Request-ID`, and the log beside each line.
    abstract RequestId: string

    /// Fires when nobody waits for the answer any more: the deadline has passed, or the caller has left.
    abstract Cancellation: CancellationToken

    /// When the time of the request is over; nothing where it has all the time in the world.
    abstract Deadline: Nullable<DateTimeOffset>

    abstract Request: Request
    abstract Response: Response

    /// A directory for this request alone, made when it is first asked for and removed with the request.
    abstract TempDirectory: string

    /// Writes to the host's log, beside the request's id.
    abstract Log: Log

    /// What handlers of this worker keep from one request to the next.
    abstract Items: ConcurrentDictionary<string, objnull>

    /// Which worker answers, of how many.
    abstract Worker: WorkerPlace

/// The context of a handler in a service whose `init` makes a `'State`.
[<Sealed>]
type Context<'State>(state: 'State, request: Context) =
    inherit Context()

    /// What `init` made for this worker.
    member _.State = state

    override _.RequestId = request.RequestId
    override _.Cancellation = request.Cancellation
    override _.Deadline = request.Deadline
    override _.Request = request.Request
    override _.Response = request.Response
    override _.TempDirectory = request.TempDirectory
    override _.Log = request.Log
    override _.Items = request.Items
    override _.Worker = request.Worker

/// A context without a server: what calls in process have, and what tests give to a handler. Its end does the work that
/// was left for after the answer and removes the directory.
[<Sealed>]
type LocalContext
    (
        request: Request,
        cancellation: CancellationToken,
        log: Log,
        items: ConcurrentDictionary<string, objnull>,
        worker: WorkerPlace
    ) =
    inherit Context()

    let requestId = Guid.NewGuid().ToString "n"
    let response = Response()
    let directory = TempDirectory()

    let ended: Lazy<Task<unit>> =
        lazy
            (task {
                for work in response.Work do
                    try
                        do! work.Invoke()
                    with problem ->
                        Log.error "Work after an answer failed." problem log

                try
                    directory.Remove()
                with problem ->
                    Log.error "The directory of a request could not be removed." problem log
            })

    /// A context with a request that says nothing, nobody to cancel it and no log.
    new() = new LocalContext(StoredRequest.empty, CancellationToken.None)

    /// A context with a request and a token, and no log.
    new(request: Request, cancellation) =
        new LocalContext(request, cancellation, Log.none, ConcurrentDictionary(), WorkerPlace.only)

    override _.RequestId = requestId
    override _.Cancellation = cancellation
    override _.Deadline = Nullable()
    override _.Request = request
    override _.Response = response
    override _.TempDirectory = directory.Path
    override _.Log = log
    override _.Items = items
    override _.Worker = worker

    interface IAsyncDisposable with
        member _.DisposeAsync() = ValueTask ended.Value
