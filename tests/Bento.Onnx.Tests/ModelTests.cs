using System.Diagnostics;
using System.Runtime.InteropServices;
using Bento.OnnxRuntime.Tests.Models;
using Xunit;

namespace Bento.OnnxRuntime.Tests;

/// <summary>What comes with a model: what it says of itself, files beside it, operators of others, a profile.</summary>
public sealed class ModelTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bento-onnx-model-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_model_says_what_it_is()
    {
        using var session = InferenceSession.Load(OnnxWriter.WithMetadata(
            TestModels.Total(), "org.example", 7, "Adds up.", ("labels", "a,b"), ("Größe", "弁当"), ("empty", "")));

        ModelMetadata metadata = session.ReadMetadata();

        Assert.Equal("tests", metadata.Producer);
        Assert.Equal("graph", metadata.GraphName);
        Assert.Equal("What the graph does.", metadata.GraphDescription);
        Assert.Equal("org.example", metadata.Domain);
        Assert.Equal("Adds up.", metadata.Description);
        Assert.Equal(7, metadata.Version);
        Assert.Equal(
            new Dictionary<string, string> { ["labels"] = "a,b", ["Größe"] = "弁当", ["empty"] = "" }, metadata.Custom);
    }

    [Fact]
    public void A_model_may_have_nothing_to_say()
    {
        using var session = InferenceSession.Load(TestModels.Total());

        ModelMetadata metadata = session.ReadMetadata();

        Assert.Equal("", metadata.Domain);
        Assert.Equal("", metadata.Description);
        Assert.Null(metadata.Version);
        Assert.Empty(metadata.Custom);
        session.Dispose();
        Assert.Throws<ObjectDisposedException>(session.ReadMetadata);
    }

    [Fact]
    public void Weights_in_a_file_beside_the_model_are_found()
    {
        string path = Path.Combine(_folder, "model.onnx");
        File.WriteAllBytes(path, TestModels.WithWeightsIn("weights.bin"));
        File.WriteAllBytes(Path.Combine(_folder, "weights.bin"), MemoryMarshal.AsBytes<float>([10, 20]).ToArray());
        using var session = InferenceSession.Load(path);
        using var input = OrtValue.Over<float>([1, 2], 2);

        using OrtOutputs outputs = session.Run("x", input);

        Assert.Equal([11, 22], outputs["y"].ToArray<float>());
    }

    [Fact]
    public void Weights_in_a_file_that_is_missing_are_refused_by_its_name()
    {
        string path = Path.Combine(_folder, "model.onnx");
        File.WriteAllBytes(path, TestModels.WithWeightsIn("weights.bin"));

        Assert.Contains("weights.bin", Assert.Throws<OrtException>(() => InferenceSession.Load(path)).Message);
    }

    [Fact]
    public void Weights_in_a_file_outside_of_the_models_folder_are_refused()
    {
        string folder = Directory.CreateDirectory(Path.Combine(_folder, "inner")).FullName;
        File.WriteAllBytes(Path.Combine(_folder, "weights.bin"), MemoryMarshal.AsBytes<float>([10, 20]).ToArray());
        string path = Path.Combine(folder, "model.onnx");
        File.WriteAllBytes(path, TestModels.WithWeightsIn("../weights.bin"));

        Assert.Throws<OrtException>(() => InferenceSession.Load(path));
    }

    [Fact]
    public async Task An_operator_of_a_library_is_run()
    {
        string library = await Compile();
        var options = new SessionOptions { CustomOperatorLibraries = [library] };
        using var session = InferenceSession.Load(TestModels.Triple(), options);
        using var input = OrtValue.Over<float>([1, 2], 2);

        using OrtOutputs outputs = session.Run("x", input);

        Assert.Equal([3, 6], outputs["y"].ToArray<float>());
        Assert.Throws<OrtException>(() => InferenceSession.Load(TestModels.Triple()));
    }

    [Fact]
    public void A_library_of_operators_that_is_missing_or_none_is_refused_by_its_name()
    {
        string wrong = Path.Combine(_folder, "wrong.so");
        File.WriteAllText(wrong, "no library");

        foreach (string library in new[] { Path.Combine(_folder, "none.so"), wrong, OrtLibrary.File! })
        {
            var options = new SessionOptions { CustomOperatorLibraries = [library] };
            OrtException refused = Assert.Throws<OrtException>(
                () => InferenceSession.Load(TestModels.Total(), options));
            Assert.True(
                refused.Message.Contains(Path.GetFileName(library), StringComparison.Ordinal)
                || refused.Message.Contains("RegisterCustomOps", StringComparison.Ordinal),
                refused.Message);
        }
    }

    [Fact]
    public void A_free_dimension_is_given_a_length()
    {
        var options = new SessionOptions { FreeDimensions = new Dictionary<string, long> { ["rows"] = 3 } };

        using var session = InferenceSession.Load(TestModels.Arithmetic(), options);

        Assert.Equal("left: Float[3, 2]", session.Inputs[0].ToString());
        Assert.Throws<ArgumentOutOfRangeException>(() => InferenceSession.Load(
            TestModels.Arithmetic(),
            new SessionOptions { FreeDimensions = new Dictionary<string, long> { ["rows"] = -1 } }));
    }

    [Fact]
    public void The_rewritten_model_is_written_where_it_is_wanted_and_runs()
    {
        string path = Path.Combine(_folder, "rewritten größe.onnx");
        InferenceSession.Load(TestModels.Wasteful(), new SessionOptions { OptimizedModelPath = path }).Dispose();

        using var session = InferenceSession.Load(path);
        using var input = OrtValue.Over<float>([4], 1);
        using OrtOutputs outputs = session.Run("x", input);

        Assert.Equal([4], outputs["y"].ToArray<float>());
    }

    [Fact]
    public void The_times_of_all_nodes_are_written_down()
    {
        var options = new SessionOptions { ProfilePrefix = Path.Combine(_folder, "profile") };
        using var session = InferenceSession.Load(TestModels.Total(), options);
        using var input = OrtValue.Over<float>([4], 1);
        session.Run("x", input).Dispose();

        string file = session.EndProfiling();

        Assert.StartsWith(options.ProfilePrefix, file, StringComparison.Ordinal);
        Assert.Contains("ReduceSum", File.ReadAllText(file), StringComparison.Ordinal);
    }

    [Fact]
    public void A_setting_of_a_run_that_is_not_text_for_native_code_is_refused()
    {
        using var session = InferenceSession.Load(TestModels.Total());
        using var input = OrtValue.Over<float>([4], 1);
        var options = new RunOptions { ConfigEntries = new Dictionary<string, string> { ["key\0"] = "value" } };

        Assert.Throws<ArgumentException>(() => session.Run([KeyValuePair.Create("x", input)], null, options));
    }

    /// <summary>A library of operators, by the C compiler of the machine: y = 3 x over float[2].</summary>
    private async Task<string> Compile()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The library is compiled as Linux wants it.");
        string? compiler = Environment.GetEnvironmentVariable("PATH")!
            .Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, "cc"))
            .FirstOrDefault(File.Exists);
        Assert.SkipWhen(compiler is null, "This machine has no C compiler to make a library of operators with.");
        string library = Path.Combine(_folder, "libtriple.so");
        string source = Path.Combine(AppContext.BaseDirectory, "Models", "triple.c");
        using var process = Process.Start(compiler!, ["-shared", "-fPIC", "-o", library, source]);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        return library;
    }
}
