using System.Collections;
using Bento.OnnxRuntime.Native;
using Bento.OnnxRuntime.Tests.Models;
using Xunit;

namespace Bento.OnnxRuntime.Tests;

public sealed class ElementTypeTests
{
    [Fact]
    public void Floats_pass_through_a_model() =>
        PassThrough([1.5f, float.NaN, float.NegativeInfinity], TensorElementType.Float);

    [Fact]
    public void Doubles_pass_through_a_model() => PassThrough([Math.PI, double.MinValue], TensorElementType.Double);

    [Fact]
    public void Halves_pass_through_a_model() => PassThrough([(Half)0.5f, Half.MaxValue], TensorElementType.Float16);

    [Fact]
    public void Halves_are_what_the_library_takes_for_halves()
    {
        float[] numbers = [1.5f, -0.25f, 65504f, 6e-8f, float.PositiveInfinity, float.NaN, 0.1f];
        Half[] halves = Array.ConvertAll(numbers, number => (Half)number);

        Assert.Equal(halves, Through<float, Half>(
            TestModels.Cast(TensorElementType.Float, TensorElementType.Float16), numbers));
        Assert.Equal(Array.ConvertAll(halves, half => (float)half), Through<Half, float>(
            TestModels.Cast(TensorElementType.Float16, TensorElementType.Float), halves));
        Assert.Equal(Array.ConvertAll(halves, half => half + half), Through<Half, Half>(
            TestModels.Twice(TensorElementType.Float16), halves));
    }

    [Fact]
    public void BFloat16s_are_what_the_library_takes_for_them()
    {
        float[] numbers = [1.5f, -0.25f, 3e38f, 1e-40f, float.NegativeInfinity, 0.1f, 1.00390625f];
        BFloat16[] rounded = Array.ConvertAll(numbers, BFloat16.FromSingle);

        Assert.Equal(rounded, Through<float, BFloat16>(
            TestModels.Cast(TensorElementType.Float, TensorElementType.BFloat16), numbers));
        Assert.Equal(Array.ConvertAll(rounded, number => number.ToSingle()), Through<BFloat16, float>(
            TestModels.Cast(TensorElementType.BFloat16, TensorElementType.Float), rounded));
    }

    [Fact]
    public void BFloat16s_pass_through_a_model() =>
        PassThrough([(BFloat16)1f, (BFloat16)(-3e38f)], TensorElementType.BFloat16);

    [Fact]
    public void Signed_bytes_pass_through_a_model() => PassThrough<sbyte>([-128, 127], TensorElementType.Int8);

    [Fact]
    public void Bytes_pass_through_a_model() => PassThrough<byte>([0, 255], TensorElementType.UInt8);

    [Fact]
    public void Shorts_pass_through_a_model() => PassThrough<short>([short.MinValue, 5], TensorElementType.Int16);

    [Fact]
    public void Unsigned_shorts_pass_through_a_model() =>
        PassThrough<ushort>([ushort.MaxValue, 5], TensorElementType.UInt16);

    [Fact]
    public void Integers_pass_through_a_model() => PassThrough([int.MinValue, 5], TensorElementType.Int32);

    [Fact]
    public void Unsigned_integers_pass_through_a_model() =>
        PassThrough<uint>([uint.MaxValue, 5], TensorElementType.UInt32);

    [Fact]
    public void Longs_pass_through_a_model() => PassThrough([long.MinValue, 5], TensorElementType.Int64);

    [Fact]
    public void Unsigned_longs_pass_through_a_model() =>
        PassThrough<ulong>([ulong.MaxValue, 5], TensorElementType.UInt64);

    [Fact]
    public void Booleans_pass_through_a_model() => PassThrough([true, false, true], TensorElementType.Bool);

    [Fact]
    public void Strings_pass_through_a_model()
    {
        string[] texts = ["", "plain", "nul \0 inside", "grün 弁当 🍱", new string('x', 5000), ""];
        using var session = InferenceSession.Load(TestModels.Identity(TensorElementType.String, "n", 3));
        using var input = OrtValue.OfStrings(texts, 2, 3);

        using OrtOutputs outputs = session.Run("x", input);

        Assert.Equal(TensorElementType.String, outputs["y"].ElementType);
        Assert.Equal([2, 3], outputs["y"].Shape);
        Assert.Equal(texts, outputs["y"].ToStrings());
    }

    [Fact]
    public void No_strings_pass_through_a_model()
    {
        using var session = InferenceSession.Load(TestModels.Identity(TensorElementType.String, "n"));
        using var input = OrtValue.OfStrings([], 0);

        using OrtOutputs outputs = session.Run("x", input);

        Assert.Empty(outputs["y"].ToStrings());
    }

    [Fact]
    public void A_null_among_strings_is_refused() =>
        Assert.Contains(
            "at 1 is null",
            Assert.Throws<ArgumentException>(() => OrtValue.OfStrings(["a", null!], 2)).Message);

    [Fact]
    public void A_type_that_no_tensor_has_is_refused() =>
        Assert.Contains(
            "System.DateTime",
            Assert.Throws<NotSupportedException>(() => OrtValue.Over(new DateTime[1], 1)).Message);

    [Fact]
    public void BFloat16_rounds_to_the_nearest_even_and_keeps_what_is_not_a_number()
    {
        Assert.Equal(0x3F80, ((BFloat16)1f).Bits);
        Assert.Equal(1f, (float)(BFloat16)1.00390625f); // halfway between 1 and the next: the even one
        Assert.Equal(1.015625f, (float)(BFloat16)1.01171875f); // halfway again: the even one is above
        Assert.Equal(float.PositiveInfinity, (float)(BFloat16)float.MaxValue);
        Assert.True(float.IsNaN((float)(BFloat16)BitConverter.UInt32BitsToSingle(0x7F800001)));
        Assert.Equal("0.5", ((BFloat16)0.5f).ToString());
    }

    private static TOut[] Through<TIn, TOut>(byte[] model, TIn[] elements)
        where TIn : unmanaged
        where TOut : unmanaged
    {
        using var session = InferenceSession.Load(model);
        using var input = OrtValue.Over(elements, elements.Length);
        using OrtOutputs outputs = session.Run("x", input);
        return outputs[0].ToArray<TOut>();
    }

    private static void PassThrough<T>(T[] elements, TensorElementType type)
        where T : unmanaged
    {
        Assert.Equal(type, ElementTypes.Of<T>());
        using var session = InferenceSession.Load(TestModels.Identity(type, "n"));
        Assert.Equal(type, session.Inputs[0].ElementType);
        using var input = OrtValue.Over(elements, elements.Length);

        using OrtOutputs outputs = session.Run("x", input);

        Assert.Equal(type, outputs["y"].ElementType);
        Assert.Equal((IEnumerable)elements, outputs["y"].ToArray<T>());
        Assert.Equal((IEnumerable)elements, input.AsSpan<T>().ToArray());
    }
}
