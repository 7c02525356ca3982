namespace Classify

open System
open System.IO
open System.Text.Json
open System.Threading
open Bento.OnnxRuntime

/// A programming language by its usual file extension, and how sure the model is of it, 1 at most.
type Guess = { Language: string; Confidence: float }

/// Tells in which of 54 programming languages texts are written. Any number of threads may use it.
[<Sealed>]
type Classifier private (session: InferenceSession, labels: string[]) =

    let guess (probabilities: float32[]) =
        let best = probabilities |> Seq.indexed |> Seq.maxBy snd |> fst

        {
            Language = labels[best]
            Confidence = Math.Round(float probabilities[best], 4)
        }

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
        let counts = Array.zeroCreate<float32>(texts.Length * Buckets.count)

        texts
        |> Array.iteri (fun index text -> Buckets.countInto (counts.AsSpan(index * Buckets.count, Buckets.count)) text)

        use input = OrtValue.Over(counts, int64 texts.Length, int64 Buckets.count)
        use outputs = session.Run("counts", input, cancellation)

        outputs["probabilities"].ToArray<float32>()
        |> Array.chunkBySize labels.Length
        |> Array.map guess

    interface IDisposable with
        member _.Dispose() = session.Dispose()
