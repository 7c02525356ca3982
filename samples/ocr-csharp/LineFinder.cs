using Bento;
using Bento.OnnxRuntime;

namespace Ocr;

/// <summary>Finds the lines of text in a picture, with the detector of PP-OCRv4. Any number of threads may use it.</summary>
/// <param name="model">The model's file.</param>
public sealed class LineFinder(string model) : IDisposable
{
    /// <summary>From what probability on a pixel is one of a text.</summary>
    public const float TextFrom = 0.3f;

    private const float BoxFrom = 0.6f;
    private const float Growth = 1.5f;
    private const int Step = 32;

    // Larger pictures are looked at smaller: the time grows with the area, and text of a page is still read.
    private const int LongestSide = 1_920;
    private const int SmallestSide = 3;

    private static readonly float[] _means = [0.485f, 0.456f, 0.406f];
    private static readonly float[] _deviations = [0.229f, 0.224f, 0.225f];

    private readonly InferenceSession _session = InferenceSession.Load(model);

    /// <summary>Finds lines, in the order in which they are read.</summary>
    /// <param name="picture">The picture, of three channels.</param>
    /// <param name="cancellation">Stops the model.</param>
    /// <returns>A rectangle round each line.</returns>
    public IReadOnlyList<Box> Find(Pixels picture, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(picture);
        var shrink = Math.Min(1f, (float)LongestSide / Math.Max(picture.Width, picture.Height));
        var width = Rounded(picture.Width * shrink);
        var height = Rounded(picture.Height * shrink);
        var planes = Planes.Resize(picture, new(0, 0, picture.Width, picture.Height), width, height, _means, _deviations);

        using var input = OrtValue.Over(planes, 1, 3, height, width);
        using var outputs = _session.Run("x", input, cancellation);
        var boxes = Boxes(outputs[0].AsSpan<float>(), width, height);

        return InReadingOrder(boxes.Select(box => Stretched(box, picture, width, height)));
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    /// <summary>The rectangles round connected pixels that are text for sure, grown to what the model was taught to shrink.</summary>
    /// <param name="map">The probability of each pixel that it is one of a text.</param>
    /// <param name="width">How many columns there are.</param>
    /// <param name="height">How many rows.</param>
    /// <returns>The rectangles, within the map.</returns>
    public static IReadOnlyList<Box> Boxes(ReadOnlySpan<float> map, int width, int height)
    {
        var seen = new bool[map.Length];
        var waiting = new Stack<int>();
        var boxes = new List<Box>();

        for (var start = 0; start < map.Length; start++)
        {
            if (seen[start] || map[start] <= TextFrom)
            {
                continue;
            }

            var (left, top, right, bottom, sum, count) = (width, height, 0, 0, 0f, 0);
            seen[start] = true;
            waiting.Push(start);

            while (waiting.TryPop(out var place))
            {
                var (x, y) = (place % width, place / width);
                (left, top, right, bottom) = (Math.Min(left, x), Math.Min(top, y), Math.Max(right, x), Math.Max(bottom, y));
                (sum, count) = (sum + map[place], count + 1);

                for (var near = 0; near < 9; near++)
                {
                    var (nextX, nextY) = (x + (near % 3) - 1, y + (near / 3) - 1);
                    var next = (nextY * width) + nextX;

                    if (nextX >= 0 && nextX < width && nextY >= 0 && nextY < height && !seen[next] && map[next] > TextFrom)
                    {
                        seen[next] = true;
                        waiting.Push(next);
                    }
                }
            }

            var box = new Box(left, top, right - left + 1, bottom - top + 1);

            if (sum / count > BoxFrom && Math.Min(box.Width, box.Height) >= SmallestSide)
            {
                boxes.Add(Grown(box, width, height));
            }
        }

        return boxes;
    }

    /// <summary>Lines from the top to the bottom, and from the left to the right what stands beside each other.</summary>
    /// <param name="boxes">The lines.</param>
    /// <returns>The same, in order.</returns>
    public static IReadOnlyList<Box> InReadingOrder(IEnumerable<Box> boxes)
    {
        var rows = new List<List<Box>>();

        foreach (var box in boxes.OrderBy(box => box.Top + (box.Height / 2)))
        {
            var middle = box.Top + (box.Height / 2);

            if (rows.LastOrDefault() is { } row && middle < row[0].Top + row[0].Height && middle - row[0].Top - (row[0].Height / 2) < row[0].Height / 2)
            {
                row.Add(box);
            }
            else
            {
                rows.Add([box]);
            }
        }

        return [.. rows.SelectMany(row => row.OrderBy(box => box.Left))];
    }

    private static int Rounded(float side) => Math.Max(Step, (int)MathF.Round(side / Step) * Step);

    private static Box Grown(Box box, int width, int height)
    {
        var by = (int)MathF.Round(box.Width * box.Height * Growth / (2f * (box.Width + box.Height)));
        var left = Math.Max(0, box.Left - by);
        var top = Math.Max(0, box.Top - by);
        return new(left, top, Math.Min(width, box.Left + box.Width + by) - left, Math.Min(height, box.Top + box.Height + by) - top);
    }

    /// <summary>A rectangle of the map on the picture itself.</summary>
    private static Box Stretched(Box box, Pixels picture, int width, int height)
    {
        var left = box.Left * picture.Width / width;
        var top = box.Top * picture.Height / height;
        var right = Math.Max(left + 1, (box.Left + box.Width) * picture.Width / width);
        var bottom = Math.Max(top + 1, (box.Top + box.Height) * picture.Height / height);
        return new(left, top, right - left, bottom - top);
    }
}
