using Bento.OnnxRuntime.Native;

namespace Bento.OnnxRuntime;

/// <summary>What a model says of itself. Texts that it does not have are empty.</summary>
public sealed record ModelMetadata
{
    private const long None = long.MaxValue;

    private ModelMetadata()
    {
    }

    /// <summary>The program that wrote the file, such as <c>pytorch</c>.</summary>
    public required string Producer { get; init; }

    /// <summary>The name of the graph.</summary>
    public required string GraphName { get; init; }

    /// <summary>What the graph does, in prose.</summary>
    public required string GraphDescription { get; init; }

    /// <summary>Who the model belongs to, such as <c>com.example</c>.</summary>
    public required string Domain { get; init; }

    /// <summary>What the model does, in prose.</summary>
    public required string Description { get; init; }

    /// <summary>The version that its makers gave it; null when they gave none.</summary>
    public required long? Version { get; init; }

    /// <summary>What its makers added, such as the labels of its classes.</summary>
    public required IReadOnlyDictionary<string, string> Custom { get; init; }

    internal static unsafe ModelMetadata Read(nint session)
    {
        OrtApi* api = OrtNative.Api;
        nint allocator = OrtEnvironment.Allocator;
        OrtNative.Check(api->SessionGetModelMetadata(session, out nint pointer));
        using var metadata = new OrtHandle(pointer, api->ReleaseModelMetadata);
        OrtNative.Check(api->ModelMetadataGetProducerName(pointer, allocator, out byte* producer));
        OrtNative.Check(api->ModelMetadataGetGraphName(pointer, allocator, out byte* graphName));
        OrtNative.Check(api->ModelMetadataGetGraphDescription(pointer, allocator, out byte* graphDescription));
        OrtNative.Check(api->ModelMetadataGetDomain(pointer, allocator, out byte* domain));
        OrtNative.Check(api->ModelMetadataGetDescription(pointer, allocator, out byte* description));
        OrtNative.Check(api->ModelMetadataGetVersion(pointer, out long version));
        return new ModelMetadata
        {
            Producer = OrtNative.Take(producer),
            GraphName = OrtNative.Take(graphName),
            GraphDescription = OrtNative.Take(graphDescription),
            Domain = OrtNative.Take(domain),
            Description = OrtNative.Take(description),
            Version = version == None ? null : version,
            Custom = ReadCustom(pointer),
        };
    }

    private static unsafe Dictionary<string, string> ReadCustom(nint metadata)
    {
        OrtApi* api = OrtNative.Api;
        nint allocator = OrtEnvironment.Allocator;
        var custom = new Dictionary<string, string>();
        OrtNative.Check(api->ModelMetadataGetCustomMetadataMapKeys(
            metadata, allocator, out byte** keys, out long count));
        for (long i = 0; i < count; i++)
        {
            OrtNative.Check(api->ModelMetadataLookupCustomMetadataMap(metadata, allocator, keys[i], out byte* value));
            custom[OrtNative.Take(keys[i])] = OrtNative.Take(value);
        }

        if (keys != null)
        {
            OrtNative.Check(api->AllocatorFree(allocator, keys));
        }

        return custom;
    }
}
