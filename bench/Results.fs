/// What a benchmark says at its end: a table, and as the last line one JSON object; on request in a file of bench/results too.
module Bento.Bench.Results

open System
open System.IO
open System.Runtime.InteropServices

let median (values: float seq) =
    let sorted = Seq.sort values |> Array.ofSeq
    let middle = sorted.Length / 2

    if sorted.Length % 2 = 1 then
        sorted[middle]
    else
        (sorted[middle - 1] + sorted[middle]) / 2.

let private machine =
    $"%s{RuntimeInformation.OSDescription}, %s{string RuntimeInformation.OSArchitecture}, %d{Environment.ProcessorCount} processors, %s{RuntimeInformation.FrameworkDescription}"

let private save name (title: string) (table: string list) (json: string) =
    let text = [
        $"# bench %s{name}"
        ""
        title
        ""
        machine
        ""
        yield! table
        ""
        $"`%s{json}`"
        ""
    ]

    File.WriteAllText($"bench/results/%s{name}.md", String.Join('\n', text))

let tell name title (table: string list) json saved =
    List.iter (printfn "%s") table

    if saved then
        save name title table json

    printfn $"\n%s{json}"
