using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Bento.OnnxRuntime.Native;

/// <summary>The one environment of the process, made by the first use and never released.</summary>
internal static unsafe class OrtEnvironment
{
    private const int DeviceAllocator = 0;
    private const int DefaultMemory = 0;

    private static readonly Lock _gate = new();
    private static bool _ready;
    private static nint _pointer;
    private static nint _cpuMemory;
    private static nint _allocator;

    /// <summary>The environment that sessions are made in.</summary>
    public static nint Pointer => Ready(ref _pointer);

    /// <summary>Describes ordinary memory, for tensors over memory of the caller.</summary>
    public static nint CpuMemory => Ready(ref _cpuMemory);

    /// <summary>The default allocator, for strings and names.</summary>
    public static nint Allocator => Ready(ref _allocator);

    private static nint Ready(ref nint field)
    {
        if (!Volatile.Read(ref _ready))
        {
            Create();
        }

        return field;
    }

    private static void Create()
    {
        lock (_gate)
        {
            if (_ready)
            {
                return;
            }

            OrtApi* api = OrtNative.Api;
            fixed (byte* name = "Bento\0"u8)
            {
                OrtNative.Check(api->CreateEnvWithCustomLogger(
                    &OnLog, null, OrtLogSeverity.Warning, name, out _pointer));
            }

            // The environment calls back for as long as the process lives, so this code must not be unloaded.
            _ = GCHandle.Alloc(new Anchor());
            OrtNative.Check(api->DisableTelemetryEvents(_pointer));
            OrtNative.Check(api->CreateCpuMemoryInfo(DeviceAllocator, DefaultMemory, out _cpuMemory));
            OrtNative.Check(api->GetAllocatorWithDefaultOptions(out _allocator));
            Volatile.Write(ref _ready, true);
        }
    }

    [UnmanagedCallersOnly]
    private static void OnLog(
        void* state, OrtLogSeverity severity, byte* category, byte* id, byte* location, byte* message)
    {
        OrtLibrary.Log(new OrtLogMessage(
            severity, OrtNative.TextOf(category), OrtNative.TextOf(location), OrtNative.TextOf(message)));
    }

    /// <summary>An object of this assembly: as long as it lives, so does the assembly's load context.</summary>
    private sealed class Anchor;
}
