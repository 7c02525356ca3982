using Bento.OnnxRuntime.Tests.Models;
using Xunit;

namespace Bento.OnnxRuntime.Tests;

public sealed class DisposalTests
{
    private const int Rounds = 150;

    [Fact]
    public void A_session_that_was_disposed_of_is_not_run()
    {
        var session = InferenceSession.Load(TestModels.Total());
        using var input = OrtValue.Over<float>([1], 1);
        session.Dispose();
        session.Dispose();

        ObjectDisposedException refused = Assert.Throws<ObjectDisposedException>(() => session.Run("x", input));

        Assert.Equal(typeof(InferenceSession).FullName, refused.ObjectName);
    }

    [Fact]
    public void An_input_that_was_disposed_of_is_not_run()
    {
        using var session = InferenceSession.Load(TestModels.Arithmetic());
        using var left = OrtValue.Over<float>([1, 2], 1, 2);
        var right = OrtValue.Over<float>([1, 2], 1, 2);
        right.Dispose();

        Assert.Throws<ObjectDisposedException>(() => session.RunInto([left, right], [left, left]));
        Assert.Throws<ObjectDisposedException>(() => session.RunInto([left, left], [left, right]));
        Assert.Equal([1, 2], left.ToArray<float>());
    }

    [Fact]
    public void A_session_may_be_disposed_of_while_threads_run_it()
    {
        byte[] model = TestModels.Chain(20);
        using var input = OrtValue.Over(new float[64 * 64], 64, 64);
        for (int round = 0; round < Rounds; round++)
        {
            var session = InferenceSession.Load(model);
            Race(round, () => session.Run("x", input).Dispose(), session.Dispose);
        }
    }

    [Fact]
    public void An_input_may_be_disposed_of_while_threads_run_with_it()
    {
        using var session = InferenceSession.Load(TestModels.Chain(20));
        for (int round = 0; round < Rounds; round++)
        {
            var input = OrtValue.Over(new float[64 * 64], 64, 64);
            Race(round, () => session.Run("x", input).Dispose(), input.Dispose);
        }
    }

    [Fact]
    public void An_output_may_be_disposed_of_while_threads_read_it()
    {
        using var session = InferenceSession.Load(TestModels.Identity(TensorElementType.Float, "n"));
        using var input = OrtValue.Over(new float[5_000], 5_000);
        for (int round = 0; round < Rounds; round++)
        {
            OrtOutputs outputs = session.Run("x", input);
            OrtValue output = outputs[0];
            Race(round, () => output.ToArray<float>(), outputs.Dispose);
        }
    }

    [Fact]
    public void A_session_may_be_disposed_of_while_a_run_is_cancelled()
    {
        byte[] model = TestModels.Loop();
        using var x = OrtValue.Over(new float[64 * 64], 64, 64);
        using var rounds = OrtValue.Over<long>([100_000_000]);
        var inputs = new Dictionary<string, OrtValue> { ["rounds"] = rounds, ["x"] = x };
        for (int round = 0; round < 20; round++)
        {
            var session = InferenceSession.Load(model);
            using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(5));
            Race(round, () => session.Run(inputs, null, source.Token).Dispose(), session.Dispose);
        }
    }

    [Fact]
    public async Task A_thousand_rounds_of_disposing_while_threads_run_leave_no_memory_behind()
    {
        using var child = new Child(
            nameof(ChildScenarios.Loads_runs_on_four_threads_and_disposes_a_thousand_times));

        string output = await child.Succeed();

        Console.WriteLine(
            output.Split('\n').Single(line => line.StartsWith("memory after", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Memory_of_a_session_goes_back_to_the_system_with_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Memory is given back by glibc's malloc_trim.");
        using var child = new Child(nameof(ChildScenarios.Gives_the_memory_of_many_sessions_back));

        await child.Succeed();
    }

    [Fact]
    public void Sessions_and_values_that_were_forgotten_are_given_back()
    {
        for (int i = 0; i < 50; i++)
        {
            Forget();
        }

        GC.Collect();
        GC.WaitForPendingFinalizers();

        static void Forget()
        {
            var session = InferenceSession.Load(TestModels.Total());
            _ = session.Run("x", OrtValue.Over<float>([1, 2], 2));
        }
    }

    /// <summary>Three threads act until an exception, which must be an expected one, while a fourth disposes.</summary>
    private static void Race(int round, Action act, Action dispose)
    {
        using var start = new Barrier(4);
        var ends = new Exception?[3];
        Thread[] actors = [.. Enumerable.Range(0, 3).Select(i => new Thread(() =>
        {
            start.SignalAndWait();
            while (ends[i] is null)
            {
                ends[i] = Record.Exception(act);
            }
        }))];
        Array.ForEach(actors, actor => actor.Start());
        start.SignalAndWait();
        Thread.SpinWait(round * 200);
        dispose();
        Array.ForEach(actors, actor => actor.Join());
        Assert.All(ends, end => Assert.True(end is ObjectDisposedException or OperationCanceledException, $"{end}"));
    }
}
