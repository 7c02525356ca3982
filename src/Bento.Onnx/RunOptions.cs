using System.Collections.Immutable;

namespace Bento.OnnxRuntime;

/// <summary>How one run is done. What is not set is as in the session's <see cref="SessionOptions"/>.</summary>
public sealed record RunOptions
{
    /// <summary>What the run's log messages are marked with; null, the default, means nothing.</summary>
    public string? Tag { get; init; }

    /// <summary>
    /// The least grave messages of this run that are logged; null, the default, means as in the session.
    /// </summary>
    public OrtLogSeverity? LogSeverity { get; init; }

    /// <summary>
    /// The arenas that give their unused memory back after the run, <see cref="MemoryPlace.Cpu"/> or <see
    /// cref="MemoryPlace.Cuda"/>; none by default. It takes time, so it suits the run after an unusually large one.
    /// </summary>
    public ImmutableArray<MemoryPlace> ShrinkArenas { get; init; } = [];

    /// <summary>
    /// Whether the run ends only when the devices have; true by default. Without it, outputs that are on a device may
    /// still be in the making.
    /// </summary>
    public bool Synchronize { get; init; } = true;

    /// <summary>
    /// Further settings by ONNX Runtime's own keys, such as <c>gpu_graph_id</c>; none by default. They win over the
    /// properties above.
    /// </summary>
    public IReadOnlyDictionary<string, string> ConfigEntries { get; init; } = ImmutableDictionary<string, string>.Empty;

    internal IEnumerable<KeyValuePair<string, string>> Entries()
    {
        if (!ShrinkArenas.IsDefaultOrEmpty)
        {
            yield return new(
                "memory.enable_memory_arena_shrinkage",
                string.Join(';', ShrinkArenas.Select(place => place.ArenaName)));
        }

        if (!Synchronize)
        {
            yield return new("disable_synchronize_execution_providers", "1");
        }

        foreach (KeyValuePair<string, string> entry in ConfigEntries)
        {
            yield return entry;
        }
    }
}
