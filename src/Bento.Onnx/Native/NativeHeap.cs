using System.Runtime.InteropServices;

namespace Bento.OnnxRuntime.Native;

/// <summary>The heap of native code in this process.</summary>
internal static partial class NativeHeap
{
    private static volatile bool _cannot = !OperatingSystem.IsLinux();

    /// <summary>
    /// Gives memory that is free back to the system, which glibc does not do by itself for what lies between pieces in
    /// use. Elsewhere this does nothing.
    /// </summary>
    public static void Trim()
    {
        if (_cannot)
        {
            return;
        }

        try
        {
            _ = MallocTrim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // A C library other than glibc.
            _cannot = true;
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int MallocTrim(nuint padding);
}
