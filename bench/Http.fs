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

/// One round of each server.
type private Costs = { Bare: Cost; Block: Cost; Class: Cost }

let private table (rounds: Costs list) = [
    "| server | CPU, µs a request | allocated, bytes a request | p50, µs |"
    "| --- | ---: | ---: | ---: |"
    row "bare Kestrel" (List.map _.Bare rounds)
    row "Bento" (List.map _.Block rounds)
    row "Bento, a C# class" (List.map _.Class rounds)
]

/// Medians of what each round says of its own parts, so that a machine's slow minute harms no side.
let private summary (rounds: Costs list) =
    let pairwise compare =
        rounds |> List.map compare |> Results.median

    JsonSerializer.Serialize {|
        cpuRatio = Math.Round(pairwise (fun costs -> costs.Block.CpuMicroseconds / costs.Bare.CpuMicroseconds), 3)
        bytesOverBare = Math.Round(pairwise (fun costs -> costs.Block.Bytes - costs.Bare.Bytes))
        p50Ratio = Math.Round(pairwise (fun costs -> costs.Block.P50Microseconds / costs.Bare.P50Microseconds), 3)
        csharpOverFsharp =
            Math.Round(pairwise (fun costs -> costs.Class.CpuMicroseconds / costs.Block.CpuMicroseconds), 3)
    |}

/// Rounds of requests to each server in turn, the first being last in every other round.
let run (rounds: int) (requests: int) saved : Task<int> = task {
    use bare = new Child "bare"
    use block = new Child "bento"
    use ofClass = new Child "csharp"
    let! _ = round bare (2 * requests)
    let! _ = round block (2 * requests)
    let! _ = round ofClass (2 * requests)
    let costs = ResizeArray<Costs>()

    for number in 1..rounds do
        if number % 2 = 1 then
            let! bare = round bare requests
            let! block = round block requests
            let! ofClass = round ofClass requests

            costs.Add {
                Bare = bare
                Block = block
                Class = ofClass
            }
        else
            let! ofClass = round ofClass requests
            let! block = round block requests
            let! bare = round bare requests

            costs.Add {
                Bare = bare
                Block = block
                Class = ofClass
            }

    let costs = List.ofSeq costs

    Results.tell
        "http"
        $"The echo of a small JSON record: %d{rounds} rounds of %d{requests} requests each, %d{connections} connections, client on the same machine."
        (table costs)
        (summary costs)
        saved

    return 0
}
