/// The prepared model, and what a reference implementation answers.
module Classify.Tests.Model

open System
open System.IO
open System.Text.Json
open System.Text.Json.Serialization
open Classify

let private output file =
    Path.Combine(AppContext.BaseDirectory, file)

/// Fails with the classifier's own message where the model was not prepared.
let classifier = lazy (Classifier.Load(output "models/guesslang"))

/// A text with its label and probability, and its first buckets with their counts.
type Case = {
    Text: string
    [<JsonPropertyName "nonzero_buckets">]
    NonzeroBuckets: int
    [<JsonPropertyName "first5_buckets">]
    FirstBuckets: int[][]
    Label: string
    Confidence: float
}

type Fixture = { Labels: string[]; Cases: Case[] }

let fixture =
    let options = JsonSerializerOptions(PropertyNameCaseInsensitive = true)

    match JsonSerializer.Deserialize<Fixture>(File.ReadAllText(output "guesslang.fixture.json"), options) with
    | null -> failwith "guesslang.fixture.json is empty."
    | fixture -> fixture
