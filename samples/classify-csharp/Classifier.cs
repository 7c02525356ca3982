using System.Buffers;
using System.Numerics.Tensors;
using System.Text.Json;
using Bento.OnnxRuntime;

namespace ClassifyCSharp;

/// <summary>Tells in which of 54 programming languages texts are written. Any number of threads may use it.</summary>
public sealed class Classifier : IDisposable
{
    private readonly InferenceSession _session;
    private readonly BatchedModel<Memory<float>, ReadOnlyMemory<float>> _model;
    private readonly string[] _labels;

    private Classifier(InferenceSession session, string[] labels)
    {
        _session = session;
        _model = session.Batched<Memory<float>, ReadOnlyMemory<float>>();
        _labels = labels;
    }

    /// <summary>Loads model.onnx and labels.json from a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <returns>The classifier, which is to be disposed of.</returns>
    /// <exception cref="FileNotFoundException">The model is not prepared; the message says how to do that.</exception>
    public static Classifier Load(string folder)
    {
        string Find(string file)
        {
            var path = Path.Combine(folder, file);
            return File.Exists(path)
                ? path
                : throw new FileNotFoundException($"{path} is missing. `dotnet fsi build.fsx models` prepares it; build the sample again afterwards.", path);
        }

        var labels = JsonSerializer.Deserialize<string[]>(File.ReadAllText(Find("labels.json")))
            ?? throw new InvalidDataException($"{folder} has no labels in labels.json; wanted a JSON array of texts.");

        return new(InferenceSession.Load(Find("model.onnx")), labels);
    }

    /// <summary>One guess for each text, in the order of the texts.</summary>
    /// <param name="texts">The texts, of each of which the first 10,001 bytes count.</param>
    /// <param name="cancellation">Stops the model.</param>
    /// <returns>The guesses.</returns>
    public Guess[] Guess(IReadOnlyList<string> texts, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var counts = ArrayPool<float>.Shared.Rent(texts.Count * Buckets.Count);

        try
        {
            return Array.ConvertAll(_model.Run(RowsIn(counts, texts), cancellation), Best);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(counts);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    /// <summary>The counts of each text, one behind the other in memory that is there already.</summary>
    private static Memory<float>[] RowsIn(float[] counts, IReadOnlyList<string> texts)
    {
        var rows = new Memory<float>[texts.Count];

        for (var index = 0; index < rows.Length; index++)
        {
            rows[index] = counts.AsMemory(index * Buckets.Count, Buckets.Count);
            Buckets.CountInto(rows[index].Span, texts[index]);
        }

        return rows;
    }

    private Guess Best(ReadOnlyMemory<float> probabilities)
    {
        var best = TensorPrimitives.IndexOfMax(probabilities.Span);
        return new(_labels[best], Math.Round((double)probabilities.Span[best], 4));
    }
}
