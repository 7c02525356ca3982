/// `bench http`: what a request costs a Bento service, beside the same work by a bare Kestrel endpoint in the same run.
module Bento.Bench.Http

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

/// One round of each server.
type private Costs = { Bare: Cost; Block: Cost; Class: Cost }

let private table (rounds: Costs list) = [
    "| server | CPU, µs a request | allocated, bytes a request | p50, µs |"
    "| --- | ---: | ---: | ---: |"
    row "bare Kestrel" (List.map _.Bare rounds)
    row "Bento" (List.map _.Block rounds)
    row "Bento, a C# class" (List.map _.Class rounds)
]

let private summary (rounds: Costs list) =
    let ratio figure (above: Costs -> Cost) (below: Costs -> Cost) =
        Turns.pairwise 3 rounds (fun costs -> figure (above costs) / figure (below costs))

    JsonSerializer.Serialize {|
        cpuRatio = ratio _.CpuMicroseconds _.Block _.Bare
        bytesOverBare = Turns.pairwise 0 rounds (fun costs -> costs.Block.Bytes - costs.Bare.Bytes)
        p50Ratio = ratio _.P50Microseconds _.Block _.Bare
        csharpOverFsharp = ratio _.CpuMicroseconds _.Class _.Block
    |}

/// Rounds of requests to each server in turn.
let run (rounds: int) (requests: int) saved : Task<int> = task {
    use bare = new Child "bare"
    use block = new Child "bento"
    use ofClass = new Child "csharp"
    let servers = [ bare; block; ofClass ]

    for server in servers do
        let! _ = round server (2 * requests)
        ()

    let! costs =
        Turns.rounds rounds [ for server in servers -> fun () -> round server requests ]

    let costs =
        costs
        |> List.map (fun costs -> {
            Bare = costs[0]
            Block = costs[1]
            Class = costs[2]
        })

    Results.tell
        "http"
        $"The echo of a small JSON record: %d{rounds} rounds of %d{requests} requests each, %d{connections} connections, client on the same machine."
        (table costs)
        (summary costs)
        saved

    return 0
}
