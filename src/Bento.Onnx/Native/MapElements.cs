namespace Bento.OnnxRuntime.Native;

/// <summary>Reads the keys or the values of a map, which ONNX keeps as one tensor each.</summary>
internal static class MapElements
{
    /// <summary>All elements of a tensor whose element type is only known by a type argument.</summary>
    /// <exception cref="NotSupportedException">No map has such keys or values.</exception>
    /// <exception cref="InvalidOperationException">The tensor has elements of another type.</exception>
    public static T[] Read<T>(OrtValue tensor) =>
        (T[])(object)(
            typeof(T) == typeof(string) ? tensor.ToStrings()
            : typeof(T) == typeof(long) ? tensor.ToArray<long>()
            : typeof(T) == typeof(float) ? tensor.ToArray<float>()
            : typeof(T) == typeof(double) ? tensor.ToArray<double>()
            : throw new NotSupportedException(
                $"A map cannot have keys or values of {typeof(T)}; wanted: string, long, or for values float or "
                + "double."));
}
