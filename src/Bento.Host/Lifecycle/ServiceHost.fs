namespace Bento

open System
open System.Runtime.ExceptionServices
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.Logging

/// Where a service is in its life.
[<RequireQualifiedAccess>]
type internal Stage =
    | Starting
    | Ready
    | Stopping

/// One service in a host: it is started before the server listens and stopped after its last request.
[<Sealed>]
type internal ServiceHost(definition: Definition, metrics: Metrics, services: IServiceProvider, logger: ILogger) =

    // Written by the thread that starts or stops the application, read by those that answer requests.
    [<VolatileField>]
    let mutable stage = Stage.Starting

    [<VolatileField>]
    let mutable running: RunningService | null = null

    /// By the position of the endpoint on the card.
    let figures =
        match definition.Checked with
        | Ok hosted -> [|
            for card in hosted.Card.Endpoints -> metrics.Endpoint(definition.Name, card)
          |]
        | Error _ -> [||]

    // Checks are asked by probes, which may come before the workers are there.
    [<VolatileField>]
    let mutable readyChecks: Check list = []

    [<VolatileField>]
    let mutable aliveChecks: Check list = []

    [<VolatileField>]
    let mutable startingWorker: int option = None

    let mutable workers: Worker list = []
    let mutable threads = 0L
    let turn = obj ()

    /// Stages only go forward: a stop that comes during the start is not undone by the end of the start.
    let advance next =
        lock turn (fun () -> stage <- max stage next)

    let log = HostLog logger

    let setup = WorkerSetup.make log services

    /// A dependency is refused before the start, so nothing asks.
    let noDependencies =
        WorkerSetup.noClients (fun other -> $"\"{definition.Name}\" has no client for {other}.")

    let refuse (position: int) (http: HttpContext) : Task =
        figures[position].Refused RefusedFor.NotReady
        figures[position].Answered(StatusCodes.Status503ServiceUnavailable, TimeSpan.Zero)
        http.Response.Headers.RetryAfter <- "1"

        Refusal.write
            http
            (Refusal.plain StatusCodes.Status503ServiceUnavailable $"\"{definition.Name}\" is not ready.")

    /// Stops every worker, the last one first, whatever the others do; then raises what they raised.
    let stop (workers: Worker list) : Task<unit> = task {
        let raised = ResizeArray<exn>()

        for worker in List.rev workers do
            try
                do! worker.DisposeAsync()
            with problem ->
                raised.Add problem

        match List.ofSeq raised with
        | [] -> ()
        | [ one ] -> ExceptionDispatchInfo.Throw one
        | several -> raise (AggregateException several)
    }

    /// Starts the workers one after the other; when one fails, those before it are stopped.
    let startWorkers (hosted: Hosted) grant (cancellation: CancellationToken) : Task<Worker list> = task {
        let count = hosted.Card.Workers
        let started = ResizeArray<Worker>()

        try
            for index in 0 .. count - 1 do
                cancellation.ThrowIfCancellationRequested()
                startingWorker <- Some index

                let! worker =
                    Worker.start noDependencies (setup grant cancellation { Index = index; Count = count }) hosted

                started.Add worker
        with problem ->
            try
                do! stop (List.ofSeq started)
            with second ->
                logger.LogError(second, "The workers before the one that failed did not stop cleanly.")

            ExceptionDispatchInfo.Throw problem

        return List.ofSeq started
    }

    let checks operation (asked: Worker -> (unit -> Task<bool>) list) (started: Worker list) = [
        for worker in started do
            for ask in asked worker do
                Check(operation, worker.Place.Index, ask, logger)
    ]

    /// Work that no request waits for any more: what is left for after answers, and batches that all have left.
    let unattended () =
        match running with
        | null -> 0
        | service ->
            let struct (inWork, _) = service.Load
            service.AfterWork.Running + (if inWork = 0 then service.Batches else 0)

    /// How many requests are in work, and how many wait to be.
    let load () =
        match running with
        | null -> struct (0, 0)
        | service -> service.Load

    /// What must hold for the service to be ready, besides its stage.
    member _.ReadyChecks = readyChecks

    /// What must hold for the process to be left alone.
    member _.AliveChecks = aliveChecks

    /// The worker that is being made, while the service starts.
    member _.StartingWorker = startingWorker

    /// Requests whose work has not ended, be it for their answer or after it.
    member _.InProgress =
        let struct (inWork, _) = load ()
        unattended () + inWork

    /// Whether no request is in work or waiting, or has left work behind.
    member _.IsAtRest = unattended () = 0 && load () = struct (0, 0)

    member _.Definition = definition
    member _.Stage = stage

    /// Runs `onDeployment`, makes the states and binds the endpoints to them.
    member _.Start (hosted: Hosted) (cancellation: CancellationToken) : Task<unit> = task {
        let card = hosted.Card
        let grant = Devices.require Devices.here card
        Devices.warn log card grant
        Room.warn log card (Room.here ())
        do! Worker.deploy hosted
        let! started = startWorkers hosted grant cancellation
        workers <- started
        readyChecks <- checks "onReady" _.OnReady started
        aliveChecks <- checks "onAlive" _.OnAlive started
        threads <- int64 (Threads.count card) * int64 card.Workers
        Threads.promise threads
        let service = RunningService(card, Threads.count card, figures, started, logger)
        running <- service
        advance Stage.Ready

        if stage = Stage.Stopping then
            service.Drain()
    }

    /// Another definition has taken the place of this one: sockets are told to come again, and what was let in, a probe
    /// too, is answered as before.
    member _.Retire() =
        match running with
        | null -> ()
        | service -> service.Retire()

    /// Withdraws readiness; requests are answered as before, and sockets told to end.
    member _.Drain() =
        advance Stage.Stopping

        match running with
        | null -> ()
        | service -> service.Drain()

    /// Runs `onShutdown` and disposes the states, which no request can reach any more; nor can work after answers, which
    /// is waited for unless it is given up.
    member _.Stop(isWorkGivenUp: bool) : Task<unit> = task {
        advance Stage.Stopping

        match running with
        | null -> ()
        | service ->
            running <- null

            if not isWorkGivenUp then
                do! service.AfterWork.Finished

            Threads.promise -threads

        let started = workers
        workers <- []
        readyChecks <- []
        aliveChecks <- []
        do! stop started
    }

    /// Answers one request to the endpoint at that position of the card.
    member _.Handle (position: int) (http: HttpContext) : Task =
        match running with
        | null -> refuse position http
        | service -> service.Answer position http
