namespace Bento.OnnxRuntime.Native;

/// <summary>Makes native session options of <see cref="SessionOptions"/>.</summary>
internal static unsafe class NativeSessionOptions
{
    public static OrtHandle Create(SessionOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.IntraOpThreads);
        ArgumentOutOfRangeException.ThrowIfNegative(options.InterOpThreads);
        OrtApi* api = OrtNative.Api;

        // Before the options: appending a provider logs, for which there must be an environment.
        _ = OrtEnvironment.Pointer;
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

            foreach (ExecutionProvider provider in options.Providers.IsDefault ? [] : options.Providers)
            {
                Append(provider, pointer);
            }

            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static void Append(ExecutionProvider provider, nint options)
    {
        try
        {
            provider.Append(options);
        }
        catch (OrtException problem)
        {
            throw ProviderUnavailableException.Of(provider, problem);
        }
    }

    private static void AddEntry(nint options, string key, string value)
    {
        var entry = NativeTexts.Of([key, value]);
        OrtNative.Check(OrtNative.Api->AddSessionConfigEntry(options, entry.Pointers[0], entry.Pointers[1]));
        GC.KeepAlive(entry);
    }
}
