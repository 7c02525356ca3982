/// Keys that a caller chooses so that they would all have one hash.
module Bento.Tests.SeededComparerTests

open System
open System.Collections.Generic
open System.Text
open System.Threading.Tasks
open Xunit
open Bento

let private read<'T> (json: string) : 'T =
    match Codecs.ofType WireRules.defaults "it" typeof<'T> with
    | Error faults -> failwith $"%A{faults}"
    | Ok codec ->
        match (codec :?> Codec<'T>).Decode(ReadOnlyMemory(Encoding.UTF8.GetBytes json)) with
        | Ok value -> value
        | Error faults -> failwith $"%A{faults}"

let private numbers = [| for number in 1L .. 200_000L -> number ||| (number <<< 32) |]

let private guids = [|
    for number in numbers -> Guid(Array.append (BitConverter.GetBytes number) (Array.zeroCreate 8))
|]

let private object keys =
    keys
    |> Seq.map (fun key -> $"\"{key}\":0")
    |> String.concat ","
    |> sprintf "{%s}"

let private list (items: string seq) = $"""[{String.concat "," items}]"""

/// One after the other they would be compared with all that came before, which takes minutes.
let private soon (count: unit -> int) : Task = task {
    let! found =
        Task.Run(count).WaitAsync(TimeSpan.FromSeconds 20., TestContext.Current.CancellationToken)

    Assert.Equal(numbers.Length, found)
}

[<Fact>]
let ``what is chosen to collide has one hash in NET`` () =
    Assert.Single(numbers |> Seq.map hash |> Seq.distinct) |> ignore
    Assert.Single(guids |> Seq.map _.GetHashCode() |> Seq.distinct) |> ignore

[<Fact>]
let ``a map whose keys are chosen to collide is read like any other`` () : Task = task {
    do! soon (fun () -> (read<Dictionary<int64, int>>(object numbers)).Count)
    do! soon (fun () -> (read<Map<int64, int>>(object numbers)).Count)
    do! soon (fun () -> (read<Dictionary<Guid, int>>(object guids)).Count)
}

[<Fact>]
let ``a set that is chosen to collide is read like any other`` () : Task = task {
    do! soon (fun () -> (read<HashSet<int64>>(list (Seq.map string numbers))).Count)
    do! soon (fun () -> (read<HashSet<Guid>>(list (guids |> Seq.map (fun guid -> $"\"{guid}\"")))).Count)
}

[<Fact>]
let ``what is equal stays equal however it is written`` () =
    Assert.Single(read<HashSet<decimal>> "[1,1.0,1.00,100e-2]") |> ignore
    Assert.Single(read<HashSet<decimal>> "[0,0.0,-0.00]") |> ignore
    Assert.Single(read<HashSet<float>> "[0,-0.0]") |> ignore
    Assert.Single(read<HashSet<float32>> "[0.5,5e-1]") |> ignore

    Assert.Single(read<HashSet<DateTimeOffset>> """["2026-01-31T12:00:00Z","2026-01-31T13:00:00+01:00"]""")
    |> ignore

    Assert.Equal(3, (read<HashSet<TimeSpan>> """["PT1S","PT2S","PT1M","PT60S"]""").Count)
