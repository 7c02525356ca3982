namespace Bento.OnnxRuntime.Native;

/// <summary>
/// Owns a native binding, and holds its session and the values bound for as long as it refers to them.
/// </summary>
internal sealed unsafe class BindingHandle(nint pointer, OrtHandle session)
    : OrtHandle(pointer, OrtNative.Api->ReleaseIoBinding, session)
{
    private readonly Dictionary<string, OrtHandle> _inputs = [];
    private readonly Dictionary<string, OrtHandle> _outputs = [];
    private readonly Dictionary<int, OrtHandle> _places = [];

    /// <summary>Takes over a value that was acquired, in the place of the one bound to the name before.</summary>
    public void HoldInput(string name, OrtHandle value) => Hold(_inputs, name, value);

    /// <summary>As <see cref="HoldInput"/>; null for an output that the run allocates.</summary>
    public void HoldOutput(string name, OrtHandle? value) => Hold(_outputs, name, value);

    /// <summary>
    /// The value whose memory an output is in: the one bound to it, or the input of its name that is handed through; null
    /// when the run allocates it.
    /// </summary>
    public OrtHandle? OwnerOf(string output) =>
        _outputs.GetValueOrDefault(output) ?? _inputs.GetValueOrDefault(output);

    /// <summary>Where the outputs at these positions are allocated, by each run anew.</summary>
    public Dictionary<int, OrtHandle> Places => _places;

    /// <summary>Takes over where an output is allocated, in the place of what was said before.</summary>
    public void HoldPlace(int output, OrtHandle place)
    {
        LetPlaceGo(output);
        _places[output] = place;
    }

    public void LetPlaceGo(int output)
    {
        if (_places.Remove(output, out OrtHandle? before))
        {
            before.Dispose();
        }
    }

    public void LetInputsGo() => LetGo(_inputs);

    public void LetOutputsGo()
    {
        LetGo(_outputs);
        foreach (OrtHandle place in _places.Values)
        {
            place.Dispose();
        }

        _places.Clear();
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        base.ReleaseHandle();
        LetInputsGo();
        LetOutputsGo();
        return true;
    }

    private static void Hold(Dictionary<string, OrtHandle> held, string name, OrtHandle? value)
    {
        if (held.Remove(name, out OrtHandle? before))
        {
            before.Release();
        }

        if (value is not null)
        {
            held[name] = value;
        }
    }

    private static void LetGo(Dictionary<string, OrtHandle> held)
    {
        foreach (OrtHandle value in held.Values)
        {
            value.Release();
        }

        held.Clear();
    }
}
