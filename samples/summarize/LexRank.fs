/// Picks the sentences that a text turns on: those most like the others (LexRank), and unlike each other.
module Summarize.LexRank

/// A sentence by its place in the text, and how central it is: 1 for the most central one.
[<Struct>]
type Pick = { Index: int; Score: float }

let private leastSimilarity = 0.1
let private damping = 0.85
let private rounds = 50
let private positionBonus = 0.1
let private relevance = 0.7

let private dot (a: float32[]) (b: float32[]) =
    let mutable sum = 0.

    for place in 0 .. a.Length - 1 do
        sum <- sum + float a[place] * float b[place]

    sum

/// How much more alike than chance two unit vectors are: their cosine less 0.1, or 0; also 0 on the diagonal.
let similarities (vectors: float32[][]) =
    let links =
        Array.init vectors.Length (fun _ -> Array.zeroCreate<float> vectors.Length)

    for row in 0 .. vectors.Length - 1 do
        for column in 0 .. row - 1 do
            let link = dot vectors[row] vectors[column] - leastSimilarity

            if link > 0. then
                links[row][column] <- link
                links[column][row] <- link

    links

/// PageRank over weighted links: a share for each sentence, adding up to 1. One without links gives to all alike.
let centrality (links: float[][]) =
    let count = links.Length
    let totals = links |> Array.map Array.sum

    let next (ranks: float[]) =
        let unlinked =
            Seq.sum (
                seq {
                    for row in 0 .. count - 1 do
                        if totals[row] = 0. then
                            ranks[row]
                }
            )

        let received =
            Array.create count ((1. - damping + damping * unlinked) / float count)

        for row in 0 .. count - 1 do
            if totals[row] > 0. then
                let given = damping * ranks[row] / totals[row]

                for column in 0 .. count - 1 do
                    received[column] <- received[column] + given * links[row][column]

        received

    Seq.fold (fun ranks _ -> next ranks) (Array.create count (1. / float count)) (seq { 1..rounds })

/// Scores of at most 1: centrality, with up to a tenth more the earlier a sentence stands.
let scores (links: float[][]) =
    let bonus index =
        1. + positionBonus * (1. - float index / float links.Length)

    let raw = centrality links |> Array.mapi (fun index rank -> rank * bonus index)
    let most = Array.fold max 0. raw
    raw |> Array.map (fun score -> score / most)

/// The most central `count` sentences in the order of the text, all of them if there are fewer. Each further one is
/// taken for its score less its likeness to those taken before (maximal marginal relevance, 0.7).
let pick (count: int) (vectors: float32[][]) =
    let links = similarities vectors
    let scores = scores links
    let taken = Array.zeroCreate<bool> vectors.Length
    let likeness = Array.zeroCreate<float> vectors.Length

    let marginal index =
        if taken[index] then
            -infinity
        else
            relevance * scores[index] - (1. - relevance) * likeness[index]

    for _ in 1 .. min count vectors.Length do
        let best = Seq.maxBy marginal (seq { 0 .. vectors.Length - 1 })
        taken[best] <- true

        for index in 0 .. vectors.Length - 1 do
            likeness[index] <- max likeness[index] (links[index][best])

    [|
        for index in 0 .. vectors.Length - 1 do
            if taken[index] then
                { Index = index; Score = scores[index] }
    |]
