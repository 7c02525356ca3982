module Generate.Tests.SamplingTests

open System
open FsCheck
open FsCheck.FSharp
open Xunit
open Generate

let private bold = {
    Sampling.greedy with
        Temperature = 1.
}

let private logits = [| 1f; 3f; 2f; -5f |]

let private idsOf sampling (logits: float32[]) =
    Sampling.candidates sampling (ReadOnlySpan logits) |> Array.map fst

let private choose sampling random (logits: float32[]) =
    Sampling.choose sampling random (ReadOnlySpan logits)

[<Fact>]
let ``without a temperature the likeliest is taken`` () =
    Assert.Equal(1, choose Sampling.greedy 0.99 logits)

[<Fact>]
let ``top-k keeps so many of the likeliest`` () =
    Assert.Equal<int[]>([| 1; 2 |], idsOf { bold with TopK = Some 2 } logits)

[<Fact>]
let ``top-p keeps the fewest that make up the share, and always one`` () =
    Assert.Equal<int[]>([| 1 |], idsOf { bold with TopP = 0.1 } logits)
    Assert.Equal<int[]>([| 1; 2 |], idsOf { bold with TopP = 0.8 } logits)
    Assert.Equal<int[]>([| 1; 2; 0; 3 |], idsOf bold logits)

[<Fact>]
let ``each is taken as often as its weight says`` () =
    let weights = Sampling.candidates bold (ReadOnlySpan logits)
    let total = Array.sumBy snd weights
    let rounds = 10_000

    let counts =
        [
            for round in 0 .. rounds - 1 -> choose bold ((float round + 0.5) / float rounds) logits
        ]
        |> List.countBy id
        |> Map.ofList

    for id, weight in weights do
        let share = float (Map.tryFind id counts |> Option.defaultValue 0) / float rounds
        Assert.Equal(weight / total, share, 0.001)

[<Fact>]
let ``any logits and any number give a token that is a candidate`` () =
    Check.QuickThrowOnFailure(fun (first: NormalFloat) (rest: NormalFloat list) (PositiveInt seed) (PositiveInt k) ->
        let logits =
            first :: rest
            |> List.map (fun logit -> float32 (logit.Get % 1e6))
            |> Array.ofList

        let sampling = {
            bold with
                TopK = Some k
                TopP = Random(seed).NextDouble()
        }

        let chosen = choose sampling (Random(seed).NextDouble()) logits
        Array.contains chosen (idsOf sampling logits))
