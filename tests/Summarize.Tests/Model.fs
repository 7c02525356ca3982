/// The prepared model, and what a reference implementation answers.
module Summarize.Tests.Model

open System
open System.IO
open System.Text.Json
open System.Threading
open Bento
open Summarize

let private output file =
    Path.Combine(AppContext.BaseDirectory, file)

let folder = output "models/use-lite"

/// Fails with the embedder's own message where the model was not prepared.
let embedder = lazy (Embedder.Load folder)

let tokenizer = lazy (Tokenizer.Load(Path.Combine(folder, "vocab.json")))

let vectorsOf texts =
    embedder.Value.Embed(texts, CancellationToken.None)

let context () =
    Context<Embedder>(embedder.Value, new LocalContext())

let passage = IO.File.ReadAllText(output "passage.txt")

/// A text with its ids, and the first eight and last four numbers of its vector.
type Case = {
    Text: string
    Ids: int[]
    First8: float[]
    Last4: float[]
}

/// The cosine of two cases, by their places.
type Cosine = { A: int; B: int; Cosine: float }

type Fixture = { Cases: Case[]; Cosine: Cosine[] }

let fixture =
    let options = JsonSerializerOptions(PropertyNameCaseInsensitive = true)

    match JsonSerializer.Deserialize<Fixture>(IO.File.ReadAllText(output "use-lite.fixture.json"), options) with
    | null -> failwith "use-lite.fixture.json is empty."
    | fixture -> fixture

let dot (a: float32[]) (b: float32[]) =
    Array.fold2 (fun sum x y -> sum + float x * float y) 0. a b
