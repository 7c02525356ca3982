using System.Buffers;
using System.Collections.Immutable;
using Bento.OnnxRuntime.Native;

namespace Bento.OnnxRuntime;

/// <summary>
/// What a session reads or writes: a tensor over memory of the caller, in memory of a session or of strings, or an
/// output of a run, which can also be a list (<see cref="AsSequence"/>) or a map (<see cref="ToMap"/>).
/// </summary>
/// <remarks>Disposing of a value while a run uses it is safe: the run ends first.</remarks>
public sealed unsafe class OrtValue : IDisposable
{
    private OrtValue(ValueHandle handle, ValueKind kind, TensorElementType elementType, ImmutableArray<long> shape)
    {
        Handle = handle;
        Kind = kind;
        ElementType = elementType;
        Shape = shape;
    }

    /// <summary>Whether it is a tensor or something else.</summary>
    public ValueKind Kind { get; }

    /// <summary>The type of the tensor's elements; undefined for every other kind.</summary>
    public TensorElementType ElementType { get; }

    /// <summary>The length of each dimension, the outermost first; empty for a single number.</summary>
    public ImmutableArray<long> Shape { get; }

    /// <summary>Where the tensor's elements are.</summary>
    /// <exception cref="InvalidOperationException">The value is no tensor.</exception>
    /// <exception cref="ObjectDisposedException">The value was disposed of.</exception>
    public MemoryPlace Place
    {
        get
        {
            Require(ValueKind.Tensor);
            using var lease = new HandleLease(Handle, this);
            return MemoryPlace.OfTensor(lease.Pointer);
        }
    }

    internal ValueHandle Handle { get; }

    internal string Type => Kind == ValueKind.Tensor ? $"{ElementType}[{string.Join(", ", Shape)}]" : Kind.ToString();

