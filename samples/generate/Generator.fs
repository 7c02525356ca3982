namespace Generate

open System
open System.IO
open System.Threading
open Bento.OnnxRuntime

/// A text under way: the model's memory of all tokens so far, so that each step computes one token only.
[<Sealed>]
type private Cache(session: InferenceSession) =
    let pastNames =
        session.Inputs
        |> Seq.map _.Name
        |> Seq.filter (fun name -> name.StartsWith "past_key_values.")
        |> Array.ofSeq

    // [batch, heads, past, size]: nothing is past yet.
    let empty =
        let input = session.Inputs |> Seq.find (fun input -> input.Name = pastNames[0])
        let heads, size = input.Dimensions[1].Length, input.Dimensions[3].Length

        pastNames
        |> Array.map (fun _ -> OrtValue.Over(Array.empty<float32>, 1L, heads, 0L, size))

    let mutable outputs: OrtOutputs option = None

    let past () =
        match outputs with
        | None -> Array.zip pastNames empty
        | Some outputs ->
            pastNames
            |> Array.map (fun name -> name, outputs[name.Replace("past_key_values.", "present.")])

    /// The logits of what follows these tokens, which are new since the last step.
    member _.Step(tokens: int[], cancellation: CancellationToken) : float32[] =
        use ids = OrtValue.Over(Array.map int64 tokens, 1L, int64 tokens.Length)

        let inputs =
            Seq.append [ "input_ids", ids ] (past ())
            |> Seq.map (fun (name, value) -> Collections.Generic.KeyValuePair(name, value))

        let next = session.Run(inputs, cancellation = cancellation)
        outputs |> Option.iter _.Dispose()
        outputs <- Some next
        let logits = next["logits"]
        let vocabulary = int logits.Shape[2]
        logits.AsSpan<float32>().Slice((tokens.Length - 1) * vocabulary, vocabulary).ToArray()

    interface IDisposable with
        member _.Dispose() =
            outputs |> Option.iter _.Dispose()
            empty |> Array.iter _.Dispose()

/// A small GPT over ONNX Runtime. Any number of threads may use it, each for texts of its own.
[<Sealed>]
type Generator private (session: InferenceSession, tokenizer: Tokenizer) =
    let mutable steps = 0L

    /// How many tokens the model can see, the prompt's and its own together.
    static member Context = 128

    /// Loads model.onnx, vocab.json and merges.txt from a folder.
    static member Load(folder: string) =
        new Generator(
            // Each step is longer than the one before, so there is no memory plan to keep.
            InferenceSession.Load(Path.Combine(folder, "model.onnx"), SessionOptions(EnableMemoryPattern = false)),
            Tokenizer.Load folder
        )

    member _.Tokenizer = tokenizer

    /// How many steps it has computed for all texts: it stands still while nobody reads.
    member _.Steps = Volatile.Read &steps

    /// The tokens that follow the prompt's, one for each step of the caller: at most so many, and no more than the
    /// context holds. The sequence ends where the model ends its text.
    member _.Generate(prompt: int[], most: int, sampling: Sampling, cancellation: CancellationToken) : int seq =
        let start =
            if prompt.Length = 0 then
                [| tokenizer.EndOfText |]
            else
                prompt

        let most = min most (Generator.Context - start.Length)

        seq {
            use cache = new Cache(session)
            let random = Random sampling.Seed
            let mutable fresh = start
            let mutable count = 0

            while count < most do
                Interlocked.Increment &steps |> ignore
                let logits = cache.Step(fresh, cancellation)
                let next = Sampling.choose sampling (random.NextDouble()) (ReadOnlySpan logits)

                if next = tokenizer.EndOfText then
                    count <- most
                else
                    yield next
                    count <- count + 1
                    fresh <- [| next |]
        }

    interface IDisposable with
        member _.Dispose() = session.Dispose()
