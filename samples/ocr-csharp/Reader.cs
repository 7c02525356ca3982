using Bento;
using Bento.CSharp;

namespace Ocr;

/// <summary>A line of text in a picture.</summary>
/// <param name="Text">What it says.</param>
/// <param name="Confidence">The mean probability of its characters, 1 at most.</param>
/// <param name="Box">Where it is.</param>
public sealed record TextLine(string Text, double Confidence, Box Box);

/// <summary>What a picture says.</summary>
/// <param name="Text">All lines, in the order in which they are read.</param>
/// <param name="Lines">Each line by itself.</param>
public sealed record Page(string Text, IReadOnlyList<TextLine> Lines);

/// <summary>Reads the text in pictures.</summary>
[Service("ocr", Description = "Reads the text in a PNG, in Latin letters and Chinese.")]
[Resources(Memory = "1GiB")]
[Traffic(TimeoutSeconds = 30, BodyLimit = "16MiB")]
[Label("license", "Apache-2.0")]
public sealed class Reader : IDisposable
{
    private const double ReadFrom = 0.5;

    private readonly LineFinder _finder = new(Model("ch_PP-OCRv4_det_infer.onnx"));
    private readonly LineReader _reader = new(Model("ch_PP-OCRv4_rec_infer.onnx"), Model("ppocr_keys_v1.txt"));

    /// <summary>Reads a picture.</summary>
    /// <param name="image">The picture, a PNG.</param>
    /// <param name="cancellation">Stops the models.</param>
    /// <returns>Its lines of text; none where there is no text.</returns>
    [Api]
    public Page Read([Root, ContentType("image/png")] Image image, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(image);
        var picture = image.Pixels.Rgb;
        var lines = new List<TextLine>();

        foreach (var box in _finder.Find(picture, cancellation))
        {
            var (text, confidence) = _reader.Read(picture, box, cancellation);

            if (text.Length > 0 && confidence >= ReadFrom)
            {
                lines.Add(new(text, Math.Round(confidence, 4), box));
            }
        }

        return new(string.Join('\n', lines.Select(line => line.Text)), lines);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _finder.Dispose();
        _reader.Dispose();
    }

    // Beside this assembly, which need not be where the process was started from.
    private static string Model(string file)
    {
        var path = Path.Combine(Path.GetDirectoryName(typeof(Reader).Assembly.Location)!, "models", "pp-ocr", file);
        return System.IO.File.Exists(path)
            ? path
            : throw new FileNotFoundException($"{path} is missing. `dotnet fsi build.fsx models` prepares it; build the sample again afterwards.", path);
    }
}
