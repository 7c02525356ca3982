using System.Numerics.Tensors;
using Bento;
using Bento.CSharp;
using Bento.OnnxRuntime;

namespace Iris;

/// <summary>Tells three species of iris apart by the lengths and widths of their leaves.</summary>
[Service(Description = "Tells three species of iris apart by four lengths.")]
[Resources(Cpu = 1, Memory = "200MiB")]
[Traffic(TimeoutSeconds = 10)]
public sealed class IrisClassifier : IDisposable
{
    // Beside this assembly, which need not be where the process was started from.
    private readonly InferenceSession _session = InferenceSession.Load(
        Path.Combine(Path.GetDirectoryName(typeof(IrisClassifier).Assembly.Location)!, "iris.onnx"));

    /// <summary>Tells the species of each flower: 0 is setosa, 1 versicolor, 2 virginica.</summary>
    /// <param name="inputSeries">A row for each flower: length and width of a sepal, then of a petal, in centimetres.</param>
    /// <param name="cancellation">Stops the model.</param>
    /// <returns>A number for each row.</returns>
    [Api]
    public Tensor<long> Classify([Shape(-1, 4)] Tensor<float> inputSeries, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(inputSeries);
        var rows = inputSeries.Lengths[0];

        if (rows == 0)
        {
            return Tensor.Create<long>([], [0]);
        }

        var lengths = new float[inputSeries.FlattenedLength];
        inputSeries.FlattenTo(lengths);
        using var input = OrtValue.Over(lengths, rows, 4);
        using var outputs = _session.Run("rows", input, cancellation);
        return Tensor.Create(outputs["species"].ToArray<long>(), [rows]);
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();
}
