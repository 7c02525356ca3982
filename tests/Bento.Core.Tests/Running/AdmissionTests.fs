/// Admission under random histories and a clock that the test moves.
module Bento.Tests.AdmissionTests

open System
open FsCheck
open FsCheck.FSharp
open Xunit
open Bento

/// What happens next in a history; numbers pick among those whom it can happen to.
type private Happening =
    | Arrives of patience: int
    | Ends of pick: int
    | Leaves of pick: int
    | Ticks of by: int
    /// The timers of some of those whose time is over: others are late.
    | Rings of pick: int

type private History = {
    Concurrency: int
    Queue: int
    Happenings: Happening list
}

/// What the rule says who is where, kept apart from the automaton that is tested.
type private World = {
    Now: int64
    Admission: Admission
    Next: int
    InWork: int list
    /// Tickets with who has them and until when, in the order of arrival.
    Line: (Ticket * int * int64) list
    /// How each one who came ended up.
    Fates: Map<int, string>
    Broken: string list
}

let private expectThat holds what world =
    if holds then
        world
    else
        {
            world with
                Broken = world.Broken @ [ what ]
        }

let private settle who fate world =
    {
        world with
            Fates = Map.add who fate world.Fates
    }
    |> expectThat (not (Map.containsKey who world.Fates)) $"{who} is told twice"

let private withdraw ticket fate world =
    match world.Line |> List.tryFind (fun (other, _, _) -> other = ticket) with
    | Some(_, who, deadline) ->
        {
            world with
                Line = world.Line |> List.filter (fun (other, _, _) -> other <> ticket)
        }
        |> settle who fate
        |> expectThat (fate <> "expired" || deadline <= world.Now) $"{who} expires before its time"
    | None -> world |> expectThat false $"{ticket} is withdrawn and does not wait"

let private apply (newcomer: (int * int64) voption) concurrency queue (world: World) decision =
    match decision, newcomer with
    | Decision.Admit, ValueSome(who, _) ->
        {
            world with
                InWork = who :: world.InWork
        }
        |> expectThat (List.isEmpty world.Line) $"{who} overtakes those who wait"
    | Decision.Wait ticket, ValueSome(who, deadline) ->
        {
            world with
                Line = world.Line @ [ ticket, who, deadline ]
        }
        |> expectThat (world.InWork.Length = concurrency) $"{who} waits beside a free place"
    | Decision.Refuse, ValueSome(who, _) ->
        world
        |> settle who "refused"
        |> expectThat
            (world.InWork.Length = concurrency && world.Line.Length = queue)
            $"{who} is refused though there is room"
    | Decision.Call ticket, _ ->
        match world.Line with
        | (first, who, deadline) :: rest ->
            {
                world with
                    Line = rest
                    InWork = who :: world.InWork
            }
            |> expectThat (first = ticket) $"{ticket} is called before {first}"
            |> expectThat (deadline > world.Now) $"{who} is called when its time is over"
        | [] -> world |> expectThat false $"{ticket} is called and nobody waits"
    | Decision.Expire ticket, _ -> withdraw ticket "expired" world
    | Decision.Forget ticket, _ -> withdraw ticket "left" world
    | (Decision.Admit | Decision.Wait _ | Decision.Refuse), ValueNone ->
        world |> expectThat false "somebody is let in who did not come"

