module Summarize.Tests.LexRankTests

open System
open FsCheck
open FsCheck.FSharp
open Xunit
open Summarize

let private direction (values: float list) =
    let length = values |> List.sumBy (fun value -> value * value) |> sqrt
    values |> List.map (fun value -> float32 (value / length)) |> Array.ofList

let private indices picks =
    picks |> Array.map (fun (pick: LexRank.Pick) -> pick.Index)

/// Up to a dozen direction vectors in a space so small that many are alike.
let private vectors =
    Gen.choose (-3, 3)
    |> Gen.listOfLength 3
    |> Gen.filter (List.exists ((<>) 0))
    |> Gen.map (List.map float >> direction)
    |> Gen.listOf
    |> Gen.resize 12
    |> Gen.map Array.ofList

let private check holds =
    Check.One(Config.QuickThrowOnFailure.WithMaxTest 500, Prop.forAll (Arb.fromGen vectors) holds)

[<Fact>]
let ``the sentence in the middle of the others is picked, an outsider is not`` () =
    let vectors = [|
        direction [ 1; 0.2; 0 ]
        direction [ 1; 0; 0 ]
        direction [ 1; -0.2; 0 ]
        direction [ 0; 0; 1 ]
    |]

    Assert.Equal<int>([ 1 ], indices (LexRank.pick 1 vectors))
    Assert.DoesNotContain(3, indices (LexRank.pick 2 vectors))

[<Fact>]
let ``a second sentence that says the same is passed over`` () =
    let vectors = [|
        direction [ 1; 0.1; 0 ]
        direction [ 1; 0.1; 0 ]
        direction [ 0.7; 0.7; 0.2 ]
        direction [ 0.6; 0.7; -0.2 ]
    |]

    let picked = indices (LexRank.pick 2 vectors)
    Assert.NotEqual<int>([ 0; 1 ], picked)

[<Fact>]
let ``among equals the earlier ones are picked`` () =
    let vectors = Array.create 5 (direction [ 1; 2; 3 ])
    Assert.Equal<int>([ 0; 1 ], indices (LexRank.pick 2 vectors))

[<Fact>]
let ``sentences with nothing in common are as central as each other`` () =
    let vectors = [| direction [ 1; 0; 0 ]; direction [ 0; 1; 0 ]; direction [ 0; 0; 1 ] |]
    let ranks = LexRank.centrality (LexRank.similarities vectors)
    ranks |> Array.iter (fun rank -> Assert.Equal(1. / 3., rank, 12))
    Assert.Equal<int>([ 0; 1 ], indices (LexRank.pick 2 vectors))

[<Fact>]
let ``no sentences, and none asked for, give none`` () =
    Assert.Empty(LexRank.pick 3 [||])
    Assert.Empty(LexRank.pick 0 [| direction [ 1 ] |])
    Assert.Empty(LexRank.pick -1 [| direction [ 1 ] |])

[<Fact>]
let ``one sentence is all there is to pick`` () =
    let only: LexRank.Pick = { Index = 0; Score = 1. }
    Assert.Equal<LexRank.Pick>([ only ], LexRank.pick 3 [| direction [ 1; 1 ] |])

[<Fact>]
let ``vectors of nothing and of no number do no harm`` () =
    let vectors = [| [| 0f; 0f |]; [| nanf; 1f |]; direction [ 1; 1 ]; direction [ 1; 2 ] |]
    let picks = LexRank.pick 4 vectors
    Assert.Equal<int>([ 0; 1; 2; 3 ], indices picks)
    Assert.All(picks, fun pick -> Assert.InRange(pick.Score, 0., 1.))

[<Fact>]
let ``centrality is shared out whole`` () =
    check (fun vectors ->
        let ranks = LexRank.centrality (LexRank.similarities vectors)

        Array.isEmpty vectors
        || abs (Array.sum ranks - 1.) < 1e-9 && Array.forall (fun rank -> rank > 0.) ranks)

[<Fact>]
let ``as many as asked for are picked, in order, each once`` () =
    check (fun vectors ->
        [ -1 .. vectors.Length + 2 ]
        |> List.forall (fun count ->
            let picked = indices (LexRank.pick count vectors)

            picked.Length = max 0 (min count vectors.Length)
            && picked |> Seq.pairwise |> Seq.forall (fun (first, second) -> first < second)
            && picked |> Array.forall (fun index -> index >= 0 && index < vectors.Length)))

[<Fact>]
let ``scores are above 0 and at most 1`` () =
    check (fun vectors ->
        LexRank.pick vectors.Length vectors
        |> Array.forall (fun pick -> pick.Score > 0. && pick.Score <= 1.))

[<Fact>]
let ``asking for one more keeps those that were picked`` () =
    check (fun vectors ->
        let picks =
            [ 0 .. vectors.Length ]
            |> List.map (fun count -> Set(indices (LexRank.pick count vectors)))

        picks
        |> List.pairwise
        |> List.forall (fun (fewer, more) -> Set.isSubset fewer more))

[<Fact>]
let ``the same vectors give the same picks`` () =
    check (fun vectors -> LexRank.pick 3 vectors = LexRank.pick 3 (Array.map Array.copy vectors))
