using System.Runtime.CompilerServices;
using Bento.OnnxRuntime.Tests.Models;
using Xunit;

namespace Bento.OnnxRuntime.Tests;

public sealed class BindingTests : IDisposable
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
    public void Outputs_are_written_into_values_or_where_they_are_wanted()
    {
        var sums = new float[4];
        using var sum = OrtValue.Over(sums, 2, 2);
        using IoBinding binding = Bound();
        binding.BindOutput("sum", sum);
        binding.BindOutput("difference", MemoryPlace.Cpu);

        binding.Run();
        using OrtOutputs outputs = binding.GetOutputs();

        Assert.Equal([6, 8, 10, 12], sums);
        Assert.Equal([6, 8, 10, 12], outputs["sum"].ToArray<float>());
        Assert.Equal([4, 4, 4, 4], outputs["difference"].ToArray<float>());
        Assert.Equal(MemoryPlace.Cpu, outputs["difference"].Place);
    }

    [Fact]
    public void Each_run_sees_what_the_input_holds_by_then()
    {
        float[] numbers = [5, 6];
        using var left = OrtValue.Over(numbers, 1, 2);
        using var right = OrtValue.Over<float>([1, 1], 1, 2);
        using IoBinding binding = _session.CreateBinding();
        binding.BindInput("left", left);
        binding.BindInput("right", right);
        binding.BindOutput("sum", MemoryPlace.Cpu);

        binding.Run();
        using OrtOutputs first = binding.GetOutputs();
        float[] before = first["sum"].ToArray<float>();
        numbers[0] = 50;
        binding.Run();
        using OrtOutputs second = binding.GetOutputs();

        Assert.Equal([6, 7], before);
        Assert.Equal([51, 7], second["sum"].ToArray<float>());
    }

    [Fact]
    public void Each_run_allocates_anew_the_outputs_that_are_bound_to_a_place()
    {
        using var row = OrtValue.Over<float>([1, 2], 1, 2);
        using IoBinding binding = Bound();
        binding.BindOutput("sum", MemoryPlace.Cpu);

        binding.Run();
        using OrtOutputs first = binding.GetOutputs();
        binding.BindInput("right", _left);
        binding.Run();
        using OrtOutputs second = binding.GetOutputs();
        binding.BindInput("left", row);
        binding.BindInput("right", row);
        binding.Run();
        using OrtOutputs third = binding.GetOutputs();

        Assert.Equal([6, 8, 10, 12], first["sum"].ToArray<float>());
        Assert.Equal([10, 12, 14, 16], second["sum"].ToArray<float>());
        Assert.Equal([1, 2], third["sum"].Shape);
        Assert.Equal([2, 4], third["sum"].ToArray<float>());
    }

    [Fact]
    public void An_output_that_is_an_input_holds_the_value_that_was_bound()
    {
        using var session = InferenceSession.Load(TestModels.HandedThrough());
        using var other = OrtValue.Over<float>([3], 1);
        using IoBinding binding = session.CreateBinding();
        WeakReference given = Bind(binding);
        binding.BindOutput("x", MemoryPlace.Cpu);
        binding.Run();
        using OrtOutputs outputs = binding.GetOutputs();

        binding.BindInput("x", other);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        Assert.True(given.IsAlive);
        Assert.Equal([1, 2], outputs["x"].ToArray<float>());
        Assert.Throws<InvalidOperationException>(binding.GetOutputs);
        binding.Run();
        using OrtOutputs later = binding.GetOutputs();
        Assert.Equal([3], later["x"].ToArray<float>());

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference Bind(IoBinding binding)
        {
            float[] numbers = [1, 2];
            using var input = OrtValue.Over(numbers, 2);
            binding.BindInput("x", input);
            return new WeakReference(numbers);
        }
    }

    [Fact]
    public void A_name_that_is_bound_again_has_the_new_value()
    {
        using var other = OrtValue.Over<float>([0, 0], 1, 2);
        using IoBinding binding = Bound();
        binding.BindOutput("sum", MemoryPlace.Cpu);
        binding.Run();

        binding.BindInput("left", other);
        binding.BindInput("right", other);
        binding.BindOutput("sum", MemoryPlace.Cpu);
        binding.Run();
        using OrtOutputs outputs = binding.GetOutputs();

        Assert.Equal([0, 0], Assert.Single(outputs).ToArray<float>());
    }

    [Fact]
    public void A_binding_holds_its_values()
    {
        var sums = new float[4];
        var sum = OrtValue.Over(sums, 2, 2);
        using IoBinding binding = BoundToForgotten(_session);
        binding.BindOutput("sum", sum);
        sum.Dispose();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        binding.Run();
        OrtOutputs outputs = binding.GetOutputs();
        binding.Dispose();

        Assert.Equal([2, 2, 2, 2], sums);
        Assert.Equal([2, 2, 2, 2], outputs["sum"].ToArray<float>());
        outputs.Dispose();

        [MethodImpl(MethodImplOptions.NoInlining)]
        static IoBinding BoundToForgotten(InferenceSession session)
        {
            using var ones = OrtValue.Over<float>([1, 1, 1, 1], 2, 2);
            IoBinding binding = session.CreateBinding();
            binding.BindInput("left", ones);
            binding.BindInput("right", ones);
            return binding;
        }
    }

    [Fact]
    public void A_binding_that_has_gone_lets_its_values_go()
    {
        WeakReference cleared = Use(_session, binding => binding.ClearInputs());
        WeakReference disposed = Use(_session, binding => binding.Dispose());
        WeakReference forgotten = Use(_session, _ => { });
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(cleared.IsAlive);
        Assert.False(disposed.IsAlive);
        Assert.False(forgotten.IsAlive);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference Use(InferenceSession session, Action<IoBinding> end)
        {
            var array = new float[2];
            using var value = OrtValue.Over(array, 1, 2);
            IoBinding binding = session.CreateBinding();
            binding.BindInput("left", value);
            end(binding);
            return new WeakReference(array);
        }
    }

    [Fact]
    public void Runs_cost_no_allocation()
    {
        using var sum = OrtValue.Over(new float[4], 2, 2);
        using IoBinding binding = Bound();
        binding.BindOutput("sum", sum);
        binding.Run();

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            binding.Run();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        using var wide = OrtValue.Over(new float[3], 1, 3);
        using IoBinding binding = _session.CreateBinding();

        Refused("no input 'up'", () => binding.BindInput("up", _left));
        Refused("Float[1, 3]", () => binding.BindInput("left", wide));
        Refused("Float[1, 3]", () => binding.BindOutput("sum", wide));
        Refused("no output 'up'", () => binding.BindOutput("up", MemoryPlace.Cpu));
        Assert.Throws<OrtException>(() => binding.BindOutput("sum", MemoryPlace.Named("Abacus")));

        static void Refused(string message, Action bind) =>
            Assert.Contains(message, Assert.Throws<ArgumentException>(bind).Message);
    }

    [Fact]
    public void A_run_without_all_inputs_is_reported_by_the_library()
    {
        using IoBinding binding = _session.CreateBinding();
        binding.BindInput("left", _left);
        binding.BindOutput("sum", MemoryPlace.Cpu);

        Assert.Contains("right", Assert.Throws<OrtException>(() => binding.Run()).Message);
    }

    [Fact]
    public void There_are_no_outputs_before_a_run()
    {
        using IoBinding binding = Bound();
        binding.BindOutput("sum", MemoryPlace.Cpu);

        Assert.Throws<InvalidOperationException>(binding.GetOutputs);
        binding.Run();
        binding.GetOutputs().Dispose();
        binding.ClearOutputs();
        Assert.Throws<InvalidOperationException>(binding.GetOutputs);
    }

    [Fact]
    public void A_binding_or_a_session_that_was_disposed_of_does_not_run()
    {
        IoBinding binding = Bound();
        binding.BindOutput("sum", MemoryPlace.Cpu);
        using IoBinding later = Bound();
        later.BindOutput("sum", MemoryPlace.Cpu);

        binding.Dispose();
        _session.Dispose();

        Assert.Throws<ObjectDisposedException>(() => binding.Run());
        Assert.Throws<ObjectDisposedException>(binding.GetOutputs);
        Assert.Throws<ObjectDisposedException>(() => binding.BindInput("left", _left));
        ObjectDisposedException refused = Assert.Throws<ObjectDisposedException>(() => later.Run());
        Assert.Equal(typeof(InferenceSession).FullName, refused.ObjectName);
        Assert.Throws<ObjectDisposedException>(_session.CreateBinding);
    }

    [Fact]
    public void A_run_of_a_binding_is_stopped_by_the_token()
    {
        using var session = InferenceSession.Load(TestModels.Loop());
        using var rounds = OrtValue.Over<long>([100_000_000]);
        using var x = OrtValue.Over(new float[64 * 64], 64, 64);
        using IoBinding binding = session.CreateBinding();
        binding.BindInput("rounds", rounds);
        binding.BindInput("x", x);
        binding.BindOutput("y", MemoryPlace.Cpu);
        using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));

        OperationCanceledException stopped = Assert.Throws<OperationCanceledException>(
            () => binding.Run(null, source.Token));

        Assert.Equal(source.Token, stopped.CancellationToken);
    }

    [Fact]
    public void A_binding_may_be_disposed_of_while_threads_run_it()
    {
        using var session = InferenceSession.Load(TestModels.Chain(20));
        using var input = OrtValue.Over(new float[64 * 64], 64, 64);
        for (int round = 0; round < 50; round++)
        {
            IoBinding binding = session.CreateBinding();
            binding.BindInput("x", input);
            binding.BindOutput("y", MemoryPlace.Cpu);
            var ends = new Exception?[3];
            Thread[] threads = [.. Enumerable.Range(0, 3).Select(i => new Thread(() =>
            {
                while (ends[i] is null)
                {
                    ends[i] = Record.Exception(() => binding.Run());
                }
            }))];
            Array.ForEach(threads, thread => thread.Start());
            Thread.SpinWait(round * 500);
            binding.Dispose();
            Array.ForEach(threads, thread => thread.Join());
            Assert.All(ends, end => Assert.IsType<ObjectDisposedException>(end));
        }
    }

    [Fact]
    public void Waiting_for_the_processor_takes_no_time()
    {
        using IoBinding binding = Bound();
        binding.BindOutput("sum", MemoryPlace.Cpu);

        binding.SynchronizeInputs();
        binding.Run(new RunOptions { Synchronize = false });
        binding.SynchronizeOutputs();

        using OrtOutputs outputs = binding.GetOutputs();
        Assert.Equal([6, 8, 10, 12], outputs["sum"].ToArray<float>());
    }

    private IoBinding Bound()
    {
        IoBinding binding = _session.CreateBinding();
        binding.BindInput("left", _left);
        binding.BindInput("right", _right);
        return binding;
    }
}
