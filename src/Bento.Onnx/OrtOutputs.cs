using System.Collections;

namespace Bento.OnnxRuntime;

/// <summary>The outputs of one run, by name and in the order asked for; they are disposed of together.</summary>
public sealed class OrtOutputs : IReadOnlyList<OrtValue>, IDisposable
{
    private readonly IReadOnlyList<string> _names;
    private readonly OrtValue[] _values;

    internal OrtOutputs(IReadOnlyList<string> names, OrtValue[] values)
    {
        _names = names;
        _values = values;
    }

    /// <summary>How many outputs there are.</summary>
    public int Count => _values.Length;

    /// <summary>The output at a position, from 0.</summary>
    /// <param name="index">The position among the outputs asked for, or among the model's if all were.</param>
    public OrtValue this[int index] => _values[index];

    /// <summary>The output of a name.</summary>
    /// <param name="name">The name that the model gives it.</param>
    /// <exception cref="KeyNotFoundException">There is no such output; the message lists those there are.</exception>
    public OrtValue this[string name]
    {
        get
        {
            for (int i = 0; i < _values.Length; i++)
            {
                if (_names[i] == name)
                {
                    return _values[i];
                }
            }

            throw new KeyNotFoundException(
                $"The run has no output '{name}'. Its outputs: {string.Join(", ", _names)}.");
        }
    }

    /// <summary>Goes through the outputs in their order.</summary>
    public IEnumerator<OrtValue> GetEnumerator() => ((IEnumerable<OrtValue>)_values).GetEnumerator();

    /// <summary>Disposes of every output.</summary>
    public void Dispose()
    {
        foreach (OrtValue value in _values)
        {
            value.Dispose();
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
