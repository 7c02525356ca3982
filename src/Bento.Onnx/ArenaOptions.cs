namespace Bento.OnnxRuntime;

/// <summary>How an arena takes memory from the system. What is null is ONNX Runtime's choice.</summary>
public sealed record ArenaOptions
{
    /// <summary>The most bytes that it may take; null, the default, means any number.</summary>
    public long? MaxMemory { get; init; }

    /// <summary>How it grows; by powers of two by default.</summary>
    public ArenaExtension Extension { get; init; } = ArenaExtension.NextPowerOfTwo;

    /// <summary>The bytes that it takes first.</summary>
    public long? InitialChunk { get; init; }

    /// <summary>The most bytes of a piece that may lie idle beside a smaller value in it.</summary>
    public long? MaxDeadBytesPerChunk { get; init; }

    internal IEnumerable<(string Key, nuint Value)> Entries()
    {
        if (Positive(MaxMemory, nameof(MaxMemory)) is { } maximum)
        {
            yield return ("max_mem", maximum);
        }

        yield return ("arena_extend_strategy", (nuint)Extension);
        if (Positive(InitialChunk, nameof(InitialChunk)) is { } first)
        {
            yield return ("initial_chunk_size_bytes", first);
        }

        if (Positive(MaxDeadBytesPerChunk, nameof(MaxDeadBytesPerChunk)) is { } dead)
        {
            yield return ("max_dead_bytes_per_chunk", dead);
        }
    }

    private static nuint? Positive(long? value, string name)
    {
        if (value is { } given)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(given, name);
        }

        return (nuint?)value;
    }
}
