using System.Numerics.Tensors;
using System.Text;
using Bento;
using Bento.OnnxRuntime;

namespace Ocr;

/// <summary>Reads one line of text, with the recognizer of PP-OCRv4. Any number of threads may use it.</summary>
/// <param name="model">The model's file.</param>
/// <param name="keys">The file of the characters that it knows, one a line.</param>
public sealed class LineReader(string model, string keys) : IDisposable
{
    private const int Height = 48;
    private const int NarrowestWidth = 16;
    private const int WidestWidth = 4_096;

    private static readonly float[] _halves = [0.5f, 0.5f, 0.5f];

    private readonly InferenceSession _session = InferenceSession.Load(model);

    // The first is no character, the last a space.
    private readonly string[] _characters = ["", .. System.IO.File.ReadAllLines(keys), " "];

    /// <summary>Reads a line.</summary>
    /// <param name="picture">The picture, of three channels.</param>
    /// <param name="line">Where the line is.</param>
    /// <param name="cancellation">Stops the model.</param>
    /// <returns>The text, and the mean probability of its characters.</returns>
    public (string Text, double Confidence) Read(Pixels picture, Box line, CancellationToken cancellation)
    {
        var width = Math.Clamp((int)Math.Round((double)Height * line.Width / line.Height), NarrowestWidth, WidestWidth);
        var planes = Planes.Resize(picture, line, width, Height, _halves, _halves);

        using var input = OrtValue.Over(planes, 1, 3, Height, width);
        using var outputs = _session.Run("x", input, cancellation);
        return Decode(outputs[0].AsSpan<float>(), _characters);
    }

    /// <summary>
    /// The likeliest character of each step: what is said again without a pause is one character, and a pause is none.
    /// </summary>
    /// <param name="probabilities">The probability of each character at each step.</param>
    /// <param name="characters">The characters, a pause first.</param>
    /// <returns>The text, and the mean probability of its characters.</returns>
    public static (string Text, double Confidence) Decode(ReadOnlySpan<float> probabilities, string[] characters)
    {
        ArgumentNullException.ThrowIfNull(characters);
        var text = new StringBuilder();
        var (sum, count, before) = (0d, 0, 0);

        for (var start = 0; start + characters.Length <= probabilities.Length; start += characters.Length)
        {
            var step = probabilities.Slice(start, characters.Length);
            var best = TensorPrimitives.IndexOfMax(step);

            if (best != 0 && best != before)
            {
                text.Append(characters[best]);
                (sum, count) = (sum + step[best], count + 1);
            }

            before = best;
        }

        return (text.ToString().Trim(), count == 0 ? 0 : sum / count);
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();
}
