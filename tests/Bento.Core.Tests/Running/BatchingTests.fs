/// Histories of arrivals, departures, failures, slow batches and late runners, on a clock that only moves when told.
module Bento.Tests.BatchingTests

open System
open System.Collections.Generic
open FsCheck
open FsCheck.FSharp
open Xunit
open Bento

/// One caller of a history: when it comes and what with, when it leaves if at all, and whether its rows make a batch raise.
type Caller = {
    Comes: int
    Rows: int
    Shape: int
    Patience: int
    Leaves: int option
    Poisoned: bool
}

type History = {
    MaxBatch: int
    MaxDelay: int
    InFlight: int
    Capacity: int
    Callers: Caller list
    /// How long each batch runs, over and over.
    Durations: int list
    /// How long each runner takes to come, over and over.
    Ways: int list
}

[<RequireQualifiedAccess>]
type Outcome =
    | Answered
    | Failed
    | Gone
    | Refused

/// A batch as it left.
type Left = {
    At: int
    Members: int list
    Rows: int
    Reason: string
}

/// What became of a history.
type Run = {
    Outcomes: Outcome list list
    Batches: Left list
    /// Whether, after some event, an item had waited too long although a place was free and no runner was on its way.
    Overdue: bool
    MostRunning: int
    /// Batches that were abandoned although somebody still waited, or that nobody waited for and that were not.
    WronglyAbandoned: int
    IsEmptyInTheEnd: bool
}

[<RequireQualifiedAccess; CustomEquality; NoComparison>]
type private Event =
    | Comes of int
    | Leaves of int
    | Runner
    | Ends of Batch

    override this.Equals other = obj.ReferenceEquals(this, other)
    override _.GetHashCode() = 0

let private histories =
    let caller maxBatch = gen {
        let! comes = Gen.choose (0, 200)
        let! rows = Gen.choose (1, maxBatch)

        let! shape =
            Gen.frequency [ 4, Gen.constant 0; 1, Gen.constant 1; 1, Gen.constant 2 ]

        let! patience = Gen.choose (20, 2_000)

        let! leaves =
            Gen.frequency [ 4, Gen.constant None; 1, Gen.map Some (Gen.choose (0, 100)) ]

        let! poisoned = Gen.frequency [ 6, Gen.constant false; 1, Gen.constant true ]

        return {
            Comes = comes
            Rows = rows
            Shape = shape
            Patience = patience
            Leaves = leaves |> Option.map (fun after -> comes + after)
            Poisoned = poisoned
        }
    }

    gen {
        let! maxBatch = Gen.choose (1, 8)
        let! maxDelay = Gen.frequency [ 1, Gen.constant 0; 2, Gen.choose (1, 30) ]
        let! inFlight = Gen.choose (1, 3)
        let! capacity = Gen.frequency [ 3, Gen.constant 1_000; 1, Gen.choose (8, 20) ]
        let! count = Gen.choose (1, 40)
        let! callers = Gen.listOfLength count (caller maxBatch)
        let! durations = Gen.nonEmptyListOf (Gen.choose (1, 60))

        let! ways =
            Gen.nonEmptyListOf (Gen.frequency [ 2, Gen.constant 0; 1, Gen.choose (1, 10) ])

        return {
            MaxBatch = maxBatch
            MaxDelay = maxDelay
            InFlight = inFlight
            Capacity = capacity
            Callers = callers |> List.sortBy _.Comes
            Durations = durations
            Ways = ways
        }
    }

let private settings history = {
    MaxBatch = history.MaxBatch
    MaxDelay = int64 history.MaxDelay
    InFlight = history.InFlight
    Margin = 0L
    Capacity = int64 history.Capacity
    Retry = true
}

let private shapes: obj[] = [| BatchItem.AnyShape; "short"; "long" |]

