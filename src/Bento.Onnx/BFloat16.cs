using System.Globalization;

namespace Bento.OnnxRuntime;

/// <summary>
/// A number of sixteen bits with the range of a <see cref="float"/> and 8 bits of precision: the upper half of a float.
/// </summary>
/// <param name="Bits">Sign, exponent and mantissa.</param>
public readonly record struct BFloat16(ushort Bits)
{
    /// <summary>The float of the same value, which always exists.</summary>
    /// <param name="value">The number to widen.</param>
    public static explicit operator float(BFloat16 value) => value.ToSingle();

    /// <summary>The nearest number, ties to even.</summary>
    /// <param name="value">The float to round.</param>
    public static explicit operator BFloat16(float value) => FromSingle(value);

    /// <summary>The nearest number, ties to even.</summary>
    /// <param name="value">The float to round.</param>
    public static BFloat16 FromSingle(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);

        // A NaN whose payload is all in the lower half must not become infinity.
        return float.IsNaN(value)
            ? new((ushort)((bits >> 16) | 0x40))
            : new((ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16));
    }

    /// <summary>The float of the same value, which always exists.</summary>
    public float ToSingle() => BitConverter.UInt32BitsToSingle((uint)Bits << 16);

    /// <summary>The value in the notation of a float.</summary>
    public override string ToString() => ToSingle().ToString(CultureInfo.InvariantCulture);
}
