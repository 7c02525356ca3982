using System.Text;

namespace Bento.OnnxRuntime.Native;

/// <summary>
/// Texts for native code: null-terminated UTF-8 that does not move as long as this object is kept alive.
/// </summary>
internal sealed unsafe class NativeTexts
{
    // Both in the heap of objects that never move; the addresses in the one point into the other.
    private readonly nint[] _addresses;
    private readonly byte[] _bytes;

    private NativeTexts(IReadOnlyList<string> texts)
    {
        _addresses = GC.AllocateArray<nint>(texts.Count, pinned: true);
        _bytes = GC.AllocateArray<byte>(texts.Sum(text => Encoding.UTF8.GetByteCount(text) + 1), pinned: true);
        int offset = 0;
        for (int i = 0; i < texts.Count; i++)
        {
            if (texts[i].Contains('\0', StringComparison.Ordinal))
            {
                throw new ArgumentException(
                    $"The text \"{texts[i].Replace("\0", "\\0", StringComparison.Ordinal)}\" has a null character, at "
                    + "which native code would take it to end.");
            }

            fixed (byte* start = &_bytes[offset])
            {
                _addresses[i] = (nint)start;
            }

            offset += Encoding.UTF8.GetBytes(texts[i], _bytes.AsSpan(offset)) + 1;
        }
    }

    public nuint Count => (nuint)_addresses.Length;

    public ReadOnlySpan<nint> Addresses => _addresses;

    /// <summary>The address of the first text's address; null where there are no texts.</summary>
    public byte** Pointers
    {
        get
        {
            fixed (nint* first = _addresses)
            {
                return (byte**)first;
            }
        }
    }

    /// <exception cref="ArgumentException">One of the texts has a null character.</exception>
    public static NativeTexts Of(IReadOnlyList<string> texts) => new(texts);
}
