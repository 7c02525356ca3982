using System.Runtime.CompilerServices;
using Bento.OnnxRuntime.Tests.Models;
using Xunit;

namespace Bento.OnnxRuntime.Tests;

public sealed class RunTests : IDisposable
{
    private readonly InferenceSession _session = InferenceSession.Load(TestModels.Arithmetic());
    private readonly OrtValue _left = OrtValue.Over<float>([5, 6, 7, 8], 2, 2);
    private readonly OrtValue _right = OrtValue.Over<float>([1, 2, 3, 4], 2, 2);

    public void Dispose()
    {
        _left.Dispose();
        _right.Dispose();
        _session.Dispose();
    }

    [Fact]
    public void Outputs_are_found_by_name_and_by_position()
    {
        using OrtOutputs outputs = _session.Run(Inputs(("right", _right), ("left", _left)));

        Assert.Equal(2, outputs.Count);
        Assert.Equal([6, 8, 10, 12], outputs["sum"].ToArray<float>());
        Assert.Equal([4, 4, 4, 4], outputs[1].ToArray<float>());
        Assert.Equal([outputs["sum"], outputs["difference"]], outputs);
    }

    [Fact]
    public void An_output_that_is_an_input_outlasts_it()
    {
        using var session = InferenceSession.Load(TestModels.HandedThrough());
        (OrtOutputs outputs, WeakReference given) = Ask(session);
        using OrtOutputs all = outputs;
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        Assert.True(given.IsAlive);
        Assert.Equal([1, 2], outputs["x"].ToArray<float>());
        Assert.Equal([2, 4], outputs["y"].ToArray<float>());

        [MethodImpl(MethodImplOptions.NoInlining)]
        static (OrtOutputs Outputs, WeakReference Given) Ask(InferenceSession session)
        {
            float[] numbers = [1, 2];
            using var input = OrtValue.Over(numbers, 2);
            return (session.Run("x", input), new WeakReference(numbers));
        }
    }

    [Fact]
    public void An_output_that_is_an_input_is_not_written_into_a_value()
    {
        using var session = InferenceSession.Load(TestModels.HandedThrough());
        using var input = OrtValue.Over<float>([1, 2], 2);
        using var x = OrtValue.Over(new float[2], 2);
        var doubled = new float[2];
        using var y = OrtValue.Over(doubled, 2);
        using IoBinding binding = session.CreateBinding();

        Refused(() => session.RunInto(Inputs(("x", input)), Inputs(("x", x), ("y", y))));
        Refused(() => session.RunInto([input], [x, y]));
        Refused(() => binding.BindOutput("x", x));
        session.RunInto(Inputs(("x", input)), Inputs(("y", y)));

        Assert.Equal([2, 4], doubled);

        static void Refused(Action run) =>
            Assert.Contains("The output 'x' is the input of that name", Assert.Throws<ArgumentException>(run).Message);
    }

    [Fact]
    public void An_optional_output_that_is_absent_is_an_optional_without_elements()
    {
        using var session = InferenceSession.Load(
            TestModels.Absent(), new SessionOptions { GraphOptimization = GraphOptimization.None });
        using var input = OrtValue.Over<float>([1], 1);

        using OrtOutputs outputs = session.Run("x", input);

        Assert.Equal([1], outputs["y"].ToArray<float>());
        Assert.Equal(ValueKind.Optional, outputs["nothing"].Kind);
        Assert.Throws<InvalidOperationException>(() => outputs["nothing"].ToArray<float>());
    }

    [Fact]
    public void Only_the_outputs_asked_for_are_given_in_that_order()
    {
        using OrtOutputs one = _session.Run(Both(), ["difference"]);
        using OrtOutputs two = _session.Run(Both(), ["difference", "sum"]);

        Assert.Equal([4, 4, 4, 4], Assert.Single(one).ToArray<float>());
        Assert.Equal([6, 8, 10, 12], two[1].ToArray<float>());
    }

    [Fact]
    public void A_missing_output_is_named_with_those_there_are()
    {
        using OrtOutputs outputs = _session.Run(Both(), ["sum"]);

        KeyNotFoundException missing = Assert.Throws<KeyNotFoundException>(() => outputs["difference"]);
        Assert.Contains("'difference'. Its outputs: sum.", missing.Message);
        Assert.Throws<ObjectDisposedException>(() =>
        {
            OrtValue sum = outputs["sum"];
            outputs.Dispose();
            sum.ToArray<float>();
        });
    }

    [Fact]
    public void Outputs_are_written_into_values_that_are_there()
    {
        var sums = new float[4];
        using var target = OrtValue.Over(sums, 2, 2);

        _session.RunInto(Both(), Inputs(("sum", target)));

        Assert.Equal([6, 8, 10, 12], sums);
    }

    [Fact]
    public void Values_may_be_given_by_position()
    {
        var sums = new float[4];
        var differences = new float[4];
        using var sum = OrtValue.Over(sums, 2, 2);
        using var difference = OrtValue.Over(differences, 2, 2);

        _session.RunInto([_left, _right], [sum, difference]);

        Assert.Equal([6, 8, 10, 12], sums);
        Assert.Equal([4, 4, 4, 4], differences);
    }

