using System.Text;

namespace Bento.OnnxRuntime.Native;

/// <summary>Paths of files as ONNX Runtime takes them: null-terminated, in UTF-16 on Windows, else in UTF-8.</summary>
internal static class NativePath
{
    /// <exception cref="ArgumentException">The path has a null character.</exception>
    public static byte[] Of(string path) =>
        path.Contains('\0', StringComparison.Ordinal)
            ? throw new ArgumentException("The path has a null character, at which native code would take it to end.")
            : (OperatingSystem.IsWindows() ? Encoding.Unicode : Encoding.UTF8).GetBytes(path + "\0");
}
