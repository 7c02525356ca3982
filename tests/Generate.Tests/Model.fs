/// The model of samples/generate, loaded once for all tests.
module Generate.Tests.Model

open System
open System.IO
open Generate

let generator =
    lazy (Generator.Load(Path.Combine(AppContext.BaseDirectory, "model")))

let tokenizer = lazy generator.Value.Tokenizer

let textOf ids =
    let decoder = TextDecoder tokenizer.Value
    String.Join("", ids |> Seq.map decoder.Add |> List.ofSeq) + decoder.End()