    [Fact]
    public void Values_given_by_position_cost_no_allocation()
    {
        using var sum = OrtValue.Over(new float[4], 2, 2);
        using var difference = OrtValue.Over(new float[4], 2, 2);
        OrtValue[] inputs = [_left, _right];
        OrtValue[] outputs = [sum, difference];
        _session.RunInto(inputs, outputs);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            _session.RunInto(inputs, outputs);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Runs_below_a_token_cost_no_allocation_after_the_first()
    {
        using var source = new CancellationTokenSource();
        using var other = new CancellationTokenSource();
        using var sum = OrtValue.Over(new float[4], 2, 2);
        using var difference = OrtValue.Over(new float[4], 2, 2);
        OrtValue[] inputs = [_left, _right];
        OrtValue[] outputs = [sum, difference];
        using AmbientScope scope = AmbientCancellation.Enter(other.Token);
        _session.RunInto(inputs, outputs, source.Token);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            _session.RunInto(inputs, outputs, source.Token);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_value_of_another_shape_than_the_result_is_refused()
    {
        using var target = OrtValue.Over(new float[2], 1, 2);

        OrtException problem = Assert.Throws<OrtException>(() => _session.RunInto(Both(), Inputs(("sum", target))));

        Assert.Contains("shape", problem.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void An_unknown_input_is_named_with_those_there_are() =>
        Refused("The model has no input 'up'. Its inputs: left, right.", () => _session.Run("up", _left));

    [Fact]
    public void A_missing_input_is_named_with_what_was_given()
    {
        Refused(
            "The input 'right' is missing; the model wants Float[rows, 2]. Given: left.",
            () => _session.Run("left", _left));
        Refused("Given: nothing.", () => _session.Run([]));
    }

    [Fact]
    public void An_input_given_twice_is_refused() =>
        Refused(
            "The input 'left' is given twice.",
            () => _session.Run([KeyValuePair.Create("left", _left), KeyValuePair.Create("left", _left)]));

    [Fact]
    public void An_unknown_output_is_named_with_those_there_are()
    {
        Refused(
            "The model has no output 'product'. Its outputs: sum, difference.",
            () => _session.Run(Both(), ["product"]));
        Refused("The model has no output 'product'.", () => _session.RunInto(Both(), Inputs(("product", _left))));
    }

    [Fact]
    public void An_input_of_another_type_or_shape_is_refused_with_what_is_wanted()
    {
        using var integers = OrtValue.Over<long>([1, 2], 1, 2);
        using var flat = OrtValue.Over<float>([1, 2], 2);
        using var wide = OrtValue.Over<float>([1, 2, 3], 1, 3);

        Refused(
            "The input 'left' was given Int64[1, 2]; the model wants Float[rows, 2].",
            () => _session.Run(Inputs(("left", integers), ("right", _right))));
        Refused("The input 'left' was given Float[2];", () => _session.Run(Inputs(("left", flat), ("right", _right))));
        Refused("The input 'right' was given Float[1, 3];", () => _session.RunInto([_left, wide], [_left, _right]));
        Refused("The output 'sum' was given Float[1, 3];", () => _session.RunInto([_left, _right], [wide, _right]));
        Refused(
            "The model has 2 inputs: left: Float[rows, 2], right: Float[rows, 2]. Given: 1 values.",
            () => _session.RunInto([_left], [_left, _right]));
    }

    [Fact]
    public void Shapes_that_do_not_fit_each_other_are_reported_by_the_library()
    {
        using var threeRows = OrtValue.Over(new float[6], 3, 2);

        OrtException problem = Assert.Throws<OrtException>(
            () => _session.Run(Inputs(("left", threeRows), ("right", _right))));

        Assert.NotEqual(OrtErrorCode.Ok, problem.Code);
        Assert.Contains("while running", problem.Message);
    }

    [Fact]
    public void Many_inputs_are_more_than_the_stack_is_used_for()
    {
        string[] names = [.. Enumerable.Range(0, 100).Select(i => $"x{i}")];
        using var session = InferenceSession.Load(OnnxWriter.Model(OnnxWriter.Graph(
            [OnnxWriter.Node("Sum", names, ["y"])],
            names.Select(name => OnnxWriter.Tensor(name, TensorElementType.Float, 1)),
            [OnnxWriter.Tensor("y", TensorElementType.Float, 1)])));
        using var one = OrtValue.Over<float>([1], 1);

        using OrtOutputs outputs = session.Run(names.ToDictionary(name => name, _ => one));

        Assert.Equal([100], outputs["y"].ToArray<float>());
    }

    private Dictionary<string, OrtValue> Both() => Inputs(("left", _left), ("right", _right));

    private static void Refused(string message, Action call) =>
        Assert.Contains(message, Assert.Throws<ArgumentException>(call).Message);

    private static Dictionary<string, OrtValue> Inputs(params (string Name, OrtValue Value)[] inputs) =>
        inputs.ToDictionary(input => input.Name, input => input.Value);
}