/// Plays a history to its end: every event at its time, and the batcher woken when it asked to be.
let private play (history: History) : Run =
    let callers = Array.ofList history.Callers
    let batching = Batching(settings history)

    let items =
        callers
        |> Array.map (fun caller ->
            BatchItem(caller.Rows, shapes[caller.Shape], int64 caller.Comes, int64 (caller.Comes + caller.Patience)))

    let indexOf item =
        Array.FindIndex(items, fun other -> obj.ReferenceEquals(other, item))

    let outcomes = Array.create items.Length []
    let batches = ResizeArray()
    let abandoned = HashSet<Batch>(HashIdentity.Reference)
    let mutable wronglyAbandoned = 0
    let mutable overdue = false
    let mutable mostRunning = 0
    let mutable runners = 0
    let mutable clock = 0

    let settle outcome index =
        outcomes[index] <- outcome :: outcomes[index]

    // Arrivals and departures are known from the start, runners and ends of batches are added as they are summoned.
    let agenda = PriorityQueue<Event, struct (int * int)>()
    let mutable order = 0

    let plan at event =
        order <- order + 1
        agenda.Enqueue(event, struct (at, order))

    for index in 0 .. items.Length - 1 do
        let caller = callers[index]
        let deadline = caller.Comes + caller.Patience
        plan caller.Comes (Event.Comes index)
        plan (min deadline (Option.defaultValue deadline caller.Leaves)) (Event.Leaves index)

    let isPoisoned (batch: Batch) =
        batch.Items |> Array.exists (fun item -> callers[indexOf item].Poisoned)

    let isOpen index = outcomes[index].IsEmpty

    let happen now event =
        match event with
        | Event.Comes index when not (batching.HasRoom(int64 callers[index].Rows)) -> settle Outcome.Refused index
        | Event.Comes index -> batching.Arrive items[index]
        | Event.Leaves index when isOpen index ->
            settle Outcome.Gone index

            match batching.Leave items[index] with
            | null -> ()
            | batch ->
                abandoned.Add batch |> ignore

                if batch.Items |> Array.exists (indexOf >> isOpen) then
                    wronglyAbandoned <- wronglyAbandoned + 1
        | Event.Leaves _ -> ()
        | Event.Runner ->
            let expired = List<BatchItem>()

            match batching.Take(int64 now, expired) with
            | null -> ()
            | batch ->
                plan (now + history.Durations[batches.Count % history.Durations.Length]) (Event.Ends batch)

                batches.Add {
                    At = now
                    Members = [ for item in batch.Items -> indexOf item ]
                    Rows = batch.Items |> Array.sumBy _.Rows
                    Reason = string batch.Reason
                }

            for item in expired do
                settle Outcome.Gone (indexOf item)
        | Event.Ends batch ->
            if
                not (abandoned.Contains batch)
                && not (batch.Items |> Array.exists (indexOf >> isOpen))
            then
                wronglyAbandoned <- wronglyAbandoned + 1

            if isPoisoned batch then
                for item in batching.Raise batch do
                    settle Outcome.Failed (indexOf item)
            else
                for item in batching.Succeed(batch, 1L) do
                    settle Outcome.Answered (indexOf item)

    let summon now =
        clock <- now

        for _ in 1 .. batching.Summon(int64 now) do
            plan (now + history.Ways[runners % history.Ways.Length]) Event.Runner
            runners <- runners + 1

        mostRunning <- max mostRunning (batching.Running + batching.Summoned)

        overdue <-
            overdue
            || (batching.Running < history.InFlight
                && batching.Summoned = 0
                && items
                   |> Array.exists (fun item ->
                       item.Stage = BatchStage.Waiting
                       && not (isNull item.Line)
                       && int64 now >= item.Arrived + int64 history.MaxDelay))

    let rec go () =
        match agenda.TryPeek(), batching.WakeAt(int64 clock) with
        | (true, _, struct (at, _)), wake when wake < int64 at ->
            summon (int wake)
            go ()
        | (true, event, struct (at, _)), _ ->
            agenda.Dequeue() |> ignore
            happen at event
            summon at
            go ()
        | (false, _, _), Int64.MaxValue -> ()
        | (false, _, _), wake ->
            summon (int wake)
            go ()

    go ()

    {
        Outcomes = List.ofArray outcomes
        Batches = List.ofSeq batches
        Overdue = overdue
        MostRunning = mostRunning
        WronglyAbandoned = wronglyAbandoned
        IsEmptyInTheEnd = batching.Running = 0 && batching.Summoned = 0 && batching.WaitingRows = 0L
    }

