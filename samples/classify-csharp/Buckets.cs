using System.Buffers;
using System.Text;

namespace ClassifyCSharp;

/// <summary>A text as the model sees it: how often each of 5,000 buckets of byte pairs occurs in it.</summary>
public static class Buckets
{
    /// <summary>How many buckets there are.</summary>
    public const int Count = 5_000;

    // Only so many pairs count; the model was trained on the beginnings of files.
    private const int MostPairs = 10_000;

    private const ulong K0 = 0xc3a5c85c97cb3127;
    private const ulong K2 = 0x9ae16a3b2f90404f;

    /// <summary>The counts of a text, written over what the memory held.</summary>
    /// <param name="counts">Memory for a number of each bucket.</param>
    /// <param name="text">The text, of which the first 10,001 bytes count.</param>
    public static void CountInto(Span<float> counts, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        counts.Clear();

        // Each character is a byte at least, and half of a pair at the end is behind all that counts.
        var characters = text.AsSpan(0, Math.Min(text.Length, MostPairs + 2));
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(characters.Length));

        try
        {
            var pairs = Math.Min(MostPairs, Encoding.UTF8.GetBytes(characters, bytes) - 1);

            for (var place = 0; place < pairs; place++)
            {
                counts[(int)(Fingerprint(bytes[place], bytes[place + 1]) % Count)]++;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    /// <summary>FarmHash's Fingerprint64 of the three bytes "a b", as TensorFlow hashed the words of two bytes.</summary>
    private static ulong Fingerprint(byte first, byte second)
    {
        var y = first + ((ulong)' ' << 8);
        var z = 3 + ((ulong)second << 2);
        var mixed = unchecked((y * K2) ^ (z * K0));
        return unchecked((mixed ^ (mixed >> 47)) * K2);
    }
}
