using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Bento.OnnxRuntime.Tests.Models;
using Xunit;

namespace Bento.OnnxRuntime.Tests;

public sealed class BatchedModelTests
{
    private sealed record Pair(float[] Left, float[] Right);

    private sealed record Both(float[] Sum, ReadOnlyMemory<float> Difference);

    private readonly record struct OnlySum(Tensor<float> Sum);

    private sealed record Numbers(float X, float Y);

    private sealed record Text(float[] X);

    private static BatchingOptions Padded(double value = -1, params int[] lengths) =>
        new() { Paddings = [new Padding("x", value) { Lengths = [.. lengths] }] };

    [Fact]
    public void Rows_are_answered_in_their_order_and_as_they_are_alone()
    {
        using var session = InferenceSession.Load(TestModels.Mlp());
        BatchedModel<float[], float[]> model = session.Batched<float[], float[]>();
        float[][] rows = [.. Enumerable.Range(0, 70).Select(i => new float[] { i, -i, i / 7f, 1 })];

        float[][] together = model.Run(rows);

        Assert.Equal(70, together.Length);
        for (int i = 0; i < rows.Length; i++)
        {
            Near(Assert.Single(model.Run([rows[i]])), together[i]);
        }
    }

    [Fact]
    public void No_rows_are_no_run()
    {
        using var session = InferenceSession.Load(TestModels.Mlp());
        BatchedModel<float[], float[]> model = session.Batched<float[], float[]>();
        session.Dispose();

        Assert.Empty(model.Run([]));
        Assert.Throws<ObjectDisposedException>(() => model.Run([[1, 2, 3, 4]]));
    }

    [Fact]
    public void Several_inputs_and_outputs_are_fields_by_their_names()
    {
        using var session = InferenceSession.Load(TestModels.Arithmetic());

        Both[] answers = session.Batched<Pair, Both>().Run([new([5, 6], [1, 2]), new([7, 8], [3, 4])]);

        Assert.Equal([[6, 8], [10, 12]], answers.Select(answer => answer.Sum));
        Assert.Equal([4, 4], answers[0].Difference.ToArray());
        Assert.Equal([4, 4], answers[1].Difference.ToArray());
    }

    [Fact]
    public void Outputs_that_nobody_asks_for_are_left_out()
    {
        using var session = InferenceSession.Load(TestModels.Arithmetic());

        OnlySum answer = Assert.Single(session.Batched<Pair, OnlySum>().Run([new([5, 6], [1, 2])]));

        Assert.Equal([2], answer.Sum.Lengths.ToArray());
        Assert.Equal(8, answer.Sum[1]);
    }

