using System.Globalization;
using Bento.OnnxRuntime;

namespace Onnx.Conformance;

/// <summary>Compares a result with what ONNX wants, as closely as ONNX's own backend tests do.</summary>
internal static class Comparison
{
    private const double Relative = 1e-3;
    private const double Absolute = 1e-7;

    // Eight bits of precision, or eleven of which a sum loses some.
    private const double RelativeOf16Bits = 1e-2;
    private const double AbsoluteOf16Bits = 1e-3;

    /// <summary>What differs; null when nothing does.</summary>
    /// <param name="wanted">What the result should be.</param>
    /// <param name="result">The result.</param>
    /// <param name="absolute">
    /// How far off a float or a double may be at 0; null means as far as in ONNX's tests.
    /// </param>
    public static string? Difference(TensorData wanted, OrtValue result, double? absolute)
    {
        if (result.ElementType != wanted.Type || !result.Shape.SequenceEqual(wanted.Shape))
        {
            return $"wanted {wanted.Type}[{string.Join(", ", wanted.Shape)}], got {result}";
        }

        return wanted.Type switch
        {
            TensorElementType.String => Exactly((string[])wanted.Elements!, result.ToStrings()),
            TensorElementType.Bool => Exactly((bool[])wanted.Elements!, result.ToArray<bool>()),
            TensorElementType.Int8 => Exactly((sbyte[])wanted.Elements!, result.ToArray<sbyte>()),
            TensorElementType.UInt8 => Exactly((byte[])wanted.Elements!, result.ToArray<byte>()),
            TensorElementType.Int16 => Exactly((short[])wanted.Elements!, result.ToArray<short>()),
            TensorElementType.UInt16 => Exactly((ushort[])wanted.Elements!, result.ToArray<ushort>()),
            TensorElementType.Int32 => Exactly((int[])wanted.Elements!, result.ToArray<int>()),
            TensorElementType.UInt32 => Exactly((uint[])wanted.Elements!, result.ToArray<uint>()),
            TensorElementType.Int64 => Exactly((long[])wanted.Elements!, result.ToArray<long>()),
            TensorElementType.UInt64 => Exactly((ulong[])wanted.Elements!, result.ToArray<ulong>()),
            TensorElementType.Float =>
                Closely((float[])wanted.Elements!, result.ToArray<float>(), x => x, absolute ?? Absolute),
            TensorElementType.Double =>
                Closely((double[])wanted.Elements!, result.ToArray<double>(), x => x, absolute ?? Absolute),
            TensorElementType.Float16 => Roughly((Half[])wanted.Elements!, result.ToArray<Half>(), x => (double)x),
            TensorElementType.BFloat16 =>
                Roughly((BFloat16[])wanted.Elements!, result.ToArray<BFloat16>(), x => x.ToSingle()),
            _ => throw new NotSupportedException($"There are no elements of {wanted.Type} in .NET."),
        };
    }

    private static string? Exactly<T>(T[] wanted, T[] got)
        where T : IEquatable<T> =>
        First(wanted, got, (want, have) => want.Equals(have));

    private static string? Closely<T>(T[] wanted, T[] got, Func<T, double> number, double absolute) =>
        First(wanted, got, (want, have) => IsClose(number(want), number(have), Relative, absolute));

    private static string? Roughly<T>(T[] wanted, T[] got, Func<T, double> number) =>
        First(wanted, got, (want, have) => IsClose(number(want), number(have), RelativeOf16Bits, AbsoluteOf16Bits));

    private static bool IsClose(double wanted, double got, double relative, double absolute) =>
        wanted.Equals(got) || Math.Abs(wanted - got) <= absolute + (relative * Math.Abs(wanted));

    private static string? First<T>(T[] wanted, T[] got, Func<T, T, bool> equals)
    {
        for (int i = 0; i < wanted.Length; i++)
        {
            if (!equals(wanted[i], got[i]))
            {
                return string.Create(
                    CultureInfo.InvariantCulture, $"element {i} should be {wanted[i]} and is {got[i]}");
            }
        }

        return null;
    }
}
