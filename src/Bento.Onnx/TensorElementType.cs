using System.Diagnostics.CodeAnalysis;

namespace Bento.OnnxRuntime;

/// <summary>The types of a tensor's elements, by their names and numbers in ONNX.</summary>
[SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "They are the names of types.")]
public enum TensorElementType
{
    /// <summary>No type: the value is no tensor.</summary>
    Undefined = 0,

    /// <summary>A <see cref="float"/>.</summary>
    Float = 1,

    /// <summary>A <see cref="byte"/>.</summary>
    UInt8 = 2,

    /// <summary>An <see cref="sbyte"/>.</summary>
    Int8 = 3,

    /// <summary>A <see cref="ushort"/>.</summary>
    UInt16 = 4,

    /// <summary>A <see cref="short"/>.</summary>
    Int16 = 5,

    /// <summary>An <see cref="int"/>.</summary>
    Int32 = 6,

    /// <summary>A <see cref="long"/>.</summary>
    Int64 = 7,

    /// <summary>A <see cref="string"/>, see <see cref="OrtValue.OfStrings"/>.</summary>
    String = 8,

    /// <summary>A <see cref="bool"/>.</summary>
    Bool = 9,

    /// <summary>A <see cref="Half"/>.</summary>
    Float16 = 10,

    /// <summary>A <see cref="double"/>.</summary>
    Double = 11,

    /// <summary>A <see cref="uint"/>.</summary>
    UInt32 = 12,

    /// <summary>A <see cref="ulong"/>.</summary>
    UInt64 = 13,

    /// <summary>Two floats; ONNX Runtime names the type but has no operators for it.</summary>
    Complex64 = 14,

    /// <summary>Two doubles; ONNX Runtime names the type but has no operators for it.</summary>
    Complex128 = 15,

    /// <summary>A <see cref="OnnxRuntime.BFloat16"/>.</summary>
    BFloat16 = 16,

    /// <summary>Eight bits: 4 of exponent, 3 of mantissa, no infinities. No .NET type.</summary>
    Float8E4M3FN = 17,

    /// <summary>As <see cref="Float8E4M3FN"/>, without a negative zero. No .NET type.</summary>
    Float8E4M3FNUZ = 18,

    /// <summary>Eight bits: 5 of exponent, 2 of mantissa. No .NET type.</summary>
    Float8E5M2 = 19,

    /// <summary>As <see cref="Float8E5M2"/>, without infinities and a negative zero. No .NET type.</summary>
    Float8E5M2FNUZ = 20,

    /// <summary>Four bits without sign, two in a byte. No .NET type.</summary>
    UInt4 = 21,

    /// <summary>Four bits with sign, two in a byte. No .NET type.</summary>
    Int4 = 22,

    /// <summary>Four bits: 2 of exponent, 1 of mantissa, two in a byte. No .NET type.</summary>
    Float4E2M1 = 23,
}
