/// `bench soak`: millions of requests, good and bad, with callers that leave and deadlines that pass. At its end nothing may
/// be held that was not held near its beginning.
module Bento.Bench.Soak

open System
open System.Collections.Concurrent
open System.Diagnostics
open System.Text
open System.Text.Json
open System.Threading
open System.Threading.Tasks
open Bento.Bench.Child
open Bento.Bench.Client

let private connections = 64

/// What a caller does: ask and be answered with one of these statuses, or leave before that.
type private Act =
    | Ask of request: byte[] * expected: int list
    | LeaveAfter of sent: byte[] * milliseconds: int

let private whole path = post path Server.request

/// More callers than places: any request may find them all taken.
let private ask request expected = Ask(request, expected @ [ 429 ])

let private part = (whole "/echo")[..120]

/// Of a thousand requests, how many are of a kind.
let private mix = [
    870, ask (whole "/echo") [ 200 ]
    50, ask (post "/echo" """{"text":7,"count":"three"}""") [ 400 ]
    20, ask (post "/echo" """{"text":"cut""") [ 400 ]
    20, Ask(post "/nothing" "{}", [ 404 ])
    5, Ask(request "GET" "/echo" "" "", [ 405 ])
    5, ask (whole "/fail") [ 500 ]
    10, ask (whole "/slow") [ 200 ]
    8, ask (whole "/late") [ 504 ]
    4, ask (whole "/deaf") [ 200 ]
    3, LeaveAfter(part, 0)
    3, LeaveAfter(whole "/slow", 5)
    2, LeaveAfter(whole "/deaf", 5)
]

let private acts = [|
    for share, act in mix do
        for _ in 1..share do
            act
|]

/// The act of a request, by its number: the same in every run, in no order that a caller could notice.
let private actOf (number: int) =
    let hash = uint64 number * 0x9E3779B97F4A7C15UL
    acts[int ((hash >>> 32) % uint64 acts.Length)]

[<Sealed>]
type private Tally() =
    let counts = ConcurrentDictionary<string, int>()

    member _.Add(what: string) =
        counts.AddOrUpdate(what, 1, (fun _ before -> before + 1)) |> ignore

    member _.Rows =
        counts
        |> Seq.sortBy _.Key
        |> Seq.map (fun pair -> pair.Key, pair.Value)
        |> List.ofSeq

let private perform (caller: Caller) (tally: Tally) act : Task<unit> = task {
    match act with
    | LeaveAfter(sent, milliseconds) ->
        do! caller.Leave(sent, TimeSpan.FromMilliseconds(float milliseconds))
        tally.Add "left"
    | Ask(request, expected) ->
        match! caller.Ask request with
        | Answered(status, _) when List.contains status expected -> tally.Add(string status)
        | other -> invalidOp $"{Encoding.UTF8.GetString request} was answered with {other}, not {expected}."
}

/// Sends the requests from one number to another, then lets go of every connection.
let private send (address: Uri) (tally: Tally) first last : Task<unit> = task {
    let mutable next = first - 1

    let connection () : Task = task {
        use caller = new Caller(address)
        let mutable number = Interlocked.Increment &next

        while number <= last do
            do! perform caller tally (actOf number)
            number <- Interlocked.Increment &next
    }

    do! Task.WhenAll [ for _ in 1..connections -> connection () ]
}

/// Requests that are still in work or waiting a while after the last caller has gone.
let private placesTaken (address: Uri) : Task<float> = task {
    let clock = Stopwatch.StartNew()
    let mutable taken = Double.MaxValue

    while taken > 0. && clock.Elapsed < TimeSpan.FromSeconds 10. do
        do! Task.Delay 100
        let! page = Exposed.page address

        taken <-
            Exposed.sumOf "bento_requests_in_progress" page
            + Exposed.sumOf "bento_requests_waiting" page

    return taken
}

/// As many requests as there is room for, all held at once: each that is refused has found a place lost.
let private placesRefused (address: Uri) : Task<int> = task {
    let holdOne () : Task<int> = task {
        use caller = new Caller(address)

        match! caller.Ask(whole "/hold") with
        | Answered(200, _) -> return 0
        | Answered(429, _) -> return 1
        | other -> return invalidOp $"A request that is held was answered with {other}."
    }

    let! refused =
        Task.WhenAll [ for _ in 1 .. Server.places + Server.waiting -> holdOne () ]

    return Array.sum refused
}

let run (requests: int) (warmUp: int) saved : Task<int> = task {
    use server = new Child "soak"
    let tally = Tally()
    let clock = Stopwatch.StartNew()
    do! send server.Address tally 1 warmUp
    let! _ = placesTaken server.Address
    let memoryBefore, handlesBefore = server.Held()
    do! send server.Address tally (warmUp + 1) requests
    let! taken = placesTaken server.Address
    let memoryAfter, handlesAfter = server.Held()
    let! refused = placesRefused server.Address
    let lost = int taken + refused
    let handlesDelta = handlesAfter - handlesBefore
    let ratio = Math.Round(memoryAfter / memoryBefore, 3)
    let megabytes (bytes: float) = bytes / float (1 <<< 20)

    let table = [
        "| outcome | requests |"
        "| --- | ---: |"

        for outcome, count in tally.Rows do
            $"| %s{outcome} | %d{count} |"

        ""
        $"| | after %d{warmUp} | after %d{requests} |"
        "| --- | ---: | ---: |"
        $"| memory, MiB | %.1f{megabytes memoryBefore} | %.1f{megabytes memoryAfter} |"
        $"| open files | %d{handlesBefore} | %d{handlesAfter} |"
        $"| places taken at rest | | %.0f{taken} |"
        $"| places refused of %d{Server.places + Server.waiting} | | %d{refused} |"
        $"| time, s | | %.0f{clock.Elapsed.TotalSeconds} |"
    ]

    let json =
        JsonSerializer.Serialize {|
            requests = requests
            placesLost = lost
            memoryRatio = ratio
            handlesDelta = handlesDelta
        |}

    Results.tell
        "soak"
        $"%d{requests} requests over %d{connections} connections to a service with %d{Server.places} places: good and bad ones, deadlines, failures, callers that leave."
        table
        json
        saved

    return
        if lost = 0 && ratio <= 1.1 && abs handlesDelta <= 16 then
            0
        else
            1
}
