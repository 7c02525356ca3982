using System.Collections;

namespace Bento.OnnxRuntime;

/// <summary>The values of a list, see <see cref="OrtValue.AsSequence"/>; they are disposed of together.</summary>
public sealed class OrtSequence : IReadOnlyList<OrtValue>, IDisposable
{
    private readonly OrtValue[] _values;

    internal OrtSequence(OrtValue[] values) => _values = values;

    /// <summary>How many values there are.</summary>
    public int Count => _values.Length;

    /// <summary>The value at a position, from 0.</summary>
    /// <param name="index">The position in the list.</param>
    public OrtValue this[int index] => _values[index];

    /// <summary>Goes through the values in their order.</summary>
    public IEnumerator<OrtValue> GetEnumerator() => ((IEnumerable<OrtValue>)_values).GetEnumerator();

    /// <summary>Disposes of every value.</summary>
    public void Dispose() => Array.ForEach(_values, value => value.Dispose());

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
