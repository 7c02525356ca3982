using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Bento.OnnxRuntime.Native;

/// <summary>
/// Which file a piece of native code came from, by the name that it was opened by: links are not followed.
/// </summary>
internal static unsafe partial class LoadedFile
{
    /// <summary>The file of the code at an address; null where the system does not tell.</summary>
    public static string? At(nint address)
    {
        if (!OperatingSystem.IsWindows())
        {
            try
            {
                // This is what ONNX Runtime itself asks, to find the folder of its providers.
                return AddressInfo(address, out Origin origin) != 0
                    ? Path.GetFullPath(OrtNative.TextOf(origin.File))
                    : null;
            }
            catch (EntryPointNotFoundException)
            {
                // A C library that has the function elsewhere, as glibc before 2.34 does.
            }
        }

        using var process = Process.GetCurrentProcess();
        return process.Modules
            .Cast<ProcessModule>()
            .FirstOrDefault(module => address >= module.BaseAddress
                && address - module.BaseAddress < module.ModuleMemorySize)
            ?.FileName;
    }

    [LibraryImport("libc", EntryPoint = "dladdr")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int AddressInfo(nint address, out Origin origin);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Origin
    {
        public readonly byte* File;
        public readonly nint Base;
        public readonly byte* SymbolName;
        public readonly nint SymbolAddress;
    }
}
