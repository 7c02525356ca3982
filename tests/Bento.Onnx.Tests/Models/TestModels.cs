using static Bento.OnnxRuntime.Tests.Models.OnnxWriter;

namespace Bento.OnnxRuntime.Tests.Models;

/// <summary>The models of these tests.</summary>
internal static class TestModels
{
    private const int Width = 64;

    /// <summary>y = x, for any element type.</summary>
    public static byte[] Identity(TensorElementType type, params object?[] dimensions) =>
        Model(Graph(
            [Node("Identity", ["x"], ["y"])],
            [Tensor("x", type, dimensions)],
            [Tensor("y", type, dimensions)]));

    /// <summary>sum = left + right and difference = left - right, over float[rows, 2].</summary>
    public static byte[] Arithmetic() => Model(Graph(
        [Node("Add", ["left", "right"], ["sum"]), Node("Sub", ["left", "right"], ["difference"])],
        [Tensor("left", TensorElementType.Float, "rows", 2), Tensor("right", TensorElementType.Float, "rows", 2)],
        [Tensor("sum", TensorElementType.Float, "rows", 2), Tensor("difference", TensorElementType.Float, "rows", 2)]));

    /// <summary>y = x + x, and x itself, which is an output as it was given, over float[n].</summary>
    public static byte[] HandedThrough() => Model(Graph(
        [Node("Add", ["x", "x"], ["y"])],
        [Tensor("x", TensorElementType.Float, "n")],
        [Tensor("x", TensorElementType.Float, "n"), Tensor("y", TensorElementType.Float, "n")]));

    /// <summary>y = x, and nothing = an optional tensor that is absent, over float[1].</summary>
    public static byte[] Absent() => Model(Graph(
        [
            Node("Identity", ["x"], ["y"]),
            Node("Optional", [], ["nothing"], TypeAttribute("type", TensorElementType.Float)),
        ],
        [Tensor("x", TensorElementType.Float, 1)],
        [Tensor("y", TensorElementType.Float, 1), Optional("nothing", TensorElementType.Float)]));

    /// <summary>total = the sum of all x, a single number, over float[n].</summary>
    public static byte[] Total() => Model(Graph(
        [Node("ReduceSum", ["x"], ["total"], Attribute("keepdims", 0))],
        [Tensor("x", TensorElementType.Float, "n")],
        [Tensor("total", TensorElementType.Float)]));

    /// <summary>parts = x cut into single rows, which is a list and no tensor.</summary>
    public static byte[] Rows() => Model(Graph(
        [Node("SplitToSequence", ["x"], ["parts"])],
        [Tensor("x", TensorElementType.Float, "rows", 2)],
        [Sequence("parts", TensorElementType.Float, null, 2)]));

    /// <summary>y = x times a matrix, over and over: as many nodes, over float[64, 64].</summary>
    public static byte[] Chain(int nodes) => Model(Graph(
        Enumerable.Range(0, nodes).Select(
            i => Node("MatMul", [i == 0 ? "x" : $"m{i}", "w"], [i == nodes - 1 ? "y" : $"m{i + 1}"])),
        [Tensor("x", TensorElementType.Float, Width, Width)],
        [Tensor("y", TensorElementType.Float, Width, Width)],
        Constant("w", TensorElementType.Float, new float[Width * Width], Width, Width)));

    /// <summary>y = x times a matrix, as often as the input rounds says, over float[64, 64].</summary>
    public static byte[] Loop()
    {
        Proto body = Graph(
            [Node("Identity", ["go_on"], ["go_on_again"]), Node("MatMul", ["state", "w"], ["next"])],
            [
                Tensor("round", TensorElementType.Int64),
                Tensor("go_on", TensorElementType.Bool),
                Tensor("state", TensorElementType.Float, Width, Width),
            ],
            [Tensor("go_on_again", TensorElementType.Bool), Tensor("next", TensorElementType.Float, Width, Width)]);
        return Model(Graph(
            [Node("Loop", ["rounds", "always", "x"], ["y"], Attribute("body", body))],
            [Tensor("rounds", TensorElementType.Int64), Tensor("x", TensorElementType.Float, Width, Width)],
            [Tensor("y", TensorElementType.Float, Width, Width)],
            Constant("always", TensorElementType.Bool, [true]),
            Constant("w", TensorElementType.Float, new float[Width * Width], Width, Width)));
    }

    /// <summary>y = element i of x, over float[2]; fails while it runs if there is no such element.</summary>
    public static byte[] Pick() => Model(Graph(
        [Node("Gather", ["x", "i"], ["y"])],
        [Tensor("x", TensorElementType.Float, 2), Tensor("i", TensorElementType.Int64, 1)],
        [Tensor("y", TensorElementType.Float, 1)]));

    /// <summary>y = x, with a constant that nothing uses, which ONNX Runtime warns of.</summary>
    public static byte[] Wasteful() => Model(Graph(
        [Node("Identity", ["x"], ["y"])],
        [Tensor("x", TensorElementType.Float, 1)],
        [Tensor("y", TensorElementType.Float, 1)],
        Constant("wasted_constant", TensorElementType.Float, [1f], 1)));

    /// <summary>y = x as numbers of another type, over [n].</summary>
    public static byte[] Cast(TensorElementType from, TensorElementType to) => Model(Graph(
        [Node("Cast", ["x"], ["y"], Attribute("to", (long)to))],
        [Tensor("x", from, "n")],
        [Tensor("y", to, "n")]));

