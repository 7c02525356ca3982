namespace Bento.OnnxRuntime;

/// <summary>A failure that ONNX Runtime itself reported, with its message.</summary>
public class OrtException : Exception
{
    internal OrtException(OrtErrorCode code, string message)
        : base(message) => Code = code;

    /// <summary>The kind of failure; a newer library may report kinds that the enumeration does not name.</summary>
    public OrtErrorCode Code { get; }
}
