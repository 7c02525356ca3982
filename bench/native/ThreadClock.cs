using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Bento.Bench.Native;

/// <summary>The time that the calling thread has been on a processor.</summary>
internal static partial class ThreadClock
{
    private static readonly int _ofThread = OperatingSystem.IsMacOS() ? 16 : 3;

    /// <summary>Nanoseconds since some moment; on Windows, which counts too coarsely, by a clock on the wall.</summary>
    public static double Nanoseconds
    {
        get
        {
            if (OperatingSystem.IsWindows())
            {
                return Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency);
            }

            _ = GetTime(_ofThread, out Time time);
            return (time.Seconds * 1e9) + time.Nanoseconds;
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetTime(int clock, out Time time);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Time
    {
        public readonly nint Seconds;
        public readonly nint Nanoseconds;
    }
}
