using System.Buffers;

namespace Bento.OnnxRuntime.Native;

/// <summary>Owns a native value, and keeps the managed memory below it in its place for as long.</summary>
internal sealed unsafe class ValueHandle : OrtHandle
{
    private MemoryHandle _pin;

    public ValueHandle(nint pointer, MemoryHandle pin = default)
        : base(pointer, OrtNative.Api->ReleaseValue) => _pin = pin;

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        base.ReleaseHandle();
        _pin.Dispose();
        return true;
    }
}
