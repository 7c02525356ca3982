using System.Globalization;
using Bento.OnnxRuntime.Native;

namespace Bento.OnnxRuntime;

/// <summary>Where memory is: the processor's own, or that of a device.</summary>
public sealed record MemoryPlace
{
    private const int DeviceAllocator = 0;
    private const int OutputForProcessor = -1;
    private const int OfDevice = 0;
    private const int Processor = 0;

    private MemoryPlace(string name, int deviceId)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(deviceId);
        Name = name;
        DeviceId = deviceId;
    }

    /// <summary>Ordinary memory.</summary>
    public static MemoryPlace Cpu { get; } = new("Cpu", 0);

    /// <summary>What ONNX Runtime calls it: <c>Cpu</c>, <c>Cuda</c>, <c>CudaPinned</c>.</summary>
    public string Name { get; }

    /// <summary>Which device of its kind; 0 for the processor.</summary>
    public int DeviceId { get; }

    internal string ArenaName =>
        string.Create(CultureInfo.InvariantCulture, $"{(this == Cpu ? "cpu" : "gpu")}:{DeviceId}");

    /// <summary>The memory of a GPU, which the processor cannot read.</summary>
    /// <param name="deviceId">Which GPU, by CUDA's own numbers.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public static MemoryPlace Cuda(int deviceId = 0) => new("Cuda", deviceId);

    /// <summary>Ordinary memory that does not move, from which a GPU copies at its full speed.</summary>
    /// <param name="deviceId">The GPU that copies.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public static MemoryPlace CudaPinned(int deviceId = 0) => new("CudaPinned", deviceId);

    /// <summary>Memory of a provider that has no place of its own here.</summary>
    /// <param name="name">What ONNX Runtime calls it.</param>
    /// <param name="deviceId">Which device of its kind.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public static MemoryPlace Named(string name, int deviceId = 0)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return new(name, deviceId);
    }

    /// <summary>Name and number, such as <c>Cuda:0</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name}:{DeviceId}");

    /// <summary>The native description; ONNX Runtime refuses names that it does not know.</summary>
    internal unsafe OrtHandle CreateInfo()
    {
        var name = NativeTexts.Of([Name]);
        int kind = Name == "CudaPinned" ? OutputForProcessor : OfDevice;
        OrtNative.Check(OrtNative.Api->CreateMemoryInfo(
            name.Pointers[0], DeviceAllocator, DeviceId, kind, out nint info));
        GC.KeepAlive(name);
        return new OrtHandle(info, OrtNative.Api->ReleaseMemoryInfo);
    }

    /// <summary>Where a native tensor's elements are.</summary>
    internal static unsafe MemoryPlace OfTensor(nint tensor)
    {
        OrtApi* api = OrtNative.Api;
        OrtNative.Check(api->GetTensorMemoryInfo(tensor, out nint info));
        OrtNative.Check(api->MemoryInfoGetName(info, out byte* name));
        OrtNative.Check(api->MemoryInfoGetId(info, out int device));
        return new MemoryPlace(OrtNative.TextOf(name), device);
    }

    /// <summary>Whether the processor can read and write a native tensor's elements.</summary>
    internal static unsafe bool IsReadable(nint tensor)
    {
        OrtApi* api = OrtNative.Api;
        OrtNative.Check(api->GetTensorMemoryInfo(tensor, out nint info));
        OrtNative.Check(api->MemoryInfoGetMemType(info, out int kind));
        api->MemoryInfoGetDeviceType(info, out int device);
        return device == Processor || kind < OfDevice;
    }
}
