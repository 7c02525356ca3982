using System.Runtime.InteropServices;

namespace Bento.OnnxRuntime.Native;

/// <summary>
/// Owns one native object. It is released when it was disposed of and nobody uses it any more, so that disposal while
/// another thread is inside a native call waits for the end of that call. Later uses are refused at once, which a plain
/// safe handle does not do: it stays open for as long as uses overlap.
/// </summary>
internal unsafe class OrtHandle : SafeHandle
{
    private readonly delegate* unmanaged<nint, void> _release;
    private readonly OrtHandle? _owner;
    private volatile bool _disposed;

    /// <param name="pointer">The object.</param>
    /// <param name="release">Releases it; null where it is the owner's to release.</param>
    /// <param name="owner">What the object must not outlive; in use by the caller during this call.</param>
    public OrtHandle(nint pointer, delegate* unmanaged<nint, void> release, OrtHandle? owner = null)
        : base(0, ownsHandle: true)
    {
        _release = release;
        if (owner is not null)
        {
            bool added = false;
            owner.DangerousAddRef(ref added);
            _owner = owner;
        }

        SetHandle(pointer);
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Keeps the object alive until <see cref="Release"/>, and returns its address.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed of before; the owner's type is named.</exception>
    public nint Acquire(object owner)
    {
        ObjectDisposedException.ThrowIf(_disposed, owner);
        bool added = false;
        DangerousAddRef(ref added);
        return handle;
    }

    /// <summary>Ends one <see cref="Acquire"/>.</summary>
    public void Release() => DangerousRelease();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _disposed = true;
        base.Dispose(disposing);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        if (_release is not null)
        {
            _release(handle);
        }

        _owner?.Release();
        return true;
    }
}
