using System.Runtime.CompilerServices;
using Bento.OnnxRuntime.Tests.Models;
using Xunit;

namespace Bento.OnnxRuntime.Tests;

public sealed class ValueTests
{
    [Fact]
    public void A_value_is_made_over_memory_without_a_copy()
    {
        float[] memory = [1, 2, 3, 4];
        using var value = OrtValue.Over(memory.AsMemory(1, 2), 2);

        memory[1] = 20;
        value.AsSpan<float>()[1] = 30;

        Assert.Equal([20, 30], value.ToArray<float>());
        Assert.Equal(30, memory[2]);
    }

    [Fact]
    public void Memory_stays_in_its_place_until_the_value_is_disposed_of()
    {
        OrtValue[] values = [.. Enumerable.Range(0, 200).Select(i => OrtValue.Over(new int[] { i, -i }, 2))];

        GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);

        for (int i = 0; i < values.Length; i++)
        {
            Assert.Equal([i, -i], values[i].ToArray<int>());
            values[i].Dispose();
        }
    }

    [Fact]
    public void Memory_may_move_and_go_once_the_value_is_disposed_of()
    {
        WeakReference memory = UseAndForget();

        GC.Collect();

        Assert.False(memory.IsAlive);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference UseAndForget()
        {
            var array = new float[10];
            OrtValue.Over(array, 10).Dispose();
            return new WeakReference(array);
        }
    }

    [Fact]
    public void A_value_that_was_forgotten_lets_its_memory_go()
    {
        WeakReference memory = Forget();

        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        Assert.False(memory.IsAlive);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference Forget()
        {
            var array = new float[10];
            _ = OrtValue.Over(array, 10);
            return new WeakReference(array);
        }
    }

    [Fact]
    public void No_dimensions_make_a_single_number()
    {
        using var session = InferenceSession.Load(TestModels.Identity(TensorElementType.Double));
        using var input = OrtValue.Over<double>([2.5]);

        using OrtOutputs outputs = session.Run("x", input);

        Assert.Empty(outputs["y"].Shape);
        Assert.Equal([2.5], outputs["y"].ToArray<double>());
    }

    [Fact]
    public void A_single_number_comes_out_of_a_sum()
    {
        using var session = InferenceSession.Load(TestModels.Total());
        using var input = OrtValue.Over<float>([1, 2, 3], 3);

        using OrtOutputs outputs = session.Run("x", input);

        Assert.Empty(outputs["total"].Shape);
        Assert.Equal([6], outputs["total"].ToArray<float>());
    }

    [Fact]
    public void A_dimension_may_be_of_no_length()
    {
        using var session = InferenceSession.Load(TestModels.Identity(TensorElementType.Float, "a", 4, "b"));
        using var input = OrtValue.Over(Array.Empty<float>(), 1, 4, 0);

        using OrtOutputs outputs = session.Run("x", input);

        Assert.Equal([1, 4, 0], outputs["y"].Shape);
        Assert.Empty(outputs["y"].ToArray<float>());
        Assert.True(input.AsSpan<float>().IsEmpty);
    }

    [Theory]
    [InlineData(new long[] { 2, 2 }, "[2, 2] wants 4 elements; given: 3")]
    [InlineData(new long[] { }, "[] wants 1 elements; given: 3")]
    [InlineData(new long[] { 3, 0 }, "[3, 0] wants 0 elements; given: 3")]
    [InlineData(new long[] { -1, -3 }, "[-1, -3] has a negative length")]
    [InlineData(new[] { long.MaxValue, long.MaxValue, long.MaxValue }, "wants 9223372036854775807 elements")]
    public void A_shape_that_does_not_fit_the_elements_is_refused(long[] shape, string message)
    {
        ArgumentException numbers = Assert.Throws<ArgumentException>(() => OrtValue.Over<float>([1, 2, 3], shape));
        ArgumentException texts = Assert.Throws<ArgumentException>(() => OrtValue.OfStrings(["a", "b", "c"], shape));

        Assert.Contains(message, numbers.Message);
        Assert.Contains(message, texts.Message);
    }

    [Fact]
    public void Reading_elements_of_another_type_is_refused()
    {
        using var numbers = OrtValue.Over<long>([1], 1);
        using var texts = OrtValue.OfStrings(["a"], 1);

        Refused("Int64[1]; it cannot be read as elements of Float", () => numbers.ToArray<float>());
        Refused("elements of String", () => numbers.ToStrings());
        Refused("String[1]", () => texts.AsSpan<byte>().Clear());

        static void Refused(string message, Action read) =>
            Assert.Contains(message, Assert.Throws<InvalidOperationException>(read).Message);
    }

    [Fact]
    public void A_value_that_was_disposed_of_is_not_read()
    {
        var numbers = OrtValue.Over<long>([1], 1);
        var texts = OrtValue.OfStrings(["a"], 1);
        numbers.Dispose();
        numbers.Dispose();
        texts.Dispose();

        ObjectDisposedException refused = Assert.Throws<ObjectDisposedException>(() => numbers.ToArray<long>());
        Assert.Equal(typeof(OrtValue).FullName, refused.ObjectName);
        Assert.Throws<ObjectDisposedException>(() => numbers.AsSpan<long>().Length);
        Assert.Throws<ObjectDisposedException>(texts.ToStrings);
    }

    [Fact]
    public void A_value_says_what_it_is()
    {
        using var value = OrtValue.Over(new float[6], 2, 3);

        Assert.Equal("Float[2, 3]", value.ToString());
    }
}
