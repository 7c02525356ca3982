using System.Runtime.InteropServices;

namespace Bento.OnnxRuntime.Native;

/// <summary>
/// ONNX Runtime's table of C functions, each field named as in onnxruntime_c_api.h and laid at its place there. Only
/// the functions in use are listed. The table only ever grows at its end, so the places hold for every later version.
/// </summary>
/// <remarks>
/// A function that returns <c>nint</c> returns a status, null when all went well; see <see cref="OrtNative.Check"/>.
/// Objects are <c>nint</c>, texts null-terminated UTF-8, except model paths, which are UTF-16 on Windows.
/// </remarks>
[StructLayout(LayoutKind.Explicit)]
internal readonly unsafe struct OrtApi
{
    /// <summary>The oldest version of the table that has every function used here.</summary>
    public const uint RequiredVersion = 20;

    private const int Slot = 8;

    [FieldOffset(1 * Slot)] public readonly delegate* unmanaged<nint, OrtErrorCode> GetErrorCode;
    [FieldOffset(2 * Slot)] public readonly delegate* unmanaged<nint, byte*> GetErrorMessage;
    [FieldOffset(93 * Slot)] public readonly delegate* unmanaged<nint, void> ReleaseStatus;

    [FieldOffset(4 * Slot)]
    public readonly delegate* unmanaged<
        delegate* unmanaged<void*, OrtLogSeverity, byte*, byte*, byte*, byte*, void>,
        void*, OrtLogSeverity, byte*, out nint, nint> CreateEnvWithCustomLogger;
    [FieldOffset(6 * Slot)] public readonly delegate* unmanaged<nint, nint> DisableTelemetryEvents;

    [FieldOffset(125 * Slot)] public readonly delegate* unmanaged<out byte**, out int, nint> GetAvailableProviders;
    [FieldOffset(126 * Slot)] public readonly delegate* unmanaged<byte**, int, nint> ReleaseAvailableProviders;

    [FieldOffset(10 * Slot)] public readonly delegate* unmanaged<out nint, nint> CreateSessionOptions;
    [FieldOffset(13 * Slot)] public readonly delegate* unmanaged<nint, ExecutionMode, nint> SetSessionExecutionMode;
    [FieldOffset(17 * Slot)] public readonly delegate* unmanaged<nint, nint> DisableMemPattern;
    [FieldOffset(19 * Slot)] public readonly delegate* unmanaged<nint, nint> DisableCpuMemArena;
    [FieldOffset(22 * Slot)] public readonly delegate* unmanaged<nint, OrtLogSeverity, nint> SetSessionLogSeverityLevel;
    [FieldOffset(23 * Slot)]
    public readonly delegate* unmanaged<nint, GraphOptimization, nint> SetSessionGraphOptimizationLevel;
    [FieldOffset(24 * Slot)] public readonly delegate* unmanaged<nint, int, nint> SetIntraOpNumThreads;
    [FieldOffset(25 * Slot)] public readonly delegate* unmanaged<nint, int, nint> SetInterOpNumThreads;
    [FieldOffset(130 * Slot)] public readonly delegate* unmanaged<nint, byte*, byte*, nint> AddSessionConfigEntry;
    [FieldOffset(100 * Slot)] public readonly delegate* unmanaged<nint, void> ReleaseSessionOptions;

    [FieldOffset(205 * Slot)] public readonly delegate* unmanaged<out nint, nint> CreateCUDAProviderOptions;
    [FieldOffset(206 * Slot)]
    public readonly delegate* unmanaged<nint, byte**, byte**, nuint, nint> UpdateCUDAProviderOptions;
    [FieldOffset(204 * Slot)]
    public readonly delegate* unmanaged<nint, nint, nint> SessionOptionsAppendExecutionProvider_CUDA_V2;
    [FieldOffset(208 * Slot)] public readonly delegate* unmanaged<nint, void> ReleaseCUDAProviderOptions;
    [FieldOffset(171 * Slot)] public readonly delegate* unmanaged<out nint, nint> CreateTensorRTProviderOptions;
    [FieldOffset(172 * Slot)]
    public readonly delegate* unmanaged<nint, byte**, byte**, nuint, nint> UpdateTensorRTProviderOptions;
    [FieldOffset(170 * Slot)]
    public readonly delegate* unmanaged<nint, nint, nint> SessionOptionsAppendExecutionProvider_TensorRT_V2;
    [FieldOffset(174 * Slot)] public readonly delegate* unmanaged<nint, void> ReleaseTensorRTProviderOptions;
    [FieldOffset(216 * Slot)]
    public readonly delegate* unmanaged<nint, byte*, byte**, byte**, nuint, nint> SessionOptionsAppendExecutionProvider;

    [FieldOffset(7 * Slot)] public readonly delegate* unmanaged<nint, void*, nint, out nint, nint> CreateSession;
    [FieldOffset(8 * Slot)]
    public readonly delegate* unmanaged<nint, void*, nuint, nint, out nint, nint> CreateSessionFromArray;
    [FieldOffset(9 * Slot)]
    public readonly delegate* unmanaged<nint, nint, nint*, nint*, nuint, nint*, nuint, nint*, nint> Run;
    [FieldOffset(95 * Slot)] public readonly delegate* unmanaged<nint, void> ReleaseSession;

    [FieldOffset(30 * Slot)] public readonly delegate* unmanaged<nint, out nuint, nint> SessionGetInputCount;
    [FieldOffset(31 * Slot)] public readonly delegate* unmanaged<nint, out nuint, nint> SessionGetOutputCount;
    [FieldOffset(33 * Slot)] public readonly delegate* unmanaged<nint, nuint, out nint, nint> SessionGetInputTypeInfo;
    [FieldOffset(34 * Slot)] public readonly delegate* unmanaged<nint, nuint, out nint, nint> SessionGetOutputTypeInfo;
    [FieldOffset(36 * Slot)]
    public readonly delegate* unmanaged<nint, nuint, nint, out byte*, nint> SessionGetInputName;
    [FieldOffset(37 * Slot)]
    public readonly delegate* unmanaged<nint, nuint, nint, out byte*, nint> SessionGetOutputName;

    [FieldOffset(39 * Slot)] public readonly delegate* unmanaged<out nint, nint> CreateRunOptions;
    [FieldOffset(46 * Slot)] public readonly delegate* unmanaged<nint, nint> RunOptionsSetTerminate;
    [FieldOffset(97 * Slot)] public readonly delegate* unmanaged<nint, void> ReleaseRunOptions;

    [FieldOffset(48 * Slot)]
    public readonly delegate* unmanaged<nint, long*, nuint, TensorElementType, out nint, nint> CreateTensorAsOrtValue;
    [FieldOffset(49 * Slot)]
    public readonly delegate* unmanaged<
        nint, void*, nuint, long*, nuint, TensorElementType, out nint, nint> CreateTensorWithDataAsOrtValue;
    [FieldOffset(51 * Slot)] public readonly delegate* unmanaged<nint, out void*, nint> GetTensorMutableData;
    [FieldOffset(53 * Slot)] public readonly delegate* unmanaged<nint, out nuint, nint> GetStringTensorDataLength;
    [FieldOffset(54 * Slot)]
    public readonly delegate* unmanaged<nint, void*, nuint, nuint*, nuint, nint> GetStringTensorContent;
    [FieldOffset(252 * Slot)]
    public readonly delegate* unmanaged<nint, nuint, nuint, out byte*, nint> GetResizedStringTensorElementBuffer;
    [FieldOffset(65 * Slot)] public readonly delegate* unmanaged<nint, out nint, nint> GetTensorTypeAndShape;
    [FieldOffset(67 * Slot)] public readonly delegate* unmanaged<nint, out ValueKind, nint> GetValueType;
    [FieldOffset(96 * Slot)] public readonly delegate* unmanaged<nint, void> ReleaseValue;

    [FieldOffset(55 * Slot)] public readonly delegate* unmanaged<nint, out nint, nint> CastTypeInfoToTensorInfo;
    [FieldOffset(56 * Slot)] public readonly delegate* unmanaged<nint, out ValueKind, nint> GetOnnxTypeFromTypeInfo;
    [FieldOffset(60 * Slot)]
    public readonly delegate* unmanaged<nint, out TensorElementType, nint> GetTensorElementType;
    [FieldOffset(61 * Slot)] public readonly delegate* unmanaged<nint, out nuint, nint> GetDimensionsCount;
    [FieldOffset(62 * Slot)] public readonly delegate* unmanaged<nint, long*, nuint, nint> GetDimensions;
    [FieldOffset(63 * Slot)] public readonly delegate* unmanaged<nint, byte**, nuint, nint> GetSymbolicDimensions;
    [FieldOffset(98 * Slot)] public readonly delegate* unmanaged<nint, void> ReleaseTypeInfo;
    [FieldOffset(99 * Slot)] public readonly delegate* unmanaged<nint, void> ReleaseTensorTypeAndShapeInfo;

    [FieldOffset(69 * Slot)] public readonly delegate* unmanaged<int, int, out nint, nint> CreateCpuMemoryInfo;
    [FieldOffset(78 * Slot)] public readonly delegate* unmanaged<out nint, nint> GetAllocatorWithDefaultOptions;
    [FieldOffset(76 * Slot)] public readonly delegate* unmanaged<nint, void*, nint> AllocatorFree;
}
