namespace Bento

open System.Collections.Generic
open System.Threading.Tasks

/// A batch that waits for a worker: in the lines to the threads of several, with a ticket of each.
[<Sealed>]
type private BatchWaiter(lanes: int) =
    let tickets: Ticket[] = Array.create lanes Gate.NoTicket

    let place =
        TaskCompletionSource<int> TaskCreationOptions.RunContinuationsAsynchronously

    member _.Tickets = tickets

    /// The place of the worker that it has got.
    member _.Place = place

/// Which worker runs the next batch: the one with the fewest, of those that have a thread for it where the handler
/// wants one; where none has, whichever is the first to have one. None runs more batches than it may.
[<Sealed>]
type internal BatchCrew(lanes: int, inFlight: int) as this =
    let turn = obj ()
    let gates = List<Gate | null>()
    let loads: int[] = Array.zeroCreate lanes
    let waiters = List<BatchWaiter>()
    let mutable last = lanes - 1

    let hasRoom index = loads[index] < inFlight

    let hasThread index =
        match gates[index] with
        | null -> true
        | gate -> gate.TryEnterAlone()

    let take index =
        last <- index
        loads[index] <- loads[index] + 1

    /// The worker with the fewest batches, and of several such each in its turn.
    let least () =
        let mutable found = -1

        for step in 1..lanes do
            let index = (last + step) % lanes

            if hasRoom index && (found = -1 || loads[index] < loads[found]) then
                found <- index

        found

    /// A worker that has a thread now, those with the fewest batches first; -1 where none has.
    let atOnce () =
        match least () with
        | -1 -> -1
        | first when hasThread first -> first
        | first ->
            [ for step in 1..lanes -> (last + step) % lanes ]
            |> List.filter (fun index -> index <> first && hasRoom index)
            |> List.sortBy (fun index -> loads[index])
            |> List.tryFind hasThread
            |> Option.defaultValue -1

    /// Gives a worker to one who waits, and takes him out of the lines to the others.
    let give (waiter: BatchWaiter) index =
        take index
        waiters.Remove waiter |> ignore

        for other, ticket in Seq.indexed waiter.Tickets do
            match gates[other] with
            | NonNull gate when ticket <> Gate.NoTicket -> gate.Withdraw ticket
            | _ -> ()

        waiter.Place.SetResult index

    /// Has one who waits stand in the line to a worker's threads.
    let stand (waiter: BatchWaiter) index =
        match gates[index] with
        | null -> give waiter index
        | gate ->
            let struct (ticket, called) = gate.Stand()

            if ticket = Gate.NoTicket then
                give waiter index
            else
                waiter.Tickets[index] <- ticket

                called.ContinueWith(fun (called: Task<Entry>) ->
                    if called.Result = Entry.Admitted then
                        this.Called(waiter, index))
                |> ignore

    let waits (waiter: BatchWaiter) = not waiter.Place.Task.IsCompleted

    /// Has one who waits stand in the line to a worker if he is not there yet, and it takes one more batch.
    let standIfUseful (waiter: BatchWaiter) index =
        if waits waiter && hasRoom index && waiter.Tickets[index] = Gate.NoTicket then
            stand waiter index

    /// One who waits has a thread of a worker, unless he has that of another by now, and so has left this line.
    member private _.Called(waiter: BatchWaiter, index: int) =
        lock turn (fun () ->
            if waits waiter then
                waiter.Tickets[index] <- Gate.NoTicket

                if hasRoom index then
                    give waiter index
                else
                    (nonNull gates[index]).Leave())

    /// A worker takes part, with the gate to its threads where its handler wants one for each batch.
    member _.Join(gate: Gate | null) = gates.Add gate

    /// The place of the worker that is to run a batch. It has a thread for it until `Leave`.
    member _.Enter() : ValueTask<int> =
        lock turn (fun () ->
            match atOnce () with
            | -1 ->
                let waiter = BatchWaiter lanes
                waiters.Add waiter

                for index in 0 .. lanes - 1 do
                    standIfUseful waiter index

                ValueTask<int> waiter.Place.Task
            | index ->
                take index
                ValueTask<int> index)

    member _.Leave(index: int) =
        lock turn (fun () ->
            loads[index] <- loads[index] - 1

            match gates[index] with
            | null -> ()
            | gate -> gate.Leave()

            for waiter in waiters.ToArray() do
                standIfUseful waiter index)
