using Bento.OnnxRuntime.Native;
using Bento.OnnxRuntime.Tests.Models;
using Xunit;

namespace Bento.OnnxRuntime.Tests;

public sealed class AllocatorTests
{
    [Fact]
    public void A_value_in_memory_of_the_session_is_written_read_and_run()
    {
        using var session = InferenceSession.Load(TestModels.Total());
        using OrtAllocator allocator = session.CreateAllocator(MemoryPlace.Cpu);
        using var input = OrtValue.Allocate(allocator, TensorElementType.Float, 3);
        new float[] { 1, 2, 3 }.CopyTo(input.AsSpan<float>());

        using OrtOutputs outputs = session.Run("x", input);

        Assert.Equal([6], outputs["total"].ToArray<float>());
        Assert.Equal(MemoryPlace.Cpu, input.Place);
        Assert.Equal(MemoryPlace.Cpu, allocator.Place);
        Assert.Equal("Float[3]", input.ToString());
    }

    [Fact]
    public void A_value_outlives_its_allocator_and_its_session()
    {
        var session = InferenceSession.Load(TestModels.Total());
        OrtAllocator allocator = session.CreateAllocator(MemoryPlace.Cpu);
        using var value = OrtValue.Allocate(allocator, TensorElementType.Int64, 1_000);
        allocator.Dispose();
        session.Dispose();

        value.AsSpan<long>().Fill(7);

        Assert.Equal(7, value.ToArray<long>()[^1]);
        Assert.Throws<ObjectDisposedException>(() => OrtValue.Allocate(allocator, TensorElementType.Int64, 1));
        Assert.Throws<ObjectDisposedException>(() => session.CreateAllocator(MemoryPlace.Cpu));
    }

    [Fact]
    public void What_cannot_be_allocated_is_refused()
    {
        using var session = InferenceSession.Load(TestModels.Total());
        using OrtAllocator allocator = session.CreateAllocator(MemoryPlace.Cpu);

        Assert.Throws<ArgumentException>(() => OrtValue.Allocate(allocator, TensorElementType.String, 1));
        Assert.Throws<ArgumentException>(() => OrtValue.Allocate(allocator, TensorElementType.Float, 2, -1));
        Assert.Throws<OrtException>(() => OrtValue.Allocate(allocator, TensorElementType.Float, long.MaxValue, 8));
    }

    [Fact]
    public void A_place_that_the_session_does_not_use_has_no_allocator()
    {
        using var session = InferenceSession.Load(TestModels.Total());

        Assert.Throws<OrtException>(() => session.CreateAllocator(MemoryPlace.Cuda()));
        Assert.Throws<OrtException>(() => session.CreateAllocator(MemoryPlace.CudaPinned(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => MemoryPlace.Cuda(-1));
        Assert.Equal("Cuda:2", MemoryPlace.Cuda(2).ToString());
    }

    [Fact]
    public void The_statistics_tell_of_values_and_runs()
    {
        using var session = InferenceSession.Load(TestModels.Layers(2, 256));
        using OrtAllocator allocator = session.CreateAllocator(MemoryPlace.Cpu);
        AllocatorStatistics before = allocator.ReadStatistics();

        using var value = OrtValue.Allocate(allocator, TensorElementType.Float, 1 << 20);
        AllocatorStatistics after = allocator.ReadStatistics();

        Assert.InRange(after.InUse - before.InUse, 4L << 20, 5L << 20);
        Assert.True(after.Allocations > before.Allocations);
        Assert.True(after.TotalAllocated >= after.InUse);
        Assert.True(after.MaxInUse >= after.InUse);
        Assert.True(after.LargestAllocation >= 4L << 20);
        Assert.NotEmpty(after.Entries);
    }

    [Fact]
    public void A_library_without_statistics_is_told_by_both_versions()
    {
        OrtNative.Require("1.23.0", 23, "allocator statistics");
        OrtNative.Require("1.29.1-dev+abc", 23, "allocator statistics");

        Assert.Contains(
            "version 1.22.1, which has no allocator statistics; wanted: version 1.23 or newer",
            Assert.Throws<NotSupportedException>(() => OrtNative.Require("1.22.1", 23, "allocator statistics")).Message,
            StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => OrtNative.Require("unheard of", 23, "allocator statistics"));
    }

    [Fact]
    public void An_arena_gives_its_memory_back_after_a_run_that_says_so()
    {
        using var session = InferenceSession.Load(TestModels.Layers(4, 256));
        using OrtAllocator allocator = session.CreateAllocator(MemoryPlace.Cpu);
        Run(8_192, null);
        AllocatorStatistics large = allocator.ReadStatistics();

        Run(1, null);
        AllocatorStatistics kept = allocator.ReadStatistics();
        Run(1, new RunOptions { ShrinkArenas = [MemoryPlace.Cpu] });
        AllocatorStatistics shrunk = allocator.ReadStatistics();

        Assert.Equal(large.TotalAllocated, kept.TotalAllocated);
        Assert.True(shrunk.TotalAllocated < kept.TotalAllocated, $"{shrunk} after {kept}");
        Assert.True(shrunk.Shrinkages > 0);

        // The output is in memory of the caller, so that nothing of the arena is in use when the run ends.
        void Run(int rows, RunOptions? options)
        {
            using var x = OrtValue.Over(new float[rows * 256], rows, 256);
            using var y = OrtValue.Over(new float[rows * 256], rows, 256);
            using IoBinding binding = session.CreateBinding();
            binding.BindInput("x", x);
            binding.BindOutput("y", y);
            binding.Run(options);
        }
    }

    [Fact]
    public void A_shared_arena_has_a_limit_for_all_its_sessions()
    {
        var options = new SessionOptions { UseSharedArena = true };
        using (SharedArena.Create(new ArenaOptions
        {
            MaxMemory = 4 << 20,
            Extension = ArenaExtension.SameAsRequested,
            InitialChunk = 1 << 16,
            MaxDeadBytesPerChunk = 1 << 16,
        }))
        {
            Assert.Throws<InvalidOperationException>(() => SharedArena.Create(new ArenaOptions()));
            using var session = InferenceSession.Load(TestModels.Layers(2, 64), options);
            using var small = OrtValue.Over(new float[64], 1, 64);
            using var large = OrtValue.Over(new float[64 * 100_000], 100_000, 64);
            session.Run("x", small).Dispose();

            OrtException full = Assert.Throws<OrtException>(() => session.Run("x", large));

            Assert.Contains("memory", full.Message, StringComparison.OrdinalIgnoreCase);
            session.Run("x", small).Dispose();
        }

        SharedArena.Create(new ArenaOptions()).Dispose();
        Assert.Throws<ArgumentOutOfRangeException>(() => SharedArena.Create(new ArenaOptions { MaxMemory = 0 }));
    }
}
