namespace Bento.OnnxRuntime.Native;

/// <summary>
/// Owns a native binding, and holds its session and the values bound for as long as it refers to them.
/// </summary>
internal sealed unsafe class BindingHandle(nint pointer, OrtHandle session)
    : OrtHandle(pointer, OrtNative.Api->ReleaseIoBinding, session)
{
    private readonly Dictionary<string, OrtHandle> _inputs = [];
    private readonly Dictionary<string, OrtHandle> _outputs = [];

    /// <summary>Takes over a value that was acquired, in the place of the one bound to the name before.</summary>
    public void HoldInput(string name, OrtHandle value) => Hold(_inputs, name, value);

    /// <summary>As <see cref="HoldInput"/>; null for an output that the run allocates.</summary>
    public void HoldOutput(string name, OrtHandle? value) => Hold(_outputs, name, value);

    /// <summary>The value bound to an output; null when the run allocates it.</summary>
    public OrtHandle? OutputOf(string name) => _outputs.GetValueOrDefault(name);

    public void LetInputsGo() => LetGo(_inputs);

    public void LetOutputsGo() => LetGo(_outputs);

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
