using Bento.OnnxRuntime.Tests.Models;
using Xunit;

namespace Bento.OnnxRuntime.Tests;

/// <summary>Outputs that are lists and maps.</summary>
public sealed class CollectionTests
{
    [Fact]
    public void A_list_has_the_values_in_their_order()
    {
        using var session = InferenceSession.Load(TestModels.Rows());
        using var input = OrtValue.Over<float>([1, 2, 3, 4], 2, 2);
        using OrtOutputs outputs = session.Run("x", input);

        using OrtSequence rows = outputs["parts"].AsSequence();

        Assert.Equal(2, rows.Count);
        Assert.Equal([1, 2], rows[0].ToArray<float>());
        Assert.Equal([[1, 2], [3, 4]], rows.Select(row => row.ToArray<float>()));
    }

    [Fact]
    public void The_values_of_a_list_outlive_it()
    {
        using var session = InferenceSession.Load(TestModels.Rows());
        using var input = OrtValue.Over(Enumerable.Range(0, 20_000).Select(i => (float)i).ToArray(), 10_000, 2);
        OrtOutputs outputs = session.Run("x", input);
        using OrtSequence rows = outputs["parts"].AsSequence();

        outputs.Dispose();
        session.Dispose();

        Assert.Equal([19_998, 19_999], rows[^1].ToArray<float>());
        Assert.Throws<ObjectDisposedException>(outputs["parts"].AsSequence);
    }

    [Fact]
    public void Maps_are_read_by_number_and_by_text()
    {
        using var input = OrtValue.Over<float>([0.1f, 0.2f, 0.7f, 1, 0, 0], 2, 3);

        Assert.Equal(
            [new() { [10] = 0.1f, [20] = 0.2f, [30] = 0.7f }, new() { [10] = 1, [20] = 0, [30] = 0 }],
            Maps<long>(TestModels.MapsByNumber(), input));
        Assert.Equal(
            [new() { ["a"] = 0.1f, ["b"] = 0.2f, ["ç"] = 0.7f }, new() { ["a"] = 1, ["b"] = 0, ["ç"] = 0 }],
            Maps<string>(TestModels.MapsByText(), input));
    }

    [Fact]
    public void What_is_something_else_is_not_read_as_it()
    {
        using var session = InferenceSession.Load(TestModels.MapsByNumber());
        using var input = OrtValue.Over<float>([1, 0, 0], 1, 3);
        using OrtOutputs outputs = session.Run("x", input);
        using OrtSequence maps = outputs[0].AsSequence();

        Refused("Sequence; it cannot be read as elements of Float", () => outputs[0].ToArray<float>());
        Refused("Sequence; it is no Map", () => outputs[0].ToMap<long, float>());
        Refused("Float[1, 3]; it is no Sequence", () => input.AsSequence());
        Refused("Map; it is no Tensor", () => _ = maps[0].Place);
        Refused("Int64[3]; it cannot be read as elements of String", () => maps[0].ToMap<string, float>());
        Refused("Float[3]; it cannot be read as elements of Double", () => maps[0].ToMap<long, double>());
        Assert.Throws<NotSupportedException>(() => maps[0].ToMap<DateTime, float>());

        static void Refused(string message, Action read) =>
            Assert.Contains(message, Assert.Throws<InvalidOperationException>(read).Message);
    }

    private static List<Dictionary<TKey, float>> Maps<TKey>(byte[] model, OrtValue input)
        where TKey : notnull
    {
        using var session = InferenceSession.Load(model);
        using OrtOutputs outputs = session.Run("x", input);
        using OrtSequence maps = outputs["maps"].AsSequence();
        Assert.All(maps, map => Assert.Equal(ValueKind.Map, map.Kind));
        return [.. maps.Select(map => map.ToMap<TKey, float>())];
    }
}
