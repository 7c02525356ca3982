using System.Runtime.InteropServices;
using System.Text;
using Bento.OnnxRuntime;

namespace Onnx.Conformance;

/// <summary>A tensor as ONNX stores it, a TensorProto, with its elements as .NET knows them.</summary>
/// <param name="Type">The type of the elements.</param>
/// <param name="Shape">The length of each dimension.</param>
/// <param name="Elements">The elements, row by row; null for types that .NET has no elements for.</param>
internal sealed record TensorData(TensorElementType Type, long[] Shape, Array? Elements)
{
    private const int Dims = 1;
    private const int DataType = 2;
    private const int FloatData = 4;
    private const int Int32Data = 5;
    private const int StringData = 6;
    private const int Int64Data = 7;
    private const int RawData = 9;
    private const int DoubleData = 10;
    private const int UInt64Data = 11;

    /// <summary>Reads a TensorProto.</summary>
    /// <exception cref="InvalidDataException">The bytes are none.</exception>
    public static TensorData Read(ReadOnlySpan<byte> message)
    {
        var shape = new List<ulong>();
        var type = TensorElementType.Undefined;
        var numbers = new List<ulong>();
        var texts = new List<string>();
        ReadOnlySpan<byte> raw = default;
        var reader = new ProtoReader(message);
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case Dims:
                    reader.AddNumbers(shape, 0);
                    break;
                case DataType:
                    type = (TensorElementType)reader.Number;
                    break;
                case FloatData:
                    reader.AddNumbers(numbers, 4);
                    break;
                case DoubleData:
                    reader.AddNumbers(numbers, 8);
                    break;
                case Int32Data or Int64Data or UInt64Data:
                    reader.AddNumbers(numbers, 0);
                    break;
                case StringData:
                    texts.Add(Encoding.UTF8.GetString(reader.Bytes));
                    break;
                case RawData:
                    raw = reader.Bytes;
                    break;
            }
        }

        var lengths = shape.ConvertAll(length => (long)length).ToArray();
        Array? elements = type == TensorElementType.String ? texts.ToArray() : Numbers(type, raw, numbers);
        if (elements is not null && elements.Length != lengths.Aggregate(1L, (count, length) => count * length))
        {
            throw new InvalidDataException($"{type}[{string.Join(", ", lengths)}] has {elements.Length} elements.");
        }

        return new TensorData(type, lengths, elements);
    }

    /// <summary>
    /// The same bits as the model declares them: data sets of this age have a bfloat16 as the whole number of its bits.
    /// </summary>
    public TensorData As(TensorElementType declared) =>
        (declared, Type) == (TensorElementType.BFloat16, TensorElementType.UInt16)
            ? new TensorData(declared, Shape, Array.ConvertAll((ushort[])Elements!, bits => new BFloat16(bits)))
            : this;

    /// <summary>The tensor for a run; the caller disposes of it.</summary>
    public OrtValue ToValue() => Elements switch
    {
        string[] texts => OrtValue.OfStrings(texts, Shape),
        float[] numbers => OrtValue.Over(numbers, Shape),
        double[] numbers => OrtValue.Over(numbers, Shape),
        Half[] numbers => OrtValue.Over(numbers, Shape),
        BFloat16[] numbers => OrtValue.Over(numbers, Shape),
        bool[] numbers => OrtValue.Over(numbers, Shape),
        _ => Integers(),
    };

    // Apart from the others: at run time an array of signed numbers is also one of unsigned numbers.
    private OrtValue Integers() => Type switch
    {
        TensorElementType.Int8 => OrtValue.Over((sbyte[])Elements!, Shape),
        TensorElementType.UInt8 => OrtValue.Over((byte[])Elements!, Shape),
        TensorElementType.Int16 => OrtValue.Over((short[])Elements!, Shape),
        TensorElementType.UInt16 => OrtValue.Over((ushort[])Elements!, Shape),
        TensorElementType.Int32 => OrtValue.Over((int[])Elements!, Shape),
        TensorElementType.UInt32 => OrtValue.Over((uint[])Elements!, Shape),
        TensorElementType.Int64 => OrtValue.Over((long[])Elements!, Shape),
        TensorElementType.UInt64 => OrtValue.Over((ulong[])Elements!, Shape),
        _ => throw new NotSupportedException($"There are no elements of {Type} in .NET."),
    };

    private static Array? Numbers(TensorElementType type, ReadOnlySpan<byte> raw, List<ulong> numbers) => type switch
    {
        TensorElementType.Float => Convert(raw, numbers, bits => BitConverter.UInt32BitsToSingle((uint)bits)),
        TensorElementType.Double => Convert(raw, numbers, BitConverter.UInt64BitsToDouble),
        TensorElementType.Float16 => Convert(raw, numbers, bits => BitConverter.UInt16BitsToHalf((ushort)bits)),
        TensorElementType.BFloat16 => Convert(raw, numbers, bits => new BFloat16((ushort)bits)),
        TensorElementType.Bool => Convert(raw, numbers, number => number != 0),
        TensorElementType.Int8 => Convert(raw, numbers, number => (sbyte)number),
        TensorElementType.UInt8 => Convert(raw, numbers, number => (byte)number),
        TensorElementType.Int16 => Convert(raw, numbers, number => (short)number),
        TensorElementType.UInt16 => Convert(raw, numbers, number => (ushort)number),
        TensorElementType.Int32 => Convert(raw, numbers, number => (int)number),
        TensorElementType.UInt32 => Convert(raw, numbers, number => (uint)number),
        TensorElementType.Int64 => Convert(raw, numbers, number => (long)number),
        TensorElementType.UInt64 => Convert(raw, numbers, number => number),
        _ => null,
    };

    private static T[] Convert<T>(ReadOnlySpan<byte> raw, List<ulong> numbers, Converter<ulong, T> convert)
        where T : unmanaged =>
        raw.IsEmpty ? numbers.ConvertAll(convert).ToArray() : MemoryMarshal.Cast<byte, T>(raw).ToArray();
}
