namespace Bento.OnnxRuntime.Native;

/// <summary>Run options that stop their run, at the next node of the graph, when one of two tokens is cancelled.</summary>
internal sealed unsafe class Termination : IDisposable
{
    private readonly CancellationTokenRegistration _given;
    private readonly CancellationTokenRegistration _ambient;

    private Termination(CancellationToken given, CancellationToken ambient)
    {
        OrtNative.Check(OrtNative.Api->CreateRunOptions(out nint options));
        Options = new OrtHandle(options, OrtNative.Api->ReleaseRunOptions);
        _given = given.UnsafeRegister(static state => ((Termination)state!).Terminate(), this);
        _ambient = ambient == given
            ? default
            : ambient.UnsafeRegister(static state => ((Termination)state!).Terminate(), this);
    }

    /// <summary>The run options.</summary>
    public OrtHandle Options { get; }

    /// <summary>Null when neither token can be cancelled.</summary>
    public static Termination? Of(CancellationToken given, CancellationToken ambient) =>
        given.CanBeCanceled || ambient.CanBeCanceled ? new Termination(given, ambient) : null;

    public void Dispose()
    {
        // In this order: disposing of a registration waits for a callback under way, which uses the options.
        _given.Dispose();
        _ambient.Dispose();
        Options.Dispose();
    }

    private void Terminate()
    {
        using var options = new HandleLease(Options, this);
        OrtNative.Check(OrtNative.Api->RunOptionsSetTerminate(options.Pointer));
    }
}