    /// <summary>y = x + x, over [n] and further lengths.</summary>
    public static byte[] Twice(TensorElementType type, params object?[] row) => Model(Graph(
        [Node("Add", ["x", "x"], ["y"])],
        [Tensor("x", type, ["n", .. row])],
        [Tensor("y", type, ["n", .. row])]));

    /// <summary>maps = the three numbers of each row by the labels 10, 20, 30, over float[rows, 3].</summary>
    public static byte[] MapsByNumber() =>
        Maps(TensorElementType.Int64, Attribute("classlabels_int64s", [10L, 20L, 30L]));

    /// <summary>maps = the three numbers of each row by the labels a, b, ç, over float[rows, 3].</summary>
    public static byte[] MapsByText() =>
        Maps(TensorElementType.String, Attribute("classlabels_strings", ["a", "b", "ç"]));

    /// <summary>y = x + w over float[2], where w is the content of a file beside the model.</summary>
    public static byte[] WithWeightsIn(string file) => Model(Graph(
        [Node("Add", ["x", "w"], ["y"])],
        [Tensor("x", TensorElementType.Float, 2)],
        [Tensor("y", TensorElementType.Float, 2)],
        ExternalConstant("w", TensorElementType.Float, file, 2)));

    /// <summary>
    /// y = x through as many linear layers of that width, with weights of their own, over float[n, width].
    /// </summary>
    public static byte[] Layers(int count, int width) => Model(Graph(
        Enumerable.Range(0, count).Select(
            i => Node("MatMul", [i == 0 ? "x" : $"m{i}", $"w{i}"], [i == count - 1 ? "y" : $"m{i + 1}"])),
        [Tensor("x", TensorElementType.Float, "n", width)],
        [Tensor("y", TensorElementType.Float, "n", width)],
        [.. Enumerable.Range(0, count).Select(
            i => Constant($"w{i}", TensorElementType.Float, new float[width * width], width, width))]));

    /// <summary>y = the probabilities of three classes for the rows of x, over float[n, 4]: an MLP 4-64-64-3.</summary>
    public static byte[] Mlp() => Model(Graph(
        [
            Node("Gemm", ["x", "w1", "b1"], ["a1"]),
            Node("Relu", ["a1"], ["r1"]),
            Node("Gemm", ["r1", "w2", "b2"], ["a2"]),
            Node("Relu", ["a2"], ["r2"]),
            Node("Gemm", ["r2", "w3", "b3"], ["a3"]),
            Node("Softmax", ["a3"], ["y"]),
        ],
        [Tensor("x", TensorElementType.Float, "n", 4)],
        [Tensor("y", TensorElementType.Float, "n", 3)],
        Weights("w1", 4, Width),
        Weights("b1", Width),
        Weights("w2", Width, Width),
        Weights("b2", Width),
        Weights("w3", Width, 3),
        Weights("b3", 3)));

    /// <summary>total = the sum of those x whose mask is 1, over float[rows, length].</summary>
    public static byte[] Masked() => Model(Graph(
        [
            Node("Mul", ["x", "mask"], ["kept"]),
            Node("ReduceSum", ["kept", "axis"], ["total"], Attribute("keepdims", 0)),
        ],
        [Tensor("x", TensorElementType.Float, "rows", "length"), Tensor("mask", TensorElementType.Float, "rows", "length")],
        [Tensor("total", TensorElementType.Float, "rows")],
        Constant("axis", TensorElementType.Int64, [1L], 1)));

    /// <summary>y = left and right behind it, over float[rows, …], whose lengths have those names.</summary>
    public static byte[] Joined(string? left, string? right) => Model(Graph(
        [Node("Concat", ["left", "right"], ["y"], Attribute("axis", 1))],
        [Tensor("left", TensorElementType.Float, "rows", left), Tensor("right", TensorElementType.Float, "rows", right)],
        [Tensor("y", TensorElementType.Float, "rows", null)]));

    /// <summary>y = x and x again below it, over float[n, width]: twice as many rows as there were.</summary>
    public static byte[] Doubled(object width) => Model(Graph(
        [Node("Concat", ["x", "x"], ["y"], Attribute("axis", 0))],
        [Tensor("x", TensorElementType.Float, "n", width)],
        [Tensor("y", TensorElementType.Float, "more", width)]));

    /// <summary>y = three times x, by an operator that only a library of operators has, over float[2].</summary>
    public static byte[] Triple() => WithDomain(
        Model(Graph(
            [NodeOf("tests", "Triple", ["x"], ["y"])],
            [Tensor("x", TensorElementType.Float, 2)],
            [Tensor("y", TensorElementType.Float, 2)])),
        "tests",
        1);

    private static byte[] Maps(TensorElementType key, Proto labels) => WithDomain(
        Model(Graph(
            [NodeOf("ai.onnx.ml", "ZipMap", ["x"], ["maps"], labels)],
            [Tensor("x", TensorElementType.Float, "rows", 3)],
            [SequenceOfMaps("maps", key)])),
        "ai.onnx.ml",
        1);

    private static Proto Weights(string name, params long[] shape)
    {
        long count = shape.Aggregate((product, length) => product * length);
        float[] numbers = [.. Enumerable.Range(0, (int)count).Select(i => MathF.Sin(i * 12.9898f) / 4)];
        return Constant(name, TensorElementType.Float, numbers, shape);
    }
}
