namespace Classify

open System
open System.Buffers
open System.IO
open System.Numerics.Tensors
open System.Text.Json
open System.Threading
open Bento.OnnxRuntime

/// A programming language by its usual file extension, and how sure the model is of it, 1 at most.
type Guess = { Language: string; Confidence: float }

/// Tells in which of 54 programming languages texts are written. Any number of threads may use it.
[<Sealed>]
type Classifier private (session: InferenceSession, labels: string[]) =

    let model = session.Batched<Memory<float32>, ReadOnlyMemory<float32>>()

    let guess (probabilities: ReadOnlyMemory<float32>) =
        let probabilities = probabilities.Span
        let best = TensorPrimitives.IndexOfMax probabilities

        {
            Language = labels[best]
            Confidence = Math.Round(float probabilities[best], 4)
        }

    /// The counts of each text, one behind the other in memory that is there already.
    let rowsIn (counts: float32[]) (texts: string[]) =
        texts
        |> Array.mapi (fun index text ->
            let row = counts.AsMemory(index * Buckets.count, Buckets.count)
            Buckets.countInto row.Span text
            row)

    /// Loads model.onnx and labels.json from a folder.
    static member Load(folder: string) =
        let find file =
            let path = Path.Combine(folder, file)

            if File.Exists path then
                path
            else
                let message =
                    $"{path} is missing. `dotnet fsi build.fsx models` prepares it; build the sample again afterwards."

                raise (FileNotFoundException(message, path))

        match JsonSerializer.Deserialize<string[]>(File.ReadAllText(find "labels.json")) with
        | null -> raise (InvalidDataException $"{folder} has no labels in labels.json; wanted a JSON array of texts.")
        | labels -> new Classifier(InferenceSession.Load(find "model.onnx"), labels)

    /// One guess for each text, in the order of the texts. Only the first 10,001 bytes of a text count.
    member _.Guess(texts: string[], cancellation: CancellationToken) =
        let counts = ArrayPool<float32>.Shared.Rent(texts.Length * Buckets.count)

        try
            model.Run(rowsIn counts texts, cancellation) |> Array.map guess
        finally
            ArrayPool<float32>.Shared.Return counts

    interface IDisposable with
        member _.Dispose() = session.Dispose()
