namespace Bento.OnnxRuntime.Native;

/// <summary>Holds the native objects of several values for the length of a scope.</summary>
internal readonly ref struct ValuesLease
{
    private readonly ReadOnlySpan<OrtValue> _values;

    /// <summary>Holds all the values, or none, and writes their addresses to <paramref name="pointers"/>.</summary>
    /// <exception cref="ObjectDisposedException">One of the values was disposed of before.</exception>
    public ValuesLease(ReadOnlySpan<OrtValue> values, Span<nint> pointers)
    {
        int held = 0;
        try
        {
            for (; held < values.Length; held++)
            {
                pointers[held] = values[held].Handle.Acquire(values[held]);
            }
        }
        catch
        {
            Release(values[..held]);
            throw;
        }

        _values = values;
    }

    public void Dispose() => Release(_values);

    private static void Release(ReadOnlySpan<OrtValue> values)
    {
        foreach (OrtValue value in values)
        {
            value.Handle.Release();
        }
    }
}
