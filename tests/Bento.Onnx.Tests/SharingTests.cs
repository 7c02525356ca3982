using Bento.OnnxRuntime.Tests.Models;
using Xunit;

namespace Bento.OnnxRuntime.Tests;

public sealed class SharingTests
{
    [Fact]
    public void Sessions_that_share_a_model_are_disposed_of_one_by_one()
    {
        var first = InferenceSession.Load(TestModels.Total());
        InferenceSession second = first.Share();
        InferenceSession third = second.Share();

        first.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Total(first));
        Assert.Throws<ObjectDisposedException>(first.Share);
        Assert.Equal(3, Total(second));

        second.Dispose();
        second.Dispose();
        Assert.Equal(3, Total(third));

        third.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Total(third));
    }

    [Fact]
    public void Sessions_that_share_a_model_say_the_same_of_it()
    {
        using var first = InferenceSession.Load(TestModels.Arithmetic());
        using InferenceSession second = first.Share();

        Assert.Equal(first.Inputs, second.Inputs);
        Assert.Equal(first.Outputs, second.Outputs);
    }

    [Fact]
    public async Task A_model_may_be_shared_while_others_let_go_of_it()
    {
        for (int round = 0; round < 50; round++)
        {
            var first = InferenceSession.Load(TestModels.Chain(5));
            InferenceSession[] shares = [.. Enumerable.Range(0, 4).Select(_ => first.Share())];
            using var input = OrtValue.Over(new float[64 * 64], 64, 64);

            Task[] users =
            [
                .. shares.Select(share => Task.Run(() =>
                {
                    using InferenceSession another = share.Share();
                    share.Dispose();
                    another.Run("x", input).Dispose();
                })),
                Task.Run(first.Dispose),
            ];

            await Task.WhenAll(users);
        }
    }

    [Fact]
    public void The_library_checks_itself_and_says_that_it_is_loaded()
    {
        OrtLibrary.Check();

        Assert.True(OrtLibrary.IsLoaded);
    }

    [Fact]
    public void Options_on_other_devices_are_the_same_options()
    {
        var options = new SessionOptions { IntraOpThreads = 3 };

        SessionOptions elsewhere = options.On(new CudaProvider { DeviceId = 1 });

        Assert.Equal([new CudaProvider { DeviceId = 1 }], elsewhere.Providers);
        Assert.Equal(3, elsewhere.IntraOpThreads);
        Assert.Empty(options.Providers);
        Assert.Equal(options, elsewhere.On());
    }

    private static float Total(InferenceSession session)
    {
        using var input = OrtValue.Over<float>([1, 2], 2);
        using OrtOutputs outputs = session.Run("x", input);
        return outputs["total"].ToArray<float>()[0];
    }
}
