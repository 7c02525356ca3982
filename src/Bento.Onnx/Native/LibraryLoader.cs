using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;

namespace Bento.OnnxRuntime.Native;

/// <summary>Finds and loads the native library.</summary>
internal static class LibraryLoader
{
    /// <summary>The one function that every ONNX Runtime exports, and nothing else does.</summary>
    public const string EntryPoint = "OrtGetApiBase";

    /// <summary>The system that this process runs on, as far as names of libraries differ.</summary>
    public static OSPlatform Platform =>
        OperatingSystem.IsWindows() ? OSPlatform.Windows
        : OperatingSystem.IsMacOS() ? OSPlatform.OSX
        : OSPlatform.Linux;

    /// <summary>Loads the library from the first place that has it.</summary>
    /// <exception cref="DllNotFoundException">No place has it; the message lists them all.</exception>
    public static nint Load()
    {
        Assembly assembly = typeof(LibraryLoader).Assembly;
        return Load(
            Candidates(
                OrtLibrary.Path,
                Environment.GetEnvironmentVariable(OrtLibrary.PathVariable),
                Path.GetDirectoryName(assembly.Location),
                AppContext.BaseDirectory,
                Platform,
                RuntimeInformation.ProcessArchitecture),
            assembly);
    }

    /// <summary>
    /// The places to look at, in order. A place that was chosen is the only one: another library than the one asked
    /// for would be worse than none.
    /// </summary>
    public static IReadOnlyList<LibraryCandidate> Candidates(
        string? path,
        string? variable,
        string? assemblyFolder,
        string applicationFolder,
        OSPlatform platform,
        Architecture architecture)
    {
        if (!string.IsNullOrEmpty(path))
        {
            return [new(LibraryOrigin.Path, path)];
        }

        if (!string.IsNullOrEmpty(variable))
        {
            return [new(LibraryOrigin.Variable, variable)];
        }

        // Windows carries an old onnxruntime.dll of its own among the system's libraries.
        (string file, string? system, string os) =
            platform == OSPlatform.Windows ? ("onnxruntime.dll", null, "win")
            : platform == OSPlatform.OSX ? ("libonnxruntime.dylib", "libonnxruntime.dylib", "osx")
            : ("libonnxruntime.so", "libonnxruntime.so.1", "linux");
        string rid = $"{os}-{architecture.ToString().ToLowerInvariant()}";
        IEnumerable<string> folders = new[] { assemblyFolder, applicationFolder }
            .Where(folder => !string.IsNullOrEmpty(folder))
            .Select(folder => Path.TrimEndingDirectorySeparator(folder!))
            .Distinct();
        return
        [
            new(LibraryOrigin.Runtime, "onnxruntime"),
            .. folders.SelectMany(folder => new LibraryCandidate[]
            {
                new(LibraryOrigin.Folder, Path.Combine(folder, file)),
                new(LibraryOrigin.Folder, Path.Combine(folder, "runtimes", rid, "native", file)),
            }),
            .. system is null ? [] : new LibraryCandidate[] { new(LibraryOrigin.System, system) },
        ];
    }

    /// <summary>Loads the first candidate that can be loaded.</summary>
    public static nint Load(IReadOnlyList<LibraryCandidate> candidates, Assembly assembly)
    {
        var tried = new StringBuilder();
        foreach (LibraryCandidate candidate in candidates)
        {
            if (Open(candidate, assembly, out string reason) is var library and not 0)
            {
                if (NativeLibrary.TryGetExport(library, EntryPoint, out _))
                {
                    return library;
                }

                NativeLibrary.Free(library);
                reason = $"no ONNX Runtime, as it has no function {EntryPoint}";
            }

            tried.Append(Environment.NewLine).Append("  ").Append(Describe(candidate)).Append(": ").Append(reason);
        }

        throw new DllNotFoundException(
            $"ONNX Runtime's native library was not found. Tried:{tried}{Environment.NewLine}"
            + $"Put the library into one of these places, or give its file by the environment variable "
            + $"{OrtLibrary.PathVariable} or by OrtLibrary.Path.");
    }

    private static nint Open(LibraryCandidate candidate, Assembly assembly, out string reason)
    {
        reason = "not found";
        switch (candidate.Origin)
        {
            case LibraryOrigin.Runtime:
                // Without the system's folders on Windows, for the reason above; elsewhere the flags do not matter.
                const DllImportSearchPath Folders =
                    DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.ApplicationDirectory;
                return NativeLibrary.TryLoad(candidate.Name, assembly, Folders, out nint probed) ? probed : 0;
            case LibraryOrigin.System:
                return NativeLibrary.TryLoad(candidate.Name, out nint installed) ? installed : 0;
            default:
                if (!File.Exists(candidate.Name))
                {
                    reason = "no such file";
                    return 0;
                }

                try
                {
                    return NativeLibrary.Load(candidate.Name);
                }
                catch (Exception problem) when (problem is DllNotFoundException or BadImageFormatException)
                {
                    reason = problem.Message.ReplaceLineEndings(" ").Trim();
                    return 0;
                }
        }
    }

    private static string Describe(LibraryCandidate candidate) => candidate.Origin switch
    {
        LibraryOrigin.Path => $"OrtLibrary.Path, {candidate.Name}",
        LibraryOrigin.Variable => $"{OrtLibrary.PathVariable}, {candidate.Name}",
        LibraryOrigin.Runtime => $"the .NET runtime's own probing, {candidate.Name}",
        LibraryOrigin.System => $"the system's libraries, {candidate.Name}",
        _ => candidate.Name,
    };
}
