// An extractive summarizer in one file: it picks the sentences that a text turns on. samples/summarize is the same at full
// length, with more languages, more care for abbreviations, and the story of the model.
//
//   dotnet fsi build.fsx models        prepares the model, once
//   dotnet fsi samples/summarize.fsx   serves on port 3000
#r "nuget: Bento, 0.1.0"

open System
open System.Collections.Immutable
open System.IO
open System.Text.Json
open System.Text.RegularExpressions
open System.Threading
open Bento
open Bento.OnnxRuntime

// What travels ----------------------------------------------------------------------------------------------------------

type Passage = {
    /// The text, in English.
    Text: string
    /// How many sentences to pick, 3 unless given.
    Sentences: int option
}

type Sentence = {
    Index: int
    Text: string
    Score: float
}

type Summary = {
    Summary: string
    Sentences: Sentence[]
}

// The model -------------------------------------------------------------------------------------------------------------

/// SentencePiece's way to cut a text: the pieces, by their ids, whose scores add up highest.
type Tokenizer(vocabulary: (string * float)[]) =
    let longest = vocabulary |> Array.map (fst >> String.length) |> Array.max

    let pieces =
        dict [
            for id, (piece, score) in Array.indexed vocabulary do
                if id >= 6 then
                    piece, (id, score)
        ]

    member _.Encode(text: string) : int64[] =
        let symbols = "▁" + text.Replace(' ', '▁')
        // The best way to each place: its score, where its last piece begins, and that piece's id.
        let best = Array.create (symbols.Length + 1) (-infinity, 0, 0)
        best[0] <- (0., 0, 0)

        for start in 0 .. symbols.Length - 1 do
            let score, _, _ = best[start]

            let offer length (id, own) =
                let known, _, _ = best[start + length]

                if score + own > known then
                    best[start + length] <- (score + own, start, id)

            offer 1 (0, -20.)

            for length in 1 .. min longest (symbols.Length - start) do
                match pieces.TryGetValue(symbols.Substring(start, length)) with
                | true, piece -> offer length piece
                | _ -> ()

        let rec back place ids =
            if place = 0 then
                ids
            else
                let _, from, id = best[place]
                back from (id :: ids)

        back symbols.Length [] |> Seq.truncate 128 |> Seq.map int64 |> Array.ofSeq

type Embedder = {
    Session: InferenceSession
    Model: BatchedModel<int64[], float32[]>
    Tokenizer: Tokenizer
} with

    /// A unit vector of 512 numbers for each text.
    member this.Embed(texts: string[], cancellation: CancellationToken) =
        texts
        |> Array.chunkBySize 64
        |> Array.collect (fun texts -> this.Model.Run(Array.map this.Tokenizer.Encode texts, cancellation))

    interface IDisposable with
        member this.Dispose() = this.Session.Dispose()

/// Where `dotnet fsi build.fsx models` puts the model.
let folder =
    match Environment.GetEnvironmentVariable "BENTO_HOME" with
    | null
    | "" -> Path.Combine(Environment.GetFolderPath Environment.SpecialFolder.UserProfile, ".bento")
    | home -> home
    |> fun home -> Path.Combine(home, "models", "use-lite")

let load (_: Setup<unit>) : Embedder =
    use vocabulary =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "vocab.json")))

    // The published file lost a few scores. A lost one is taken to be its neighbour's, which it lies next to.
    let pieces =
        vocabulary.RootElement.EnumerateArray()
        |> Seq.map (fun entry ->
            let score = entry[1]

            string (entry[0].GetString()),
            (if score.ValueKind = JsonValueKind.Number then
                 score.GetDouble()
             else
                 nan))
        |> Seq.scan (fun (_, last) (piece, score) -> piece, (if score <= last then score else last)) ("", 0.)
        |> Seq.tail
        |> Array.ofSeq

    let session = InferenceSession.Load(Path.Combine(folder, "model.onnx"))

    {
        Session = session
        Model =
            session.Batched<int64[], float32[]>(
                BatchingOptions(Paddings = ImmutableArray.Create(Padding("input_ids", -1.)))
            )
        Tokenizer = Tokenizer pieces
    }

// The summary -----------------------------------------------------------------------------------------------------------

let split (text: string) =
    Regex.Split(text.Trim(), @"(?<=[.!?][""')\]]*)\s+(?=[""'(\[]*\p{Lu})")
    |> Array.map (fun sentence ->
        String.Join(' ', sentence.Split(Array.empty<char>, StringSplitOptions.RemoveEmptyEntries)))
    |> Array.filter (fun sentence -> sentence <> "")

/// LexRank: PageRank over how alike the sentences are, with a small bonus for early ones.
let scores (links: float[][]) =
    let count = links.Length
    let totals = links |> Array.map Array.sum

    let next (ranks: float[]) =
        Array.init count (fun column ->
            let received =
                Seq.sum (
                    seq {
                        for row in 0 .. count - 1 do
                            if totals[row] > 0. then
                                ranks[row] * links[row][column] / totals[row]
                            else
                                ranks[row] / float count
                    }
                )

            0.15 / float count + 0.85 * received)

    let ranks =
        Seq.fold (fun ranks _ -> next ranks) (Array.create count (1. / float count)) (seq { 1..50 })
        |> Array.mapi (fun index rank -> rank * (1. + 0.1 * (1. - float index / float count)))

    ranks |> Array.map (fun rank -> rank / Array.max ranks)

/// The most central sentences, each further one taken for its score less its likeness to those before.
let pick wanted (vectors: float32[][]) =
    let link row column =
        if row = column then
            0.
        else
            max
                0.
                (float (Array.fold2 (fun sum a b -> sum + a * b) 0f vectors[row] vectors[column])
                 - 0.1)

    let links =
        Array.init vectors.Length (fun row -> Array.init vectors.Length (link row))

    let scores = scores links

    let rec take taken =
        let left = List.except taken [ 0 .. vectors.Length - 1 ]

        if List.length taken = wanted || left.IsEmpty then
            taken
        else
            let likeness index =
                taken |> List.fold (fun most other -> max most (links[index][other])) 0.

            take (
                (left |> List.maxBy (fun index -> 0.7 * scores[index] - 0.3 * likeness index))
                :: taken
            )

    [| for index in List.sort (take []) -> index, scores[index] |]

let summarize (context: Context<Embedder>) (passage: Passage) : Summary =
    let sentences = split passage.Text
    let wanted = defaultArg passage.Sentences 3

    if sentences.Length = 0 || wanted < 1 then
        raise (BentoException(400, "Wanted a text with a word in it, and one sentence or more."))

    if sentences.Length > 500 then
        raise (BentoException(413, $"The text has {sentences.Length} sentences; wanted 500 at most."))

    let picked = [|
        for index, score in pick wanted (context.State.Embed(sentences, context.Cancellation)) do
            {
                Index = index
                Text = sentences[index]
                Score = Math.Round(score, 4)
            }
    |]

    {
        Summary = String.Join(' ', picked |> Array.map _.Text)
        Sentences = picked
    }

let summarization = service {
    description "Summarizes English text by picking its most central sentences."
    init load
    api "summarize" summarize
}

Serve.run summarization
