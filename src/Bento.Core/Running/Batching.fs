namespace Bento

open System
open System.Collections.Generic

/// Why a batch left when it did.
type internal BatchReason =
    /// No further item would have fitted.
    | Full = 0
    /// A place was free, and nobody had asked to wait.
    | Idle = 1
    /// Its first item had waited for as long as it may.
    | Delay = 2
    /// A member would otherwise have come too late.
    | Deadline = 3
    /// Half of a batch that raised.
    | Retry = 4
    /// The host stops.
    | Drain = 5

/// How items become batches. Times are ticks of a clock that only goes forward, whichever it is.
type internal BatchSettings = {
    /// The most rows of one batch.
    MaxBatch: int
    /// How long the first item of a batch may wait for company while a place is free.
    MaxDelay: int64
    /// The most batches that run at once.
    InFlight: int
    /// How much sooner than its last moment a batch leaves for a member's deadline: alarms ring late.
    Margin: int64
    /// The most rows that wait.
    Capacity: int64
    /// Whether a batch that raises is halved until the guilty are found; without it, all of them fail.
    Retry: bool
}

/// Where an item is.
[<RequireQualifiedAccess>]
type internal BatchStage =
    | Waiting
    /// In a half of a batch that raised.
    | Halved
    | Running
    /// Answered, failed or gone.
    | Over

/// What one caller brings: some rows, of which a batch takes all or none, and never more than one may have.
type internal BatchItem(rows: int, shape: obj, arrived: int64, deadline: int64) =

    /// The shape of items that may share a batch with all others of it.
    static member val AnyShape = obj ()

    member _.Rows = rows

    /// Only items of equal shapes share a batch.
    member _.Shape = shape

    member _.Arrived = arrived
    member _.Deadline = deadline
    member val Stage = BatchStage.Waiting with get, set
    member val Sequence = 0L with get, set
    member val Before: BatchItem | null = null with get, set
    member val After: BatchItem | null = null with get, set
    member val Line: BatchLine | null = null with get, set
    member val Batch: Batch | null = null with get, set

/// Items of one shape that wait, in the order of their arrival.
and internal BatchLine(shape: obj) =
    let mutable earliest = Int64.MaxValue
    let mutable isEarliestKnown = true

    member _.Shape = shape
    member val First: BatchItem | null = null with get, set
    member val Last: BatchItem | null = null with get, set
    member val Rows = 0L with get, set

    member this.Add(item: BatchItem) =
        item.Line <- this
        item.Before <- this.Last

        match this.Last with
        | null -> this.First <- item
        | last -> last.After <- item

        this.Last <- item
        this.Rows <- this.Rows + int64 item.Rows
        earliest <- min earliest item.Deadline

    member this.Remove(item: BatchItem) =
        match item.Before with
        | null -> this.First <- item.After
        | before -> before.After <- item.After

        match item.After with
        | null -> this.Last <- item.Before
        | after -> after.Before <- item.Before

        item.Before <- null
        item.After <- null
        item.Line <- null
        this.Rows <- this.Rows - int64 item.Rows
        isEarliestKnown <- isEarliestKnown && item.Deadline > earliest

    /// The first deadline of all items.
    member this.Earliest =
        if not isEarliestKnown then
            earliest <- Int64.MaxValue
            isEarliestKnown <- true
            let mutable item = this.First

            while not (isNull item) do
                let here = nonNull item
                earliest <- min earliest here.Deadline
                item <- here.After

        earliest

/// Items that are computed together.
and internal Batch(items: BatchItem[], reason: BatchReason) =
    member _.Items = items
    member _.Reason = reason

    /// What whoever runs the batch keeps with it.
    member val Work: objnull = null with get, set

    /// How many members wait for their answers still.
    member val Staying = items.Length with get, set

