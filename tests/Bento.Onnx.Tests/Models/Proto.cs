using System.Text;

namespace Bento.OnnxRuntime.Tests.Models;

/// <summary>One message in protobuf's binary form, written field by field.</summary>
internal sealed class Proto
{
    private readonly List<byte> _bytes = [];

    public byte[] ToBytes() => [.. _bytes];

    public Proto Integer(int field, long value)
    {
        Varint((ulong)field << 3);
        Varint((ulong)value);
        return this;
    }

    public Proto Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    public Proto Message(int field, Proto value) => Bytes(field, value.ToBytes());

    public Proto Bytes(int field, ReadOnlySpan<byte> value)
    {
        Varint(((ulong)field << 3) | 2);
        Varint((ulong)value.Length);
        _bytes.AddRange(value);
        return this;
    }

    public Proto Each<T>(IEnumerable<T> values, Action<Proto, T> write)
    {
        foreach (T value in values)
        {
            write(this, value);
        }

        return this;
    }

    private void Varint(ulong value)
    {
        while (value > 0x7F)
        {
            _bytes.Add((byte)(value | 0x80));
            value >>= 7;
        }

        _bytes.Add((byte)value);
    }
}
