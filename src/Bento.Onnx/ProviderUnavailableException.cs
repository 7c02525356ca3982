using System.Text.RegularExpressions;
using Bento.OnnxRuntime.Native;

namespace Bento.OnnxRuntime;

/// <summary>An execution provider that was asked for does not work here. Sessions without it do.</summary>
public sealed partial class ProviderUnavailableException : OrtException
{
    private const string OwnLibraries = "onnxruntime_providers_";

    private ProviderUnavailableException(
        string provider, string? missingLibrary, IReadOnlyList<string> lookedIn, OrtErrorCode code, string message)
        : base(code, message)
    {
        Provider = provider;
        MissingLibrary = missingLibrary;
        LookedIn = lookedIn;
    }

    /// <summary>The <see cref="ExecutionProvider.Name"/> of the provider.</summary>
    public string Provider { get; }

    /// <summary>
    /// The file name of the library that is missing; null when something else is amiss, a device for one.
    /// </summary>
    public string? MissingLibrary { get; }

    /// <summary>
    /// The folders where the library was looked for, apart from the system's own ones; none when no library is missing.
    /// </summary>
    public IReadOnlyList<string> LookedIn { get; }

    /// <summary>What ONNX Runtime's failure means for a provider.</summary>
    internal static ProviderUnavailableException Of(ExecutionProvider provider, OrtException problem)
    {
        if (problem is ProviderUnavailableException known)
        {
            return known;
        }

        string? library = MissingIn(problem.Message);
        string said = problem.Message.ReplaceLineEndings(" ").Trim(' ', '.');
        if (library is null)
        {
            return new(
                provider.Name,
                null,
                [],
                problem.Code,
                $"The provider {provider.Name} does not work here: {said}. Mend that, or do without the provider.");
        }

        string[] lookedIn = PlacesOf(library);
        bool isOfOnnxRuntime = library.Contains(OwnLibraries, StringComparison.Ordinal);
        IEnumerable<string> places = isOfOnnxRuntime ? lookedIn : lookedIn.Append("the system's folders");
        string remedy = isOfOnnxRuntime
            ? $"Put the library of ONNX Runtime {OrtLibrary.Version}, and of no other version, there"
            : "Install it";
        return new(
            provider.Name,
            library,
            lookedIn,
            problem.Code,
            $"The provider {provider.Name} does not work here: the library {library} is missing. It was looked for in "
            + $"{string.Join(" and ", places)}. {remedy}, or do without the provider. ONNX Runtime said: {said}.");
    }

    /// <summary>The library that a message of the system's loader says is missing.</summary>
    internal static string? MissingIn(string message)
    {
        Match match = OnLinux().Match(message);
        if (!match.Success)
        {
            match = OnMac().Match(message);
        }

        if (!match.Success)
        {
            match = OnWindows().Match(message);
        }

        return match.Success ? match.Groups[1].Value.Split('/', '\\')[^1] : null;
    }

    private static string[] PlacesOf(string library)
    {
        if (library.Contains(OwnLibraries, StringComparison.Ordinal))
        {
            return Path.GetDirectoryName(OrtLibrary.File) is { } folder ? [folder] : [];
        }

        string variable = OperatingSystem.IsWindows() ? "PATH"
            : OperatingSystem.IsMacOS() ? "DYLD_LIBRARY_PATH"
            : "LD_LIBRARY_PATH";
        return Environment.GetEnvironmentVariable(variable)?
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries) ?? [];
    }

    [GeneratedRegex(@"([^\s:""']+\.so[.\d]*): cannot open shared object file")]
    private static partial Regex OnLinux();

    [GeneratedRegex(@"([^\s,""']+\.dylib)[,'""]")]
    private static partial Regex OnMac();

    [GeneratedRegex(@"when trying to load ""([^""]+)""")]
    private static partial Regex OnWindows();
}
