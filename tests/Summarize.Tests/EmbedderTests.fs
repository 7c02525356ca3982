module Summarize.Tests.EmbedderTests

open System
open System.Collections.Immutable
open System.IO
open System.Threading
open FsCheck
open FsCheck.FSharp
open Xunit
open Bento
open Bento.OnnxRuntime
open Summarize
open Summarize.Tests.Model

let private tolerance = 1e-5

let private largestDifference (a: float[]) (b: float32[]) =
    Array.map2 (fun x y -> abs (x - float y)) a b |> Array.max

[<Fact>]
let ``every vector of the fixture is that of the reference`` () =
    let vectors = fixture.Cases |> Array.map _.Text |> vectorsOf

    for case, vector in Seq.zip fixture.Cases vectors do
        Assert.Equal(512, vector.Length)
        Assert.InRange(largestDifference case.First8 vector[..7], 0., tolerance)
        Assert.InRange(largestDifference case.Last4 vector[508..], 0., tolerance)

[<Fact>]
let ``cosines are those of the reference`` () =
    let vectors = fixture.Cases |> Array.map _.Text |> vectorsOf

    for pair in fixture.Cosine do
        Assert.Equal(pair.Cosine, dot vectors[pair.A] vectors[pair.B], tolerance)

[<Fact>]
let ``a text has the same vector alone and padded in a batch`` () =
    let texts = [| "Yes."; "How old are you?"; passage; "" |]
    let together = vectorsOf texts

    for text, vector in Seq.zip texts together do
        let alone = (vectorsOf [| text |])[0]
        Assert.InRange(largestDifference (Array.map float alone) vector, 0., tolerance)

[<Fact>]
let ``vectors have length 1`` () =
    for vector in vectorsOf [| ""; " "; "a"; "量子"; passage; String('x', 100_000) |] do
        Assert.Equal(1., sqrt (dot vector vector), 1e-5)

[<Fact>]
let ``more texts than a batch holds keep their order`` () =
    let texts = [|
        for number in 1..150 -> String.replicate (number * 37 % 11 + 1) $"text {number} "
    |]

    let vectors = vectorsOf texts
    Assert.Equal(texts.Length, vectors.Length)

    for index in [ 0; 1; 63; 64; 65; 149 ] do
        let alone = (vectorsOf [| texts[index] |])[0]
        Assert.InRange(largestDifference (Array.map float alone) vectors[index], 0., tolerance)

[<Fact>]
let ``no texts, no vectors`` () = Assert.Empty(vectorsOf [||])

[<Fact>]
let ``many threads may embed at once`` () =
    let wanted = vectorsOf [| "How old are you?" |]

    Array.Parallel.init 16 (fun _ -> vectorsOf [| "How old are you?" |])
    |> Array.iter (fun vectors ->
        Assert.InRange(largestDifference (Array.map float wanted[0]) vectors[0], 0., tolerance))

[<Fact>]
let ``a cancelled request is not computed`` () =
    Assert.ThrowsAny<OperationCanceledException>(fun () ->
        embedder.Value.Embed([| "text" |], CancellationToken true) |> ignore)

[<Fact>]
let ``a model that was not prepared is asked for by name`` () =
    let folder = Path.Combine(Path.GetTempPath(), "no-such-model")

    let problem =
        Assert.Throws<FileNotFoundException>(fun () -> Embedder.Load folder |> ignore)

    Assert.Contains(folder, problem.Message)
    Assert.Contains("dotnet fsi build.fsx models", problem.Message)

[<Fact>]
let ``rows of any lengths have the same vectors alone and in a batch`` () =
    use session =
        InferenceSession.Load(Path.Combine(folder, "model.onnx"), SessionOptions(EnableMemoryPattern = false))

    let embed: int64[][] -> float32[][] =
        Onnx.batchedWith (BatchingOptions(Paddings = ImmutableArray.Create(Padding("input_ids", -1.)))) session

    let ids = Gen.choose (0, 7_999) |> Gen.map int64 |> Gen.arrayOf |> Gen.resize 40
    let rows = ids |> Gen.arrayOf |> Gen.resize 6 |> Arb.fromGen

    Check.One(
        Config.QuickThrowOnFailure.WithMaxTest 25,
        Prop.forAll rows (fun rows ->
            Array.zip rows (embed rows)
            |> Array.forall (fun (row, together) ->
                let alone = embed [| row |] |> Array.head
                largestDifference (Array.map float alone) together <= tolerance))
    )
