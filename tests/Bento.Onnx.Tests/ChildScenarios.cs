using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using Bento.OnnxRuntime.Native;
using Bento.OnnxRuntime.Tests.Models;
using Xunit;

namespace Bento.OnnxRuntime.Tests;

/// <summary>What other tests run in processes of their own, by <see cref="Child"/>; left out of a common run.</summary>
public sealed class ChildScenarios
{
    public ChildScenarios() => Assert.SkipUnless(
        Environment.GetEnvironmentVariable(Child.Mark) is not null, "It needs a process and a home folder of its own.");

    [Fact(Explicit = true)]
    public void Runs_a_model_that_is_warned_of()
    {
        using var session = InferenceSession.Load(TestModels.Wasteful());
        using var input = OrtValue.Over<float>([1], 1);
        using OrtOutputs outputs = session.Run("x", input);
        Assert.Equal([1], outputs[0].ToArray<float>());
        Assert.Throws<OrtException>(() => InferenceSession.Load("no model"u8));
    }

    [Fact(Explicit = true)]
    public unsafe void Runs_a_model_that_cannot_be_kept()
    {
        const int FileSize = 1;
        const int FileSizeExceeded = 25;
        const nint Ignored = 1;
        string cache = Path.Combine(Environment.GetEnvironmentVariable("HOME")!, "models");
        var before = new ulong[2];
        var problems = new List<string>();
        OrtLibrary.LogHandler = message => problems.Add(message.Text);
        byte[] model = TestModels.Layers(2, 64);
        _ = OrtLibrary.Version;
        _ = signal(FileSizeExceeded, Ignored);
        Assert.Equal(0, getrlimit(FileSize, before));
        Assert.Equal(0, setrlimit(FileSize, [512, before[1]]));
        try
        {
            using var session = InferenceSession.Load(model, new SessionOptions { OptimizedModelCache = cache });
            using var input = OrtValue.Over(new float[64], 1, 64);
            using OrtOutputs outputs = session.Run("x", input);
            Assert.Equal([1, 64], outputs["y"].Shape);
        }
        finally
        {
            Assert.Equal(0, setrlimit(FileSize, before));
        }

        Assert.Contains(problems, text => text.Contains("cannot be kept", StringComparison.Ordinal));
        Assert.Empty(Directory.GetFileSystemEntries(cache));

        [DllImport("libc")]
        static extern nint signal(int number, nint action);

        [DllImport("libc")]
        static extern int getrlimit(int resource, [Out] ulong[] limits);

        [DllImport("libc")]
        static extern int setrlimit(int resource, ulong[] limits);
    }

    [Fact(Explicit = true)]
    public unsafe void Makes_an_environment_as_the_library_comes()
    {
        var getBase = (delegate* unmanaged<OrtApiBase*>)NativeLibrary.GetExport(LibraryLoader.Load(), "OrtGetApiBase");
        OrtApi* api = OrtNative.TableOf(getBase(), OrtApi.RequiredVersion);
        fixed (byte* name = "Control\0"u8)
        {
            nint status = api->CreateEnvWithCustomLogger(&Ignore, null, OrtLogSeverity.Fatal, name, out _);
            Assert.Equal(0, status);
        }
    }

    [Fact(Explicit = true)]
    public void Does_not_find_the_library_until_it_is_told_where()
    {
        string message = Assert.Throws<DllNotFoundException>(() => OrtLibrary.Version).Message;
        Assert.Contains("BENTO_ORT_LIBRARY, no/such/library.so: no such file", message);
        Assert.Throws<DllNotFoundException>(() => OrtValue.Over<float>([1], 1));

        OrtLibrary.Path = Environment.GetEnvironmentVariable("REAL_LIBRARY");
        Assert.Equal(3, OrtLibrary.Version.Split('.').Length);
        Assert.Contains(
            $"ONNX Runtime {OrtLibrary.Version} is loaded already",
            Assert.Throws<InvalidOperationException>(() => OrtLibrary.Path = null).Message,
            StringComparison.Ordinal);
    }

    [Fact(Explicit = true)]
    public void Refuses_a_provider_for_want_of_what_it_needs()
    {
        foreach (ExecutionProvider provider in new ExecutionProvider[] { new CudaProvider(), new TensorRtProvider() })
        {
            if (Record.Exception(provider.Check) is { } end)
            {
                var refused = Assert.IsType<ProviderUnavailableException>(end);
                Assert.DoesNotContain("onnxruntime_providers", refused.MissingLibrary ?? "", StringComparison.Ordinal);
                Assert.DoesNotContain(Path.GetDirectoryName(OrtLibrary.File), refused.LookedIn);
                Assert.Contains($"provider {provider.Name} does not work here", refused.Message, StringComparison.Ordinal);
            }
        }

        Runs_a_model_that_is_warned_of();
    }

