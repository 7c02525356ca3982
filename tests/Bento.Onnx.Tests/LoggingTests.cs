using System.Collections.Concurrent;
using Bento.OnnxRuntime.Tests.Models;
using Xunit;

namespace Bento.OnnxRuntime.Tests;

[Collection("log")]
public sealed class LoggingTests : IDisposable
{
    private readonly ConcurrentQueue<OrtLogMessage> _messages = [];

    public LoggingTests() => OrtLibrary.LogHandler = _messages.Enqueue;

    public void Dispose() => OrtLibrary.LogHandler = null;

    [Fact]
    public void A_warning_reaches_the_handler_with_its_place()
    {
        using var session = InferenceSession.Load(TestModels.Wasteful());

        OrtLogMessage message = Assert.Single(_messages, IsAboutWaste);
        Assert.Equal(OrtLogSeverity.Warning, message.Severity);
        Assert.Equal("onnxruntime", message.Category);
        Assert.Contains("graph.cc", message.Location);
    }

    [Fact]
    public void A_session_may_log_less()
    {
        var options = new SessionOptions { LogSeverity = OrtLogSeverity.Error };

        using var session = InferenceSession.Load(TestModels.Wasteful(), options);

        Assert.DoesNotContain(_messages, IsAboutWaste);
    }

    [Fact]
    public void Every_option_reaches_the_library()
    {
        string plain = Settings(new SessionOptions());
        string changed = Settings(new SessionOptions
        {
            IntraOpThreads = 2,
            InterOpThreads = 3,
            AllowSpinning = true,
            GraphOptimization = GraphOptimization.Basic,
            ExecutionMode = ExecutionMode.Parallel,
            EnableMemoryPattern = false,
            EnableCpuMemoryArena = false,
            UseSharedArena = true,
            UseDeviceAllocatorForInitializers = true,
            DenormalAsZero = true,
            Deterministic = true,
            EnablePrepacking = false,
            IntraOpAffinities = "1",
            LogId = "the model",
            ConfigEntries = new Dictionary<string, string> { ["session.qdqisint8allowed"] = "0" },
        });

        Assert.Contains("execution_mode:0", plain);
        Assert.Contains("execution_mode:1", changed);
        Assert.Contains("enable_mem_pattern:1", plain);
        Assert.Contains("enable_mem_pattern:0", changed);
        Assert.Contains("enable_cpu_mem_arena:1", plain);
        Assert.Contains("enable_cpu_mem_arena:0", changed);
        Assert.Contains("graph_optimization_level:4", plain);
        Assert.Contains("graph_optimization_level:1", changed);
        Assert.Matches("intra_op_param:.* thread_pool_size: 1 .*inter_op_param:.* thread_pool_size: 1 ", plain);
        Assert.Matches("intra_op_param:.* thread_pool_size: 2 .*inter_op_param:.* thread_pool_size: 3 ", changed);
        Assert.Matches("config_options:.*inter_op.allow_spinning: 0 .*intra_op.allow_spinning: 0", plain);
        Assert.Matches("config_options:.*inter_op.allow_spinning: 1 .*intra_op.allow_spinning: 1", changed);
        Assert.Contains("use_deterministic_compute:0", plain);
        Assert.Contains("use_deterministic_compute:1", changed);
        Assert.Contains("session_logid:the model", changed);
        Assert.Contains("session.use_env_allocators: 1", changed);
        Assert.Contains("session.use_device_allocator_for_initializers: 1", changed);
        Assert.Contains("session.set_denormal_as_zero: 1", changed);
        Assert.Contains("session.disable_prepacking: 1", changed);
        Assert.Contains("session.intra_op_thread_affinities: 1", changed);
        Assert.Contains("session.qdqisint8allowed: 0", changed);
        Assert.DoesNotContain("session.set_denormal_as_zero", plain);
    }

    [Fact]
    public void A_run_is_logged_as_its_options_say()
    {
        using var session = InferenceSession.Load(TestModels.Pick());
        using var x = OrtValue.Over<float>([1, 2], 2);
        using var outside = OrtValue.Over<long>([7], 1);
        var inputs = new Dictionary<string, OrtValue> { ["x"] = x, ["i"] = outside };

        Assert.Throws<OrtException>(() => session.Run(inputs, null, new RunOptions { Tag = "a request" }));
        OrtLogMessage message = Assert.Single(_messages, IsOfTheRun);
        Assert.Throws<OrtException>(() => session.Run(
            inputs, null, new RunOptions { LogSeverity = OrtLogSeverity.Fatal }));

        Assert.Equal(OrtLogSeverity.Error, message.Severity);
        Assert.Single(_messages, IsOfTheRun);

        static bool IsOfTheRun(OrtLogMessage message) =>
            message.Text.Contains("while running Gather", StringComparison.Ordinal);
    }

    [Fact]
    public void A_handler_that_throws_does_no_harm()
    {
        OrtLibrary.LogHandler = _ => throw new InvalidOperationException("The handler's own mistake.");

        using var session = InferenceSession.Load(TestModels.Wasteful());

        Assert.Equal("y", session.Outputs[0].Name);
    }

    private static bool IsAboutWaste(OrtLogMessage message) =>
        message.Text.Contains("wasted_constant", StringComparison.Ordinal);

    private string Settings(SessionOptions options)
    {
        _messages.Clear();
        SessionOptions talkative = options with { LogSeverity = OrtLogSeverity.Verbose };
        using var session = InferenceSession.Load(TestModels.Total(), talkative);
        return Assert.Single(
            _messages, message => message.Text.StartsWith("Session Options", StringComparison.Ordinal)).Text;
    }
}
