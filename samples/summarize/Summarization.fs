/// An extractive summarizer: it picks the sentences that a text turns on, and writes none of its own.
module Summarize.Summarization

open System
open System.IO
open Bento

/// A text to summarize in a number of sentences, 3 unless given.
type Passage = {
    /// <summary>The text, in English.</summary>
    /// <example>The council voted to build a train to the airport. My neighbour has a dog. The train will take cars off the road to the airport.</example>
    Text: string
    /// <summary>How many sentences to pick.</summary>
    /// <example>2</example>
    Sentences: int option
}

/// A sentence of the text by its place there, from 0. The score says how central it is, 1 at most.
type Sentence = {
    Index: int
    Text: string
    Score: float
}

/// The picked sentences in the order of the text, together and one by one.
type Summary = {
    Summary: string
    Sentences: Sentence[]
}

/// Texts to embed.
type Texts = {
    /// <summary>Each becomes a vector.</summary>
    /// <example>["A train to the airport", "A friendly dog"]</example>
    Texts: string[]
}

/// One unit vector of 512 numbers for each text.
type Embeddings = { Embeddings: float32[][] }

// Sentences are compared each with each, so there must be a limit; this many are some twenty pages.
let private mostSentences = 500

let private mostTexts = 500

let private refuse status message = raise (BentoException(status, message))

let load (_: Setup<unit>) =
    // Beside this assembly, which need not be where the process was started from.
    let home = Path.GetDirectoryName typeof<Passage>.Assembly.Location |> string
    Embedder.Load(Path.Combine(home, "models", "use-lite"))

/// Picks the sentences that a text turns on. They come in the order of the text, with their scores.
let summarize (context: Context<Embedder>) (passage: Passage) : Summary =
    let wanted = defaultArg passage.Sentences 3

    if wanted < 1 then
        refuse 400 $"\"sentences\" is {wanted}; wanted 1 or more."

    let sentences = Sentences.split passage.Text

    if sentences.Length = 0 then
        refuse 400 "\"text\" is empty; wanted at least one word."

    if sentences.Length > mostSentences then
        refuse 413 $"\"text\" has {sentences.Length} sentences; wanted {mostSentences} at most."

    let picked =
        context.State.Embed(sentences, context.Cancellation)
        |> LexRank.pick wanted
        |> Array.map (fun pick -> {
            Index = pick.Index
            Text = sentences[pick.Index]
            Score = Math.Round(pick.Score, 4)
        })

    {
        Summary = String.Join(' ', picked |> Array.map _.Text)
        Sentences = picked
    }

/// Embeds each text as a unit vector of 512 numbers.
let embed (context: Context<Embedder>) (input: Texts) : Embeddings =
    if input.Texts.Length > mostTexts then
        refuse 413 $"\"texts\" has {input.Texts.Length} texts; wanted {mostTexts} at most."

    // The model never saw line breaks or tabs: to it they are unknown characters.
    {
        Embeddings = context.State.Embed(Array.map Sentences.tidy input.Texts, context.Cancellation)
    }

let summarization = service {
    description "Summarizes English text by picking its most central sentences, and embeds texts as vectors."
    labels [ "license", "Apache-2.0" ]
    init load
    api "summarize" summarize
    api "embed" embed
}
