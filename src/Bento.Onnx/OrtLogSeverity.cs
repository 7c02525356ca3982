namespace Bento.OnnxRuntime;

/// <summary>How grave a log message is, the least first.</summary>
public enum OrtLogSeverity
{
    /// <summary>Every step, for the search of faults in ONNX Runtime.</summary>
    Verbose = 0,

    /// <summary>What was decided while a model was loaded, for instance where its nodes run.</summary>
    Info = 1,

    /// <summary>Something works, but not as the model or its settings suggest.</summary>
    Warning = 2,

    /// <summary>A call failed; the same text reaches the caller as an <see cref="OrtException"/>.</summary>
    Error = 3,

    /// <summary>The process cannot go on.</summary>
    Fatal = 4,
}
