namespace Bento.OnnxRuntime;

/// <summary>What kind of failure ONNX Runtime reported.</summary>
public enum OrtErrorCode
{
    /// <summary>No failure; never the code of an <see cref="OrtException"/>.</summary>
    Ok = 0,

    /// <summary>A failure of no particular kind, also of a run that was stopped.</summary>
    Fail = 1,

    /// <summary>An argument does not fit the model, for instance a dimension.</summary>
    InvalidArgument = 2,

    /// <summary>The model's file, or a file that it refers to, does not exist.</summary>
    NoSuchFile = 3,

    /// <summary>There is no model.</summary>
    NoModel = 4,

    /// <summary>An internal part failed.</summary>
    EngineError = 5,

    /// <summary>An operator of the model failed while it ran.</summary>
    RuntimeException = 6,

    /// <summary>The bytes are no ONNX model.</summary>
    InvalidProtobuf = 7,

    /// <summary>The session has a model already.</summary>
    ModelLoaded = 8,

    /// <summary>The model uses an operator, a type or a feature that this build has no code for.</summary>
    NotImplemented = 9,

    /// <summary>The model's graph breaks a rule of ONNX.</summary>
    InvalidGraph = 10,

    /// <summary>An execution provider, such as CUDA's, failed.</summary>
    ExecutionProviderFail = 11,

    /// <summary>The loading of the model was stopped.</summary>
    ModelLoadCanceled = 12,

    /// <summary>The model has to be compiled first, and the session forbids that.</summary>
    ModelRequiresCompilation = 13,

    /// <summary>The thing asked for does not exist.</summary>
    NotFound = 14,
}
