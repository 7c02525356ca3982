using System.Collections.Immutable;
using Bento.OnnxRuntime.Native;

namespace Bento.OnnxRuntime;

/// <summary>The native library: where it is looked for, which one it is, and where its log goes.</summary>
/// <remarks>
/// The first use of a session or a value looks for it, in this order: <see cref="Path"/>, the environment variable
/// <c>BENTO_ORT_LIBRARY</c>, the .NET runtime's own probing, the folders of this assembly and of the application and
/// their <c>runtimes/&lt;rid&gt;/native</c>, the system's libraries. It is always told not to report to its makers.
/// </remarks>
public static class OrtLibrary
{
    internal const string PathVariable = "BENTO_ORT_LIBRARY";

    private static string? _path;
    private static volatile Action<OrtLogMessage>? _logHandler;

    /// <summary>The library's file; null, the default, means that it is looked for.</summary>
    /// <exception cref="InvalidOperationException">On setting: the library is loaded already.</exception>
    public static string? Path
    {
        get => _path;
        set => _path = OrtNative.IsLoaded
            ? throw new InvalidOperationException(
                $"ONNX Runtime {OrtNative.Version} is loaded already; set OrtLibrary.Path before the first use of a "
                + "session or a value.")
            : value;
    }

    /// <summary>Whether the library is loaded already. To ask does not load it.</summary>
    public static bool IsLoaded => OrtNative.IsLoaded;

    /// <summary>The version of the library, such as <c>1.29.0</c>, which is loaded to find out.</summary>
    /// <exception cref="DllNotFoundException">It was not found; the message lists every place tried.</exception>
    /// <exception cref="NotSupportedException">The library found is too old.</exception>
    public static string Version => OrtNative.Version;

    /// <summary>
    /// The file that the library was loaded from, which is done to find out; null where the system does not tell. The
    /// libraries of execution providers belong in its folder.
    /// </summary>
    /// <exception cref="DllNotFoundException">It was not found; the message lists every place tried.</exception>
    /// <exception cref="NotSupportedException">The library found is too old.</exception>
    public static string? File => OrtNative.File;

    /// <summary>
    /// The execution providers that the library was built for, by its own names, such as <c>CUDAExecutionProvider</c>,
    /// the preferred first. Whether one works, <see cref="ExecutionProvider.Check"/> tells.
    /// </summary>
    /// <exception cref="DllNotFoundException">
    /// The library was not found; the message lists every place tried.
    /// </exception>
    /// <exception cref="NotSupportedException">The library found is too old.</exception>
    public static unsafe ImmutableArray<string> AvailableProviders
    {
        get
        {
            OrtNative.Check(OrtNative.Api->GetAvailableProviders(out byte** names, out int count));
            var providers = ImmutableArray.CreateBuilder<string>(count);
            for (int i = 0; i < count; i++)
            {
                providers.Add(OrtNative.TextOf(names[i]));
            }

            OrtNative.Check(OrtNative.Api->ReleaseAvailableProviders(names, count));
            return providers.MoveToImmutable();
        }
    }

    /// <summary>
    /// Makes a session of a model of one node on the processor, which works wherever the library does.
    /// </summary>
    /// <exception cref="OrtException">It does not; the message says why.</exception>
    /// <exception cref="DllNotFoundException">
    /// The library was not found; the message lists every place tried.
    /// </exception>
    /// <exception cref="NotSupportedException">The library found is too old.</exception>
    public static void Check() => InferenceSession.Load(ProbeModel.Bytes).Dispose();

    /// <summary>
    /// Is given what ONNX Runtime logs, which is dropped while this is null. Warnings and graver messages come by
    /// default; <see cref="SessionOptions.LogSeverity"/> changes that for a session.
    /// </summary>
    /// <remarks>It is called on any thread, also during a run, so it should be quick; what it throws is lost.</remarks>
    public static Action<OrtLogMessage>? LogHandler
    {
        get => _logHandler;
        set => _logHandler = value;
    }

    /// <summary>
    /// Gives free memory of native code back to the system, as <see cref="SessionOptions.TrimMemory"/> does for each
    /// session. Linux with glibc only; elsewhere it does nothing.
    /// </summary>
    public static void TrimMemory() => NativeHeap.Trim();

    internal static void Log(OrtLogMessage message)
    {
        try
        {
            LogHandler?.Invoke(message);
        }
        catch (Exception)
        {
            // It must not cross into native code or end a run, and there is nowhere left to report it.
        }
    }
}
