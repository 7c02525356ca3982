using System.Diagnostics;
using Bento.OnnxRuntime.Tests.Models;
using Xunit;

namespace Bento.OnnxRuntime.Tests;

public sealed class CancellationTests
{
    private const long FarTooMany = 100_000_000;

    [Fact]
    public void A_loop_is_stopped_by_the_token() => Stopped(TestModels.Loop(), FarTooMany);

    [Fact]
    public void A_stopped_session_runs_again()
    {
        using var session = InferenceSession.Load(TestModels.Loop());
        using var input = OrtValue.Over(new float[64 * 64], 64, 64);
        using var forEver = OrtValue.Over<long>([FarTooMany]);
        using var thrice = OrtValue.Over<long>([3]);

        for (int i = 0; i < 20; i++)
        {
            using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(i));
            Assert.Throws<OperationCanceledException>(() => session.Run(Inputs(forEver, input), null, source.Token));
            using OrtOutputs outputs = session.Run(Inputs(thrice, input));
            Assert.Equal([64, 64], outputs["y"].Shape);
        }
    }

    [Fact]
    public void A_long_chain_of_nodes_is_stopped_by_the_token()
    {
        using var session = InferenceSession.Load(TestModels.Chain(3_000));
        using var input = OrtValue.Over(new float[64 * 64], 64, 64);
        TimeSpan whole = Enumerable.Range(0, 5).Min(_ => Took());

        Assert.Contains(Enumerable.Range(0, 200), _ => IsStoppedOnTheWay());

        TimeSpan Took()
        {
            var clock = Stopwatch.StartNew();
            session.Run("x", input).Dispose();
            return clock.Elapsed;
        }

        // The machine may be too busy to cancel in time, so one of many attempts will do.
        bool IsStoppedOnTheWay()
        {
            using var source = new CancellationTokenSource(whole / 10);
            bool early = source.IsCancellationRequested;
            Exception? end = Record.Exception(() => session.Run("x", input, source.Token).Dispose());
            Assert.True(end is null or OperationCanceledException, $"{end}");
            return end is not null && !early;
        }
    }

    [Fact]
    public void A_token_that_is_cancelled_already_stops_the_run_before_it_starts()
    {
        using var session = InferenceSession.Load(TestModels.Total());
        using var input = OrtValue.Over<float>([1], 1);
        var token = new CancellationToken(canceled: true);

        OperationCanceledException stopped = Assert.Throws<OperationCanceledException>(
            () => session.Run("x", input, token));

        Assert.Equal(token, stopped.CancellationToken);
    }

    [Fact]
    public void A_run_with_a_token_that_stays_quiet_is_a_run_like_any_other()
    {
        using var source = new CancellationTokenSource();
        using var session = InferenceSession.Load(TestModels.Total());
        using var input = OrtValue.Over<float>([1, 2], 2);

        using OrtOutputs outputs = session.Run("x", input, source.Token);
        source.Cancel();

        Assert.Equal([3], outputs["total"].ToArray<float>());
    }

    [Fact]
    public void A_run_that_fails_by_itself_is_not_taken_for_cancelled()
    {
        using var source = new CancellationTokenSource();
        using var session = InferenceSession.Load(TestModels.Pick());
        using var x = OrtValue.Over<float>([1, 2], 2);
        using var outside = OrtValue.Over<long>([7], 1);
        var inputs = new Dictionary<string, OrtValue> { ["x"] = x, ["i"] = outside };

        OrtException problem = Assert.Throws<OrtException>(() => session.Run(inputs, null, source.Token));

        Assert.Equal(OrtErrorCode.InvalidArgument, problem.Code);
    }

    private static void Stopped(byte[] model, long rounds)
    {
        using var session = InferenceSession.Load(model);
        using var input = OrtValue.Over(new float[64 * 64], 64, 64);
        using var count = OrtValue.Over<long>([rounds]);
        using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        var clock = Stopwatch.StartNew();

        OperationCanceledException stopped = Assert.Throws<OperationCanceledException>(
            () => session.Run(Inputs(count, input), null, source.Token));

        Assert.Equal(source.Token, stopped.CancellationToken);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"It took {clock.Elapsed}.");
    }

    private static Dictionary<string, OrtValue> Inputs(OrtValue rounds, OrtValue x) =>
        new() { ["rounds"] = rounds, ["x"] = x };
}
