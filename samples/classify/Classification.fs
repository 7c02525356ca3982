/// Which programming language a text is written in.
module Classify.Classification

open System.IO
open Bento

/// Some source code, a file or a part of one.
type Source = {
    /// <summary>The code itself, without its file's name.</summary>
    /// <example>SELECT name, COUNT(*) FROM orders GROUP BY name ORDER BY name;</example>
    Text: string
}

let load (_: Setup<unit>) =
    // Beside this assembly, which need not be where the process was started from.
    let home = Path.GetDirectoryName typeof<Source>.Assembly.Location |> string
    Classifier.Load(Path.Combine(home, "models", "guesslang"))

/// Tells in which programming languages the texts of many requests are written, and how sure that is.
let classify (batch: BatchContext<Classifier>) (sources: Source[]) : Result<Guess, string>[] =
    let guesses = batch.State.Guess(sources |> Array.map _.Text, batch.Cancellation)

    (sources, guesses)
    ||> Array.map2 (fun source guess ->
        if source.Text = "" then
            Error "\"text\" is empty; wanted at least one character."
        else
            Ok guess)

let classification = service {
    endpoint "classify" {
        // A call with 16 rows costs a row little more than one with 64 does, and while it runs the requests of other
        // callers are read, gathered and answered: a batch of all callers would have every core but one wait for it.
        maxBatch 16
        warmup { Text = "let answer = 42\n" }
    }

    description "Tells which of 54 programming languages a text is written in."
    labels [ "license", "Apache-2.0" ]
    init load
    api "classify" (batched classify)
}
