module Generate.Tests.GeneratorTests

open System
open System.Threading
open Xunit
open Generate
open Generate.Tests.Model

let private prompt = "My fellow Americans, tonight"

let private generate most sampling =
    generator.Value.Generate(tokenizer.Value.Encode prompt, most, sampling, CancellationToken.None)

let private fixture =
    ", and I'm going to work with you to make sure that we can do more"

[<Fact>]
let ``greedy text is that of the reference`` () =
    let text = textOf (generate 100 Sampling.greedy)
    Assert.StartsWith(fixture, text)

[<Fact>]
let ``a step from the cache gives what the whole text gives`` () =
    let ids = generate 20 Sampling.greedy |> Array.ofSeq
    let start = Array.append (tokenizer.Value.Encode prompt) (Array.truncate 10 ids)

    let again =
        generator.Value.Generate(start, 10, Sampling.greedy, CancellationToken.None)

    Assert.Equal<int[]>(Array.skip 10 ids, Array.ofSeq again)

[<Fact>]
let ``the same seed gives the same text, another seed another`` () =
    let text seed =
        textOf (
            generate 40 {
                Sampling.greedy with
                    Temperature = 1.
                    Seed = seed
            }
        )

    Assert.Equal(text 1, text 1)
    Assert.NotEqual<string>(text 1, text 2)

[<Fact>]
let ``it stops after so many tokens, and where the context is full`` () =
    Assert.Equal(3, Seq.length (generate 3 Sampling.greedy))
    let prompt = tokenizer.Value.Encode prompt
    Assert.True(Seq.length (generate 1_000 Sampling.greedy) <= Generator.Context - prompt.Length)

[<Fact>]
let ``a token is computed when it is asked for, and no earlier`` () =
    use stop = new CancellationTokenSource()

    let ids =
        generator.Value.Generate(tokenizer.Value.Encode prompt, 100, Sampling.greedy, stop.Token)

    use tokens = ids.GetEnumerator()
    Assert.True(tokens.MoveNext())
    stop.Cancel()

    Assert.ThrowsAny<OperationCanceledException>(fun () -> tokens.MoveNext() |> ignore)
    |> ignore
