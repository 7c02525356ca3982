/// `bench poison`: one row of a hundred makes the batch raise that it is in. It alone may fail.
module Bento.Bench.Poison

open System
open System.Collections.Concurrent
open System.Diagnostics
open System.Text.Json
open System.Threading
open System.Threading.Tasks
open Bento.Bench.Child
open Bento.Bench.Client

/// What became of the items, counted by all callers.
type private Tally = {
    mutable InnocentFailures: int
    mutable PoisonAnswered: int
    mutable Poisoned: int
    /// The first few failures of innocents, to be looked at.
    Examples: ConcurrentQueue<string>
}

let private judge (tally: Tally) (caller: Caller) number outcome =
    match Batches.isPoisoned number, outcome with
    | true, Answered(500, _) -> Interlocked.Increment &tally.Poisoned |> ignore
    | true, Answered(200, _) ->
        Interlocked.Increment &tally.Poisoned |> ignore
        Interlocked.Increment &tally.PoisonAnswered |> ignore
    | false, Answered(200, _) when caller.Body = string (2 * number) -> ()
    | true, other -> invalidOp $"The poisoned item {number} was answered with {other}: {caller.Body}"
    | false, other ->
        Interlocked.Increment &tally.InnocentFailures |> ignore

        if tally.Examples.Count < 5 then
            tally.Examples.Enqueue $"%d{number}: %A{other} %s{caller.Body}"

let private send (address: Uri) (tally: Tally) items callers : Task<unit> = task {
    let mutable next = -1

    let connection () : Task = task {
        use caller = new Caller(address)
        let mutable number = Interlocked.Increment &next

        while number < items do
            let! outcome = caller.Ask(post "/double" (string number))
            judge tally caller number outcome
            number <- Interlocked.Increment &next
    }

    do! Task.WhenAll [ for _ in 1..callers -> connection () ]
}

let run (items: int) (callers: int) saved : Task<int> = task {
    use server = new Child "poison"

    let tally = {
        InnocentFailures = 0
        PoisonAnswered = 0
        Poisoned = 0
        Examples = ConcurrentQueue()
    }

    let clock = Stopwatch.StartNew()
    do! send server.Address tally items callers
    let! page = Exposed.page server.Address
    let rows = Exposed.sumOf "bento_batch_rows_sum" page
    let batches = Exposed.sumOf "bento_batch_rows_count" page
    let halves = Exposed.sumWhere "bento_batches_total" "reason=\"retry\"" page

    let table = [
        "| | |"
        "| --- | ---: |"
        $"| items, one a request | %d{items} |"
        $"| poisoned | %d{tally.Poisoned} |"
        $"| innocent, and not answered with their own result | %d{tally.InnocentFailures} |"
        $"| poisoned, and answered with 200 | %d{tally.PoisonAnswered} |"
        $"| batches | %.0f{batches} |"
        $"| rows a batch | %.1f{rows / batches} |"
        $"| batches that were halves of one that raised | %.0f{halves} |"
        $"| time, s | %.0f{clock.Elapsed.TotalSeconds} |"

        for example in tally.Examples do
            $"| for instance | %s{example} |"
    ]

    let json =
        JsonSerializer.Serialize {|
            items = items
            poisoned = tally.Poisoned
            innocentFailures = tally.InnocentFailures
            poisonAnswered200 = tally.PoisonAnswered
        |}

    Results.tell
        "poison"
        $"%d{callers} callers, batches of up to 64 that raise when one of their rows is poisoned, as one in a hundred is."
        table
        json
        saved

    return
        if tally.InnocentFailures = 0 && tally.PoisonAnswered = 0 then
            0
        else
            1
}
