namespace Bento.OnnxRuntime.Native;

/// <summary>
/// Run options for one run: what the caller set, and that the run stops, at the next node of the graph, when one of two
/// tokens is cancelled.
/// </summary>
internal sealed unsafe class NativeRunOptions : IDisposable
{
    private readonly OrtHandle _options;
    private readonly CancellationTokenRegistration _given;
    private readonly CancellationTokenRegistration _ambient;

    private NativeRunOptions(RunOptions? settings, CancellationToken given, CancellationToken ambient)
    {
        OrtNative.Check(OrtNative.Api->CreateRunOptions(out nint options));
        _options = new OrtHandle(options, OrtNative.Api->ReleaseRunOptions);
        if (settings is not null)
        {
            Apply(settings, options);
        }

        _given = given.UnsafeRegister(static state => ((NativeRunOptions)state!).Terminate(), this);
        _ambient = ambient == given
            ? default
            : ambient.UnsafeRegister(static state => ((NativeRunOptions)state!).Terminate(), this);
    }

    /// <summary>The run options, good until this is disposed of.</summary>
    public nint Pointer => _options.DangerousGetHandle();

    /// <summary>Null when there is nothing to set and neither token can be cancelled.</summary>
    public static NativeRunOptions? Of(RunOptions? settings, CancellationToken given, CancellationToken ambient) =>
        settings is not null || given.CanBeCanceled || ambient.CanBeCanceled
            ? new NativeRunOptions(settings, given, ambient)
            : null;

    public void Dispose()
    {
        // In this order: disposing of a registration waits for a callback under way, which uses the options.
        _given.Dispose();
        _ambient.Dispose();
        _options.Dispose();
    }

    private static void Apply(RunOptions settings, nint options)
    {
        OrtApi* api = OrtNative.Api;
        if (settings.LogSeverity is { } severity)
        {
            OrtNative.Check(api->RunOptionsSetRunLogSeverityLevel(options, severity));
        }

        if (settings.Tag is { } text)
        {
            var tag = NativeTexts.Of([text]);
            OrtNative.Check(api->RunOptionsSetRunTag(options, tag.Pointers[0]));
            GC.KeepAlive(tag);
        }

        foreach ((string key, string value) in settings.Entries())
        {
            var entry = NativeTexts.Of([key, value]);
            OrtNative.Check(api->AddRunConfigEntry(options, entry.Pointers[0], entry.Pointers[1]));
            GC.KeepAlive(entry);
        }
    }

    private void Terminate()
    {
        using var options = new HandleLease(_options, this);
        OrtNative.Check(OrtNative.Api->RunOptionsSetTerminate(options.Pointer));
    }
}
