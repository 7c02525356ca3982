using System.Runtime.InteropServices;

namespace Bento.OnnxRuntime.Native;

/// <summary>
/// Keeps ONNX Runtime from writing an identifier below the home folder and from reporting to its makers, both of which
/// it does by default as soon as an environment is made.
/// </summary>
internal static partial class Telemetry
{
    private const string Variable = "ORT_DISABLE_TELEMETRY";

    /// <summary>Sets the variable that the library reads; to be called before it is loaded.</summary>
    public static void Forbid()
    {
        Environment.SetEnvironmentVariable(Variable, "1");
        if (!OperatingSystem.IsWindows())
        {
            // .NET keeps its own copy of the environment on Unix, which native getenv does not see.
            _ = SetEnv(Variable, "1", 1);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetEnv(string name, string value, int overwrite);
}
