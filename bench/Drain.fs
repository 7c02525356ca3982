/// `bench drain`: a server is told to end while callers ask it one request after the other, many times over. A request is
/// lost when its connection was taken and it got no whole answer.
module Bento.Bench.Drain

open System
open System.Diagnostics
open System.Text.Json
open System.Threading
open System.Threading.Tasks
open Bento.Bench.Child
open Bento.Bench.Client

/// What one round came to.
type private Round = {
    Accepted: int
    Lost: int
    Refused: int
    /// Callers that were refused before the last time that `/readyz` said 200.
    RefusedWhileReady: int
    Milliseconds: float
    ExitCode: int
}

let private work = post "/work" "10"

let private readiness = request "GET" "/readyz" "Connection: close\r\n" ""

/// Asks until it is refused, so that it sees the whole of the server's end.
let private callUntilRefused (address: Uri) (accepted: int ref) (lost: int ref) : Task<int64> = task {
    use caller = new Caller(address)
    let mutable refused = 0L

    while refused = 0L do
        match! caller.Ask work with
        | Answered(200, _) -> Interlocked.Increment &accepted.contents |> ignore
        | Answered _
        | Outcome.Lost -> Interlocked.Increment &lost.contents |> ignore
        | Outcome.Refused -> refused <- Stopwatch.GetTimestamp()

    return refused
}

/// When `/readyz`, asked over and over, was last asked and said 200.
let private watch (address: Uri) : Task<int64> = task {
    use caller = new Caller(address)
    let mutable last = 0L
    let mutable ended = false

    while not ended do
        let asked = Stopwatch.GetTimestamp()

        match! caller.Ask readiness with
        | Answered(200, _) -> last <- asked
        | Answered _ -> ()
        | Outcome.Lost
        | Outcome.Refused -> ended <- true

    return last
}

let private round callers (number: int) : Task<Round> = task {
    use server = new Child "drain"
    let accepted, lost = ref 0, ref 0
    let watching = watch server.Address

    let calling = [ for _ in 1..callers -> callUntilRefused server.Address accepted lost ]

    // Not always at the same point of what the callers do.
    do! Task.Delay(300 + number * 37 % 200)
    let clock = Stopwatch.StartNew()
    server.Signal terminate
    let! code = server.Exit()
    let time = clock.Elapsed.TotalMilliseconds
    let all = Task.WhenAll calling
    do! within all
    do! within watching

    return {
        Accepted = accepted.Value
        Lost = lost.Value
        Refused = all.Result.Length
        RefusedWhileReady =
            all.Result
            |> Seq.filter (fun refused -> refused < watching.Result)
            |> Seq.length
        Milliseconds = time
        ExitCode = code
    }
}

let run (rounds: int) callers saved : Task<int> = task {
    let results = ResizeArray<Round>()

    for number in 1..rounds do
        let! result = round callers number
        results.Add result

    let sum (count: Round -> int) = results |> Seq.sumBy count

    let table = [
        "| rounds | callers | accepted | lost | refused while ready | exit codes | signal to end, ms (median, longest) |"
        "| ---: | ---: | ---: | ---: | ---: | --- | ---: |"

        let times = results |> Seq.map _.Milliseconds |> Seq.sort |> Array.ofSeq
        let codes = results |> Seq.map _.ExitCode |> Seq.distinct |> Seq.sort

        $"| %d{rounds} | %d{callers} | %d{sum _.Accepted} | %d{sum _.Lost} | %d{sum _.RefusedWhileReady} | %A{List.ofSeq codes} | %.0f{times[times.Length / 2]}, %.0f{Array.last times} |"
    ]

    let json =
        JsonSerializer.Serialize {|
            rounds = rounds
            accepted = sum _.Accepted
            lost = sum _.Lost
        |}

    Results.tell
        "drain"
        $"SIGTERM under %d{callers} callers, %d{rounds} times. Callers go on until their connection is refused."
        table
        json
        saved

    let isWell =
        sum _.Lost = 0
        && sum _.RefusedWhileReady = 0
        && results |> Seq.forall (fun round -> round.ExitCode = 0)

    return if isWell then 0 else 1
}
