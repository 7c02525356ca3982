namespace Bento

open System
open System.Collections.Generic
open System.Diagnostics
open System.Runtime.ExceptionServices
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.Logging

/// The batches of one endpoint, whatever its rows are.
[<AbstractClass>]
type internal Batcher() =

    /// Batches under way.
    abstract Running: int

    /// Whoever waits for company waits no longer.
    abstract Drain: unit -> unit

    /// Rows that wait for a batch.
    abstract Company: int64

    /// The most rows of one batch.
    abstract MostRows: int

    /// Takes a batch and runs it, on this thread as far as that goes.
    abstract Run: unit -> unit

/// One who comes for a batch. He stands at the end of the line of those who wait for a thread of the process, and goes
/// there again for as long as the line brings more rows: no time is lost with that, since it is spent on requests that
/// would otherwise wait for the batch to end.
[<Sealed>]
type internal BatchRunner(batcher: Batcher) =
    let mutable seen = 0L
    let mutable turns = 0

    static let mostTurns = 16

    interface IThreadPoolWorkItem with
        member this.Execute() =
            let company = batcher.Company

            if turns < mostTurns && company > seen && company < int64 batcher.MostRows then
                seen <- company
                turns <- turns + 1
                ThreadPool.UnsafeQueueUserWorkItem(this, false) |> ignore
            else
                batcher.Run()

