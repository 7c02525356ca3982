/// `bench health`: how soon probes are answered while every thread that handlers may have is blocked by one that sleeps.
module Bento.Bench.Health

open System
open System.Diagnostics
open System.Text.Json
open System.Threading
open System.Threading.Tasks
open Bento.Bench.Child
open Bento.Bench.Client

let private sleep = post "/sleep" "200"
let private paths = [ "/livez"; "/readyz"; "/metrics" ]

let private block (address: Uri) (over: CancellationToken) : Task<unit> = task {
    use caller = new Caller(address)

    while not over.IsCancellationRequested do
        match! caller.Ask sleep with
        | Answered(200, _) -> ()
        | other -> invalidOp $"A handler that sleeps was answered with {other}."
}

let private probe (caller: Caller) path : Task<float> = task {
    let asked = Stopwatch.GetTimestamp()

    match! caller.Ask(request "GET" path "" "") with
    | Answered(200, _) -> return Stopwatch.GetElapsedTime(asked).TotalMilliseconds
    | other -> return invalidOp $"{path} was answered with {other}."
}

let private percentile share (sorted: float[]) =
    sorted[min (sorted.Length - 1) (int (share * float sorted.Length))]

let run (probes: int) callers saved : Task<int> = task {
    use server = new Child "health"
    use over = new CancellationTokenSource()
    let blocking = [ for _ in 1..callers -> block server.Address over.Token ]
    do! Task.Delay 1_000
    use caller = new Caller(server.Address)
    let times = ResizeArray<string * float>()

    for number in 1..probes do
        let path = paths[number % paths.Length]
        let! time = probe caller path
        times.Add(path, time)
        do! Task.Delay 2

    do! over.CancelAsync()
    do! within (Task.WhenAll blocking)

    let sorted path =
        times
        |> Seq.filter (fun (other, _) -> path = "" || other = path)
        |> Seq.map snd
        |> Seq.sort
        |> Array.ofSeq

    let table = [
        "| path | p50, ms | p99, ms | longest, ms |"
        "| --- | ---: | ---: | ---: |"

        for path in paths @ [ "" ] do
            let times = sorted path
            let name = if path = "" then "all" else path
            $"| %s{name} | %.2f{percentile 0.5 times} | %.2f{percentile 0.99 times} | %.2f{Array.last times} |"
    ]

    let all = sorted ""

    let p50, p99 = Math.Round(percentile 0.5 all, 3), Math.Round(percentile 0.99 all, 3)

    let json =
        JsonSerializer.Serialize {|
            p50Milliseconds = p50
            p99Milliseconds = p99
        |}

    Results.tell
        "health"
        $"%d{probes} probes while %d{callers} callers keep every thread of a service in a handler that sleeps 200 ms."
        table
        json
        saved

    return if p50 <= 50. && p99 <= 250. then 0 else 1
}