    [Fact]
    public void Memory_and_tensors_are_parts_of_one_result_and_outlast_it()
    {
        using var session = InferenceSession.Load(TestModels.Identity(TensorElementType.Int32, "rows", 2));
        BatchedModel<int[], ReadOnlyMemory<int>> model = session.Batched<int[], ReadOnlyMemory<int>>();

        ReadOnlyMemory<int>[] first = model.Run([[1, 2], [3, 4]]);
        ReadOnlyMemory<int>[] second = model.Run([[5, 6], [7, 8]]);
        session.Dispose();
        GC.Collect();

        Assert.True(MemoryMarshal.TryGetArray(first[0], out ArraySegment<int> one));
        Assert.True(MemoryMarshal.TryGetArray(first[1], out ArraySegment<int> other));
        Assert.Same(one.Array, other.Array);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], first.Concat(second).SelectMany(part => part.ToArray()));
    }

    [Fact]
    public void Rows_that_lie_one_behind_the_other_are_as_any_others()
    {
        using var session = InferenceSession.Load(TestModels.Twice(TensorElementType.Int32, 2));
        BatchedModel<Memory<int>, int[]> model = session.Batched<Memory<int>, int[]>();
        int[] numbers = [0, 1, 2, 3, 4, 5, 6];
        Memory<int>[] rows = [numbers.AsMemory(1, 2), numbers.AsMemory(3, 2), numbers.AsMemory(5, 2)];

        Assert.Equal([[2, 4], [6, 8], [10, 12]], model.Run(rows));
        Assert.Equal([[6, 8], [2, 4], [10, 12]], model.Run([rows[1], rows[0], rows[2]]));
        Assert.Equal([[2, 4], [2, 4]], model.Run([rows[0], rows[0]]));
        Assert.Equal([[0, 2], [10, 12]], model.Run([numbers.AsMemory(0, 2), rows[2]]));
        Assert.Equal([0, 1, 2, 3, 4, 5, 6], numbers);
    }

    [Fact]
    public void Rows_of_tensors_keep_their_shape()
    {
        using var session = InferenceSession.Load(TestModels.Identity(TensorElementType.Float, "rows", "high", "wide"));
        BatchedModel<Tensor<float>, Tensor<float>> model = session.Batched<Tensor<float>, Tensor<float>>();
        var small = Tensor.Create<float>([1, 2], [1, 2]);
        var large = Tensor.Create<float>([1, 2, 3, 4, 5, 6], [2, 3]);
        var turned = Tensor.Create<float>([7, 8], [2, 1]);

        Tensor<float>[] answers = model.Run([small, large, turned, small]);

        Assert.Equal([[1, 2], [2, 3], [2, 1], [1, 2]], answers.Select(answer => answer.Lengths.ToArray()));
        Assert.Equal([1, 2, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2], answers.SelectMany(Elements));
    }

    [Fact]
    public void A_part_of_a_larger_tensor_is_a_row()
    {
        using var session = InferenceSession.Load(TestModels.Identity(TensorElementType.Float, "rows", 2, 1));
        var square = Tensor.Create<float>([1, 2, 3, 4], [2, 2]);
        Tensor<float> second = square.Slice([0..2, 1..2]);

        float[][] answers = session.Batched<Tensor<float>, float[]>().Run([second, second]);

        Assert.Equal([[2, 4], [2, 4]], answers);
    }

    [Fact]
    public void Single_numbers_are_rows_and_an_output_that_is_an_input_is_copied()
    {
        using var session = InferenceSession.Load(TestModels.HandedThrough());
        BatchedModel<float, Numbers> model = session.Batched<float, Numbers>();

        Numbers[] first = model.Run([1, 2, 3]);
        model.Run([9, 9, 9]);

        Assert.Equal([new(1, 2), new(2, 4), new(3, 6)], first);
    }

    [Fact]
    public void Shorter_rows_are_filled_and_answered_without_what_filled_them()
    {
        using var session = InferenceSession.Load(TestModels.Identity(TensorElementType.Float, "rows", "length"));
        float[][] rows = [[1], [2, 3, 4], [], [5, 6]];

        Assert.Equal(rows, session.Batched<float[], float[]>(Padded()).Run(rows));
        Assert.Equal(rows, session.Batched<Text, float[]>(Padded(0, 2, 8)).Run([.. rows.Select(row => new Text(row))]));
        Assert.Equal(
            rows, session.Batched<float[], Memory<float>>(Padded()).Run(rows).Select(answer => answer.ToArray()));
    }

    [Fact]
    public void An_inner_dimension_is_filled_too()
    {
        using var session = InferenceSession.Load(TestModels.Identity(TensorElementType.Int64, "rows", 2, "length"));
        BatchedModel<long[], Tensor<long>> model = session.Batched<long[], Tensor<long>>(Padded());

        Tensor<long>[] answers = model.Run([[1, 2, 3, 4], [5, 6], [7, 8, 9, 10, 11, 12]]);

        Assert.Equal([[2, 2], [2, 1], [2, 3]], answers.Select(answer => answer.Lengths.ToArray()));
        Assert.Equal(Enumerable.Range(1, 12).Select(i => (long)i), answers.SelectMany(Elements));
    }

    [Fact]
    public void What_fills_a_row_is_the_value_and_the_mask_tells_of_it()
    {
        using var session = InferenceSession.Load(TestModels.Masked());
        var options = new BatchingOptions { Paddings = [new Padding("x", 1000) { Mask = "mask" }], Sizes = [4] };

        float[] totals = session.Batched<float[], float>(options).Run([[1, 2, 3], [4], []]);

        Assert.Equal([6, 4, 0], totals);
    }

    [Fact]
    public void Rows_fill_up_to_one_of_the_sizes_and_run_as_often_as_they_must()
    {
        using var session = InferenceSession.Load(TestModels.Identity(TensorElementType.Float, "rows", 1));
        BatchedModel<float, float> model = session.Batched<float, float>(new BatchingOptions { Sizes = [1, 4] });

        for (int count = 1; count < 14; count++)
        {
            float[] rows = [.. Enumerable.Range(0, count).Select(i => (float)i)];
            Assert.Equal(rows, model.Run(rows));
        }
    }

    [Fact]
    public void Rows_are_filled_to_the_next_length_and_share_a_run_with_those_of_the_same()
    {
        using var session = InferenceSession.Load(TestModels.Masked());
        var options = new BatchingOptions
        {
            Paddings = [new Padding("x", 100) { Lengths = [2, 4] }, new Padding("mask", 1) { Lengths = [2, 4] }],
        };
        BatchedModel<Marked, float> model = session.Batched<Marked, float>(options);

        float[] totals = model.Run([Row(1), Row(1, 2), Row(1, 2, 3), Row(1, 2, 3, 4), Row()]);

        Assert.Equal([101, 3, 106, 10, 200], totals);
        Refused("a length of 5 for the input 'x'; wanted 4 at most", () => model.Run([Row(1, 2, 3, 4, 5)]));

        static Marked Row(params float[] x) => new(x, [.. x.Select(_ => 1f)]);
    }

    [Fact]
    public void Many_threads_may_use_one_model()
    {
        using var session = InferenceSession.Load(TestModels.Identity(TensorElementType.Float, "rows", "length"));
        BatchedModel<float[], float[]> model = session.Batched<float[], float[]>(Padded());

        Parallel.For(0, 200, number =>
        {
            float[][] rows = [.. Enumerable.Range(1, 8).Select(i => Enumerable.Repeat((float)(number * i), i).ToArray())];
            Assert.Equal(rows, model.Run(rows));
        });
    }

    [Fact]
    public void A_model_whose_batch_dimension_is_fixed_is_refused_with_the_reason()
    {
        using var input = InferenceSession.Load(TestModels.Identity(TensorElementType.Float, 1, 3));
        using var scalar = InferenceSession.Load(TestModels.Identity(TensorElementType.Float));
        using var output = InferenceSession.Load(TestModels.Total());

        Refused(
            "The input x: Float[1, 3] has a first dimension that is always 1, so rows cannot share a run",
            () => input.Batched<float[], float[]>());
        Refused("no first dimension that the model tells of", () => scalar.Batched<float, float>());
        Assert.Contains(
            "Such an output cannot be told apart by rows.",
            Assert.Throws<InvalidOperationException>(() => output.Batched<float, float>().Run([1, 2])).Message);
    }

    [Fact]
    public void A_model_that_is_refused_is_named_by_its_file()
    {
        string folder = Directory.CreateTempSubdirectory("bento-onnx-batched-").FullName;
        try
        {
            string file = Path.Combine(folder, "fixed.onnx");
            File.WriteAllBytes(file, TestModels.Identity(TensorElementType.Float, 1, 3));
            using var loaded = InferenceSession.Load(file);
            using InferenceSession shared = loaded.Share();
            foreach (InferenceSession session in (InferenceSession[])[loaded, shared])
            {
                Refused(
                    $"The input x: Float[1, 3] of the model '{file}' has a first dimension that is always 1, so rows cannot "
                    + "share a run; wanted one that is free, as in Float[batch, …]. Export the model with a free batch "
                    + "dimension, or run it row by row.",
                    () => session.Batched<float[], float[]>());
            }
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    [Fact]
    public void A_result_of_other_rows_than_were_given_is_no_answer()
    {
        using var known = InferenceSession.Load(TestModels.Doubled(2));
        using var free = InferenceSession.Load(TestModels.Doubled("width"));

        OrtException refused = Assert.Throws<OrtException>(() => known.Batched<float[], float[]>().Run([[1, 2]]));
        InvalidOperationException problem = Assert.Throws<InvalidOperationException>(
            () => free.Batched<float[], float[]>().Run([[1, 2]]));

        Assert.Contains("has shape {1,2} but the computed output shape for this run is {2,2}", refused.Message);
        Assert.Contains("The model gave Float[2, 2] for 'y' of 1 rows; wanted a first dimension of 1.", problem.Message);
    }

    [Fact]
    public void A_row_that_does_not_fit_is_named_before_anything_runs()
    {
        using var session = InferenceSession.Load(TestModels.Mlp());
        using var ragged = InferenceSession.Load(TestModels.Identity(TensorElementType.Float, "rows", 2, "length"));
        BatchedModel<float[], float[]> arrays = session.Batched<float[], float[]>();
        BatchedModel<Tensor<float>, float[]> tensors = session.Batched<Tensor<float>, float[]>();

        Refused("Row 1 has 3 elements for the input 'x'", () => arrays.Run([[1, 2, 3, 4], [1, 2, 3]]));
        Refused("Row 0 has [2, 2] for the input 'x'", () => tensors.Run([Tensor.Create<float>([1, 2, 3, 4], [2, 2])]));
        Refused("Row 0 has 3 elements", () => ragged.Batched<float[], float[]>(Padded()).Run([[1, 2, 3]]));
        Refused("Row 1 is null", () => arrays.Run([[1, 2, 3, 4], null!]));
        Refused(
            "Row 0 has nothing for the input 'right'",
            () => InferenceSession.Load(TestModels.Arithmetic()).Batched<Pair, Both>().Run([new([1, 2], null!)]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_row_whose_inputs_disagree_in_a_dimension_that_they_share_does_not_fit(bool isPadded)
    {
        using var session = InferenceSession.Load(TestModels.Masked());
        var padded = new BatchingOptions { Paddings = [new Padding("x", 9), new Padding("mask", 0)] };
        BatchedModel<Marked, float> model = session.Batched<Marked, float>(isPadded ? padded : null);
        Marked fitting = new([1, 2, 3], [1, 1, 1]);
        Marked shorter = new([1, 2, 3], [1]);

        Refused(
            "Row 1 has a length of 3 for the dimension 'length' of the input 'x', and of 1 for that of the input 'mask'; "
            + "wanted one length for both.",
            () => model.Run([fitting, shorter]));
        Assert.StartsWith("The row has a length of 3 ", model.Unfit(shorter), StringComparison.Ordinal);
        Assert.StartsWith("The row has a length of 0 ", model.Unfit(new([], [1])), StringComparison.Ordinal);
        Assert.Null(model.Unfit(fitting));
        Assert.Equal([6, 3], model.Run([fitting, new([1, 2], [1, 1])]));
    }

    [Fact]
    public void Dimensions_of_other_names_or_of_none_may_have_other_lengths()
    {
        using var named = InferenceSession.Load(TestModels.Joined("high", "wide"));
        using var nameless = InferenceSession.Load(TestModels.Joined(null, null));

        Assert.Equal([[1, 2, 3]], named.Batched<Pair, float[]>().Run([new([1, 2], [3])]));
        Assert.Equal([[1, 2, 3]], nameless.Batched<Pair, float[]>().Run([new([1, 2], [3])]));
    }

    [Fact]
    public void Inputs_that_share_a_dimension_are_filled_alike_or_not_at_all()
    {
        using var session = InferenceSession.Load(TestModels.Masked());
        var x = new Padding("x", 0) { Lengths = [2, 4] };

        Refused(
            "The inputs x: Float[rows, length] and mask: Float[rows, length] share the dimension 'length', which paddings "
            + "are to fill to different lengths",
            () => session.Batched<Marked, float>(new BatchingOptions { Paddings = [x] }));
        Refused(
            "wanted a padding with the same Lengths for each of them, or none.",
            () => session.Batched<Marked, float>(new BatchingOptions { Paddings = [x, new Padding("mask", 0)] }));
    }

    [Fact]
    public void A_row_can_be_asked_about_before_it_runs()
    {
        using var session = InferenceSession.Load(TestModels.Mlp());
        BatchedModel<float[], float[]> model = session.Batched<float[], float[]>();

        Assert.Null(model.Unfit([1, 2, 3, 4]));
        Assert.StartsWith("The row has 3 elements for the input 'x'; ", model.Unfit([1, 2, 3]), StringComparison.Ordinal);
        Assert.Equal("The row is null.", model.Unfit(null!));
    }

    [Fact]
    public void Types_that_do_not_fit_the_model_are_refused_with_what_would()
    {
        using var session = InferenceSession.Load(TestModels.Arithmetic());
        using var mlp = InferenceSession.Load(TestModels.Mlp());
        using var tall = InferenceSession.Load(TestModels.Identity(TensorElementType.Float, "rows", "high", "wide"));

        Refused("2 inputs to be held by rows", () => session.Batched<float[], Both>());
        Refused("2 outputs: sum: Float[rows, 2]", () => session.Batched<Pair, float[]>());
        Refused("has no field for the input right", () => session.Batched<Left, Both>());
        Refused("is the name of 0 outputs of the model", () => session.Batched<Pair, Numbers>());
        Refused("wanted an array, Memory, Tensor or single one of Single", () => mlp.Batched<double[], float[]>());
        Refused("is to be held by System.String", () => mlp.Batched<Words, float[]>());
        Refused("cannot hold rows of a model", () => mlp.Batched<object, float[]>());
        Refused("has more than one element a row", () => mlp.Batched<float[], float>());
        Refused("wanted a Tensor of Single", () => tall.Batched<float[], float[]>());
    }

    [Fact]
    public void Options_that_do_not_fit_the_model_are_refused_with_what_would()
    {
        using var session = InferenceSession.Load(TestModels.Mlp());
        using var ragged = InferenceSession.Load(TestModels.Identity(TensorElementType.UInt8, "rows", "length"));
        using var masked = InferenceSession.Load(TestModels.Masked());

        Refused("has 0 free dimensions beside the first", () => session.Batched<float[], float[]>(Padded()));
        Refused("is -1; wanted a number that UInt8 can hold", () => ragged.Batched<byte[], byte[]>(Padded()));
        Refused("is 0.5; wanted a number that UInt8 can hold", () => ragged.Batched<byte[], byte[]>(Padded(0.5)));
        Refused("are [4, 2]; wanted numbers above zero", () => ragged.Batched<byte[], byte[]>(Padded(0, 4, 2)));
        Refused(
            "The sizes of batches are [0]",
            () => session.Batched<float[], float[]>(new BatchingOptions { Sizes = [0] }));
        Refused(
            "names the input 'z', which the model does not have",
            () => session.Batched<float[], float[]>(new BatchingOptions { Paddings = [new Padding("z", 0)] }));
        Refused(
            "name the input 'x' more than once",
            () => masked.Batched<float[], float>(
                new BatchingOptions { Paddings = [new Padding("x", 0) { Mask = "x" }] }));
        Refused(
            "2 inputs to be held by rows",
            () => masked.Batched<float[], float>(new BatchingOptions { Paddings = [new Padding("x", 0)] }));
    }

    [Fact]
    public void A_cancelled_token_stops_a_run_the_ambient_one_too()
    {
        using var session = InferenceSession.Load(TestModels.Mlp());
        BatchedModel<float[], float[]> model = session.Batched<float[], float[]>();
        var cancelled = new CancellationToken(true);

        Assert.ThrowsAny<OperationCanceledException>(() => model.Run([[1, 2, 3, 4]], cancelled));
        using (AmbientCancellation.Enter(cancelled))
        {
            Assert.ThrowsAny<OperationCanceledException>(() => model.Run([[1, 2, 3, 4]]));
        }

        Assert.Single(model.Run([[1, 2, 3, 4]]));
    }

    [Theory]
    [InlineData(TensorElementType.Float)]
    [InlineData(TensorElementType.Float16)]
    [InlineData(TensorElementType.BFloat16)]
    [InlineData(TensorElementType.Bool)]
    public void Every_kind_of_element_can_fill(TensorElementType type)
    {
        using var session = InferenceSession.Load(TestModels.Identity(type, "rows", "length"));
        object rows = type switch
        {
            TensorElementType.Float => Fill<float>(session),
            TensorElementType.Float16 => Fill<Half>(session),
            TensorElementType.BFloat16 => Fill<BFloat16>(session),
            _ => Fill<bool>(session),
        };

        Assert.Equal("True", rows);

        static string Fill<T>(InferenceSession session)
            where T : unmanaged, IEquatable<T>
        {
            T[][] answers = session.Batched<T[], T[]>(Padded(1)).Run([[], [default], [default, default]]);
            return answers.Select(answer => answer.Length).SequenceEqual([0, 1, 2]).ToString();
        }
    }

    private sealed record Left(float[] LEFT);

    private sealed record Marked(float[] X, float[] Mask);

    private sealed record Words(string X);

    private static float[] Elements(Tensor<float> tensor)
    {
        var elements = new float[tensor.FlattenedLength];
        tensor.FlattenTo(elements);
        return elements;
    }

    private static long[] Elements(Tensor<long> tensor)
    {
        var elements = new long[tensor.FlattenedLength];
        tensor.FlattenTo(elements);
        return elements;
    }

    private static void Near(float[] wanted, float[] given) =>
        Assert.All(wanted.Zip(given), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));

    private static void Refused(string message, Action act) =>
        Assert.Contains(message, Assert.Throws<ArgumentException>(act).Message);

    private static void Refused<T>(string message, Func<T> make) => Refused(message, () => { make(); });
}
