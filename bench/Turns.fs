/// Rounds of one measurement at several servers by turns, and what they say together.
module Bento.Bench.Turns

open System
open System.Threading.Tasks

/// Rounds of all measurements, the first being last in every other round. What each round gives is in the order in which
/// the measurements are given.
let rounds (count: int) (measures: (unit -> Task<'Cost>) list) : Task<'Cost list list> = task {
    let rounds = ResizeArray<'Cost list>()

    for number in 1..count do
        let costs = Array.zeroCreate<'Cost> measures.Length
        let inTurn = List.indexed measures

        for index, measure in (if number % 2 = 1 then inTurn else List.rev inTurn) do
            let! cost = measure ()
            costs[index] <- cost

        rounds.Add(List.ofArray costs)

    return List.ofSeq rounds
}

/// The median of what each round says of its own parts, so that a machine's slow minute harms no side.
let pairwise (digits: int) (rounds: 'Round list) (compare: 'Round -> float) =
    Math.Round(rounds |> List.map compare |> Results.median, digits)
