using System.Runtime.InteropServices;
using Bento.OnnxRuntime.Native;
using Xunit;

namespace Bento.OnnxRuntime.Tests;

public sealed class LibraryTests
{
    [Fact]
    public void The_version_is_that_of_the_library() =>
        Assert.True(Version.Parse(OrtLibrary.Version) >= new Version(1, (int)OrtApi.RequiredVersion));

    [Fact]
    public unsafe void A_library_that_is_too_old_is_refused_with_both_versions()
    {
        var getBase = (delegate* unmanaged<OrtApiBase*>)NativeLibrary.GetExport(LibraryLoader.Load(), "OrtGetApiBase");

        string message = Assert.Throws<NotSupportedException>(() => (nint)OrtNative.TableOf(getBase(), 9999)).Message;

        Assert.Contains(OrtLibrary.Version, message);
        Assert.Contains("1.9999 or newer", message);
    }

    [Fact]
    public void A_path_that_was_set_is_the_only_place()
    {
        LibraryCandidate only = Assert.Single(Candidates("/given/x.so", "/variable/y.so", "LINUX", Architecture.X64));

        Assert.Equal(new LibraryCandidate(LibraryOrigin.Path, "/given/x.so"), only);
    }

    [Fact]
    public void Else_the_environment_variable_is_the_only_place()
    {
        LibraryCandidate only = Assert.Single(Candidates("", "/variable/y.so", "LINUX", Architecture.X64));

        Assert.Equal(new LibraryCandidate(LibraryOrigin.Variable, "/variable/y.so"), only);
    }

    [Theory]
    [InlineData("LINUX", Architecture.X64, "libonnxruntime.so", "linux-x64", "libonnxruntime.so.1")]
    [InlineData("LINUX", Architecture.Arm64, "libonnxruntime.so", "linux-arm64", "libonnxruntime.so.1")]
    [InlineData("OSX", Architecture.Arm64, "libonnxruntime.dylib", "osx-arm64", "libonnxruntime.dylib")]
    [InlineData("WINDOWS", Architecture.X64, "onnxruntime.dll", "win-x64", null)]
    public void Else_it_is_looked_for(
        string platform, Architecture architecture, string file, string rid, string? system)
    {
        List<LibraryCandidate> wanted =
        [
            new(LibraryOrigin.Runtime, "onnxruntime"),
            new(LibraryOrigin.Folder, Path.Combine("/plugin", file)),
            new(LibraryOrigin.Folder, Path.Combine("/plugin", "runtimes", rid, "native", file)),
            new(LibraryOrigin.Folder, Path.Combine("/app", file)),
            new(LibraryOrigin.Folder, Path.Combine("/app", "runtimes", rid, "native", file)),
        ];
        if (system is not null)
        {
            wanted.Add(new(LibraryOrigin.System, system));
        }

        Assert.Equal(wanted, Candidates(null, null, platform, architecture));
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("/app")]
    public void No_folder_is_looked_at_twice(string? assemblyFolder) =>
        Assert.Equal(
            2,
            LibraryLoader.Candidates(null, null, assemblyFolder, "/app/", OSPlatform.Linux, Architecture.X64)
                .Count(candidate => candidate.Origin == LibraryOrigin.Folder));

    [Fact]
    public void A_library_that_is_not_found_says_where_it_was_looked_for_and_the_way_out()
    {
        string broken = Path.GetTempFileName();
        File.WriteAllText(broken, "no library");

        string message = Assert.Throws<DllNotFoundException>(() => LibraryLoader.Load(
            [
                new(LibraryOrigin.Path, "/no/such.so"),
                new(LibraryOrigin.Runtime, "no-such-onnxruntime"),
                new(LibraryOrigin.Folder, broken),
                new(LibraryOrigin.System, "libno-such-onnxruntime.so.1"),
            ],
            typeof(LibraryTests).Assembly)).Message;

        Assert.Contains("OrtLibrary.Path, /no/such.so: no such file", message);
        Assert.Contains("the .NET runtime's own probing, no-such-onnxruntime: not found", message);
        Assert.Contains("the system's libraries, libno-such-onnxruntime.so.1: not found", message);
        Assert.Contains(Environment.NewLine + "  " + broken + ": ", message);
        Assert.DoesNotContain(broken + ": no such file", message);
        Assert.Contains("by the environment variable BENTO_ORT_LIBRARY", message);
        File.Delete(broken);
    }

    [Fact]
    public void A_library_of_something_else_is_not_taken()
    {
        string other = Directory.GetFiles(RuntimeEnvironment.GetRuntimeDirectory(), "*clrjit.*")
            .Single(file => Path.GetExtension(file) is ".so" or ".dylib" or ".dll");

        string message = Assert.Throws<DllNotFoundException>(() => LibraryLoader.Load(
            [new(LibraryOrigin.Variable, other)], typeof(LibraryTests).Assembly)).Message;

        Assert.Contains($"{other}: no ONNX Runtime, as it has no function OrtGetApiBase", message);
    }

    [Fact]
    public async Task The_library_can_be_chosen_after_it_was_not_found()
    {
        using var child = new Child(nameof(ChildScenarios.Does_not_find_the_library_until_it_is_told_where));
        child.Variables[OrtLibrary.PathVariable] = "no/such/library.so";
        child.Variables["REAL_LIBRARY"] = CandidatesHere().First(candidate => File.Exists(candidate.Name)).Name;

        await child.Succeed();
    }

    [Fact]
    public async Task A_load_context_may_be_unloaded_though_the_library_keeps_calling_back()
    {
        using var child = new Child(nameof(ChildScenarios.Runs_a_model_in_a_load_context_that_is_then_unloaded));

        await child.Succeed();
    }

    private static IReadOnlyList<LibraryCandidate> Candidates(
        string? path, string? variable, string platform, Architecture architecture) =>
        LibraryLoader.Candidates(path, variable, "/plugin", "/app/", OSPlatform.Create(platform), architecture);

    /// <summary>Where the library is looked for in this process.</summary>
    private static IReadOnlyList<LibraryCandidate> CandidatesHere() => LibraryLoader.Candidates(
        null,
        null,
        null,
        AppContext.BaseDirectory,
        LibraryLoader.Platform,
        RuntimeInformation.ProcessArchitecture);
}
