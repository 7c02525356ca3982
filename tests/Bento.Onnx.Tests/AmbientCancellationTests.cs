using Bento.OnnxRuntime.Tests.Models;
using Xunit;

namespace Bento.OnnxRuntime.Tests;

public sealed class AmbientCancellationTests : IDisposable
{
    private readonly InferenceSession _session = InferenceSession.Load(TestModels.Loop());
    private readonly OrtValue _x = OrtValue.Over(new float[64 * 64], 64, 64);
    private readonly OrtValue _forEver = OrtValue.Over<long>([100_000_000]);
    private readonly OrtValue _once = OrtValue.Over<long>([1]);

    public void Dispose()
    {
        _session.Dispose();
        _x.Dispose();
        _forEver.Dispose();
        _once.Dispose();
    }

    [Fact]
    public void A_run_stops_on_the_ambient_token()
    {
        using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        using AmbientScope scope = AmbientCancellation.Enter(source.Token);

        OperationCanceledException stopped = Assert.Throws<OperationCanceledException>(() => Run(_forEver));

        Assert.Equal(source.Token, stopped.CancellationToken);
    }

    [Fact]
    public void A_run_with_a_token_of_its_own_stops_on_the_ambient_one_too()
    {
        using var own = new CancellationTokenSource();
        using var ambient = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        using AmbientScope scope = AmbientCancellation.Enter(ambient.Token);

        OperationCanceledException stopped = Assert.Throws<OperationCanceledException>(() => Run(_forEver, own.Token));

        Assert.Equal(ambient.Token, stopped.CancellationToken);
    }

    [Fact]
    public void A_run_below_an_ambient_token_stops_on_its_own()
    {
        using var own = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        using var ambient = new CancellationTokenSource();
        using AmbientScope scope = AmbientCancellation.Enter(ambient.Token);

        OperationCanceledException stopped = Assert.Throws<OperationCanceledException>(() => Run(_forEver, own.Token));

        Assert.Equal(own.Token, stopped.CancellationToken);
    }

    [Fact]
    public void The_same_token_may_be_given_and_ambient()
    {
        using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        using AmbientScope scope = AmbientCancellation.Enter(source.Token);

        Assert.Throws<OperationCanceledException>(() => Run(_forEver, source.Token));
    }

    [Fact]
    public void An_ambient_token_that_is_cancelled_already_stops_the_run_before_it_starts()
    {
        using AmbientScope scope = AmbientCancellation.Enter(new CancellationToken(canceled: true));

        Assert.Throws<OperationCanceledException>(() => Run(_once));
    }

    [Fact]
    public async Task The_token_reaches_what_is_awaited_and_what_is_started()
    {
        using var source = new CancellationTokenSource();
        using AmbientScope scope = AmbientCancellation.Enter(source.Token);

        await Task.Yield();
        CancellationToken elsewhere = await Task.Run(() => AmbientCancellation.Current, CancellationToken.None);

        Assert.Equal(source.Token, AmbientCancellation.Current);
        Assert.Equal(source.Token, elsewhere);
    }

    [Fact]
    public void A_scope_gives_back_the_token_that_there_was()
    {
        using var outer = new CancellationTokenSource();
        using var inner = new CancellationTokenSource();

        using (AmbientCancellation.Enter(outer.Token))
        {
            using (AmbientCancellation.Enter(inner.Token))
            {
                Assert.Equal(inner.Token, AmbientCancellation.Current);
            }

            Assert.Equal(outer.Token, AmbientCancellation.Current);
            Run(_once);
        }

        Assert.Equal(CancellationToken.None, AmbientCancellation.Current);
    }

    private void Run(OrtValue rounds, CancellationToken cancellation = default) =>
        _session.Run(
            new Dictionary<string, OrtValue> { ["rounds"] = rounds, ["x"] = _x }, null, cancellation).Dispose();
}
