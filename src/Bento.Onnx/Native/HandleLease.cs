namespace Bento.OnnxRuntime.Native;

/// <summary>Holds one native object for the length of a scope.</summary>
internal readonly ref struct HandleLease
{
    private readonly OrtHandle _handle;

    /// <exception cref="ObjectDisposedException">It was disposed of before; the owner's type is named.</exception>
    public HandleLease(OrtHandle handle, object owner)
    {
        Pointer = handle.Acquire(owner);
        _handle = handle;
    }

    /// <summary>The address of the object, good until the end of the scope.</summary>
    public nint Pointer { get; }

    public void Dispose() => _handle.Release();
}