let private holds law =
    Check.One(
        Config.QuickThrowOnFailure.WithMaxTest 500,
        Prop.forAll (Arb.fromGen histories) (fun history -> law history (play history))
    )

[<Fact>]
let ``every item has exactly one end, and nothing is left`` () =
    holds (fun _ run ->
        run.IsEmptyInTheEnd
        && run.Outcomes |> List.forall (fun outcomes -> outcomes.Length = 1))

[<Fact>]
let ``a batch never has more rows than it may, and there are never more batches than may run`` () =
    holds (fun history run ->
        run.MostRunning <= history.InFlight
        && run.Batches
           |> List.forall (fun batch -> not batch.Members.IsEmpty && batch.Rows <= history.MaxBatch))

[<Fact>]
let ``items of different shapes never share a batch`` () =
    holds (fun history run ->
        run.Batches
        |> List.forall (fun batch ->
            (batch.Members |> List.distinctBy (fun index -> history.Callers[index].Shape)).Length = 1))

[<Fact>]
let ``nothing that must leave stays while a place is free`` () = holds (fun _ run -> not run.Overdue)

[<Fact>]
let ``a batch is abandoned when its last member has left, and only then`` () =
    holds (fun _ run -> run.WronglyAbandoned = 0)

[<Fact>]
let ``an item that left before its batch is never computed`` () =
    holds (fun history run ->
        run.Batches
        |> List.forall (fun batch ->
            batch.Members
            |> List.forall (fun index ->
                let caller = history.Callers[index]
                let deadline = caller.Comes + caller.Patience
                batch.At <= min deadline (Option.defaultValue deadline caller.Leaves))))

[<Fact>]
let ``only the guilty fail`` () =
    holds (fun history run ->
        List.zip history.Callers run.Outcomes
        |> List.forall (fun (caller, outcomes) ->
            match outcomes with
            | [ Outcome.Failed ] -> caller.Poisoned
            | [ Outcome.Answered ] -> not caller.Poisoned
            | _ -> true))

[<Fact>]
let ``who stays is answered or is guilty`` () =
    holds (fun history _ ->
        let patient = {
            history with
                Capacity = Int32.MaxValue
                Callers =
                    history.Callers
                    |> List.map (fun caller -> {
                        caller with
                            Leaves = None
                            Patience = 1_000_000
                    })
        }

        List.zip patient.Callers (play patient).Outcomes
        |> List.forall (fun (caller, outcomes) ->
            outcomes = [ (if caller.Poisoned then Outcome.Failed else Outcome.Answered) ]))

[<Fact>]
let ``what has never run leaves in the order in which it came, shape by shape`` () =
    holds (fun history run ->
        run.Batches
        |> List.filter (fun batch -> batch.Reason <> "Retry")
        |> List.collect _.Members
        |> List.groupBy (fun index -> history.Callers[index].Shape)
        |> List.forall (fun (_, members) -> members = List.sort members))

[<Fact>]
let ``a reason is true`` () =
    holds (fun history run ->
        run.Batches
        |> List.forall (fun batch ->
            match batch.Reason with
            | "Delay" -> batch.At >= history.Callers[batch.Members.Head].Comes + history.MaxDelay
            | "Idle" -> history.MaxDelay = 0
            | "Deadline" -> history.MaxDelay > 0
            | "Drain" -> false
            | _ -> true))
