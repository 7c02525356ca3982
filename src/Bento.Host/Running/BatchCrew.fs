namespace Bento

open System.Collections.Generic
open System.Threading.Tasks

/// Which worker runs the next batch: the one with the fewest, of those that have a thread for it where the handler
/// wants one; where none has, whichever is the first to have one.
[<Sealed>]
type internal BatchCrew(lanes: int, inFlight: int) =
    let crew = Crew lanes
    let gates = List<Gate | null>()

    let hasThread index =
        match gates[index] with
        | null -> true
        | gate -> gate.TryEnterAlone()

    let enters index =
        let isIn = hasThread index

        if not isIn then
            crew.Release index

        isIn

    /// The place of a worker that can begin now; -1 where none can.
    let atOnce () =
        let first = crew.Take()

        if enters first then
            first
        else
            let mutable index = lanes - 1

            while index >= 0
                  && (index = first || not (crew.TryTake(index, inFlight) && enters index)) do
                index <- index - 1

            index

    /// The first of these lines in which a thread is there for a worker that takes one more batch. Those who are called
    /// in the other lines leave again.
    let rec firstOf (lines: (int * Gate * Task) list) : Task<int> = task {
        let! called = Task.WhenAny [ for _, _, entering in lines -> entering ]

        let index, gate, _ =
            lines
            |> List.find (fun (_, _, entering) -> obj.ReferenceEquals(entering, called))

        let others = lines |> List.filter (fun (other, _, _) -> other <> index)

        if crew.TryTake(index, inFlight) then
            for _, gate, entering in others do
                entering.ContinueWith(fun (_: Task) -> gate.Leave()) |> ignore

            return index
        else
            gate.Leave()
            return! firstOf others
    }

    /// A worker takes part, with the gate to its threads where its handler wants one for each batch.
    member _.Join(gate: Gate | null) = gates.Add gate

    /// The place of the worker that is to run a batch. It has a thread for it until `Leave`.
    member _.Enter() : ValueTask<int> =
        match atOnce () with
        | -1 ->
            ValueTask<int>(
                firstOf [
                    for index, gate in Seq.indexed gates do
                        match gate with
                        | null -> ()
                        | gate -> index, gate, gate.EnterAlone()
                ]
            )
        | index -> ValueTask<int> index

    member _.Leave(index: int) =
        match gates[index] with
        | null -> ()
        | gate -> gate.Leave()

        crew.Release index