/// Decides when items leave together and who fails with whom. It has no clock and does nothing: whoever drives it tells
/// the time and runs the batches, one call at a time. `Summon` tells how many runners are to come; one that has come, and
/// can compute at once, takes its batch with `Take`. What arrives in between goes with it.
[<Sealed>]
type internal Batching(settings: BatchSettings) =
    let anyShape = BatchLine BatchItem.AnyShape
    let shaped = Dictionary<obj, BatchLine>(SeededComparer.structural<obj>())
    /// The lines in which somebody waits.
    let lines = List<BatchLine>()
    /// Halves of batches that raised; they go before all that has never run.
    let halves = Stack<BatchItem[]>()
    let mutable waitingRows = 0L
    let mutable sequence = 0L
    let mutable running = 0
    let mutable summoned = 0
    let mutable isDraining = false
    /// How long a batch runs, as far as is known.
    let mutable expected = 0L

    // -- what waits ----------------------------------------------------------------------------------

    let lineOf (shape: obj) =
        if obj.ReferenceEquals(shape, BatchItem.AnyShape) then
            anyShape
        else
            match shaped.TryGetValue shape with
            | true, line -> line
            | _ ->
                let line = BatchLine shape
                shaped.Add(shape, line)
                line

    let remove (line: BatchLine) (item: BatchItem) =
        line.Remove item
        waitingRows <- waitingRows - int64 item.Rows

        if isNull line.First then
            lines.Remove line |> ignore

            if not (obj.ReferenceEquals(line, anyShape)) then
                shaped.Remove line.Shape |> ignore

    // -- what is due ---------------------------------------------------------------------------------

    let waitsForNothing () = isDraining || settings.MaxDelay = 0L

    let delayOver (line: BatchLine) =
        (nonNull line.First).Arrived + settings.MaxDelay

    /// The latest start of a batch that is in time for all of a line that one batch takes.
    let latestStart (line: BatchLine) =
        line.Earliest - expected - settings.Margin

    /// Where the rows are as many as a batch takes, it is full, or its next item would not fit.
    let isFull (line: BatchLine) = line.Rows >= int64 settings.MaxBatch

    let isDue now line =
        isFull line
        || waitsForNothing ()
        || now >= delayOver line
        || now >= latestStart line

    let reasonOf now line =
        if isFull line then BatchReason.Full
        elif isDraining then BatchReason.Drain
        elif settings.MaxDelay = 0L then BatchReason.Idle
        elif now >= delayOver line then BatchReason.Delay
        else BatchReason.Deadline

    /// About how many batches are due, as far as so many: never none where there is one.
    let dueCount now enough =
        let mutable count = int64 halves.Count
        let mutable next = 0

        while count < enough && next < lines.Count do
            let line = lines[next]
            next <- next + 1

            if isDue now line then
                count <- count + max 1L (line.Rows / int64 settings.MaxBatch)

        count

    /// Of the lines that are due, the one whose first item has waited longest.
    let nextLine now =
        let mutable best: BatchLine | null = null

        for line in lines do
            if isDue now line then
                match best with
                | NonNull other when (nonNull other.First).Sequence < (nonNull line.First).Sequence -> ()
                | _ -> best <- line

        best

    // -- what leaves ---------------------------------------------------------------------------------

    let start items reason =
        let batch = Batch(items, reason)

        for item in items do
            item.Stage <- BatchStage.Running
            item.Batch <- batch

        running <- running + 1
        batch

    /// The first items of a line that fit into one batch. Whoever has no time left goes without.
    let fitting now (line: BatchLine) (expired: List<BatchItem>) =
        let taken = List<BatchItem>()
        let mutable rows = 0
        let mutable next = line.First

        while not (isNull next) do
            let item = nonNull next

            if item.Deadline <= now then
                next <- item.After
                remove line item
                item.Stage <- BatchStage.Over
                expired.Add item
            elif rows + item.Rows <= settings.MaxBatch then
                next <- item.After
                remove line item
                taken.Add item
                rows <- rows + item.Rows
            else
                next <- null

        taken.ToArray()

    let rec takeHalf now (expired: List<BatchItem>) =
        if halves.Count = 0 then
            null
        else
            let late, staying =
                halves.Pop()
                |> Array.filter (fun item -> item.Stage = BatchStage.Halved)
                |> Array.partition (fun item -> item.Deadline <= now)

            for item in late do
                item.Stage <- BatchStage.Over
                expired.Add item

            match staying with
            | [||] -> takeHalf now expired
            | staying -> start staying BatchReason.Retry

    let rec takeLine now expired =
        match nextLine now with
        | null -> null
        | line ->
            let reason = reasonOf now line

            match fitting now line expired with
            | [||] -> takeLine now expired
            | items -> start items reason

    let finish (batch: Batch) =
        running <- running - 1

        let staying =
            batch.Items |> Array.filter (fun item -> item.Stage = BatchStage.Running)

        for item in staying do
            item.Stage <- BatchStage.Over

        staying

    // -- what happens --------------------------------------------------------------------------------

    /// Rows that wait for a batch.
    member _.WaitingRows = waitingRows

    /// Batches under way.
    member _.Running = running

    /// Runners that have been asked to come.
    member _.Summoned = summoned

    /// Whether so many more rows may wait.
    member _.HasRoom(rows: int64) = waitingRows + rows <= settings.Capacity

    /// An item comes, unless it has left already.
    member _.Arrive(item: BatchItem) =
        if item.Stage = BatchStage.Waiting then
            let line = lineOf item.Shape

            if isNull line.First then
                lines.Add line

            sequence <- sequence + 1L
            item.Sequence <- sequence
            line.Add item
            waitingRows <- waitingRows + int64 item.Rows

    /// The item's caller has left, or its deadline has passed. Gives the batch that nobody waits for any more, if it is
    /// this one's.
    member _.Leave(item: BatchItem) : Batch | null =
        match item.Stage with
        | BatchStage.Waiting ->
            match item.Line with
            | null -> ()
            | line -> remove line item

            item.Stage <- BatchStage.Over
            null
        | BatchStage.Halved ->
            item.Stage <- BatchStage.Over
            null
        | BatchStage.Over -> null
        | BatchStage.Running ->
            item.Stage <- BatchStage.Over
            let batch = nonNull item.Batch
            batch.Staying <- batch.Staying - 1
            if batch.Staying = 0 then batch else null

    /// How many more runners are to come, each of which will take a batch when it can compute it.
    member _.Summon(now: int64) : int =
        let places = settings.InFlight - running - summoned

        if places <= 0 || (lines.Count = 0 && halves.Count = 0) then
            0
        else
            let wanted = dueCount now (int64 places + int64 summoned) - int64 summoned
            let count = int (max 0L (min (int64 places) wanted))
            summoned <- summoned + count
            count

    /// What a runner that was summoned is to compute: nothing where all have left. Those whose time was over are told.
    member _.Take(now: int64, expired: List<BatchItem>) : Batch | null =
        summoned <- summoned - 1

        match takeHalf now expired with
        | null -> takeLine now expired
        | half -> half

    /// A batch is computed; recent ones count most for what is expected of the next, so that a slow minute is soon forgotten.
    /// Gives those who wait for its results.
    member _.Succeed(batch: Batch, took: int64) : BatchItem[] =
        expected <-
            if expected = 0L then
                took
            else
                expected + (took - expected) / 8L

        finish batch

    /// A batch raised. Gives the guilty: where there is more than one who may be, each half is to run again.
    member _.Raise(batch: Batch) : BatchItem[] =
        match finish batch with
        | staying when batch.Items.Length = 1 || not settings.Retry -> staying
        | staying ->
            for half in Array.splitInto 2 staying |> Array.rev do
                for item in half do
                    item.Stage <- BatchStage.Halved

                halves.Push half

            [||]

    /// Nobody waits for company any more.
    member _.Drain() = isDraining <- true

    /// When somebody must look whether runners are to be summoned, if nothing happens before; `Int64.MaxValue` for never.
    /// For what is due now a runner is on its way, or there is no place.
    member _.WakeAt(now: int64) =
        let mutable at = Int64.MaxValue

        if running + summoned < settings.InFlight then
            for line in lines do
                if not (isDue now line) then
                    at <- min at (min (delayOver line) (latestStart line))

        at
