module Summarize.Tests.SummarizationTests

open System
open System.Threading
open System.Threading.Tasks
open Bento
open Xunit
open Summarize.Summarization
open Summarize.Tests.Model

let private summarize (text: string) count =
    summarize (context ()) { Text = text; Sentences = count }

let private indices (summary: Summary) = summary.Sentences |> Array.map _.Index

let private isRefused status (call: unit -> obj) =
    let problem = Assert.Throws<BentoException>(fun () -> call () |> ignore)
    Assert.Equal(status, problem.Status)
    problem.Message

[<Fact>]
let ``the definition has no problems`` () =
    Assert.Equal("summarization", summarization.Name)
    Assert.True summarization.Checked.IsOk

[<Fact>]
let ``a worker of the service finds the model beside the assembly, and answers`` () : Task = task {
    match summarization.Checked with
    | Error problems -> Assert.Empty problems
    | Ok service ->
        let embedder = load Unchecked.defaultof<Setup<unit>>
        let worker = Worker.ofState service embedder
        let input = { Text = passage; Sentences = None }

        let! summary =
            worker.Call<Passage, Summary>("summarize", input, CancellationToken.None)

        Assert.Equal<int>([ 0; 3; 6 ], indices summary)
        do! worker.DisposeAsync()

        Assert.Throws<ObjectDisposedException>(fun () -> embedder.Embed([| "" |], CancellationToken.None) |> ignore)
        |> ignore
}

[<Fact>]
let ``the passage is summed up by its first, fourth and seventh sentence`` () =
    Assert.Equal<int>([ 0; 3; 6 ], indices (summarize passage None))
    Assert.Equal<int>([ 0; 3; 6 ], indices (summarize passage (Some 3)))

[<Fact>]
let ``neither the dog nor the pizza comes before the rest of the passage`` () =
    let summary = (summarize passage (Some 8)).Summary
    Assert.DoesNotContain("Biscuit", summary)
    Assert.DoesNotContain("Pizza", summary)

[<Fact>]
let ``the summary is the picked sentences as they stand in the text`` () =
    let summary = summarize passage (Some 2)
    Assert.Equal(String.Join(' ', summary.Sentences |> Array.map _.Text), summary.Summary)
    Assert.All(summary.Sentences, fun sentence -> Assert.Contains(sentence.Text, passage))
    Assert.All(summary.Sentences, fun sentence -> Assert.InRange(sentence.Score, 0., 1.))

[<Fact>]
let ``a text of one word is its own summary`` () =
    let summary = summarize " hello\n" None
    Assert.Equal("hello", summary.Summary)

    Assert.Equal<Sentence>(
        [
            {
                Index = 0
                Text = "hello"
                Score = 1.
            }
        ],
        summary.Sentences
    )

[<Fact>]
let ``more sentences than there are give all of them`` () =
    Assert.Equal<int>([ 0; 1 ], indices (summarize "One thing. Another thing." (Some Int32.MaxValue)))

[<Fact>]
let ``a text without a word is refused`` () =
    for text in [ ""; " \r\n " ] do
        Assert.Contains("\"text\" is empty", isRefused 400 (fun () -> summarize text None))

[<Fact>]
let ``fewer sentences than one are refused`` () =
    for count in [ 0; -1; Int32.MinValue ] do
        Assert.Contains($"{count}", isRefused 400 (fun () -> summarize passage (Some count)))

[<Fact>]
let ``a text of more sentences than can be compared is refused`` () =
    let text = String.replicate 501 "One more. "
    Assert.Contains("501", isRefused 413 (fun () -> summarize text None))

[<Fact>]
let ``as many sentences as can be compared are`` () =
    let text =
        String.Join(' ', [ for number in 1..500 -> $"This is sentence number {number} here." ])

    Assert.Equal(3, (summarize text None).Sentences.Length)

[<Fact>]
let ``embedding gives a vector for each text, whatever its line breaks`` () =
    let result =
        embed (context ()) {
            Texts = [| "two words"; " two\r\nwords " |]
        }

    Assert.Equal(2, result.Embeddings.Length)
    Assert.Equal(1., dot result.Embeddings[0] result.Embeddings[1], 1e-5)

[<Fact>]
let ``embedding no texts gives no vectors, and too many are refused`` () =
    Assert.Empty((embed (context ()) { Texts = [||] }).Embeddings)
    Assert.Contains("501", isRefused 413 (fun () -> embed (context ()) { Texts = Array.create 501 "a" }))
