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

            if (options.Deterministic)
            {
                OrtNative.Check(api->SetDeterministicCompute(pointer, 1));
            }

            foreach ((string key, string value) in options.Entries())
            {
                var entry = NativeTexts.Of([key, value]);
                OrtNative.Check(api->AddSessionConfigEntry(pointer, entry.Pointers[0], entry.Pointers[1]));
                GC.KeepAlive(entry);
            }

            foreach ((string name, long length) in options.FreeDimensions)
            {
                ArgumentOutOfRangeException.ThrowIfNegative(length, nameof(SessionOptions.FreeDimensions));
                var dimension = NativeTexts.Of([name]);
                OrtNative.Check(api->AddFreeDimensionOverrideByName(pointer, dimension.Pointers[0], length));
                GC.KeepAlive(dimension);
            }

            if (options.LogId is { } id)
            {
                var mark = NativeTexts.Of([id]);
                OrtNative.Check(api->SetSessionLogId(pointer, mark.Pointers[0]));
                GC.KeepAlive(mark);
            }

            SetFiles(pointer, options);
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

    private static void SetFiles(nint pointer, SessionOptions options)
    {
        OrtApi* api = OrtNative.Api;
        foreach (string library in options.CustomOperatorLibraries.IsDefault ? [] : options.CustomOperatorLibraries)
        {
            fixed (byte* path = NativePath.Of(library))
            {
                OrtNative.Check(api->RegisterCustomOpsLibrary_V2(pointer, path));
            }
        }

        if (options.OptimizedModelPath is { } optimized)
        {
            fixed (byte* path = NativePath.Of(optimized))
            {
                OrtNative.Check(api->SetOptimizedModelFilePath(pointer, path));
            }
        }

        if (options.ProfilePrefix is { } profile)
        {
            fixed (byte* path = NativePath.Of(profile))
            {
                OrtNative.Check(api->EnableProfiling(pointer, path));
            }
        }
    }
}
