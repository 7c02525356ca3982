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

/// Tells which programming language a text is written in, and how sure that is.
let classify (context: Context<Classifier>) (source: Source) : Guess =
    if source.Text = "" then
        raise (BentoException(400, "\"text\" is empty; wanted at least one character."))

    context.State.Guess([| source.Text |], context.Cancellation) |> Array.head

let classification = service {
    description "Tells which of 54 programming languages a text is written in."
    labels [ "license", "Apache-2.0" ]
    init load
    api "classify" classify
}
