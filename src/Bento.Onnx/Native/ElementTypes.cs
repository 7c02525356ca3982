namespace Bento.OnnxRuntime.Native;

/// <summary>Which .NET type is which element type; a <c>bool</c> is a byte in both worlds.</summary>
internal static class ElementTypes
{
    private static readonly Dictionary<Type, TensorElementType> _all = new(
    [
        Entry<float>(), Entry<long>(), Entry<int>(), Entry<byte>(), Entry<bool>(), Entry<double>(), Entry<Half>(),
        Entry<BFloat16>(), Entry<sbyte>(), Entry<short>(), Entry<ushort>(), Entry<uint>(), Entry<ulong>(),
    ]);

    /// <summary>The element type of a .NET type that is known only when the program runs; none for others.</summary>
    public static bool TryFind(Type type, out TensorElementType elementType) =>
        _all.TryGetValue(type, out elementType);

    /// <summary>The .NET type of an element type; null where there is none.</summary>
    public static Type? TypeOf(TensorElementType elementType) =>
        _all.FirstOrDefault(entry => entry.Value == elementType).Key;

    /// <summary>The element type of a .NET type.</summary>
    /// <exception cref="NotSupportedException">There is none.</exception>
    public static TensorElementType Of<T>()
        where T : unmanaged =>
        typeof(T) == typeof(float) ? TensorElementType.Float
        : typeof(T) == typeof(long) ? TensorElementType.Int64
        : typeof(T) == typeof(int) ? TensorElementType.Int32
        : typeof(T) == typeof(byte) ? TensorElementType.UInt8
        : typeof(T) == typeof(bool) ? TensorElementType.Bool
        : typeof(T) == typeof(double) ? TensorElementType.Double
        : typeof(T) == typeof(Half) ? TensorElementType.Float16
        : typeof(T) == typeof(BFloat16) ? TensorElementType.BFloat16
        : typeof(T) == typeof(sbyte) ? TensorElementType.Int8
        : typeof(T) == typeof(short) ? TensorElementType.Int16
        : typeof(T) == typeof(ushort) ? TensorElementType.UInt16
        : typeof(T) == typeof(uint) ? TensorElementType.UInt32
        : typeof(T) == typeof(ulong) ? TensorElementType.UInt64
        : throw new NotSupportedException(
            $"A tensor cannot have elements of {typeof(T)}; wanted: float, double, Half, BFloat16, bool, "
            + "or an integer of 8 to 64 bits.");

    private static KeyValuePair<Type, TensorElementType> Entry<T>()
        where T : unmanaged => KeyValuePair.Create(typeof(T), Of<T>());
}
