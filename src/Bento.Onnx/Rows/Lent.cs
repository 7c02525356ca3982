using System.Buffers;

namespace Bento.OnnxRuntime.Rows;

/// <summary>A tensor for the length of one run. Its elements may be in memory that is used again after it.</summary>
internal abstract class Lent(OrtValue value) : IDisposable
{
    public OrtValue Value { get; } = value;

    public virtual void Dispose() => Value.Dispose();
}

internal sealed class Lent<T> : Lent
    where T : unmanaged
{
    private readonly bool _isPooled;

    private Lent(T[] elements, bool isPooled, OrtValue value)
        : base(value)
    {
        Elements = elements;
        _isPooled = isPooled;
    }

    /// <summary>The elements, and perhaps more behind them.</summary>
    public T[] Elements { get; }

    public static Lent<T> Pooled(int count, params long[] shape)
    {
        T[] elements = ArrayPool<T>.Shared.Rent(Math.Max(1, count));
        try
        {
            return new(elements, true, OrtValue.Over(elements.AsMemory(0, count), shape));
        }
        catch
        {
            ArrayPool<T>.Shared.Return(elements);
            throw;
        }
    }

    /// <summary>Over elements of somebody else.</summary>
    public static Lent<T> Over(ArraySegment<T> elements, params long[] shape) =>
        new(elements.Array!, false, OrtValue.Over<T>(elements, shape));

    /// <summary>Over memory that whoever reads the elements may keep.</summary>
    public static Lent<T> Kept(int count, params long[] shape)
    {
        T[] elements = GC.AllocateUninitializedArray<T>(count);
        return new(elements, false, OrtValue.Over(elements, shape));
    }

    public override void Dispose()
    {
        base.Dispose();
        if (_isPooled)
        {
            ArrayPool<T>.Shared.Return(Elements);
        }
    }
}
