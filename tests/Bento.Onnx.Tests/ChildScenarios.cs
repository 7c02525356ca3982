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
