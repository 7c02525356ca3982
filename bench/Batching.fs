/// `bench batching`: what batches do for two real shapes of models, beside what the machine could do at best.
module Bento.Bench.Batching

open System
open System.Diagnostics
open System.IO
open System.Text.Json
open System.Threading
open System.Threading.Tasks
open Bento.Bench.Child
open Bento.Bench.Client

let private callers = [ 1; 8; 64 ]
let private mostRows = 64
let private cores = float Environment.ProcessorCount

// -- what is served ------------------------------------------------------------------------------------------------

/// A model, as it is served and as it is called directly.
type private Subject = {
    Name: string
    Title: string
    Path: string
    Bodies: string[]
    /// Calls the model with so many rows, as the handler does.
    Call: int -> unit
}

let private guesslang () =
    let folder = Path.Combine(AppContext.BaseDirectory, "models", "guesslang")
    let classifier = Classify.Classifier.Load folder
    let fixture = Path.Combine(AppContext.BaseDirectory, "guesslang.fixture.json")

    let texts = [|
        for case in JsonDocument.Parse(File.ReadAllText fixture).RootElement.GetProperty("cases").EnumerateArray() ->
            string (case.GetProperty("text").GetString())
    |]

    let rows count =
        Array.init count (fun index -> texts[index % texts.Length])

    {
        Name = "guesslang"
        Title = "guesslang"
        Path = "/classify"
        Bodies = texts |> Array.map (fun text -> JsonSerializer.Serialize {| text = text |})
        Call = fun count -> classifier.Guess(rows count, CancellationToken.None) |> ignore
    }

let private mlp () =
    let model = Batches.loadMlp ()
    let random = Random 11

    let rows =
        Array.init mostRows (fun _ ->
            Array.init Batches.mlpInput (fun _ -> float32 (Math.Round(random.NextDouble() * 2. - 1., 4))))

    {
        Name = "mlp"
        Title = "MLP 256-1024-1024-1024-10"
        Path = "/run"
        Bodies = rows |> Array.map (fun row -> JsonSerializer.Serialize row)
        Call = fun count -> model.Run(Array.truncate count rows) |> ignore
    }

// -- measuring -----------------------------------------------------------------------------------------------------

/// Microseconds of a call with so many rows while every core makes such calls, as it does under load.
let private direct (subject: Subject) count calls =
    let times = Array.zeroCreate<float[]>(int cores)

    let threads = [
        for place in 0 .. times.Length - 1 ->
            Thread(fun () ->
                times[place] <-
                    Array.init calls (fun _ ->
                        let started = Stopwatch.GetTimestamp()
                        subject.Call count
                        Stopwatch.GetElapsedTime(started).TotalMicroseconds))
    ]

    threads |> List.iter _.Start()
    threads |> List.iter _.Join()
    Results.median (Array.concat times)

/// What callers found who each send the next request when the last one is answered.
type private Found = {
    RowsPerSecond: float
    P50: float
    P95: float
    /// What a row cost the server: microseconds of CPU, and bytes allocated.
    Cpu: float
    Bytes: float
}

let private load (server: Child) (subject: Subject) (connections: int) (requests: int) : Task<Found> = task {
    let sent = subject.Bodies |> Array.map (post subject.Path)
    let latencies = Array.zeroCreate<float> requests
    let mutable next = -1

    let check (caller: Caller) outcome =
        match outcome with
        | Answered(200, _) -> ()
        | other -> invalidOp $"A row of {subject.Name} was answered with {other}: {caller.Body}"

    // To connect is no part of a request.
    let connect (caller: Caller) : Task = task {
        let! outcome = caller.Ask sent[0]
        check caller outcome
    }

    let ask (caller: Caller) : Task = task {
        let mutable index = Interlocked.Increment &next

        while index < requests do
            let started = Stopwatch.GetTimestamp()
            let! outcome = caller.Ask sent[index % sent.Length]
            latencies[index] <- Stopwatch.GetElapsedTime(started).TotalMicroseconds
            check caller outcome
            index <- Interlocked.Increment &next
    }

    let callers = [| for _ in 1..connections -> new Caller(server.Address) |]
    do! Task.WhenAll(callers |> Array.map connect)
    let cpuBefore, bytesBefore = server.Used()
    let clock = Stopwatch.StartNew()
    do! Task.WhenAll(callers |> Array.map ask)
    let seconds = clock.Elapsed.TotalSeconds
    let cpuAfter, bytesAfter = server.Used()

    for caller in callers do
        (caller :> IDisposable).Dispose()

    Array.sortInPlace latencies

    return {
        RowsPerSecond = float requests / seconds
        P50 = latencies[requests / 2]
        P95 = latencies[requests * 95 / 100]
        Cpu = (cpuAfter - cpuBefore) / float requests
        Bytes = (bytesAfter - bytesBefore) / float requests
    }
}

