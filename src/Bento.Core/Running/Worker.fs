namespace Bento

open System
open System.Collections.Concurrent
open System.Collections.Generic
open System.Runtime.ExceptionServices
open System.Threading
open System.Threading.Tasks

/// What a host does with an endpoint once a worker's state is inside it.
[<Interface>]
type BoundVisitor<'Result> =
    abstract Api<'In, 'Out> : EndpointCard * Handler<Context, 'In, 'Out> -> 'Result
    abstract Batched<'In, 'Out> : EndpointCard * BatchHandler<BatchContext, 'In, 'Out> -> 'Result
    abstract Stream<'In, 'Out> : EndpointCard * (Context -> 'In -> IAsyncEnumerable<'Out>) -> 'Result
    abstract Job<'In, 'Out> : EndpointCard * (Context -> 'In -> Task<'Out>) -> 'Result

    abstract Socket<'In, 'Out> : EndpointCard * (Context -> IAsyncEnumerable<'In> -> IAsyncEnumerable<'Out>) -> 'Result

/// One worker of one service: its state and the endpoints closed over it. Its disposal runs `onShutdown`.
[<Interface>]
type Worker =
    inherit IAsyncDisposable
    abstract Card: ServiceCard

    /// Which worker it is, of how many.
    abstract Place: WorkerPlace

    /// What its handlers keep from one request to the next: `Context.Items`.
    abstract Kept: ConcurrentDictionary<string, objnull>
    abstract Bound<'Result> : BoundVisitor<'Result> -> 'Result list

    /// The service's `onReady`, each asked of this worker's state.
    abstract OnReady: (unit -> Task<bool>) list

    /// The service's `onAlive`, each asked of this worker's state.
    abstract OnAlive: (unit -> Task<bool>) list

    /// Calls an `api` or `job` in process, at the types it was written with. The rows of one call are a batch of their own.
    abstract Call<'In, 'Out> : endpoint: string * input: 'In * cancellation: CancellationToken -> Task<'Out>

    /// Reads a `stream` in process, at the types it was written with.
    abstract Items<'In, 'Out> :
        endpoint: string * input: 'In * cancellation: CancellationToken -> IAsyncEnumerable<'Out>

    /// Talks with a `socket` in process, at the types it was written with: its messages for those given here.
    abstract Converse<'In, 'Out> :
        endpoint: string * messages: IAsyncEnumerable<'In> * cancellation: CancellationToken -> IAsyncEnumerable<'Out>

/// Calls into a worker from the same process, where types are only known to the caller.
module private InProcess =

    let private misfit (card: EndpointCard) (given: Type) (asked: Type) : 'Nothing =
        invalidOp
            $"\"{card.Name}\" takes {TypeName.ofType card.Input.Type} and returns {TypeName.ofType card.Output.Type}, not {TypeName.ofType given} and {TypeName.ofType asked}."

    /// The handler at the types that the caller asked for, which must be those it was written with.
    let private at<'In, 'Result> (card: EndpointCard) (asked: Type) (handle: objnull) : 'In -> 'Result =
        match handle with
        | :? ('In -> 'Result) as handle -> handle
        | _ -> misfit card typeof<'In> asked

    let private wrongWay (card: EndpointCard) way : 'In -> 'Result =
        fun _ -> invalidOp $"\"{card.Name}\" is {way}."

    let private called card =
        wrongWay card "an api; call it with Call"

    let private submitted card =
        wrongWay card "a job; call it with Call"

    let private read card =
        wrongWay card "a stream; read it with Items"

    let private talked card =
        wrongWay card "a socket; talk with it by Converse"

    /// Runs a handler within a context that ends with it. What it raises before it has a task is in the task all the same.
    let private run (newContext: unit -> LocalContext) handler : 'In -> Task<'Out> =
        fun input -> task {
            use context = newContext ()

            match handler with
            | Asynchronous handle -> return! handle (context :> Context) input
            | Synchronous handle -> return handle (context :> Context) input
        }

    let call<'A, 'B> newContext newBatch : BoundVisitor<'A -> Task<'B>> = {
        new BoundVisitor<_> with
            member _.Api(card, handler) =
                at card typeof<'B> (run newContext handler)

            member _.Batched(card, handler) =
                at card typeof<'B> (LocalBatch.run card newBatch handler)

            member _.Job(card, handle) =
                at card typeof<'B> (run newContext (Asynchronous handle))

            member _.Stream(card, _) = read card
            member _.Socket(card, _) = talked card
    }

    /// The items of a stream or socket; its context ends when they do, or when nobody reads on.
    let private reading (newContext: unit -> LocalContext) handle input : IAsyncEnumerable<'Out> = {
        new IAsyncEnumerable<'Out> with
            member _.GetAsyncEnumerator cancellation =
                let context = newContext ()

                let items =
                    try
                        let items: IAsyncEnumerable<'Out> = handle (context :> Context) input
                        items.GetAsyncEnumerator cancellation
                    with _ ->
                        (context :> IAsyncDisposable).DisposeAsync().AsTask() |> ignore
                        reraise ()

                let finish () : Task<unit> = task {
                    use _ = context
                    do! items.DisposeAsync()
                }

                {
                    new IAsyncEnumerator<'Out> with
                        member _.Current = items.Current
                        member _.MoveNextAsync() = items.MoveNextAsync()
                        member _.DisposeAsync() = ValueTask(finish ())
                }
    }

    let items<'A, 'B> newContext : BoundVisitor<'A -> IAsyncEnumerable<'B>> = {
        new BoundVisitor<_> with
            member _.Stream(card, handle) =
                at card typeof<'B> (reading newContext handle)

            member _.Api(card, _) = called card
            member _.Batched(card, _) = called card
            member _.Job(card, _) = submitted card
            member _.Socket(card, _) = talked card
    }

    let messages<'A, 'B> newContext : BoundVisitor<IAsyncEnumerable<'A> -> IAsyncEnumerable<'B>> = {
        new BoundVisitor<_> with
            member _.Socket(card, handle) =
                match box (reading newContext handle) with
                | :? (IAsyncEnumerable<'A> -> IAsyncEnumerable<'B>) as handle -> handle
                | _ -> misfit card typeof<'A> typeof<'B>

            member _.Api(card, _) = called card
            member _.Batched(card, _) = called card
            member _.Job(card, _) = submitted card
            member _.Stream(card, _) = read card
    }

