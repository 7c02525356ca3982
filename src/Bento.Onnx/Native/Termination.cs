namespace Bento.OnnxRuntime.Native;

/// <summary>Run options that stop their run, at the next node of the graph, when a token is cancelled.</summary>
internal sealed unsafe class Termination : IDisposable
{
    private readonly CancellationTokenRegistration _registration;

    public Termination(CancellationToken cancellation)
    {
        OrtNative.Check(OrtNative.Api->CreateRunOptions(out nint options));
        Options = new OrtHandle(options, OrtNative.Api->ReleaseRunOptions);
        _registration = cancellation.UnsafeRegister(static state => ((Termination)state!).Terminate(), this);
    }

    /// <summary>The run options.</summary>
    public OrtHandle Options { get; }

    public void Dispose()
    {
        // In this order: disposing of the registration waits for a callback under way, which uses the options.
        _registration.Dispose();
        Options.Dispose();
    }

    private void Terminate()
    {
        using var options = new HandleLease(Options, this);
        OrtNative.Check(OrtNative.Api->RunOptionsSetTerminate(options.Pointer));
    }
}