let private tell event newcomer history world =
    let struct (admission, decisions) = Admission.step event world.Admission

    let after =
        decisions
        |> List.fold (apply newcomer history.Concurrency history.Queue) { world with Admission = admission }

    let counted = admission.InWork, admission.Waiting, admission.Line.Count
    let true' = after.InWork.Length, after.Line.Length, after.Line.Length

    after
    |> expectThat (after.InWork.Length <= history.Concurrency) "more are in work than may be"
    |> expectThat (after.Line.Length <= history.Queue) "more wait than may"
    |> expectThat (after.Line.IsEmpty || after.InWork.Length = history.Concurrency) "a place is free and somebody waits"
    |> expectThat (counted = true') "the count is wrong"

let private pick number (choices: 'Choice list) =
    if choices.IsEmpty then
        None
    else
        Some choices[abs number % choices.Length]

let private finish who history (world: World) =
    {
        world with
            World.InWork = world.InWork |> List.except [ who ]
    }
    |> settle who "ended"
    |> tell (AdmissionEvent.End world.Now) ValueNone history

let private happen history world happening =
    match happening with
    | Arrives patience ->
        let who, deadline = world.Next, world.Now + int64 patience
        tell (AdmissionEvent.Arrival deadline) (ValueSome(who, deadline)) history { world with Next = who + 1 }
    | Ends number ->
        match pick number world.InWork with
        | Some who -> finish who history world
        | None -> world
    | Leaves number ->
        match pick number world.Line with
        | Some(ticket, _, _) -> tell (AdmissionEvent.Disconnect ticket) ValueNone history world
        | None -> world
    | Ticks by -> {
        world with
            Now = world.Now + int64 by
      }
    | Rings number ->
        match
            world.Line
            |> List.filter (fun (_, _, deadline) -> deadline <= world.Now)
            |> pick number
        with
        | Some(ticket, _, _) -> tell (AdmissionEvent.Timeout ticket) ValueNone history world
        | None -> world

let private play history =
    let start = {
        Now = 0L
        Admission = Admission.create history.Concurrency history.Queue
        Next = 0
        InWork = []
        Line = []
        Fates = Map.empty
        Broken = []
    }

    history.Happenings |> List.fold (happen history) start

/// Everybody in work ends, and so on until nobody is left.
let rec private playOut history world =
    match world.InWork with
    | who :: _ -> finish who history world |> playOut history
    | [] -> world

let private histories =
    let happening =
        Gen.frequency [
            6, Gen.choose (1, 20) |> Gen.map Arrives
            4, Gen.choose (0, 99) |> Gen.map Ends
            1, Gen.choose (0, 99) |> Gen.map Leaves
            2, Gen.choose (1, 5) |> Gen.map Ticks
            2, Gen.choose (0, 99) |> Gen.map Rings
        ]

    gen {
        let! concurrency = Gen.choose (1, 5)
        let! queue = Gen.choose (0, 5)
        let! happenings = Gen.listOf happening

        return {
            Concurrency = concurrency
            Queue = queue
            Happenings = happenings
        }
    }
    |> Gen.resize 300
    |> fun histories ->
        Arb.fromGenShrink (
            histories,
            fun history ->
                Arb.toShrink (ArbMap.defaults |> ArbMap.arbitrary<int list>) [ 0 .. history.Happenings.Length - 1 ]
                |> Seq.map (fun kept -> {
                    history with
                        Happenings =
                            kept
                            |> List.filter (fun index -> index >= 0 && index < history.Happenings.Length)
                            |> List.map (fun index -> history.Happenings[index])
                })
        )

[<Fact>]
let ``whatever happens, the rule of admission holds at every step`` () =
    Laws.holdsFor histories (fun history ->
        match (play history).Broken with
        | [] -> true
        | broken -> failwith (String.Join("; ", broken)))

[<Fact>]
let ``whatever happened, everybody who came is told once, and every place is free in the end`` () =
    Laws.holdsFor histories (fun history ->
        let world = play history |> playOut history

        world.Broken.IsEmpty
        && world.Fates.Count = world.Next
        && world.Admission.InWork = 0
        && world.Admission.Waiting = 0
        && world.Admission.Line.IsEmpty)

[<Fact>]
let ``one who was called just before its timer rang keeps its place`` () =
    let struct (admission, _) =
        Admission.create 1 1 |> Admission.step (AdmissionEvent.Arrival 10L)

    let struct (admission, waits) =
        Admission.step (AdmissionEvent.Arrival 10L) admission

    Assert.Equal<Decision list>([ Decision.Wait 0L ], waits)
    let struct (admission, called) = Admission.step (AdmissionEvent.End 5L) admission
    Assert.Equal<Decision list>([ Decision.Call 0L ], called)

    let struct (admission, nothing) =
        Admission.step (AdmissionEvent.Timeout 0L) admission

    Assert.Empty nothing
    Assert.Equal(1, admission.InWork)

[<Fact>]
let ``a place that nobody has is not given back`` () =
    Assert.Throws<InvalidOperationException>(fun () ->
        Admission.create 1 0 |> Admission.step (AdmissionEvent.End 0L) |> ignore)
    |> ignore
