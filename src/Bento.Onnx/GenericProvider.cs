using Bento.OnnxRuntime.Native;

namespace Bento.OnnxRuntime;

/// <summary>A provider that has no type of its own here, such as <c>XNNPACK</c>, <c>QNN</c> or <c>WebGPU</c>.</summary>
public sealed record GenericProvider : ExecutionProvider
{
    /// <summary>A provider by name; what it can be told is in <see cref="ExecutionProvider.Options"/>.</summary>
    /// <param name="name">The name that ONNX Runtime's generic append knows, in its own case.</param>
    public GenericProvider(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Name = name;
    }

    /// <summary>The name that was given.</summary>
    public override string Name { get; }

    internal override unsafe void Append(nint sessionOptions)
    {
        (NativeTexts keys, NativeTexts values) = Entries();
        var name = NativeTexts.Of([Name]);
        OrtNative.Check(OrtNative.Api->SessionOptionsAppendExecutionProvider(
            sessionOptions, name.Pointers[0], keys.Pointers, values.Pointers, keys.Count));
        GC.KeepAlive(name);
        GC.KeepAlive(keys);
        GC.KeepAlive(values);
    }
}
