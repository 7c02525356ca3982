namespace Bento

open System
open System.Collections.Generic
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.Logging
open Microsoft.Extensions.ObjectPool

/// An endpoint of a running service, closed over the state of each worker.
[<NoComparison; NoEquality>]
type internal HostedEndpoint = {
    Timeout: TimeSpan
    Metrics: EndpointMetrics
    Handlers: (HostContext -> Task)[]
}

/// A service whose workers are there: it lets requests in, as many as it says, and hands each to a worker.
[<Sealed>]
type internal RunningService
    (card: ServiceCard, threads: int, metrics: EndpointMetrics[], started: Worker list, logger: ILogger) =

    let workers = [|
        for worker in started ->
            {
                Worker = worker
                Threads = Gate(threads, Int32.MaxValue)
            }
    |]

    let crew = Crew workers.Length

    let gate =
        Gate(defaultArg card.Traffic.Concurrency Defaults.concurrency, defaultArg card.Traffic.Queue Defaults.queue)

    let afterWork = AfterWork logger
    let draining = new CancellationTokenSource()
    let stopping = new CancellationTokenSource()

    let lifespans =
        DefaultObjectPool<Lifespan>(
            {
                new PooledObjectPolicy<Lifespan>() with
                    member _.Create() = Lifespan logger
                    member _.Return _ = true
            },
            Defaults.concurrency
        )

    let batchers = Dictionary<string, Batcher>()

    /// The batches of an endpoint, which are one for all workers.
    let batcherOf (endpoint: EndpointCard) : Batcher<'Row, 'Raw> =
        match batchers.TryGetValue endpoint.Name with
        | true, (:? Batcher<'Row, 'Raw> as batcher) -> batcher
        | _ ->
            let position =
                card.Endpoints |> List.findIndex (fun other -> other.Name = endpoint.Name)

            let batcher =
                Batcher<'Row, 'Raw>(card, endpoint, workers.Length, threads, metrics[position], logger)

            batchers.Add(endpoint.Name, batcher)
            batcher

    let bind (worker: HostedWorker) =
        worker.Worker.Bound
            {
                new BoundVisitor<HostContext -> Task> with
                    member _.Api(endpoint, handler) =
                        Invocation.handler logger card endpoint (Invocation.run handler)

                    member _.Batched<'In, 'Out>(endpoint, handler: BatchHandler<BatchContext, 'In, 'Out>) =
                        handler.Accept
                            {
                                new BatchVisitor<BatchContext, 'In, 'Out, HostContext -> Task> with
                                    member _.Visit<'Row, 'Raw>(plan: BatchPlan<BatchContext, 'In, 'Row, 'Raw, 'Out>) =
                                        let batcher: Batcher<'Row, 'Raw> = batcherOf endpoint
                                        batcher.Join(worker, plan.Handler)
                                        Invocation.handler logger card endpoint (batcher.Ask plan)
                            }

                    member _.Stream(endpoint, handle) =
                        Invocation.stream logger card endpoint handle

                    member _.Job(endpoint, _) =
                        invalidOp $"\"{endpoint.Name}\" is a job, which cannot be hosted yet."

                    member _.Socket(endpoint, handle) =
                        SocketInvocation.handler logger card endpoint stopping.Token draining.Token handle
            }
        |> Array.ofList

    let endpoints =
        let handlers = workers |> Array.map bind

        card.Endpoints
        |> List.mapi (fun position endpoint -> {
            Timeout =
                endpoint.Timeout
                |> Option.orElse card.Traffic.Timeout
                |> Option.defaultValue Defaults.timeout
            Metrics = metrics[position]
            Handlers = handlers |> Array.map (Array.item position)
        })
        |> Array.ofList

    let refuse (endpoint: HostedEndpoint) (http: HttpContext) : Task =
        endpoint.Metrics.Refused RefusedFor.Overload
        http.Response.Headers.RetryAfter <- "1"

        Refusal.write
            http
            (Refusal.plain
                StatusCodes.Status429TooManyRequests
                $"\"{card.Name}\" has as many requests as it takes at once; come again.")

    let enter (endpoint: HostedEndpoint) life : ValueTask<Entry> =
        let entering = gate.Enter life

        if entering.IsCompleted then
            entering
        else
            let wait: Task<Entry> = task {
                endpoint.Metrics.WaitBegan()

                try
                    return! entering
                finally
                    endpoint.Metrics.WaitEnded()
            }

            ValueTask<Entry> wait

    let leave (worker: HostedWorker) =
        crew.Release worker.Worker.Place.Index
        gate.Leave()

    let serve (endpoint: HostedEndpoint) http life : Task<unit> = task {
        let index = crew.Take()

        let context =
            HostContext(http, life, workers[index], endpoint.Metrics, logger, leave)

        try
            do! endpoint.Handlers[index] context
        finally
            context.Leave()
            context.Answered()

            let works = context.Work

            if works.Count = 0 then
                context.End(isNeeded = false)
                context.RemoveDirectory()
            else
                context.End(isNeeded = true)
                afterWork.Start(context, works)
    }

    let answer (endpoint: HostedEndpoint) (http: HttpContext) : Task<unit> = task {
        RequestId.assign http |> ignore
        let life = lifespans.Get()
        life.Start(http, endpoint.Timeout)

        try
            match! enter endpoint life with
            | Entry.Admitted -> do! serve endpoint http life
            | other ->
                if other = Entry.Refused then
                    do! refuse endpoint http
                else
                    do! Failures.giveUp logger endpoint.Metrics http life null

                endpoint.Metrics.Answered(http.Response.StatusCode, life.Elapsed)
        finally
            if life.End() then
                lifespans.Return life
    }

    /// Batches under way, some of which nobody may wait for any more.
    member _.Batches = batchers.Values |> Seq.sumBy _.Running

    /// What waits for company in a batch waits no longer, and sockets, which would go on for ever, end.
    member _.Retire() =
        draining.Cancel()

        for batcher in batchers.Values do
            batcher.Drain()

    /// The same, and who asks for a socket is turned away.
    member this.Drain() =
        stopping.Cancel()
        this.Retire()

    /// What handlers left to be done after their answers.
    member _.AfterWork = afterWork

    /// How many requests are in work, and how many wait to be.
    member _.Load = struct (gate.InWork, gate.Waiting)

    /// Answers one request to the endpoint at that position of the card.
    member _.Answer (position: int) (http: HttpContext) : Task = answer endpoints[position] http
