using System.Text;

namespace Bento.OnnxRuntime.Native;

/// <summary>Makes native session options of <see cref="SessionOptions"/>.</summary>
internal static unsafe class NativeSessionOptions
{
    public static OrtHandle Create(SessionOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.IntraOpThreads);
        ArgumentOutOfRangeException.ThrowIfNegative(options.InterOpThreads);
        OrtApi* api = OrtNative.Api;
        OrtNative.Check(api->CreateSessionOptions(out nint pointer));
        var handle = new OrtHandle(pointer, api->ReleaseSessionOptions);
        try
        {
            OrtNative.Check(api->SetIntraOpNumThreads(pointer, options.IntraOpThreads));
            OrtNative.Check(api->SetInterOpNumThreads(pointer, options.InterOpThreads));
            OrtNative.Check(api->SetSessionGraphOptimizationLevel(pointer, options.GraphOptimization));
            OrtNative.Check(api->SetSessionExecutionMode(pointer, options.ExecutionMode));
            OrtNative.Check(api->SetSessionLogSeverityLevel(pointer, options.LogSeverity));
            if (!options.EnableMemoryPattern)
            {
                OrtNative.Check(api->DisableMemPattern(pointer));
            }

            if (!options.EnableCpuMemoryArena)
            {
                OrtNative.Check(api->DisableCpuMemArena(pointer));
            }

            string spinning = options.AllowSpinning ? "1" : "0";
            AddEntry(pointer, "session.intra_op.allow_spinning", spinning);
            AddEntry(pointer, "session.inter_op.allow_spinning", spinning);
            foreach ((string key, string value) in options.ConfigEntries)
            {
                AddEntry(pointer, key, value);
            }

            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static void AddEntry(nint options, string key, string value)
    {
        fixed (byte* nativeKey = NullTerminated(key), nativeValue = NullTerminated(value))
        {
            OrtNative.Check(OrtNative.Api->AddSessionConfigEntry(options, nativeKey, nativeValue));
        }
    }

    private static byte[] NullTerminated(string text) => Encoding.UTF8.GetBytes(text + "\0");
}