/// Runs services in this process: what tests use, and what a host is built on.
[<RequireQualifiedAccess>]
module Worker =

    let private bind (state: 'State) (visitor: BoundVisitor<'Result>) (card: EndpointCard) = {
        new EndpointVisitor<'State, 'Result> with
            member _.Api handler =
                visitor.Api(card, Handler.within (fun context -> Context<'State>(state, context)) handler)

            member _.Batched handler =
                visitor.Batched(card, BatchHandler.within (fun batch -> BatchContext<'State>(state, batch)) handler)

            member _.Stream handle =
                visitor.Stream(card, (fun context input -> handle (Context<'State>(state, context)) input))

            member _.Job handle =
                visitor.Job(card, (fun context input -> handle (Context<'State>(state, context)) input))

            member _.Socket handle =
                visitor.Socket(card, (fun context messages -> handle (Context<'State>(state, context)) messages))
    }

    let private disposeState (state: 'State) : Task<unit> = task {
        match box state with
        | :? IAsyncDisposable as state -> do! state.DisposeAsync()
        | :? IDisposable as state -> state.Dispose()
        | _ -> ()
    }

    /// Runs every step whatever the others do, then raises what they raised.
    let private runAll (steps: (unit -> Task) list) : Task<unit> = task {
        let raised = ResizeArray<exn>()

        for step in steps do
            try
                do! step ()
            with problem ->
                raised.Add problem

        if raised.Count > 0 then
            raise (AggregateException raised)
    }

    let private make (place: WorkerPlace) (log: Log) (service: Service<'State>) (state: 'State) : Worker =
        let kept = ConcurrentDictionary<string, objnull>()

        let newContext cancellation () =
            new LocalContext(StoredRequest.empty, cancellation, log, kept, place)

        let newBatch cancellation rows : BatchContext =
            let ids = Array.replicate rows (Guid.NewGuid().ToString "n")
            LocalBatchContext(ids, cancellation, log, kept, place)

        let bound visitor (card, endpoint: Endpoint<'State>) =
            endpoint.Accept(bind state visitor card)

        let find name visitor =
            match service.Endpoints |> List.tryFind (fun (card, _) -> card.Name = name) with
            | Some endpoint -> bound visitor endpoint
            | None ->
                let known = service.Card.Endpoints |> List.map _.Name
                let names = String.concat ", " known
                let suggestion = Suggestion.didYouMean known name
                invalidArg "endpoint" $"\"{service.Card.Name}\" has no endpoint \"{name}\"; it has {names}{suggestion}"

        let asked (checks: ('State -> Task<bool>) list) =
            checks |> List.map (fun check -> fun () -> check state)

        let stopped: Lazy<Task<unit>> =
            lazy
                (let hooks = service.OnShutdown |> List.map (fun step -> fun () -> step state)
                 runAll (hooks @ [ fun () -> disposeState state ]))

        {
            new Worker with
                member _.Card = service.Card
                member _.Place = place
                member _.Kept = kept

                member _.Bound visitor =
                    service.Endpoints |> List.map (bound visitor)

                member _.OnReady = asked service.OnReady
                member _.OnAlive = asked service.OnAlive

                member _.Call<'A, 'B>(name, input: 'A, cancellation) =
                    find name (InProcess.call<'A, 'B> (newContext cancellation) (newBatch cancellation)) input

                member _.Items<'A, 'B>(name, input: 'A, cancellation) =
                    find name (InProcess.items<'A, 'B>(newContext cancellation)) input

                member _.Converse<'A, 'B>(name, messages: IAsyncEnumerable<'A>, cancellation) =
                    find name (InProcess.messages<'A, 'B>(newContext cancellation)) messages

                member _.DisposeAsync() = ValueTask stopped.Value
        }

    /// A worker around a state that is already there, such as a test's fake model.
    let ofState (service: Service<'State>) (state: 'State) : Worker =
        make WorkerPlace.only Log.none service state

    /// Does one step of a start. Its failure names the step and the service; a start that is given up is no failure.
    let private step name (service: ServiceCard) (cancellation: CancellationToken) (work: unit -> Task<'Result>) = task {
        try
            return! work ()
        with cause when not (cause :? OperationCanceledException && cancellation.IsCancellationRequested) ->
            let message =
                $"{name} of \"{service.Name}\" raised {cause.GetType().Name}: {cause.Message}"

            return raise (InvalidOperationException(message, cause))
    }

    let private hook name service cancellation (work: unit -> Task) : Task<unit> =
        step $"`{name}`" service cancellation (fun () -> task { do! work () })

    /// Runs `onDeployment`, which a host does once for a service, before any of its workers starts.
    let deploy (hosted: Hosted) : Task<unit> = task {
        for work in hosted.OnDeployment do
            do! hook "onDeployment" hosted.Card CancellationToken.None work
    }

    let private giveAll<'In, 'Out> (inputs: Warmup list) cancellation (worker: Worker) name () : Task<unit> = task {
        for warmup in inputs do
            let! _ = worker.Call<'In, 'Out>(name, unbox<'In> warmup.Input, cancellation)
            ()
    }

    /// Gives an endpoint of a worker the inputs that warm it, at its own types.
    let private warm (inputs: Warmup list) (cancellation: CancellationToken) (worker: Worker) name =
        let visitor = {
            new BoundVisitor<string * (unit -> Task<unit>)> with
                member _.Api<'In, 'Out>(card, _: Handler<Context, 'In, 'Out>) =
                    card.Name, giveAll<'In, 'Out> inputs cancellation worker card.Name

                member _.Batched<'In, 'Out>(card, _: BatchHandler<BatchContext, 'In, 'Out>) =
                    card.Name, giveAll<'In, 'Out> inputs cancellation worker card.Name

                member _.Stream(card, _) =
                    card.Name, (fun () -> Task.FromResult())

                member _.Job(card, _) =
                    card.Name, (fun () -> Task.FromResult())

                member _.Socket(card, _) =
                    card.Name, (fun () -> Task.FromResult())
        }

        worker.Bound visitor |> List.find (fun (other, _) -> other = name) |> snd

    let private warmAll (service: Service<'State>) (cancellation: CancellationToken) (worker: Worker) : Task<unit> =
        task {
            for card in service.Card.Endpoints do
                match Setting.warmups card.Name service.Draft.Settings with
                | [] -> ()
                | inputs ->
                    do!
                        step
                            $"`warmup` of \"{card.Name}\""
                            service.Card
                            cancellation
                            (warm inputs cancellation worker card.Name)
        }

    /// Starts a worker as a host does: makes the state, binds the endpoints, gives them the inputs of `warmup`, runs
    /// `onStartup`. A failure leaves nothing behind.
    let start (resolver: Resolver) (setup: Setup<unit>) (hosted: Hosted) : Task<Worker> =
        hosted.Accept
            {
                new HostedVisitor<Task<Worker>> with
                    member _.Visit service = task {
                        let given = setup.Cancellation
                        let! state = step "`init`" service.Card given (fun () -> service.Init resolver setup)

                        let worker = make setup.Worker setup.Log service state

                        try
                            do! warmAll service given worker

                            for work in service.OnStartup do
                                do! hook "onStartup" service.Card given (fun () -> work state)
                        with problem ->
                            try
                                do! disposeState state
                            with second ->
                                Log.error
                                    "The state of a worker that did not start could not be disposed."
                                    second
                                    setup.Log

                            ExceptionDispatchInfo.Throw problem

                        return worker
                    }
            }
