namespace Bento.OnnxRuntime.Native;

/// <summary>
/// Run options for one run: what the caller set, and that the run stops, at the next node of the graph, when one of two
/// tokens is cancelled.
/// </summary>
internal sealed unsafe class NativeRunOptions : IDisposable
{
    /// <summary>
    /// Used by the thread's last run and good for its next: a request's token would else cost each run one.
    /// </summary>
    [ThreadStatic]
    private static NativeRunOptions? _idle;

    private readonly OrtHandle _options;
    private readonly bool _isPlain;
    private CancellationTokenRegistration _given;
    private CancellationTokenRegistration _ambient;
    private volatile bool _terminated;

    private NativeRunOptions(RunOptions? settings)
    {
        _isPlain = settings is null;
        OrtNative.Check(OrtNative.Api->CreateRunOptions(out nint options));
        _options = new OrtHandle(options, OrtNative.Api->ReleaseRunOptions);
        if (settings is not null)
        {
            Apply(settings, options);
        }
    }

    /// <summary>The run options, good until this is disposed of.</summary>
    public nint Pointer => _options.DangerousGetHandle();

    /// <summary>Null when there is nothing to set and neither token can be cancelled.</summary>
    public static NativeRunOptions? Of(RunOptions? settings, CancellationToken given, CancellationToken ambient)
    {
        if (settings is null && !given.CanBeCanceled && !ambient.CanBeCanceled)
        {
            return null;
        }

        NativeRunOptions? idle = settings is null ? _idle : null;
        if (idle is not null)
        {
            _idle = null;
        }

        NativeRunOptions options = idle ?? new NativeRunOptions(settings);
        options._given = given.UnsafeRegister(static state => ((NativeRunOptions)state!).Terminate(), options);
        options._ambient = ambient == given
            ? default
            : ambient.UnsafeRegister(static state => ((NativeRunOptions)state!).Terminate(), options);
        return options;
    }

    public void Dispose()
    {
        // First of all: disposing of a registration waits for a callback under way, which uses the options.
        _given.Dispose();
        _ambient.Dispose();
        if (_isPlain && !_terminated)
        {
            _idle = this;
        }
        else
        {
            _options.Dispose();
        }
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
        _terminated = true;
        using var options = new HandleLease(_options, this);
        OrtNative.Check(OrtNative.Api->RunOptionsSetTerminate(options.Pointer));
    }
}
