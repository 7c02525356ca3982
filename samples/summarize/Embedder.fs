namespace Summarize

open System
open System.Collections.Immutable
open System.IO
open System.Threading
open Bento.OnnxRuntime

/// Turns texts into unit vectors of 512 numbers with Universal Sentence Encoder lite. Any number of threads may use it.
[<Sealed>]
type Embedder private (session: InferenceSession, tokenizer: Tokenizer) =
    let batchSize = 64

    /// Rows of ids, padded to the longest of each run, to vectors.
    let model =
        session.Batched<int64[], float32[]>(
            BatchingOptions(Paddings = ImmutableArray.Create(Padding("input_ids", -1.)))
        )

    /// Loads model.onnx and vocab.json from a folder.
    static member Load(folder: string) =
        let find file =
            let path = Path.Combine(folder, file)

            if File.Exists path then
                path
            else
                let message =
                    $"{path} is missing. `dotnet fsi build.fsx models` prepares it; build the sample again afterwards."

                raise (FileNotFoundException(message, path))

        let tokenizer = Tokenizer.Load(find "vocab.json")

        // Nearly every run has a shape of its own, so there is no memory plan to keep.
        new Embedder(InferenceSession.Load(find "model.onnx", SessionOptions(EnableMemoryPattern = false)), tokenizer)

    /// One vector for each text, in the order of the texts. Only the first 128 tokens of a text count.
    member _.Embed(texts: string[], cancellation: CancellationToken) =
        let rows = texts |> Array.map (tokenizer.Encode >> Array.map int64)
        let vectors = Array.zeroCreate<float32[]> texts.Length

        // Texts of like length go together, so that little is padding; the size of a batch bounds the memory.
        for batch in
            Array.indexed rows
            |> Array.sortBy (snd >> Array.length)
            |> Array.chunkBySize batchSize do
            (batch, model.Run(Array.map snd batch, cancellation))
            ||> Array.iter2 (fun (index, _) vector -> vectors[index] <- vector)

        vectors

    interface IDisposable with
        member _.Dispose() = session.Dispose()
