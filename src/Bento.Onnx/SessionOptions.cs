using System.Collections.Immutable;

namespace Bento.OnnxRuntime;

/// <summary>
/// How a session runs its model. The defaults suit a server whose workers are the parallelism: one session a model,
/// shared by all threads, each run on the thread of its caller.
/// </summary>
public sealed record SessionOptions
{
    /// <summary>Threads that share the work of one node, the caller's too; 1 by default, 0 for one a core.</summary>
    public int IntraOpThreads { get; init; } = 1;

    /// <summary>
    /// Threads that run nodes at once when <see cref="ExecutionMode"/> is parallel; 1 by default, 0 for one a core.
    /// </summary>
    public int InterOpThreads { get; init; } = 1;

    /// <summary>
    /// Whether idle threads spin while they wait for work, which is quicker for one caller and burns much processor
    /// time; false by default.
    /// </summary>
    public bool AllowSpinning { get; init; }

    /// <summary>
    /// The devices to run on, the preferred first: each is offered the nodes that those before it did not take. None by
    /// default, which leaves all to the processor. One that does not work here is a
    /// <see cref="ProviderUnavailableException"/> on loading.
    /// </summary>
    public ImmutableArray<ExecutionProvider> Providers { get; init; } = [];

    /// <summary>How much the graph is rewritten on loading; everything by default.</summary>
    public GraphOptimization GraphOptimization { get; init; } = GraphOptimization.All;

    /// <summary>Whether independent nodes run at once; sequential by default.</summary>
    public ExecutionMode ExecutionMode { get; init; } = ExecutionMode.Sequential;

    /// <summary>
    /// Whether the memory of a run is planned ahead from runs of the same shapes; true by default. Turn it off for
    /// models whose input shapes change with every call.
    /// </summary>
    public bool EnableMemoryPattern { get; init; } = true;

    /// <summary>
    /// Whether memory is kept for the next run rather than given back; true by default. Without it a session
    /// takes less memory and more time.
    /// </summary>
    public bool EnableCpuMemoryArena { get; init; } = true;

    /// <summary>
    /// Whether the memory is that of the <see cref="SharedArena"/>, which must be there; false by default.
    /// </summary>
    public bool UseSharedArena { get; init; }

    /// <summary>
    /// Whether weights are allocated past the arena, which then grows by what runs need only; false by default.
    /// </summary>
    public bool UseDeviceAllocatorForInitializers { get; init; }

    /// <summary>
    /// Whether free memory of the process is given back to the system when the session was disposed of; true by
    /// default. Without it glibc keeps most of what a model took. Linux only; it takes some milliseconds.
    /// </summary>
    public bool TrimMemory { get; init; } = true;

    /// <summary>
    /// Whether nodes that none of the <see cref="Providers"/> takes may run on the processor; true by default. Without
    /// it such a model is not loaded.
    /// </summary>
    public bool AllowCpuFallback { get; init; } = true;

    /// <summary>
    /// Whether numbers too small for full precision are taken for 0, which is quicker where they come up; false by
    /// default.
    /// </summary>
    public bool DenormalAsZero { get; init; }

    /// <summary>
    /// Whether the same inputs give the same bits every time, also where that is slower; false by default. The
    /// processor does so anyway, a GPU does not.
    /// </summary>
    public bool Deterministic { get; init; }

    /// <summary>
    /// Whether weights are also stored as the kernels like them best; true by default. Without it a session takes less
    /// memory and more time.
    /// </summary>
    public bool EnablePrepacking { get; init; } = true;

    /// <summary>
    /// The processors that the threads beyond the caller's keep to, counted from 1: <c>1,2;3,4</c> for a pair each of
    /// two threads. Null, the default, means any.
    /// </summary>
    public string? IntraOpAffinities { get; init; }

    /// <summary>
    /// Lengths for dimensions that the model leaves free, by their names, so that the graph can be rewritten for them;
    /// none by default.
    /// </summary>
    public IReadOnlyDictionary<string, long> FreeDimensions { get; init; } = ImmutableDictionary<string, long>.Empty;

    /// <summary>
    /// Libraries with operators of others, by their files; none by default. They stay loaded until the process ends.
    /// </summary>
    public ImmutableArray<string> CustomOperatorLibraries { get; init; } = [];

    /// <summary>
    /// A folder where rewritten models are kept, so that the next session of the same model starts sooner; null, the
    /// default, means that they are not. Models with <see cref="Providers"/> or an <see cref="OptimizedModelPath"/>,
    /// with weights in other files or above 1 GiB are not kept. Whoever writes there decides what is run, so it must be
    /// the application's own.
    /// </summary>
    public string? OptimizedModelCache { get; init; }

    /// <summary>A file that the rewritten model is written to, to look at; null, the default, means none.</summary>
    public string? OptimizedModelPath { get; init; }

    /// <summary>
    /// Where the times of all nodes are written to, as the beginning of a file's name, until
    /// <see cref="InferenceSession.EndProfiling"/>; null, the default, means nowhere.
    /// </summary>
    public string? ProfilePrefix { get; init; }

    /// <summary>What the session's log messages are marked with; null, the default, means nothing.</summary>
    public string? LogId { get; init; }

    /// <summary>The least grave messages of this session that are logged; warnings by default.</summary>
    public OrtLogSeverity LogSeverity { get; init; } = OrtLogSeverity.Warning;

    /// <summary>
    /// Further settings by ONNX Runtime's own keys, such as <c>session.qdqisint8allowed</c>; none by default. They
    /// win over the properties above.
    /// </summary>
    public IReadOnlyDictionary<string, string> ConfigEntries { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>The same on other devices, for languages that cannot say <c>with</c>.</summary>
    /// <param name="providers">What takes the place of <see cref="Providers"/>.</param>
    public SessionOptions On(params ImmutableArray<ExecutionProvider> providers) => this with { Providers = providers };

    /// <summary>
    /// What the properties and <see cref="ConfigEntries"/> say by ONNX Runtime's own keys, the later winning.
    /// </summary>
    internal IEnumerable<KeyValuePair<string, string>> Entries()
    {
        string spinning = AllowSpinning ? "1" : "0";
        yield return new("session.intra_op.allow_spinning", spinning);
        yield return new("session.inter_op.allow_spinning", spinning);
        (string Key, bool IsSet)[] switches =
        [
            ("session.use_env_allocators", UseSharedArena),
            ("session.use_device_allocator_for_initializers", UseDeviceAllocatorForInitializers),
            ("session.disable_cpu_ep_fallback", !AllowCpuFallback),
            ("session.set_denormal_as_zero", DenormalAsZero),
            ("session.disable_prepacking", !EnablePrepacking),
        ];
        foreach ((string key, bool isSet) in switches)
        {
            if (isSet)
            {
                yield return new(key, "1");
            }
        }

        if (IntraOpAffinities is not null)
        {
            yield return new("session.intra_op_thread_affinities", IntraOpAffinities);
        }

        foreach (KeyValuePair<string, string> entry in ConfigEntries)
        {
            yield return entry;
        }
    }
}