/// The three servers under so many callers.
type private Cell = {
    Bare: Found
    Alone: Found
    Batched: Found
}

type private Round = {
    /// Microseconds of a call with one row, and with 64.
    One: float
    Most: float
    /// The latency of a lone caller with batches over that without, in short turns one after the other.
    Lone: float list
    /// In the order of the numbers of callers.
    Cells: Cell list
    /// Rows of a batch, under as many callers as there are at most.
    RowsOfBatch: float
}

/// Rows a second of a machine that does nothing but bare requests and calls of the model with so many rows each: of one
/// row it needs as long as for a request of bare Kestrel to these callers, all cores together, and a core as long as for
/// one row of a call.
let private bound (bare: Found) (call: float) rows =
    1. / (1. / bare.RowsPerSecond + call / float rows / cores / 1e6)

let private boundOf (round: Round) =
    let bare = (List.last round.Cells).Bare
    max (bound bare round.One 1) (bound bare round.Most mostRows)

/// Rows and batches that a server has answered so far.
let private answered (server: Child) : Task<float * float> = task {
    let! page = Exposed.page server.Address
    return Exposed.sumOf "bento_batch_rows_sum" page, Exposed.sumOf "bento_batch_rows_count" page
}

/// What several turns found together.
let private together (found: Found list) : Found =
    let of' figure =
        found |> List.map figure |> Results.median

    {
        RowsPerSecond = of' _.RowsPerSecond
        P50 = of' _.P50
        P95 = of' _.P95
        Cpu = of' _.Cpu
        Bytes = of' _.Bytes
    }

/// Servers under the same callers, in short turns there and back, so that a slow moment of the machine is one of all.
/// For each turn what was found of each server.
let private byTurns (servers: Child list) (subject: Subject) connections requests turns : Task<Found list list> = task {
    let found = ResizeArray<Found list>()

    for turn in 1..turns do
        let isBack = turn % 2 = 0
        let inTurn = ResizeArray<Found>()

        for server in (if isBack then List.rev servers else servers) do
            let! ofServer = load server subject connections requests
            inTurn.Add ofServer

        found.Add(
            if isBack then
                List.rev (List.ofSeq inTurn)
            else
                List.ofSeq inTurn
        )

    return List.ofSeq found
}

let private loneTurns, loneRequests = 20, 100

let private measure (subject: Subject) (bare: Child) (alone: Child) (batched: Child) requests : Task<Round> = task {
    let one = direct subject 1 200
    let most = direct subject mostRows 50
    let cells = ResizeArray<Cell>()
    let mutable lone = []
    let mutable rowsOfBatch = 0.

    for connections in callers do
        // Fewer callers take longer for as many rows.
        let turns, share =
            if connections = 1 then
                loneTurns, loneRequests
            else
                4, max 100 (requests / 4 / (1 + 16 / connections))

        let! rowsBefore, batchesBefore = answered batched
        let! found = byTurns [ bare; alone; batched ] subject connections share turns
        let! rowsAfter, batchesAfter = answered batched
        rowsOfBatch <- (rowsAfter - rowsBefore) / (batchesAfter - batchesBefore)

        if connections = 1 then
            lone <- found |> List.map (fun turn -> turn[2].P50 / turn[1].P50)

        let of' place =
            found |> List.map (List.item place) |> together

        cells.Add {
            Bare = of' 0
            Alone = of' 1
            Batched = of' 2
        }

    return {
        One = one
        Most = most
        Lone = lone
        Cells = List.ofSeq cells
        RowsOfBatch = rowsOfBatch
    }
}

/// What the compiler may take of a server's time when it is measured, and how often it is given more to do before.
let private mostCompiling, mostWarming = 0.01, 60

/// Calls a server in all the ways in which it is measured until the runtime has hardly anything left to compile: that
/// is a cost of a server's first seconds, and the more code it has, the more seconds.
let private warm (subject: Subject) (server: Child) requests : Task<unit> = task {
    let mutable isCold = true
    let mutable passes = 0

    while isCold && passes < mostWarming do
        let before, (cpuBefore, _) = server.Compiled(), server.Used()

        for connections in callers do
            let! _ = load server subject connections (requests / (1 + 16 / connections))
            ()

        let after, (cpuAfter, _) = server.Compiled(), server.Used()
        passes <- passes + 1
        isCold <- (after - before) / (cpuAfter - cpuBefore) > mostCompiling

    if isCold then
        invalidOp $"A server of {subject.Name} still compiles after {mostWarming} passes."
}

