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
    /// <summary>The oldest version of the table that is taken: it has all functions here but the last ones.</summary>
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
    [FieldOffset(11 * Slot)] public readonly delegate* unmanaged<nint, void*, nint> SetOptimizedModelFilePath;
    [FieldOffset(14 * Slot)] public readonly delegate* unmanaged<nint, void*, nint> EnableProfiling;
    [FieldOffset(20 * Slot)] public readonly delegate* unmanaged<nint, byte*, nint> SetSessionLogId;
    [FieldOffset(124 * Slot)]
    public readonly delegate* unmanaged<nint, byte*, long, nint> AddFreeDimensionOverrideByName;
    [FieldOffset(228 * Slot)] public readonly delegate* unmanaged<nint, void*, nint> RegisterCustomOpsLibrary_V2;
    [FieldOffset(273 * Slot)] public readonly delegate* unmanaged<nint, byte, nint> SetDeterministicCompute;
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
    [FieldOffset(110 * Slot)] public readonly delegate* unmanaged<nint, nint, out byte*, nint> SessionEndProfiling;

    [FieldOffset(111 * Slot)] public readonly delegate* unmanaged<nint, out nint, nint> SessionGetModelMetadata;
    [FieldOffset(112 * Slot)]
    public readonly delegate* unmanaged<nint, nint, out byte*, nint> ModelMetadataGetProducerName;
    [FieldOffset(113 * Slot)]
    public readonly delegate* unmanaged<nint, nint, out byte*, nint> ModelMetadataGetGraphName;
    [FieldOffset(114 * Slot)] public readonly delegate* unmanaged<nint, nint, out byte*, nint> ModelMetadataGetDomain;
    [FieldOffset(115 * Slot)]
    public readonly delegate* unmanaged<nint, nint, out byte*, nint> ModelMetadataGetDescription;
    [FieldOffset(116 * Slot)]
    public readonly delegate* unmanaged<nint, nint, byte*, out byte*, nint> ModelMetadataLookupCustomMetadataMap;
    [FieldOffset(117 * Slot)] public readonly delegate* unmanaged<nint, out long, nint> ModelMetadataGetVersion;
    [FieldOffset(123 * Slot)]
    public readonly delegate* unmanaged<nint, nint, out byte**, out long, nint> ModelMetadataGetCustomMetadataMapKeys;
    [FieldOffset(158 * Slot)]
    public readonly delegate* unmanaged<nint, nint, out byte*, nint> ModelMetadataGetGraphDescription;
    [FieldOffset(118 * Slot)] public readonly delegate* unmanaged<nint, void> ReleaseModelMetadata;

    [FieldOffset(30 * Slot)] public readonly delegate* unmanaged<nint, out nuint, nint> SessionGetInputCount;
    [FieldOffset(31 * Slot)] public readonly delegate* unmanaged<nint, out nuint, nint> SessionGetOutputCount;
    [FieldOffset(33 * Slot)] public readonly delegate* unmanaged<nint, nuint, out nint, nint> SessionGetInputTypeInfo;
    [FieldOffset(34 * Slot)] public readonly delegate* unmanaged<nint, nuint, out nint, nint> SessionGetOutputTypeInfo;
    [FieldOffset(36 * Slot)]
    public readonly delegate* unmanaged<nint, nuint, nint, out byte*, nint> SessionGetInputName;
    [FieldOffset(37 * Slot)]
    public readonly delegate* unmanaged<nint, nuint, nint, out byte*, nint> SessionGetOutputName;

    [FieldOffset(39 * Slot)] public readonly delegate* unmanaged<out nint, nint> CreateRunOptions;
    [FieldOffset(41 * Slot)]
    public readonly delegate* unmanaged<nint, OrtLogSeverity, nint> RunOptionsSetRunLogSeverityLevel;
    [FieldOffset(42 * Slot)] public readonly delegate* unmanaged<nint, byte*, nint> RunOptionsSetRunTag;
    [FieldOffset(165 * Slot)] public readonly delegate* unmanaged<nint, byte*, byte*, nint> AddRunConfigEntry;
    [FieldOffset(46 * Slot)] public readonly delegate* unmanaged<nint, nint> RunOptionsSetTerminate;
    [FieldOffset(97 * Slot)] public readonly delegate* unmanaged<nint, void> ReleaseRunOptions;

    [FieldOffset(134 * Slot)] public readonly delegate* unmanaged<nint, out nint, nint> CreateIoBinding;
    [FieldOffset(136 * Slot)] public readonly delegate* unmanaged<nint, byte*, nint, nint> BindInput;
    [FieldOffset(137 * Slot)] public readonly delegate* unmanaged<nint, byte*, nint, nint> BindOutput;
    [FieldOffset(138 * Slot)] public readonly delegate* unmanaged<nint, byte*, nint, nint> BindOutputToDevice;
    [FieldOffset(133 * Slot)] public readonly delegate* unmanaged<nint, nint, nint, nint> RunWithBinding;
    [FieldOffset(140 * Slot)]
    public readonly delegate* unmanaged<nint, nint, out nint*, out nuint, nint> GetBoundOutputValues;
    [FieldOffset(141 * Slot)] public readonly delegate* unmanaged<nint, void> ClearBoundInputs;
    [FieldOffset(142 * Slot)] public readonly delegate* unmanaged<nint, void> ClearBoundOutputs;
    [FieldOffset(202 * Slot)] public readonly delegate* unmanaged<nint, nint> SynchronizeBoundInputs;
    [FieldOffset(203 * Slot)] public readonly delegate* unmanaged<nint, nint> SynchronizeBoundOutputs;
    [FieldOffset(135 * Slot)] public readonly delegate* unmanaged<nint, void> ReleaseIoBinding;

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
    [FieldOffset(192 * Slot)] public readonly delegate* unmanaged<nint, out int, nint> HasValue;
    [FieldOffset(80 * Slot)] public readonly delegate* unmanaged<nint, int, nint, out nint, nint> GetValue;
    [FieldOffset(81 * Slot)] public readonly delegate* unmanaged<nint, out nuint, nint> GetValueCount;
    [FieldOffset(194 * Slot)] public readonly delegate* unmanaged<nint, out nint, nint> GetTensorMemoryInfo;
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
    [FieldOffset(131 * Slot)] public readonly delegate* unmanaged<nint, nint, out nint, nint> CreateAllocator;
    [FieldOffset(132 * Slot)] public readonly delegate* unmanaged<nint, void> ReleaseAllocator;

    [FieldOffset(68 * Slot)]
    public readonly delegate* unmanaged<byte*, int, int, int, out nint, nint> CreateMemoryInfo;
    [FieldOffset(71 * Slot)] public readonly delegate* unmanaged<nint, out byte*, nint> MemoryInfoGetName;
    [FieldOffset(72 * Slot)] public readonly delegate* unmanaged<nint, out int, nint> MemoryInfoGetId;
    [FieldOffset(73 * Slot)] public readonly delegate* unmanaged<nint, out int, nint> MemoryInfoGetMemType;
    [FieldOffset(225 * Slot)] public readonly delegate* unmanaged<nint, out int, void> MemoryInfoGetDeviceType;
    [FieldOffset(94 * Slot)] public readonly delegate* unmanaged<nint, void> ReleaseMemoryInfo;

    [FieldOffset(164 * Slot)]
    public readonly delegate* unmanaged<byte**, nuint*, nuint, out nint, nint> CreateArenaCfgV2;
    [FieldOffset(157 * Slot)] public readonly delegate* unmanaged<nint, void> ReleaseArenaCfg;
    [FieldOffset(144 * Slot)] public readonly delegate* unmanaged<nint, nint, nint, nint> CreateAndRegisterAllocator;
    [FieldOffset(177 * Slot)] public readonly delegate* unmanaged<nint, nint, nint> UnregisterAllocator;

    // What follows is younger than the required version: see OrtNative.Require before a use.
    [FieldOffset(319 * Slot)] public readonly delegate* unmanaged<nint, out nint, nint> AllocatorGetStats;
    [FieldOffset(298 * Slot)]
    public readonly delegate* unmanaged<nint, out byte**, out byte**, out nuint, void> GetKeyValuePairs;
    [FieldOffset(300 * Slot)] public readonly delegate* unmanaged<nint, void> ReleaseKeyValuePairs;
}
