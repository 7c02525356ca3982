module Classify.Tests.BucketsTests

open System
open FsCheck
open FsCheck.FSharp
open Xunit
open Classify
open Classify.Tests.Model

let private counts text =
    let counts = Array.create Buckets.count nanf
    Buckets.countInto (Span counts) text
    counts

[<Fact>]
let ``buckets are those of the reference`` () =
    for case in fixture.Cases do
        let filled =
            counts case.Text |> Array.indexed |> Array.filter (fun (_, count) -> count > 0f)

        Assert.Equal(case.NonzeroBuckets, filled.Length)

        Assert.Equal<(int * float32)[]>(
            case.FirstBuckets |> Array.map (fun pair -> pair[0], float32 pair[1]),
            Array.truncate 5 filled
        )

[<Fact>]
let ``each pair of adjacent bytes counts once`` () =
    Check.QuickThrowOnFailure(fun (letters: char list) ->
        let text = String(Array.ofList letters)
        let bytes = Text.Encoding.UTF8.GetByteCount text
        Array.sum (counts text) = float32 (max 0 (bytes - 1)))

[<Fact>]
let ``what lies behind the first pairs does not count`` () =
    let text = String.replicate Buckets.mostBytes "a"
    Assert.Equal<float32[]>(counts text, counts (text + "tail"))
    Assert.Equal(10_000f, Array.sum (counts text))

[<Fact>]
let ``where a long text is cut makes no difference to what counts`` () =
    let letters count = String.replicate count "a"

    for left in 0..4 do
        let start = letters (Buckets.mostBytes - left) + "\U0001F600"
        Assert.Equal<float32[]>(counts start, counts (start + " and more"))
        Assert.Equal(10_000f, Array.sum (counts start))

[<Theory>]
[<InlineData "">]
[<InlineData "a">]
let ``a text without a pair has no counts`` (text: string) =
    Assert.Equal(0f, Array.sum (counts text))
