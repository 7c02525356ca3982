using System.Globalization;
using Bento.OnnxRuntime.Native;

namespace Bento.OnnxRuntime;

/// <summary>NVIDIA's CUDA. It wants the provider's library beside ONNX Runtime's, CUDA 13 and cuDNN 9.</summary>
public sealed record CudaProvider : ExecutionProvider
{
    /// <summary>Always <c>CUDA</c>.</summary>
    public override string Name => "CUDA";

    /// <summary>Which GPU, by CUDA's own numbers; 0 by default.</summary>
    public int DeviceId { get; init; }

    /// <summary>
    /// The most bytes of the GPU's memory that the session's arena may take; null, the default, means all.
    /// </summary>
    public long? MemoryLimit { get; init; }

    /// <summary>How the arena grows; by powers of two by default.</summary>
    public ArenaExtension ArenaExtension { get; init; } = ArenaExtension.NextPowerOfTwo;

    /// <summary>How cuDNN chooses the algorithm of a convolution; by trying all of them by default.</summary>
    public ConvolutionSearch ConvolutionSearch { get; init; } = ConvolutionSearch.Exhaustive;

    /// <summary>
    /// Whether copies run on the stream that computes; true by default. Without it they may overlap with computing, and
    /// some models then race with their own copies.
    /// </summary>
    public bool CopyInDefaultStream { get; init; } = true;

    /// <summary>
    /// Whether a convolution may take all the scratch memory that its best algorithm wants; true by default.
    /// </summary>
    public bool ConvolutionMaxWorkspace { get; init; } = true;

    /// <summary>
    /// Whether floats are multiplied in TF32, which is quicker and rounds to 10 bits; true by default.
    /// </summary>
    public bool UseTf32 { get; init; } = true;

    internal override unsafe void Append(nint sessionOptions)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(DeviceId);
        if (MemoryLimit is { } limit)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit, nameof(MemoryLimit));
        }

        OrtApi* api = OrtNative.Api;
        OrtNative.Check(api->CreateCUDAProviderOptions(out nint pointer));
        using var options = new OrtHandle(pointer, api->ReleaseCUDAProviderOptions);
        (NativeTexts keys, NativeTexts values) = Entries(
            ("device_id", DeviceId.ToString(CultureInfo.InvariantCulture)),
            ("gpu_mem_limit", MemoryLimit?.ToString(CultureInfo.InvariantCulture)),
            ("arena_extend_strategy", ArenaExtension == ArenaExtension.SameAsRequested
                ? "kSameAsRequested"
                : "kNextPowerOfTwo"),
            ("cudnn_conv_algo_search", ConvolutionSearch.ToString().ToUpperInvariant()),
            ("do_copy_in_default_stream", Flag(CopyInDefaultStream)),
            ("cudnn_conv_use_max_workspace", Flag(ConvolutionMaxWorkspace)),
            ("use_tf32", Flag(UseTf32)));
        OrtNative.Check(api->UpdateCUDAProviderOptions(pointer, keys.Pointers, values.Pointers, keys.Count));
        GC.KeepAlive(keys);
        GC.KeepAlive(values);
        OrtNative.Check(api->SessionOptionsAppendExecutionProvider_CUDA_V2(sessionOptions, pointer));
    }
}