    /// <summary>A tensor over an array, which is not copied: what a run writes into it shows in the array.</summary>
    /// <typeparam name="T">
    /// <see cref="float"/>, <see cref="double"/>, <see cref="Half"/>, <see cref="BFloat16"/>, <see cref="bool"/> or an
    /// integer of 8 to 64 bits.
    /// </typeparam>
    /// <param name="elements">The elements, row by row; they do not move until the value is disposed of.</param>
    /// <param name="shape">The length of each dimension, the outermost first; none for a single number.</param>
    /// <exception cref="ArgumentException">The shape does not hold as many elements as there are.</exception>
    /// <exception cref="NotSupportedException">There are no tensors of <typeparamref name="T"/>.</exception>
    public static OrtValue Over<T>(T[] elements, params long[] shape)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(elements);
        return Over(elements.AsMemory(), shape);
    }

    /// <summary>A tensor over memory, which is not copied: what a run writes into it shows in the memory.</summary>
    /// <typeparam name="T">
    /// <see cref="float"/>, <see cref="double"/>, <see cref="Half"/>, <see cref="BFloat16"/>, <see cref="bool"/> or an
    /// integer of 8 to 64 bits.
    /// </typeparam>
    /// <param name="elements">The elements, row by row; they do not move until the value is disposed of.</param>
    /// <param name="shape">The length of each dimension, the outermost first; none for a single number.</param>
    /// <exception cref="ArgumentException">The shape does not hold as many elements as there are.</exception>
    /// <exception cref="NotSupportedException">There are no tensors of <typeparamref name="T"/>.</exception>
    public static OrtValue Over<T>(Memory<T> elements, params long[] shape)
        where T : unmanaged
    {
        TensorElementType elementType = ElementTypes.Of<T>();
        CheckCount(shape, elements.Length);
        nint memory = OrtEnvironment.CpuMemory;
        MemoryHandle pin = elements.Pin();
        try
        {
            // Memory without elements has no address, and ONNX Runtime wants one.
            byte none = 0;
            void* data = pin.Pointer == null ? &none : pin.Pointer;
            nint value;
            fixed (long* dimensions = shape)
            {
                OrtNative.Check(OrtNative.Api->CreateTensorWithDataAsOrtValue(
                    memory,
                    data,
                    (nuint)elements.Length * (nuint)sizeof(T),
                    dimensions,
                    (nuint)shape.Length,
                    elementType,
                    out value));
            }

            return new OrtValue(new ValueHandle(value, pin), ValueKind.Tensor, elementType, [.. shape]);
        }
        catch
        {
            pin.Dispose();
            throw;
        }
    }

    /// <summary>A tensor of strings, which are copied.</summary>
    /// <param name="texts">The elements, row by row; any characters, also none.</param>
    /// <param name="shape">The length of each dimension, the outermost first; none for a single string.</param>
    /// <exception cref="ArgumentException">The shape wants more or fewer elements, or one is null.</exception>
    public static OrtValue OfStrings(IReadOnlyList<string> texts, params long[] shape)
    {
        ArgumentNullException.ThrowIfNull(texts);
        CheckCount(shape, texts.Count);
        nint allocator = OrtEnvironment.Allocator;
        nint value;
        fixed (long* dimensions = shape)
        {
            OrtNative.Check(OrtNative.Api->CreateTensorAsOrtValue(
                allocator, dimensions, (nuint)shape.Length, TensorElementType.String, out value));
        }

        var handle = new ValueHandle(value);
        try
        {
            StringTensors.Write(value, texts);
            return new OrtValue(handle, ValueKind.Tensor, TensorElementType.String, [.. shape]);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>A tensor in memory of a session, of elements that are yet to be written.</summary>
    /// <param name="allocator">Allocates it; see <see cref="InferenceSession.CreateAllocator"/>.</param>
    /// <param name="elementType">The type of the elements, except strings.</param>
    /// <param name="shape">The length of each dimension, the outermost first; none for a single number.</param>
    /// <exception cref="ArgumentException">A length is negative, or the elements are strings.</exception>
    /// <exception cref="OrtException">There is not so much memory.</exception>
    /// <exception cref="ObjectDisposedException">The allocator was disposed of.</exception>
    public static OrtValue Allocate(OrtAllocator allocator, TensorElementType elementType, params long[] shape)
    {
        ArgumentNullException.ThrowIfNull(allocator);
        ArgumentNullException.ThrowIfNull(shape);
        if (elementType == TensorElementType.String)
        {
            throw new ArgumentException(
                "Strings are not allocated on a device; OrtValue.OfStrings makes a tensor of them.",
                nameof(elementType));
        }

        _ = Elements(shape);
        using var lease = new HandleLease(allocator.Handle, allocator);
        fixed (long* dimensions = shape)
        {
            OrtNative.Check(OrtNative.Api->CreateTensorAsOrtValue(
                lease.Pointer, dimensions, (nuint)shape.Length, elementType, out nint value));
            return new OrtValue(new ValueHandle(value, allocator.Handle), ValueKind.Tensor, elementType, [.. shape]);
        }
    }

    /// <summary>The elements in their place, row by row, good until the value is disposed of.</summary>
    /// <typeparam name="T">The .NET type of <see cref="ElementType"/>.</typeparam>
    /// <exception cref="InvalidOperationException">
    /// The value is no tensor of such elements, or they are in the memory of a device.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The value was disposed of.</exception>
    public Span<T> AsSpan<T>()
        where T : unmanaged
    {
        Require(ElementTypes.Of<T>());
        using var lease = new HandleLease(Handle, this);
        if (!MemoryPlace.IsReadable(lease.Pointer))
        {
            throw new InvalidOperationException(
                $"The value is in the memory of {Place}, which the processor cannot read; have it written to "
                + "MemoryPlace.Cpu, by a run or a binding.");
        }

        OrtNative.Check(OrtNative.Api->GetTensorMutableData(lease.Pointer, out void* data));
        return new Span<T>(data, Count);
    }

    /// <summary>A copy of the elements, row by row, that outlives the value.</summary>
    /// <typeparam name="T">The .NET type of <see cref="ElementType"/>.</typeparam>
    /// <exception cref="InvalidOperationException">The value is no tensor of such elements.</exception>
    /// <exception cref="ObjectDisposedException">The value was disposed of.</exception>
    public T[] ToArray<T>()
        where T : unmanaged
    {
        using var lease = new HandleLease(Handle, this);
        return AsSpan<T>().ToArray();
    }

    /// <summary>The elements of a tensor of strings, row by row.</summary>
    /// <exception cref="InvalidOperationException">The value is no tensor of strings.</exception>
    /// <exception cref="ObjectDisposedException">The value was disposed of.</exception>
    public string[] ToStrings()
    {
        Require(TensorElementType.String);
        using var lease = new HandleLease(Handle, this);
        return StringTensors.Read(lease.Pointer, Count);
    }

    /// <summary>The values of a list, which may outlive it.</summary>
    /// <returns>The values, which the caller disposes of.</returns>
    /// <exception cref="InvalidOperationException">The value is no list.</exception>
    /// <exception cref="ObjectDisposedException">The value was disposed of.</exception>
    public OrtSequence AsSequence()
    {
        Require(ValueKind.Sequence);
        using var lease = new HandleLease(Handle, this);
        OrtNative.Check(OrtNative.Api->GetValueCount(lease.Pointer, out nuint count));
        return new OrtSequence(Parts(lease.Pointer, (int)count));
    }

    /// <summary>A copy of a map, which outlives the value.</summary>
    /// <typeparam name="TKey"><see cref="long"/> or <see cref="string"/>.</typeparam>
    /// <typeparam name="TValue">
    /// <see cref="float"/>, <see cref="double"/>, <see cref="long"/> or <see cref="string"/>.
    /// </typeparam>
    /// <exception cref="InvalidOperationException">The value is no map of such keys and values.</exception>
    /// <exception cref="NotSupportedException">There are no maps of such keys or values.</exception>
    /// <exception cref="ObjectDisposedException">The value was disposed of.</exception>
    public Dictionary<TKey, TValue> ToMap<TKey, TValue>()
        where TKey : notnull
    {
        Require(ValueKind.Map);
        using var lease = new HandleLease(Handle, this);
        using var parts = new OrtSequence(Parts(lease.Pointer, 2));
        TKey[] keys = MapElements.Read<TKey>(parts[0]);
        TValue[] values = MapElements.Read<TValue>(parts[1]);
        return keys.Zip(values).ToDictionary(entry => entry.First, entry => entry.Second);
    }

    /// <summary>Gives the native value back and lets the caller's memory move again, once no run uses them.</summary>
    public void Dispose() => Handle.Dispose();

    /// <summary>Type and shape, such as <c>Float[2, 512]</c>.</summary>
    public override string ToString() => Type;

    /// <summary>Wraps native values, which are released also when this fails.</summary>
    internal static OrtValue[] Own(ReadOnlySpan<nint> pointers)
    {
        var handles = new ValueHandle[pointers.Length];
        for (int i = 0; i < pointers.Length; i++)
        {
            handles[i] = new ValueHandle(pointers[i]);
        }

        return Own(handles);
    }

    /// <summary>Takes handles over, which are disposed of also when this fails.</summary>
    internal static OrtValue[] Own(ValueHandle[] handles)
    {
        try
        {
            return Array.ConvertAll(handles, Own);
        }
        catch
        {
            Array.ForEach(handles, handle => handle.Dispose());
            throw;
        }
    }

    private int Count
    {
        get
        {
            long count = 1;
            foreach (long length in Shape)
            {
                count *= length;
            }

            return checked((int)count);
        }
    }

    private static OrtValue Own(ValueHandle handle)
    {
        using var lease = new HandleLease(handle, handle);
        (ValueKind kind, TensorElementType elementType, ImmutableArray<long> shape) =
            NativeTensorInfo.OfValue(lease.Pointer);
        return new OrtValue(handle, kind, elementType, shape);
    }

    private static OrtValue[] Parts(nint value, int count)
    {
        var parts = new List<ValueHandle>(count);
        try
        {
            for (int i = 0; i < count; i++)
            {
                OrtNative.Check(OrtNative.Api->GetValue(value, i, OrtEnvironment.Allocator, out nint part));
                parts.Add(new ValueHandle(part));
            }
        }
        catch
        {
            parts.ForEach(part => part.Dispose());
            throw;
        }

        return Own([.. parts]);
    }

    private static void CheckCount(long[] shape, int given)
    {
        ArgumentNullException.ThrowIfNull(shape);
        Int128 wanted = Elements(shape);
        if (wanted != given)
        {
            throw new ArgumentException(
                $"The shape [{string.Join(", ", shape)}] wants {wanted} elements; given: {given}.", nameof(shape));
        }
    }

    private static Int128 Elements(long[] shape)
    {
        Int128 count = 1;
        foreach (long length in shape)
        {
            if (length < 0)
            {
                throw new ArgumentException(
                    $"The shape [{string.Join(", ", shape)}] has a negative length.", nameof(shape));
            }

            count = count == 0 || length == 0 ? 0 : Int128.Min(count * length, long.MaxValue);
        }

        return count;
    }

    private void Require(ValueKind wanted)
    {
        if (Kind != wanted)
        {
            throw new InvalidOperationException($"The value is {Type}; it is no {wanted}.");
        }
    }

    private void Require(TensorElementType wanted)
    {
        if (ElementType != wanted)
        {
            throw new InvalidOperationException($"The value is {Type}; it cannot be read as elements of {wanted}.");
        }
    }
}
