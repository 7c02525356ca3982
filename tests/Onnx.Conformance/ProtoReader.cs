using System.Buffers.Binary;

namespace Onnx.Conformance;

/// <summary>Reads one message in protobuf's binary form, field by field.</summary>
internal ref struct ProtoReader
{
    private ReadOnlySpan<byte> _rest;

    public ProtoReader(ReadOnlySpan<byte> message) => _rest = message;

    private enum Wire
    {
        Varint = 0,
        Fixed64 = 1,
        Bytes = 2,
        Fixed32 = 5,
    }

    /// <summary>The number of the field that was read last.</summary>
    public int Field { get; private set; }

    /// <summary>The field's value when it is a number; a number of fixed width has its bits.</summary>
    public ulong Number { get; private set; }

    /// <summary>The field's value when it is text, bytes, a message or numbers one after the other.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>How many bytes the number takes, or null when the field is no single number.</summary>
    public int? Width { get; private set; }

    /// <summary>Reads the next field; false at the end of the message.</summary>
    /// <exception cref="InvalidDataException">The bytes are no protobuf.</exception>
    public bool Read()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        ulong tag = ReadVarint(ref _rest);
        Field = (int)(tag >> 3);
        Bytes = default;
        var wire = (Wire)(tag & 7);
        switch (wire)
        {
            case Wire.Varint:
                Number = ReadVarint(ref _rest);
                Width = 0;
                break;
            case Wire.Fixed32:
                Number = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
                Width = 4;
                break;
            case Wire.Fixed64:
                Number = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
                Width = 8;
                break;
            case Wire.Bytes:
                Bytes = Take(checked((int)ReadVarint(ref _rest)));
                Width = null;
                break;
            default:
                throw new InvalidDataException($"Field {Field} has wire type {wire}, which is not known.");
        }

        return true;
    }

    /// <summary>Adds the numbers of a repeated field, which come one a field or all in one.</summary>
    public readonly void AddNumbers(List<ulong> numbers, int fixedWidth)
    {
        if (Width is not null)
        {
            numbers.Add(Number);
            return;
        }

        ReadOnlySpan<byte> packed = Bytes;
        while (!packed.IsEmpty)
        {
            if (fixedWidth == 0)
            {
                numbers.Add(ReadVarint(ref packed));
                continue;
            }

            numbers.Add(fixedWidth == 4
                ? BinaryPrimitives.ReadUInt32LittleEndian(packed)
                : BinaryPrimitives.ReadUInt64LittleEndian(packed));
            packed = packed[fixedWidth..];
        }
    }

    private static ulong ReadVarint(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int i = 0; i < bytes.Length && i < 10; i++)
        {
            value |= (ulong)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] < 0x80)
            {
                bytes = bytes[(i + 1)..];
                return value;
            }
        }

        throw new InvalidDataException("A number does not end.");
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if ((uint)length > (uint)_rest.Length)
        {
            throw new InvalidDataException($"Field {Field} wants {length} bytes; there are {_rest.Length}.");
        }

        ReadOnlySpan<byte> taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}
