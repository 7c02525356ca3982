/// Text in the manner of the State of the Union speeches.
module Generate.Generation

open System
open System.IO
open Bento

/// A beginning, and how to go on from it.
type Prompt = {
    Text: string
    /// The most tokens to write; the model sees 128 in all, the prompt's among them.
    [<Default 40; Range(1, 128)>]
    MaxTokens: int
    /// 0 always takes the likeliest token; 1 takes each as often as the model says.
    [<Default 0.8; Range(0, 2)>]
    Temperature: float
    /// Only so many of the likeliest tokens; all where it is left out.
    [<Range(1, 1024)>]
    TopK: int option
    /// Only the likeliest tokens that together make up this share.
    [<Default 1.0; Range(0, 1)>]
    TopP: float
    /// The same seed and prompt give the same text.
    [<Default 0>]
    Seed: int
}

/// What was written after the prompt, in so many tokens.
type Continuation = { Text: string; Tokens: int }

let load (_: Setup<unit>) =
    // Beside this assembly, which need not be where the process was started from.
    let home = Path.GetDirectoryName typeof<Prompt>.Assembly.Location |> string
    Generator.Load(Path.Combine(home, "model"))

let private tokensOf (generator: Generator) (text: string) =
    let refuse () =
        raise (
            BentoException(
                400,
                $"\"text\" is longer than the model sees; wanted {Generator.Context - 1} tokens at most."
            )
        )

    // A text of more letters than this has too many tokens, and need not be cut into them to know it.
    if text.Length > Generator.Context * generator.Tokenizer.LongestToken then
        refuse ()

    match generator.Tokenizer.Encode text with
    | tokens when tokens.Length >= Generator.Context -> refuse ()
    | tokens -> tokens

/// Goes on from a prompt.
let generate (context: Context<Generator>) (prompt: Prompt) : Continuation =
    let generator = context.State

    let sampling = {
        Temperature = prompt.Temperature
        TopK = prompt.TopK
        TopP = prompt.TopP
        Seed = prompt.Seed
    }

    let ids =
        generator.Generate(tokensOf generator prompt.Text, prompt.MaxTokens, sampling, context.Cancellation)
        |> Array.ofSeq

    let decoder = TextDecoder generator.Tokenizer

    {
        Text = String.Join("", Array.map decoder.Add ids) + decoder.End()
        Tokens = ids.Length
    }

let generation = service {
    description "Goes on from the beginning of a speech with a very small language model."
    labels [ "license", "Apache-2.0" ]
    init load
    api "generate" generate
}
