/// `bench http`: what a request costs a Bento service, beside the same work by a bare Kestrel endpoint in the same run.
module Bento.Bench.Http

open System
open System.Text.Json
open System.Threading.Tasks
open Bento.Bench.Child

let private connections = 16

/// What one round of requests cost a server, a request.
type private Cost = {
    CpuMicroseconds: float
    Bytes: float
    P50Microseconds: float
}

/// Sends that many requests to a server.
let private round (server: Child) (requests: int) : Task<Cost> = task {
    let cpuBefore, bytesBefore = server.Used()
    let! latencies = Load.run server.Address "/echo" Server.request connections requests
    let cpuAfter, bytesAfter = server.Used()

    return {
        CpuMicroseconds = (cpuAfter - cpuBefore) / float requests
        Bytes = (bytesAfter - bytesBefore) / float requests
        P50Microseconds = latencies[requests / 2]
    }
}

let private row name (costs: Cost list) =
    let of' figure =
        costs |> List.map figure |> Results.median

    $"| %s{name} | %.2f{of' _.CpuMicroseconds} | %.0f{of' _.Bytes} | %.1f{of' _.P50Microseconds} |"

let private table (rounds: (Cost * Cost) list) = [
    "| server | CPU, µs a request | allocated, bytes a request | p50, µs |"
    "| --- | ---: | ---: | ---: |"
    row "bare Kestrel" (List.map fst rounds)
    row "Bento" (List.map snd rounds)
]

/// Medians of what each round says of its own two halves, so that a machine's slow minute harms neither side.
let private summary (rounds: (Cost * Cost) list) =
    let pairwise compare =
        rounds |> List.map compare |> Results.median

    JsonSerializer.Serialize {|
        cpuRatio = Math.Round(pairwise (fun (bare, ours) -> ours.CpuMicroseconds / bare.CpuMicroseconds), 3)
        bytesOverBare = Math.Round(pairwise (fun (bare, ours) -> ours.Bytes - bare.Bytes))
        p50Ratio = Math.Round(pairwise (fun (bare, ours) -> ours.P50Microseconds / bare.P50Microseconds), 3)
    |}

/// Rounds of requests to the one server and to the other, by turns.
let run (rounds: int) (requests: int) saved : Task<int> = task {
    use bare = new Child "bare"
    use bento = new Child "bento"
    let! _ = round bare (2 * requests)
    let! _ = round bento (2 * requests)
    let costs = ResizeArray<Cost * Cost>()

    for number in 1..rounds do
        if number % 2 = 1 then
            let! ofBare = round bare requests
            let! ours = round bento requests
            costs.Add(ofBare, ours)
        else
            let! ours = round bento requests
            let! ofBare = round bare requests
            costs.Add(ofBare, ours)

    let costs = List.ofSeq costs

    Results.tell
        "http"
        $"The echo of a small JSON record: %d{rounds} rounds of %d{requests} requests each, %d{connections} connections, client on the same machine."
        (table costs)
        (summary costs)
        saved

    return 0
}
