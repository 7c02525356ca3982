using Bento.OnnxRuntime.Tests.Models;
using Xunit;

namespace Bento.OnnxRuntime.Tests;

/// <summary>
/// What execution providers do where there is none of their devices, which is what a server has to survive.
/// </summary>
public sealed class ProviderTests
{
    private const string NeedsNone = "This machine has the provider's library.";

    public static readonly TheoryData<string> Names = ["CUDA", "TensorRT"];

    [Fact]
    public void The_processor_is_among_the_providers_that_the_library_was_built_for()
    {
        Assert.Contains("CPUExecutionProvider", OrtLibrary.AvailableProviders);
        Assert.DoesNotContain("", OrtLibrary.AvailableProviders);
    }

    [Fact]
    public void The_file_of_the_library_is_known()
    {
        Assert.True(File.Exists(OrtLibrary.File), OrtLibrary.File);
        Assert.Contains("onnxruntime", Path.GetFileName(OrtLibrary.File), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Names))]
    public void A_provider_whose_library_is_not_there_is_refused_with_the_place_where_it_belongs(string name)
    {
        Assert.SkipWhen(LiesBesideTheCore("shared"), NeedsNone);
        var options = new SessionOptions { Providers = [Provider(name)] };

        var refused = Assert.Throws<ProviderUnavailableException>(
            () => InferenceSession.Load(TestModels.Total(), options));

        Assert.Equal(name, refused.Provider);
        Assert.Contains("onnxruntime_providers_shared", refused.MissingLibrary, StringComparison.Ordinal);
        Assert.Equal(Path.GetDirectoryName(OrtLibrary.File), Assert.Single(refused.LookedIn));
        Assert.Contains($"provider {name} does not work here", refused.Message, StringComparison.Ordinal);
        Assert.Contains(refused.MissingLibrary!, refused.Message, StringComparison.Ordinal);
        Assert.Contains(refused.LookedIn[0], refused.Message, StringComparison.Ordinal);
        Assert.Contains(OrtLibrary.Version, refused.Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Names))]
    public void The_processor_works_after_a_provider_did_not(string name)
    {
        for (int i = 0; i < 5; i++)
        {
            Exception? end = Record.Exception(Provider(name).Check);
            Assert.SkipWhen(end is null, $"This machine has all that {name} wants.");
            Assert.IsType<ProviderUnavailableException>(end);
            using var session = InferenceSession.Load(TestModels.Total());
            using var input = OrtValue.Over<float>([1, 2], 2);
            using OrtOutputs outputs = session.Run("x", input);
            Assert.Equal([3], outputs["total"].ToArray<float>());
        }
    }

    [Fact]
    public async Task A_provider_whose_library_is_there_says_what_else_is_missing()
    {
        string home = Environment.GetEnvironmentVariable("BENTO_HOME") is { Length: > 0 } given
            ? given
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".bento");
        string folder = Path.Combine(home, "natives", $"onnxruntime-{OrtLibrary.Version}-gpu", "linux-x64");
        Assert.SkipUnless(
            Directory.Exists(folder) && OperatingSystem.IsLinux() && Environment.Is64BitProcess,
            "The providers' libraries are not here; `dotnet fsi build.fsx natives --gpu` gets them.");
        using var child = new Child(nameof(ChildScenarios.Refuses_a_provider_for_want_of_what_it_needs));
        child.Variables[OrtLibrary.PathVariable] = Path.Combine(folder, "libonnxruntime.so");

        await child.Succeed();
    }

    [Fact]
    public async Task A_provider_whose_library_is_broken_is_refused_and_the_processor_works()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "It knows the libraries' names on Linux only.");
        using var child = new Child(nameof(ChildScenarios.Refuses_a_provider_whose_library_is_broken));
        string core = Path.Combine(child.Home, "libonnxruntime.so");
        File.CreateSymbolicLink(core, OrtLibrary.File!);
        File.WriteAllText(Path.Combine(child.Home, "libonnxruntime_providers_shared.so"), "no library");
        child.Variables[OrtLibrary.PathVariable] = core;

        await child.Succeed();
    }

    [Fact]
    public void A_provider_that_is_not_known_is_refused_by_its_name()
    {
        var refused = Assert.Throws<ProviderUnavailableException>(new GenericProvider("Abacus").Check);

        Assert.Equal("Abacus", refused.Provider);
        Assert.Null(refused.MissingLibrary);
        Assert.Empty(refused.LookedIn);
        Assert.Contains("Abacus", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_generic_provider_that_the_library_has_runs_a_model()
    {
        using var session = InferenceSession.Load(
            TestModels.Total(), new SessionOptions { Providers = [new GenericProvider("CPU")] });
        using var input = OrtValue.Over<float>([1, 2], 2);

        using OrtOutputs outputs = session.Run("x", input);

        Assert.Equal([3], outputs["total"].ToArray<float>());
    }

    [Fact]
    public void A_session_is_refused_by_the_first_provider_that_does_not_work()
    {
        Assert.SkipWhen(LiesBesideTheCore("shared"), NeedsNone);
        var options = new SessionOptions { Providers = [new TensorRtProvider(), new CudaProvider()] };

        var refused = Assert.Throws<ProviderUnavailableException>(
            () => InferenceSession.Load(TestModels.Total(), options));

        Assert.Equal("TensorRT", refused.Provider);
    }

    [Fact]
    public void Options_that_no_provider_can_have_are_refused()
    {
        Refused(new CudaProvider { DeviceId = -1 });
        Refused(new CudaProvider { MemoryLimit = 0 });
        Refused(new TensorRtProvider { DeviceId = -1 });
        Refused(new TensorRtProvider { MaxWorkspaceSize = -1 });
        Refused(new TensorRtProvider { MinSubgraphSize = 0 });
        Assert.Throws<ArgumentException>(() => new GenericProvider(" "));

        static void Refused(ExecutionProvider provider) => Assert.Throws<ArgumentOutOfRangeException>(provider.Check);
    }

    [Fact]
    public void A_null_character_in_an_option_is_refused()
    {
        var provider = new GenericProvider("XNNPACK")
        {
            Options = new Dictionary<string, string> { ["threads\0"] = "1" },
        };

        string message = Assert.Throws<ArgumentException>(provider.Check).Message;

        Assert.Contains("threads\\0", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "/a/provider_bridge_ort.cc:2217 Failed to load library /lib/libonnxruntime_providers_cuda.so with error: "
        + "libcublasLt.so.13: cannot open shared object file: No such file or directory",
        "libcublasLt.so.13")]
    [InlineData(
        "Failed to load library libonnxruntime_providers_shared.so with error: /o/libonnxruntime_providers_shared.so: "
        + "cannot open shared object file: No such file or directory",
        "libonnxruntime_providers_shared.so")]
    [InlineData(
        "[ONNXRuntimeError] : 1 : FAIL : LoadLibrary failed with error 126 \"\" when trying to load "
        + "\"C:\\app\\onnxruntime_providers_cuda.dll\"",
        "onnxruntime_providers_cuda.dll")]
    [InlineData(
        "dlopen(/o/libonnxruntime_providers_shared.dylib, 0x000A): tried: '/o/libonnxruntime_providers_shared.dylib' "
        + "(no such file)",
        "libonnxruntime_providers_shared.dylib")]
    [InlineData("CUDA failure 100: no CUDA-capable device is detected ; GPU=-1 ; hostname=a", null)]
    public void The_missing_library_is_read_from_what_the_system_said(string message, string? library) =>
        Assert.Equal(library, ProviderUnavailableException.MissingIn(message));

    [Fact]
    public void A_library_of_the_system_was_looked_for_where_the_system_was_told_to()
    {
        var said = new OrtException(
            OrtErrorCode.Fail, "libcudnn.so.9: cannot open shared object file: No such file or directory");

        var refused = ProviderUnavailableException.Of(new CudaProvider(), said);

        Assert.Equal("libcudnn.so.9", refused.MissingLibrary);
        Assert.Equal(OrtErrorCode.Fail, refused.Code);
        Assert.DoesNotContain(Path.GetDirectoryName(OrtLibrary.File), refused.LookedIn);
        Assert.Contains("the library libcudnn.so.9 is missing", refused.Message, StringComparison.Ordinal);
        Assert.Contains("the system's folders. Install it", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_only_the_processor_can_run_is_refused_where_that_is_not_allowed()
    {
        var options = new SessionOptions { AllowCpuFallback = false };

        OrtException problem = Assert.Throws<OrtException>(() => InferenceSession.Load(TestModels.Total(), options));

        Assert.Contains("fallback to CPU EP has been explicitly disabled", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_is_at_fault_is_not_taken_for_a_provider()
    {
        var options = new SessionOptions { Providers = [new GenericProvider("CPU")] };

        OrtException problem = Assert.Throws<OrtException>(() => InferenceSession.Load("no model"u8, options));

        Assert.Equal(OrtErrorCode.InvalidProtobuf, problem.Code);
    }

    private static ExecutionProvider Provider(string name) => name == "CUDA"
        ? new CudaProvider
        {
            MemoryLimit = 1L << 30,
            ArenaExtension = ArenaExtension.SameAsRequested,
            ConvolutionSearch = ConvolutionSearch.Heuristic,
            Options = new Dictionary<string, string> { ["prefer_nhwc"] = "1" },
        }
        : new TensorRtProvider { EnableFp16 = true, EngineCache = Path.GetTempPath(), MaxWorkspaceSize = 1L << 30 };

    private static bool LiesBesideTheCore(string provider) =>
        Directory.EnumerateFiles(Path.GetDirectoryName(OrtLibrary.File)!)
            .Any(file => Path.GetFileName(file).Contains(
                $"onnxruntime_providers_{provider}", StringComparison.Ordinal));
}
