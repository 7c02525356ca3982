namespace Bento.OnnxRuntime.Native;

/// <summary>The smallest model that there is, y = x over float[1], to find out whether a provider works.</summary>
internal static class ProbeModel
{
    /// <summary>ONNX of IR version 9 and opset 17, by the field numbers of onnx.proto.</summary>
    public static byte[] Bytes =>
    [
        0x08, 9, // ir_version
        0x3A, 55, // graph
        0x0A, 16, 0x0A, 1, (byte)'x', 0x12, 1, (byte)'y', 0x22, 8, .. "Identity"u8, // node
        0x12, 1, (byte)'p', // name
        0x5A, 15, 0x0A, 1, (byte)'x', .. FloatOfLengthOne, // input
        0x62, 15, 0x0A, 1, (byte)'y', .. FloatOfLengthOne, // output
        0x42, 4, 0x0A, 0, 0x10, 17, // opset_import
    ];

    private static byte[] FloatOfLengthOne =>
        [0x12, 10, 0x0A, 8, 0x08, 1, 0x12, 4, 0x0A, 2, 0x08, 1];
}
