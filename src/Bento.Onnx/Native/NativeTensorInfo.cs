using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Bento.OnnxRuntime.Native;

/// <summary>Reads native descriptions of types and shapes.</summary>
internal static unsafe class NativeTensorInfo
{
    /// <summary>What a value is; a value that is no tensor has no element type and no dimensions.</summary>
    public static (ValueKind Kind, TensorElementType ElementType, ImmutableArray<long> Shape) OfValue(nint value)
    {
        OrtApi* api = OrtNative.Api;
        OrtNative.Check(api->HasValue(value, out int hasValue));
        if (hasValue == 0)
        {
            // An optional output that is absent: asked for its type, the library would read at null.
            return (ValueKind.Optional, TensorElementType.Undefined, []);
        }

        OrtNative.Check(api->GetValueType(value, out ValueKind kind));
        if (kind != ValueKind.Tensor)
        {
            return (kind, TensorElementType.Undefined, []);
        }

        OrtNative.Check(api->GetTensorTypeAndShape(value, out nint info));
        try
        {
            OrtNative.Check(api->GetTensorElementType(info, out TensorElementType elementType));
            return (kind, elementType, ImmutableCollectionsMarshal.AsImmutableArray(Lengths(info)));
        }
        finally
        {
            api->ReleaseTensorTypeAndShapeInfo(info);
        }
    }

    /// <summary>An input or output, by its name and its native type, which stays the caller's.</summary>
    public static ValueInfo OfType(string name, nint type)
    {
        OrtApi* api = OrtNative.Api;
        OrtNative.Check(api->GetOnnxTypeFromTypeInfo(type, out ValueKind kind));
        OrtNative.Check(api->CastTypeInfoToTensorInfo(type, out nint info));
        if (kind != ValueKind.Tensor || info == 0)
        {
            return new ValueInfo(name, kind, TensorElementType.Undefined, []);
        }

        OrtNative.Check(api->GetTensorElementType(info, out TensorElementType elementType));
        return new ValueInfo(name, kind, elementType, Dimensions(info));
    }

    private static ImmutableArray<Dimension> Dimensions(nint info)
    {
        long[] lengths = Lengths(info);
        var names = new nint[lengths.Length];
        fixed (nint* pointers = names)
        {
            OrtNative.Check(OrtNative.Api->GetSymbolicDimensions(info, (byte**)pointers, (nuint)names.Length));
        }

        var dimensions = ImmutableArray.CreateBuilder<Dimension>(lengths.Length);
        for (int i = 0; i < lengths.Length; i++)
        {
            string name = OrtNative.TextOf((byte*)names[i]);
            dimensions.Add(new Dimension(lengths[i], name.Length > 0 ? name : null));
        }

        return dimensions.MoveToImmutable();
    }

    private static long[] Lengths(nint info)
    {
        OrtNative.Check(OrtNative.Api->GetDimensionsCount(info, out nuint rank));
        var lengths = new long[rank];
        fixed (long* pointer = lengths)
        {
            OrtNative.Check(OrtNative.Api->GetDimensions(info, pointer, rank));
        }

        return lengths;
    }
}
