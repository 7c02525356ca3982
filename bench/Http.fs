/// `bench http`: what a request costs a Bento service, beside the same work by a bare Kestrel endpoint in the same run.
module Bento.Bench.Http

open System
open System.Diagnostics
open System.IO
open System.Reflection
open System.Runtime.InteropServices
open System.Text.Json
open System.Threading.Tasks

let private connections = 16

/// What one round of requests cost a server, a request.
type private Cost = {
    CpuMicroseconds: float
    Bytes: float
    P50Microseconds: float
}

/// A server in a process of its own, which ends when its standard input does.
[<Sealed>]
type private Child(role: string) =
    let running =
        Process.Start(
            ProcessStartInfo(
                "dotnet",
                [ Assembly.GetExecutingAssembly().Location; "serve"; role ],
                RedirectStandardInput = true,
                RedirectStandardOutput = true
            )
        )
        |> nonNull

    let readLine () =
        match running.StandardOutput.ReadLine() with
        | null -> invalidOp $"The {role} server ended."
        | line -> line

    let address = Uri(readLine ())

    let used () =
        running.StandardInput.WriteLine "used"
        let figures = (readLine ()).Split ' '
        float figures[0], float figures[1]

    /// Sends that many requests.
    member _.Round(requests: int) : Task<Cost> = task {
        let cpuBefore, bytesBefore = used ()
        let! latencies = Load.run address "/echo" Server.request connections requests
        let cpuAfter, bytesAfter = used ()

        return {
            CpuMicroseconds = (cpuAfter - cpuBefore) / float requests
            Bytes = (bytesAfter - bytesBefore) / float requests
            P50Microseconds = latencies[requests / 2]
        }
    }

    interface IDisposable with
        member _.Dispose() =
            running.StandardInput.Close()

            if not (running.WaitForExit 5_000) then
                running.Kill()

            running.Dispose()

let private median (values: float seq) =
    let sorted = Seq.sort values |> Array.ofSeq
    let middle = sorted.Length / 2

    if sorted.Length % 2 = 1 then
        sorted[middle]
    else
        (sorted[middle - 1] + sorted[middle]) / 2.

let private row name (costs: Cost list) =
    let of' figure = costs |> List.map figure |> median
    $"| %s{name} | %.2f{of' _.CpuMicroseconds} | %.0f{of' _.Bytes} | %.1f{of' _.P50Microseconds} |"

let private table (rounds: (Cost * Cost) list) = [
    "| server | CPU, µs a request | allocated, bytes a request | p50, µs |"
    "| --- | ---: | ---: | ---: |"
    row "bare Kestrel" (List.map fst rounds)
    row "Bento" (List.map snd rounds)
]

/// Medians of what each round says of its own two halves, so that a machine's slow minute harms neither side.
let private summary (rounds: (Cost * Cost) list) =
    let pairwise compare = rounds |> List.map compare |> median

    JsonSerializer.Serialize {|
        cpuRatio = Math.Round(pairwise (fun (bare, ours) -> ours.CpuMicroseconds / bare.CpuMicroseconds), 3)
        bytesOverBare = Math.Round(pairwise (fun (bare, ours) -> ours.Bytes - bare.Bytes))
        p50Ratio = Math.Round(pairwise (fun (bare, ours) -> ours.P50Microseconds / bare.P50Microseconds), 3)
    |}

let private save rounds requests (lines: string list) =
    let machine =
        $"%s{RuntimeInformation.OSDescription}, %s{string RuntimeInformation.OSArchitecture}, %d{Environment.ProcessorCount} processors, %s{RuntimeInformation.FrameworkDescription}"

    let text = [
        "# bench http"
        ""
        $"The echo of a small JSON record: %d{rounds} rounds of %d{requests} requests each, %d{connections} connections, client on the same machine."
        ""
        machine
        ""
        yield! lines
        ""
    ]

    File.WriteAllText("bench/results/http.md", String.Join('\n', text))

/// Rounds of requests to the one server and to the other, by turns.
let run (rounds: int) (requests: int) saved : Task<int> = task {
    use bare = new Child "bare"
    use bento = new Child "bento"
    let! _ = bare.Round(2 * requests)
    let! _ = bento.Round(2 * requests)
    let costs = ResizeArray<Cost * Cost>()

    for round in 1..rounds do
        if round % 2 = 1 then
            let! ofBare = bare.Round requests
            let! ours = bento.Round requests
            costs.Add(ofBare, ours)
        else
            let! ours = bento.Round requests
            let! ofBare = bare.Round requests
            costs.Add(ofBare, ours)

    let costs = List.ofSeq costs
    let lines = table costs
    let json = summary costs
    List.iter (printfn "%s") lines

    if saved then
        save rounds requests [ yield! lines; ""; $"`%s{json}`" ]

    printfn $"\n%s{json}"
    return 0
}