    [Fact(Explicit = true)]
    public void Refuses_a_provider_whose_library_is_broken()
    {
        var refused = Assert.Throws<ProviderUnavailableException>(new CudaProvider().Check);
        Assert.Equal(Environment.GetEnvironmentVariable(OrtLibrary.PathVariable), OrtLibrary.File);
        Assert.Null(refused.MissingLibrary);
        Assert.Contains("libonnxruntime_providers_shared.so", refused.Message, StringComparison.Ordinal);
        Runs_a_model_that_is_warned_of();
    }

    [Fact(Explicit = true)]
    public void Runs_a_model_in_a_load_context_that_is_then_unloaded()
    {
        UseElsewhere();
        for (int i = 0; i < 5; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Runs_a_model_that_is_warned_of();
    }

    [Fact(Explicit = true)]
    public void Loads_runs_on_four_threads_and_disposes_a_thousand_times()
    {
        const int Rounds = 1_000;
        const int WarmUp = 100;
        byte[] model = TestModels.Layers(2, 256);
        long before = 0;
        for (int round = 1; round <= Rounds; round++)
        {
            LoadRunAndDispose(model, round);
            if (round == WarmUp)
            {
                before = ResidentMemory();
            }
        }

        long after = ResidentMemory();
        Console.WriteLine(
            $"memory after {WarmUp} rounds: {before >> 20} MiB, after {Rounds}: {after >> 20} MiB, "
            + $"ratio {(double)after / before:F3}");
        Assert.True(after <= before * 1.10, $"{before >> 20} MiB became {after >> 20} MiB.");
    }

    [Fact(Explicit = true)]
    public void Gives_the_memory_of_many_sessions_back()
    {
        byte[] model = TestModels.Layers(8, 512);
        LoadAndDispose(trim: true);
        long before = ResidentMemory();

        long kept = LoadAndDispose(trim: false) - before;
        long given = LoadAndDispose(trim: true) - before;

        Assert.InRange(kept, 64L << 20, long.MaxValue);
        Assert.InRange(given, long.MinValue, 32L << 20);

        long LoadAndDispose(bool trim)
        {
            var options = new SessionOptions { TrimMemory = trim };
            InferenceSession[] sessions =
                [.. Enumerable.Range(0, 20).Select(_ => InferenceSession.Load(model, options))];
            Array.ForEach(sessions, session => session.Dispose());
            return Environment.WorkingSet;
        }
    }

    private static void LoadRunAndDispose(byte[] model, int round)
    {
        var session = InferenceSession.Load(model, new SessionOptions { TrimMemory = round % 10 == 0 });
        using var input = OrtValue.Over(new float[8 * 256], 8, 256);
        var ends = new Exception?[4];
        using var start = new Barrier(ends.Length + 1);
        Thread[] threads = [.. Enumerable.Range(0, ends.Length).Select(i => new Thread(() =>
        {
            start.SignalAndWait();
            while (ends[i] is null)
            {
                ends[i] = Record.Exception(() => session.Run("x", input).Dispose());
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        start.SignalAndWait();
        Thread.SpinWait(round * 50);
        session.Dispose();
        Array.ForEach(threads, thread => thread.Join());
        Assert.All(ends, end => Assert.IsType<ObjectDisposedException>(end));
    }

    private static long ResidentMemory()
    {
        // Aggressive, for otherwise the collector keeps memory in reserve, more or less of it as it happens.
        for (int i = 0; i < 3; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        OrtLibrary.TrimMemory();
        return Environment.WorkingSet;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void UseElsewhere()
    {
        var context = new AssemblyLoadContext("plugin", isCollectible: true);
        Assembly assembly = context.LoadFromAssemblyPath(typeof(InferenceSession).Assembly.Location);
        Type type = assembly.GetType(typeof(InferenceSession).FullName!)!;
        Assert.NotEqual(typeof(InferenceSession), type);
        string path = Path.GetTempFileName();
        File.WriteAllBytes(path, TestModels.Total());
        MethodInfo load = type.GetMethods().Single(
            method => method.Name == "Load" && method.GetParameters()[0].ParameterType == typeof(string));
        ((IDisposable)load.Invoke(null, [path, null])!).Dispose();
        File.Delete(path);
        context.Unload();
    }

    [UnmanagedCallersOnly]
    private static unsafe void Ignore(
        void* state, OrtLogSeverity severity, byte* category, byte* id, byte* location, byte* message)
    {
    }
}
