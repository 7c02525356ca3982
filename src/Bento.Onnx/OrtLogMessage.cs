namespace Bento.OnnxRuntime;

/// <summary>One message that ONNX Runtime logged.</summary>
/// <param name="Severity">How grave it is.</param>
/// <param name="Category">The part of ONNX Runtime that wrote it, mostly <c>onnxruntime</c>.</param>
/// <param name="Location">File, line and function of ONNX Runtime's source.</param>
/// <param name="Text">The message.</param>
public sealed record OrtLogMessage(OrtLogSeverity Severity, string Category, string Location, string Text);
