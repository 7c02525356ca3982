namespace Bento

open System
open System.Collections.Generic
open System.Threading
open System.Threading.Tasks

/// What becomes of somebody who comes to a gate.
[<RequireQualifiedAccess; Struct>]
type internal Entry =
    | Admitted
    | Refused
    /// The time was over, or the caller left, before there was a place.
    | Withdrawn

/// Carries out what `Admission` decides. Those who find a place cost nothing but a lock.
[<Sealed>]
type internal Gate(concurrency: int, queue: int) =
    let turn = obj ()
    let mutable admission = Admission.create concurrency queue
    let line = Dictionary<Ticket, TaskCompletionSource<Entry>>()

    let answer ticket entry =
        match line.TryGetValue ticket with
        | true, waiting ->
            line.Remove ticket |> ignore
            waiting.SetResult entry
        | _ -> ()

    /// Takes in what happens, and tells those who wait what it means to them. To be called in turn.
    let decide event =
        let struct (next, decisions) = Admission.step event admission
        admission <- next

        for decision in decisions do
            match decision with
            | Decision.Call ticket -> answer ticket Entry.Admitted
            | Decision.Expire ticket
            | Decision.Forget ticket -> answer ticket Entry.Withdrawn
            | Decision.Admit
            | Decision.Wait _
            | Decision.Refuse -> ()

        decisions

    /// What becomes of one who comes, and where to wait for what will. To be called in turn.
    let arrive (life: Lifespan) : struct (Entry * Ticket * TaskCompletionSource<Entry> | null) =
        match decide (AdmissionEvent.Arrival life.Due) with
        | [ Decision.Wait ticket ] ->
            let source =
                TaskCompletionSource<Entry> TaskCreationOptions.RunContinuationsAsynchronously

            line.Add(ticket, source)
            struct (Entry.Withdrawn, ticket, source)
        | [ Decision.Admit ] -> struct (Entry.Admitted, Gate.NoTicket, null)
        | _ -> struct (Entry.Refused, Gate.NoTicket, null)

    let withdraw (life: Lifespan) ticket =
        let event =
            match life.Ending with
            | Ending.CallerLeft -> AdmissionEvent.Disconnect ticket
            | _ -> AdmissionEvent.Timeout ticket

        lock turn (fun () -> decide event |> ignore)

    let wait (life: Lifespan) ticket (waiting: TaskCompletionSource<Entry>) : Task<Entry> = task {
        use _ = life.Token.UnsafeRegister((fun _ -> withdraw life ticket), null)
        let! entry = waiting.Task

        // Whoever was passed over for want of time may know it before its own timer does.
        if entry = Entry.Withdrawn then
            life.Expire life.Epoch

        return entry
    }

    /// How many are in.
    member _.InWork = lock turn (fun () -> admission.InWork)

    /// How many wait.
    member _.Waiting = lock turn (fun () -> admission.Waiting)

    /// Asks for a place, for as long as the request has time. Whoever is admitted gives the place back with `Leave`.
    member _.Enter(life: Lifespan) : ValueTask<Entry> =
        let struct (entry, ticket, waiting) = lock turn (fun () -> arrive life)

        match waiting with
        | null -> ValueTask<Entry> entry
        | waiting -> ValueTask<Entry>(wait life ticket waiting)

    /// Takes a place on behalf of no single request if there is one now.
    member _.TryEnterAlone() =
        lock turn (fun () ->
            admission.InWork < admission.Concurrency
            && decide (AdmissionEvent.Arrival Int64.MaxValue) |> List.contains Decision.Admit)

    /// The ticket of one who has a place and does not wait.
    static member NoTicket: Ticket = -1L

    /// Stands in the line on behalf of no single request: its ticket, and what ends when it is called.
    member _.Stand() : struct (Ticket * Task<Entry>) =
        lock turn (fun () ->
            match decide (AdmissionEvent.Arrival Int64.MaxValue) with
            | [ Decision.Wait ticket ] ->
                let source =
                    TaskCompletionSource<Entry> TaskCreationOptions.RunContinuationsAsynchronously

                line.Add(ticket, source)
                struct (ticket, source.Task)
            | _ -> struct (Gate.NoTicket, Task.FromResult Entry.Admitted))

    /// Takes one who stands in the line out of it, or gives back the place to which he was called.
    member _.Withdraw(ticket: Ticket) =
        lock turn (fun () ->
            let event =
                if line.ContainsKey ticket then
                    AdmissionEvent.Disconnect ticket
                else
                    AdmissionEvent.End Environment.TickCount64

            decide event |> ignore)

    /// Gives a place back, which goes to whoever has waited longest.
    member _.Leave() =
        lock turn (fun () -> decide (AdmissionEvent.End Environment.TickCount64) |> ignore)
