namespace Bento.OnnxRuntime.Native;

/// <summary>Owns a native session, and may give its memory back to the system when it goes.</summary>
internal sealed unsafe class SessionHandle(nint pointer, bool trim)
    : OrtHandle(pointer, OrtNative.Api->ReleaseSession)
{
    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        base.ReleaseHandle();
        if (trim)
        {
            NativeHeap.Trim();
        }

        return true;
    }
}