/// Carries out what `Batching` decides, for all workers of an endpoint. A runner comes to a place, gets a thread where
/// the handler wants one, and takes the batch there is by then.
[<Sealed>]
type internal Batcher<'Row, 'Raw>
    (service: ServiceCard, card: EndpointCard, lanes: int, threads: int, figures: EndpointMetrics, logger: ILogger) as this
    =
    inherit Batcher()

    let given = Option.get card.Batch
    let batches = Option.get figures.Batches
    let mostRows = defaultArg given.MaxBatch Defaults.maxBatch

    let inFlight = defaultArg given.InFlight threads

    let places = int (min (int64 Int32.MaxValue) (int64 lanes * int64 inFlight))

    /// The most rows of one request that wait at once: those of a full batch for each place.
    let mostInside = int64 mostRows * int64 places

    /// So many full batches may wait for each place, and at least a row for each request that is let in.
    let capacity =
        max
            (int64 (defaultArg service.Traffic.Concurrency Defaults.concurrency))
            (64L * min mostInside (Int64.MaxValue / 64L))

    /// How late an alarm may ring for a member's deadline, which itself comes by a clock of 16 ms.
    static let lateness = TimeSpan.FromMilliseconds 20.

    let turn = obj ()

    let batching =
        Batching {
            MaxBatch = mostRows
            MaxDelay = BatchClock.ticksOf (defaultArg given.MaxDelay Defaults.maxDelay)
            InFlight = places
            Margin = BatchClock.ticksOf lateness
            Capacity = capacity
            Retry = defaultArg given.Retry Defaults.retry
        }

    /// Rows of requests of several that come when others of the same have been computed.
    let toCome = ref 0L

    let crew = BatchCrew(lanes, inFlight)
    let workers = List<HostedWorker>()
    let handlers = List<Handler<BatchContext, 'Row[], 'Raw[]>>()
    let log = HostLog logger
    let mutable alarm = Int64.MaxValue

    let timer =
        new Timer((fun _ -> this.Ring()), null, Timeout.Infinite, Timeout.Infinite)

    // -- runners, to be summoned in turn -------------------------------------------------------------

    /// Has somebody look again when a batch may be due though nothing happens.
    let setAlarm now =
        let at = batching.WakeAt now

        if at < alarm then
            alarm <- at
            let wait = Math.Ceiling (BatchClock.spanOf (max 0L (at - now))).TotalMilliseconds
            timer.Change(int64 (min wait (float Int32.MaxValue)), -1L) |> ignore

    let summon now =
        let count = batching.Summon now
        setAlarm now
        count

    let send count =
        for _ in 1..count do
            ThreadPool.UnsafeQueueUserWorkItem(BatchRunner this, false) |> ignore

    // -- one batch -----------------------------------------------------------------------------------

    /// Takes a batch for a worker; none where all who waited have left.
    let take (worker: HostedWorker) : HostBatch<'Row, 'Raw> option =
        let expired = List<BatchItem>()

        let taken =
            lock turn (fun () ->
                let work =
                    batching.Take(BatchClock.now (), expired)
                    |> Option.ofObj
                    |> Option.map (fun batch ->
                        let work = HostBatch<'Row, 'Raw>(batch, worker.Worker, log)
                        batch.Work <- work
                        work)

                // What did not fit may be due too.
                send (summon (BatchClock.now ()))
                work)

        for item in expired do
            let entry = item :?> BatchEntry<'Row, 'Raw>
            entry.Request.Life.Expire entry.Epoch
            entry.GiveUp()

        taken

    /// Tells how long its members waited. Whoever listens may raise.
    let tell (work: HostBatch<'Row, 'Raw>) (now: int64) =
        batches.Left(work.Batch.Reason, work.RowCount)

        for entry in work.Entries do
            entry.Request.Life.EnterOf(entry.Epoch, RequestStage.Run)

            if work.Batch.Reason <> BatchReason.Retry then
                batches.Queued(BatchClock.spanOf (now - entry.Arrived))

    /// Calls the handler within the batch's own span, which is part of no request: nor is the batch.
    let call (handler: Handler<BatchContext, 'Row[], 'Raw[]>) (work: HostBatch<'Row, 'Raw>) span : Task<'Raw[]> =
        Activity.Current <- span

        match handler with
        | Synchronous handle -> Task.FromResult(Ambient.callBatch handle work (work.Rows()))
        | Asynchronous handle -> Ambient.callBatch handle work (work.Rows())

    let answer (results: 'Raw[]) (work: HostBatch<'Row, 'Raw>) (staying: BatchItem[]) =
        let mutable at = 0
        let mutable next = 0

        for entry in work.Entries do
            if next < staying.Length && obj.ReferenceEquals(staying[next], entry) then
                entry.Answer(results, at)
                next <- next + 1

            at <- at + entry.Rows

    let fail (problem: exn) (guilty: BatchItem[]) =
        for item in guilty do
            (item :?> BatchEntry<'Row, 'Raw>).Fail problem

    /// Says how a batch ended, and has the next one come before anybody is answered.
    let settle (free: unit -> unit) (conclude: unit -> BatchItem[]) =
        free ()

        lock turn (fun () ->
            let staying = conclude ()
            send (summon (BatchClock.now ()))
            staying)

    /// A request waits for a batch, again.
    let wait (entry: BatchEntry<'Row, 'Raw>) =
        entry.Request.Life.EnterOf(entry.Epoch, RequestStage.Batch)

    let settleFailed free (work: HostBatch<'Row, 'Raw>) =
        settle free (fun () ->
            let guilty = batching.Raise work.Batch

            for entry in work.Entries do
                if entry.Stage = BatchStage.Halved then
                    wait entry

            guilty)

    let settleDone free (work: HostBatch<'Row, 'Raw>) took =
        settle free (fun () -> batching.Succeed(work.Batch, took))

    /// The same, and has those come who waited until these were computed.
    let settleAnswered free (work: HostBatch<'Row, 'Raw>) took =
        settle free (fun () ->
            let staying = batching.Succeed(work.Batch, took)

            for item in staying do
                for entry in (item :?> BatchEntry<'Row, 'Raw>).Follow() do
                    wait entry
                    batching.Arrive entry

            staying)

    let compute handler (free: unit -> unit) (work: HostBatch<'Row, 'Raw>) : Task<unit> = task {
        let began = BatchClock.now ()
        tell work began
        let span = work.StartSpan card.Name

        let! outcome = task {
            try
                let! results = call handler work span
                return Ok results
            with problem ->
                return Error problem
        }

        let took = BatchClock.now () - began
        batches.Ran(BatchClock.spanOf took)

        match span with
        | null -> ()
        | span ->
            if outcome.IsError then
                span.SetStatus ActivityStatusCode.Error |> ignore

            span.Dispose()

        match outcome with
        | Error problem ->
            let guilty = settleFailed free work

            if guilty.Length = 0 then
                logger.LogDebug(problem, "A batch of {Rows} rows for {Endpoint} raised.", work.RowCount, card.Name)

            fail problem guilty
        | Ok results ->
            match LocalBatch.judge card.Name work.RowCount results with
            | Error message -> fail (InvalidOperationException message) (settleDone free work took)
            | Ok results -> answer results work (settleAnswered free work took)
    }

    // -- one place -----------------------------------------------------------------------------------

    let run () : Task<unit> = task {
        let! index = crew.Enter()
        let mutable isFree = false

        let free () =
            isFree <- true
            crew.Leave index

        try
            match take workers[index] with
            | None -> ()
            | Some work ->
                try
                    do! compute handlers[index] free work
                with problem when not isFree ->
                    // Whoever listens to metrics or spans raised, beside the handler.
                    fail problem (settleFailed free work)
                    ExceptionDispatchInfo.Throw problem
        finally
            if not isFree then
                free ()
    }

    /// Runs a batch and tells nobody how it went but its members; what is wrong beyond that is a fault of ours.
    let runSafely () : Task<unit> = task {
        try
            do! run ()
        with problem ->
            logger.LogCritical(problem, "The batches of {Endpoint} are at fault.", card.Name)
    }

    // -- requests ------------------------------------------------------------------------------------

    /// How many requests in a row found nobody else here.
    let mutable alone = 0

    /// So many have to before the next is taken for a lone caller's. Of a crowd that was answered together the first to
    /// come back finds nobody either, with all the others on their way.
    static let proof = 16

    /// Whether a batch may run on the thread of the request that it is for: where there are others, they shall be in it.
    /// To be asked in turn, once for each request.
    let seemsAlone () =
        alone <- if figures.InProgress = 1L then min proof (alone + 1) else 0
        alone = proof

    /// Nobody waits for these any more, nor for the batches of which they were the last.
    let leave (entries: unit -> BatchEntry<'Row, 'Raw>[]) =
        let left, abandoned =
            lock turn (fun () ->
                let left = entries ()
                let abandoned = left |> Array.map batching.Leave
                send (summon (BatchClock.now ()))
                left, abandoned)

        for entry in left do
            entry.GiveUp()

        for batch in abandoned do
            match batch with
            | null -> ()
            | batch ->
                match batch.Work with
                | :? HostBatch<'Row, 'Raw> as work -> work.Abandon()
                | _ -> ()

    let onLeft =
        Action<objnull>(fun entry -> leave (fun () -> [| nonNull entry :?> BatchEntry<'Row, 'Raw> |]))

    let refuse (request: HostContext) =
        figures.Refused RefusedFor.Overload
        request.Http.Response.Headers.RetryAfter <- "1"

        raise (
            BentoException(
                StatusCodes.Status429TooManyRequests,
                $"\"{card.Name}\" has as many rows waiting for its batches as it takes; come again."
            )
        )

    /// Coming again would not help a request that has more rows than may ever wait.
    let refuseRows rows =
        raise (
            BentoException(
                StatusCodes.Status413PayloadTooLarge,
                $"\"{card.Name}\" was given {rows} rows and takes at most {capacity} in one request; send them in several."
            )
        )

    /// Has somebody come for the batches that are due; one that can run at once does so here, unless company is about to
    /// come.
    let dispatch (request: HostContext) summoned isAlone =
        if summoned = 1 && isAlone && request.Life.TryRun request then
            // It has to get a thread first.
            request.Life.Enter RequestStage.Batch
            runSafely () |> ignore
        else
            send summoned

    /// One row for each request that is let in: there is room for it.
    let ask (request: HostContext) row shape (answer: 'Raw -> 'Out) : Task<'Out> = task {
        let entry = RowEntry<'Row, 'Raw>(row, shape, BatchClock.now (), request)
        use _ = request.Life.Token.UnsafeRegister(onLeft, entry)
        request.Life.Enter RequestStage.Batch

        let struct (summoned, isAlone) =
            lock turn (fun () ->
                batching.Arrive entry
                struct (summon (BatchClock.now ()), seemsAlone ()))

        dispatch request summoned isAlone
        let! raw = entry.Task
        return answer raw
    }

    let askSeveral (request: HostContext) (rows: 'Row[]) (shapeOf: 'Row -> obj) key : Task<'Raw[]> = task {
        if rows.LongLength > capacity then
            refuseRows rows.Length

        let groups = LocalBatch.groups mostRows key rows |> Array.ofList
        let whole = SeveralRows<'Row, 'Raw>(rows, groups.Length, mostInside, toCome)
        let now = BatchClock.now ()

        let parts =
            groups
            |> Array.map (fun positions ->
                PartEntry<'Row, 'Raw>(whole, positions, shapeOf rows[positions[0]], now, request))

        let leaveAll () =
            leave whole.Close
            whole.GiveUp()

        use _ = request.Life.Token.UnsafeRegister((fun _ -> leaveAll ()), null)
        request.Life.Enter RequestStage.Batch

        let struct (summoned, isAlone) =
            lock turn (fun () ->
                if batching.HasRoom(toCome.Value + rows.LongLength) then
                    parts |> Array.iter whole.Add
                    whole.Come() |> List.iter batching.Arrive
                    struct (summon (BatchClock.now ()), seemsAlone ())
                else
                    struct (-1, false))

        if summoned = -1 then
            refuse request

        let mutable isAnswered = false

        try
            dispatch request summoned isAlone
            let! results = whole.Task
            isAnswered <- true
            return results
        finally
            if not isAnswered then
                leaveAll ()
    }

    static let nothing = obj ()

    /// The shape of a row by its key. No key is a key as well.
    let shape (key: ('Row -> objnull) option) : 'Row -> obj =
        match key with
        | None -> fun _ -> BatchItem.AnyShape
        | Some key -> fun row -> key row |> Option.ofObj |> Option.defaultValue nothing

    /// A worker takes part in the batches, with its own handler.
    member _.Join(worker: HostedWorker, handler: Handler<BatchContext, 'Row[], 'Raw[]>) =
        workers.Add worker
        handlers.Add handler

        match handler with
        | Synchronous _ -> crew.Join worker.Threads
        | Asynchronous _ -> crew.Join null

    /// Answers a request by what a batch makes of its rows.
    member _.Ask
        (plan: BatchPlan<BatchContext, 'In, 'Row, 'Raw, 'Out>)
        (request: HostContext)
        (input: 'In)
        : Task<'Out> =
        let key = plan.Key |> Option.map (fun key -> key input)

        match plan.Rows with
        | One(row, answer) ->
            let row = row input
            ask request row (shape key row) answer
        | Many(rows, answer) -> task {
            match rows input with
            | [||] -> return answer [||]
            | rows ->
                let! raws = askSeveral request rows (shape key) key
                return answer raws
          }

    /// The time has come at which a batch may be due.
    member private _.Ring() =
        lock turn (fun () ->
            alarm <- Int64.MaxValue
            send (summon (BatchClock.now ())))

    override _.Running = lock turn (fun () -> batching.Running)

    override _.Drain() =
        lock turn (fun () ->
            batching.Drain()
            send (summon (BatchClock.now ())))

    override _.Company = lock turn (fun () -> batching.WaitingRows)
    override _.MostRows = mostRows
    override _.Run() = runSafely () |> ignore
