using Bento;

namespace Ocr;

/// <summary>A picture as the models take it: a plane of numbers for each of blue, green and red.</summary>
public static class Planes
{
    /// <summary>A part of a picture at another size, by linear interpolation between its pixels.</summary>
    /// <param name="picture">The picture, of three channels.</param>
    /// <param name="part">The part, which lies in the picture.</param>
    /// <param name="width">How many columns there are to be.</param>
    /// <param name="height">How many rows.</param>
    /// <param name="means">What is taken off blue, green and red, from 0 to 1.</param>
    /// <param name="deviations">What the rest is divided by.</param>
    /// <returns>Three planes, row by row.</returns>
    public static float[] Resize(
        Pixels picture, Box part, int width, int height, ReadOnlySpan<float> means, ReadOnlySpan<float> deviations)
    {
        ArgumentNullException.ThrowIfNull(picture);
        var planes = new float[3 * height * width];
        var columns = Enumerable.Range(0, width).Select(x => Between(x, width, part.Width)).ToArray();

        for (var y = 0; y < height; y++)
        {
            var row = Between(y, height, part.Height);
            var above = (((part.Top + row.First) * picture.Width) + part.Left) * 3;
            var below = (((part.Top + row.Second) * picture.Width) + part.Left) * 3;

            for (var x = 0; x < width; x++)
            {
                var (left, right, share) = columns[x];

                for (var channel = 0; channel < 3; channel++)
                {
                    // The pixels are red, green, blue.
                    var of = 2 - channel;
                    var upper = Mix(picture.Bytes[above + (left * 3) + of], picture.Bytes[above + (right * 3) + of], share);
                    var lower = Mix(picture.Bytes[below + (left * 3) + of], picture.Bytes[below + (right * 3) + of], share);
                    var value = Mix(upper, lower, row.Share) / 255;
                    planes[(((channel * height) + y) * width) + x] = (value - means[channel]) / deviations[channel];
                }
            }
        }

        return planes;
    }

    /// <summary>Two neighbours among so many old pixels that a new one lies between, and how near it is to the second.</summary>
    private static (int First, int Second, float Share) Between(int index, int count, int old)
    {
        var place = Math.Clamp(((index + 0.5f) * old / count) - 0.5f, 0, old - 1);
        var first = (int)place;
        return (first, Math.Min(first + 1, old - 1), place - first);
    }

    private static float Mix(float one, float other, float share) => one + ((other - one) * share);
}
