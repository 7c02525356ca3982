using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Bento.OnnxRuntime.Tests.Models;
using Xunit;

namespace Bento.OnnxRuntime.Tests;

[Collection("log")]
public sealed class OptimizedModelTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("bento-onnx-cache-").FullName;
    private readonly SessionOptions _options;

    public OptimizedModelTests() =>
        _options = new SessionOptions { OptimizedModelCache = Path.Combine(_root, "cache") };

    public void Dispose()
    {
        OrtLibrary.LogHandler = null;
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public void Nothing_is_kept_unless_a_folder_is_given()
    {
        string path = Path.Combine(_root, "model.onnx");
        File.WriteAllBytes(path, TestModels.Total());

        InferenceSession.Load(path).Dispose();

        Assert.Equal(path, Assert.Single(Directory.GetFileSystemEntries(_root)));
    }

    [Fact]
    public async Task A_disk_that_is_full_does_not_keep_a_model_from_running()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "A process limits the length of its own files there only.");
        using var child = new Child(nameof(ChildScenarios.Runs_a_model_that_cannot_be_kept));

        await child.Succeed();
    }

    [Fact]
    public void The_second_session_runs_the_model_that_the_first_one_kept()
    {
        Works();
        string file = Assert.Single(Kept());
        DateTime written = File.GetLastWriteTimeUtc(file);
        ReplaceWithAnotherModel(file);

        // Only a session of what lies in the folder can tell that it is another model by now.
        using var session = InferenceSession.Load(TestModels.Wasteful(), _options);

        Assert.Equal("total", session.Outputs[0].Name);
        Assert.True(written <= File.GetLastWriteTimeUtc(file));
        Assert.Equal(file, Assert.Single(Kept()));
    }

    [Fact]
    public void A_file_and_its_bytes_are_the_same_model()
    {
        string path = Path.Combine(_root, "model.onnx");
        File.WriteAllBytes(path, TestModels.Wasteful());
        Works();

        using var session = InferenceSession.Load(path, _options);

        Assert.Equal("y", session.Outputs[0].Name);
        Assert.Single(Kept());
    }

    [Fact]
    public void Whatever_changes_the_result_has_a_file_of_its_own()
    {
        SessionOptions[] others =
        [
            _options with { GraphOptimization = GraphOptimization.Basic },
            _options with { EnablePrepacking = false },
            _options with { FreeDimensions = new Dictionary<string, long> { ["n"] = 4 } },
            _options with { Deterministic = true },
            _options with { ConfigEntries = new Dictionary<string, string> { ["session.qdqisint8allowed"] = "0" } },
        ];

        Works();
        Works(_options with { LogId = "changes nothing" });
        Array.ForEach(others, Works);
        InferenceSession.Load(TestModels.Total(), _options).Dispose();

        Assert.Equal(others.Length + 2, Kept().Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(32)]
    [InlineData(60)]
    public void A_damaged_file_is_made_anew(int length)
    {
        Works();
        string file = Assert.Single(Kept());
        byte[] whole = File.ReadAllBytes(file);
        File.WriteAllBytes(file, whole[..length]);

        Works();

        Assert.Equal(whole, File.ReadAllBytes(file));
    }

    [Fact]
    public void A_file_that_is_whole_but_no_model_is_made_anew()
    {
        Works();
        string file = Assert.Single(Kept());
        byte[] whole = File.ReadAllBytes(file);
        byte[] other = "no model"u8.ToArray();
        File.WriteAllBytes(file, [.. System.Security.Cryptography.SHA256.HashData(other), .. other]);

        Works();

        Assert.Equal(whole, File.ReadAllBytes(file));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_warned_of_and_does_no_harm()
    {
        var messages = new ConcurrentQueue<OrtLogMessage>();
        OrtLibrary.LogHandler = messages.Enqueue;
        string taken = Path.Combine(_root, "taken");
        File.WriteAllText(taken, "A file in the place of the folder.");

        Works(_options with { OptimizedModelCache = taken });

        Assert.Contains(messages, message => message.Text.Contains("cannot be written", StringComparison.Ordinal));
    }

    [Fact]
    public void A_rewritten_model_that_is_wanted_elsewhere_is_written_there_and_not_kept()
    {
        string path = Path.Combine(_root, "rewritten.onnx");

        Works(_options with { OptimizedModelPath = path });

        Assert.True(File.Exists(path));
        Assert.False(Directory.Exists(_options.OptimizedModelCache));
    }

    [Fact]
    public void A_model_with_weights_in_other_files_is_not_kept()
    {
        string path = Path.Combine(_root, "model.onnx");
        File.WriteAllBytes(path, TestModels.WithWeightsIn("weights.bin"));
        File.WriteAllBytes(Path.Combine(_root, "weights.bin"), MemoryMarshal.AsBytes<float>([10, 20]).ToArray());
        using var session = InferenceSession.Load(path, _options);
        using var input = OrtValue.Over<float>([1, 2], 2);
        using OrtOutputs outputs = session.Run("x", input);

        Assert.Equal([11, 22], outputs["y"].ToArray<float>());
        Assert.False(Directory.Exists(_options.OptimizedModelCache));
    }

    [Fact]
    public void A_model_that_is_at_fault_leaves_nothing_behind()
    {
        Assert.Throws<OrtException>(() => InferenceSession.Load("no model"u8, _options));

        Assert.Empty(Directory.GetFiles(_options.OptimizedModelCache!));
    }

    [Fact]
    public void Many_sessions_at_once_leave_one_whole_file()
    {
        Parallel.For(0, 16, _ => Works());

        string file = Assert.Single(Directory.GetFiles(_options.OptimizedModelCache!));
        ReplaceWithAnotherModel(file);
        using var session = InferenceSession.Load(TestModels.Wasteful(), _options);
        Assert.Equal("total", session.Outputs[0].Name);
    }

    private void Works() => Works(_options);

    private static void Works(SessionOptions options)
    {
        using var session = InferenceSession.Load(TestModels.Wasteful(), options);
        using var input = OrtValue.Over<float>([4], 1);
        using OrtOutputs outputs = session.Run("x", input);
        Assert.Equal([4], outputs["y"].ToArray<float>());
    }

    private static void ReplaceWithAnotherModel(string file)
    {
        byte[] model = TestModels.Total();
        File.WriteAllBytes(file, [.. System.Security.Cryptography.SHA256.HashData(model), .. model]);
    }

    private string[] Kept() => Directory.GetFiles(_options.OptimizedModelCache!);
}
