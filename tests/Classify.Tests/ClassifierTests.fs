module Classify.Tests.ClassifierTests

open System.IO
open System.Threading
open Xunit
open Classify
open Classify.Tests.Model

let private guess texts =
    classifier.Value.Guess(texts, CancellationToken.None)

[<Fact>]
let ``languages and probabilities are those of the reference`` () =
    for case in fixture.Cases do
        let guess = guess [| case.Text |] |> Array.head
        Assert.Equal(case.Label, guess.Language)
        Assert.Equal(case.Confidence, guess.Confidence, 1e-4)

[<Fact>]
let ``a text is judged in a batch as it is alone`` () =
    let texts = fixture.Cases |> Array.map _.Text
    Assert.Equal<Guess[]>(texts |> Array.map (fun text -> guess [| text |] |> Array.head), guess texts)

[<Fact>]
let ``a missing model says how to get it`` () =
    let error =
        Assert.Throws<FileNotFoundException>(fun () -> Classifier.Load(Path.GetTempPath()) |> ignore)

    Assert.Contains("build.fsx models", error.Message)
