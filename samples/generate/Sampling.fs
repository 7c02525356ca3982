namespace Generate

open System

/// How the next token is chosen among those that the model thinks likely.
type Sampling = {
    /// 0 always takes the likeliest; 1 takes each as often as the model says; more is bolder.
    Temperature: float
    /// Only this many of the likeliest tokens; all where there is none.
    TopK: int option
    /// Only the likeliest tokens that together make up this share; 1 is all.
    TopP: float
    /// The same seed and prompt give the same text.
    Seed: int
}

[<RequireQualifiedAccess>]
module Sampling =

    /// Always the likeliest token.
    let greedy = {
        Temperature = 0.
        TopK = None
        TopP = 1.
        Seed = 0
    }

    let private likeliest (logits: ReadOnlySpan<float32>) =
        let mutable best = 0

        for id in 1 .. logits.Length - 1 do
            if logits[id] > logits[best] then
                best <- id

        best

    /// The tokens to choose from with their weights, the likeliest first. There is always one.
    let candidates (sampling: Sampling) (logits: ReadOnlySpan<float32>) =
        let ranked =
            logits.ToArray()
            |> Array.indexed
            |> Array.sortBy (fun (id, logit) -> -logit, id)

        let kept =
            match sampling.TopK with
            | Some count -> Array.truncate count ranked
            | None -> ranked

        // The highest is taken off before the power, which can then not overflow.
        let highest = float (snd kept[0])

        let weights =
            kept
            |> Array.map (fun (id, logit) -> id, exp ((float logit - highest) / sampling.Temperature))

        let wanted = sampling.TopP * Array.sumBy snd weights

        let before =
            weights
            |> Array.scan (fun sum (_, weight) -> sum + weight) 0.
            |> Seq.take weights.Length

        Seq.zip weights before
        |> Seq.takeWhile (fun (_, before) -> before = 0. || before < wanted)
        |> Seq.map fst
        |> Array.ofSeq

    /// Chooses a token. `random` is the one random number it needs, from 0 to 1.
    let choose (sampling: Sampling) (random: float) (logits: ReadOnlySpan<float32>) =
        if sampling.Temperature = 0. then
            likeliest logits
        else
            let candidates = candidates sampling logits
            let target = random * Array.sumBy snd candidates

            let reached =
                candidates
                |> Array.scan (fun sum (_, weight) -> sum + weight) 0.
                |> Seq.tail
                |> Seq.tryFindIndex (fun sum -> sum > target)

            fst candidates[reached |> Option.defaultValue (candidates.Length - 1)]
