using System.Globalization;

namespace Bento.OnnxRuntime;

/// <summary>What an arena holds and has held. A number that the library does not tell is 0.</summary>
public sealed record AllocatorStatistics
{
    internal AllocatorStatistics(IReadOnlyDictionary<string, string> entries)
    {
        Entries = entries;
        Limit = Number("Limit");
        InUse = Number("InUse");
        TotalAllocated = Number("TotalAllocated");
        MaxInUse = Number("MaxInUse");
        Allocations = Number("NumAllocs");
        Reservations = Number("NumReserves");
        Extensions = Number("NumArenaExtensions");
        Shrinkages = Number("NumArenaShrinkages");
        LargestAllocation = Number("MaxAllocSize");
    }

    /// <summary>The most bytes that it may take from the system.</summary>
    public long Limit { get; }

    /// <summary>The bytes in use by values and weights.</summary>
    public long InUse { get; }

    /// <summary>The bytes taken from the system.</summary>
    public long TotalAllocated { get; }

    /// <summary>The most bytes that were ever in use.</summary>
    public long MaxInUse { get; }

    /// <summary>How many allocations there were.</summary>
    public long Allocations { get; }

    /// <summary>How many pieces were taken past the arena, for weights for one.</summary>
    public long Reservations { get; }

    /// <summary>How often it grew.</summary>
    public long Extensions { get; }

    /// <summary>How often it gave memory back, see <see cref="RunOptions.ShrinkArenas"/>.</summary>
    public long Shrinkages { get; }

    /// <summary>The bytes of the largest allocation.</summary>
    public long LargestAllocation { get; }

    /// <summary>All that the library tells, by its own names.</summary>
    public IReadOnlyDictionary<string, string> Entries { get; }

    private long Number(string key) =>
        Entries.TryGetValue(key, out string? text)
        && long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out long number)
            ? number
            : 0;
}
