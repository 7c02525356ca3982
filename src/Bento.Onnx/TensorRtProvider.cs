using System.Globalization;
using Bento.OnnxRuntime.Native;

namespace Bento.OnnxRuntime;

/// <summary>
/// NVIDIA's TensorRT, which compiles a model for one kind of GPU. List a <see cref="CudaProvider"/> after it for the
/// nodes that it cannot compile.
/// </summary>
public sealed record TensorRtProvider : ExecutionProvider
{
    /// <summary>Always <c>TensorRT</c>.</summary>
    public override string Name => "TensorRT";

    /// <summary>Which GPU, by CUDA's own numbers; 0 by default.</summary>
    public int DeviceId { get; init; }

    /// <summary>Whether it may compute in 16 bits; false by default.</summary>
    public bool EnableFp16 { get; init; }

    /// <summary>Whether it may compute in 8 bits, for models that were quantized; false by default.</summary>
    public bool EnableInt8 { get; init; }

    /// <summary>
    /// The folder where compiled models are kept for the next start, for compiling takes minutes; null, the default,
    /// means that they are not kept.
    /// </summary>
    public string? EngineCache { get; init; }

    /// <summary>
    /// The folder where the measurements that compiling makes are kept, which also serve other models; null, the
    /// default, means that they are not kept.
    /// </summary>
    public string? TimingCache { get; init; }

    /// <summary>
    /// The most bytes of scratch memory that compiling may use; null, the default, means all of the GPU's.
    /// </summary>
    public long? MaxWorkspaceSize { get; init; }

    /// <summary>The fewest neighbouring nodes that are worth compiling; 1 by default.</summary>
    public int MinSubgraphSize { get; init; } = 1;

    internal override unsafe void Append(nint sessionOptions)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(DeviceId);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MinSubgraphSize);
        if (MaxWorkspaceSize is { } limit)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit, nameof(MaxWorkspaceSize));
        }

        OrtApi* api = OrtNative.Api;
        OrtNative.Check(api->CreateTensorRTProviderOptions(out nint pointer));
        using var options = new OrtHandle(pointer, api->ReleaseTensorRTProviderOptions);
        (NativeTexts keys, NativeTexts values) = Entries(
            ("device_id", DeviceId.ToString(CultureInfo.InvariantCulture)),
            ("trt_fp16_enable", Flag(EnableFp16)),
            ("trt_int8_enable", Flag(EnableInt8)),
            ("trt_engine_cache_enable", Flag(EngineCache is not null)),
            ("trt_engine_cache_path", EngineCache),
            ("trt_timing_cache_enable", Flag(TimingCache is not null)),
            ("trt_timing_cache_path", TimingCache),
            ("trt_max_workspace_size", MaxWorkspaceSize?.ToString(CultureInfo.InvariantCulture)),
            ("trt_min_subgraph_size", MinSubgraphSize.ToString(CultureInfo.InvariantCulture)));
        OrtNative.Check(api->UpdateTensorRTProviderOptions(pointer, keys.Pointers, values.Pointers, keys.Count));
        GC.KeepAlive(keys);
        GC.KeepAlive(values);
        OrtNative.Check(api->SessionOptionsAppendExecutionProvider_TensorRT_V2(sessionOptions, pointer));
    }
}