let private roundsOf (subject: Subject) rounds requests : Task<Round list> = task {
    use bare = new Child "bare"
    use alone = new Child(subject.Name + "-alone")
    use batched = new Child(subject.Name)

    for server in [ bare; alone; batched ] do
        do! warm subject server requests

    // The calls here are compiled anew as well, some time after the first of them.
    for _ in 1..10 do
        direct subject 1 200 |> ignore
        direct subject mostRows 50 |> ignore
        do! Task.Delay 150

    let measured = ResizeArray<Round>()

    for _ in 1..rounds do
        let! round = measure subject bare alone batched requests
        measured.Add round

    return List.ofSeq measured
}

// -- telling -------------------------------------------------------------------------------------------------------

let private medianOf figure (rounds: Round list) =
    rounds |> List.map figure |> Results.median

let private cellOf place figure (rounds: Round list) =
    rounds |> medianOf (fun round -> figure round.Cells[place])

let private table (subject: Subject) (rounds: Round list) = [
    ""
    $"**%s{subject.Title}**: a call takes %.0f{medianOf _.One rounds} µs with 1 row and %.0f{medianOf _.Most rounds} µs with %d{mostRows}, on every core at once."
    ""
    "| callers | rows/s bare | one by one | batched | p50 µs one by one | batched | p95 µs one by one | batched |"
    "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"

    for place, connections in List.indexed callers do
        let of' figure = cellOf place figure rounds

        $"| %d{connections} | %.0f{of' _.Bare.RowsPerSecond} | %.0f{of' _.Alone.RowsPerSecond} | %.0f{of' _.Batched.RowsPerSecond} | %.0f{of' _.Alone.P50} | %.0f{of' _.Batched.P50} | %.0f{of' _.Alone.P95} | %.0f{of' _.Batched.P95} |"

    let last = callers.Length - 1

    let cost name figure =
        let of' value = cellOf last (figure >> value) rounds
        $"| %s{name} | %.1f{of' _.Cpu} | %.0f{of' _.Bytes} |"

    ""
    $"| server, %d{callers[last]} callers | CPU, µs a row | allocated, bytes a row |"
    "| --- | ---: | ---: |"
    cost "bare Kestrel" _.Bare
    cost "one by one" _.Alone
    cost "batched" _.Batched

    let ofOne =
        rounds |> medianOf (fun round -> bound round.Cells[last].Bare round.One 1)

    ""
    $"A batch had %.1f{medianOf _.RowsOfBatch rounds} rows with %d{callers[last]} callers. At best, for as many: %.0f{medianOf boundOf rounds} rows/s in calls of %d{mostRows}, %.0f{ofOne} in calls of one."
]

let private summary (rounds: Round list) =
    let last = callers.Length - 1

    {|
        rowsOverBound =
            Math.Round(
                rounds
                |> medianOf (fun round -> round.Cells[last].Batched.RowsPerSecond / boundOf round),
                3
            )
        p95Ratio = Math.Round(cellOf last (fun cell -> cell.Batched.P95 / cell.Alone.P95) rounds, 3)
        singleLatencyRatio = Math.Round(rounds |> List.collect _.Lone |> Results.median, 3)
    |}

let private panel (subject: Subject) (rounds: Round list) : BatchingPlot.Panel = {
    Title = subject.Title
    Callers = callers
    Alone = callers |> List.mapi (fun place _ -> cellOf place _.Alone.RowsPerSecond rounds)
    Batched =
        callers
        |> List.mapi (fun place _ -> cellOf place _.Batched.RowsPerSecond rounds)
    Bound = medianOf boundOf rounds
}

let run (rounds: int) (requests: int) saved : Task<int> = task {
    let guesslang, mlp = guesslang (), mlp ()
    let! ofGuesslang = roundsOf guesslang rounds requests
    let! ofMlp = roundsOf mlp rounds requests

    if saved then
        let plot = BatchingPlot.draw [ panel guesslang ofGuesslang; panel mlp ofMlp ]
        File.WriteAllText("bench/results/batching.svg", plot)

    let title =
        $"Callers who wait for each answer, on the same %.0f{cores} cores as the servers: medians of %d{rounds} rounds of up to %d{requests} requests to each server in turn, all warm: measured when the runtime has no more than a hundredth of a server's time left to compile in. A call of a model is all that the handler does for its rows, the features of a text as well. Bare Kestrel reads the same bodies into the same type with System.Text.Json and answers as much without a call. The latency of a lone caller is compared in pairs of turns of %d{loneRequests} requests. At best a row takes the machine as long as one bare request takes it under the same callers, plus 1/%d{mostRows} of a call with %d{mostRows} rows shared out among the cores: no cost of Bento, none of gathering, and every batch full."

    Results.tell
        "batching"
        title
        (table guesslang ofGuesslang @ table mlp ofMlp)
        (JsonSerializer.Serialize {|
            guesslang = summary ofGuesslang
            mlp = summary ofMlp
        |})
        saved

    return 0
}
