/// Text in the manner of the State of the Union speeches.
module Generate.Generation

open System.Collections.Generic
open System.IO
open System.Threading.Tasks
open Bento

/// A beginning, and how to go on from it.
type Prompt = {
    /// <summary>How the text begins.</summary>
    /// <example>The Congress of the United States</example>
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

/// What is said in a chat after each turn of the caller's.
type Reply =
    /// The next letters, as they come.
    | Words of text: string
    /// The reply is whole, after so many tokens; it is the caller's turn.
    | EndOfTurn of tokens: int

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

let private samplingOf (prompt: Prompt) = {
    Temperature = prompt.Temperature
    TopK = prompt.TopK
    TopP = prompt.TopP
    Seed = prompt.Seed
}

/// Gives the letters that follow these tokens, each when its last byte is there, and in the end the tokens they are of.
let private write (generator: Generator) (start: int[]) (prompt: Prompt) (give: string -> Task) cancellation = task {
    let decoder = TextDecoder generator.Tokenizer
    let written = ResizeArray<int>()

    for id in generator.Generate(start, prompt.MaxTokens, samplingOf prompt, cancellation) do
        written.Add id

        match decoder.Add id with
        | "" -> ()
        | letters -> do! give letters

    match decoder.End() with
    | "" -> ()
    | rest -> do! give rest

    return written.ToArray()
}

/// Goes on from a prompt, a few letters at a time. At most two are written ahead of the reader, and none
/// when nobody reads on.
let generate (context: Context<Generator>) (prompt: Prompt) : IAsyncEnumerable<string> =
    let generator = context.State
    let start = tokensOf generator prompt.Text

    Items.produce (fun emit cancellation -> task {
        let! _ = write generator start prompt emit cancellation
        ()
    })

/// The last of what was said that leaves the model room for so many more tokens: all of the turn at hand, at least.
let private window (most: int) (turn: int[]) (before: int[]) =
    let room = max 0 (Generator.Context - most - turn.Length)
    Array.append (Array.skip (max 0 (before.Length - room)) before) turn

/// Goes on from turn to turn. All that was said before counts, as far back as the model sees.
let chat (context: Context<Generator>) (turns: IAsyncEnumerable<Prompt>) : IAsyncEnumerable<Reply> =
    let generator = context.State

    Items.produce (fun emit cancellation -> task {
        let said = ResizeArray<int>()

        let reply (turn: Prompt) : Task<unit> = task {
            let tokens = tokensOf generator turn.Text
            let start = window turn.MaxTokens tokens (said.ToArray())
            let! written = write generator start turn (Words >> emit) cancellation
            said.AddRange tokens
            said.AddRange written
            said.RemoveRange(0, max 0 (said.Count - Generator.Context))
            do! emit (EndOfTurn written.Length)
        }

        do! turns |> Items.iterate cancellation (fun turn -> reply turn)
    })

let generation = service {
    description "Goes on from the beginning of a speech with a very small language model."
    labels [ "license", "Apache-2.0" ]
    naming Snake
    init load
    stream "generate" generate
    socket "chat" chat
}
