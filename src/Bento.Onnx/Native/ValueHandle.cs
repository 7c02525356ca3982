using System.Buffers;

namespace Bento.OnnxRuntime.Native;

/// <summary>
/// Owns a native value, and keeps the memory below it, managed or another's, in its place for as long.
/// </summary>
internal sealed unsafe class ValueHandle : OrtHandle
{
    private MemoryHandle _pin;

    public ValueHandle(nint pointer, MemoryHandle pin)
        : base(pointer, OrtNative.Api->ReleaseValue) => _pin = pin;

    public ValueHandle(nint pointer, OrtHandle? owner = null)
        : base(pointer, OrtNative.Api->ReleaseValue, owner)
    {
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        base.ReleaseHandle();
        _pin.Dispose();
        return true;
    }
}
