using System.Text;

namespace Bento.OnnxRuntime.Native;

/// <summary>Writes and reads the elements of string tensors, which native code keeps as UTF-8 of its own.</summary>
internal static unsafe class StringTensors
{
    /// <summary>Fills a native tensor that has as many elements as there are texts.</summary>
    public static void Write(nint value, IReadOnlyList<string> texts)
    {
        for (int i = 0; i < texts.Count; i++)
        {
            string text = texts[i] ?? throw new ArgumentException(
                $"The text at {i} is null; a tensor's strings are not.", nameof(texts));
            int length = Encoding.UTF8.GetByteCount(text);
            OrtNative.Check(OrtNative.Api->GetResizedStringTensorElementBuffer(
                value, (nuint)i, (nuint)length, out byte* buffer));
            _ = Encoding.UTF8.GetBytes(text, new Span<byte>(buffer, length));
        }
    }

    /// <summary>All the texts of a native tensor with so many elements.</summary>
    public static string[] Read(nint value, int count)
    {
        OrtNative.Check(OrtNative.Api->GetStringTensorDataLength(value, out nuint size));
        var bytes = new byte[checked((int)size)];
        var starts = new nuint[count];
        fixed (byte* content = bytes)
        fixed (nuint* offsets = starts)
        {
            OrtNative.Check(OrtNative.Api->GetStringTensorContent(value, content, size, offsets, (nuint)count));
        }

        var texts = new string[count];
        for (int i = 0; i < count; i++)
        {
            int end = i + 1 < count ? (int)starts[i + 1] : bytes.Length;
            texts[i] = Encoding.UTF8.GetString(bytes.AsSpan((int)starts[i]..end));
        }

        return texts;
    }
}
