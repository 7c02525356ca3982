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

    /// <summary>The least grave messages of this session that are logged; warnings by default.</summary>
    public OrtLogSeverity LogSeverity { get; init; } = OrtLogSeverity.Warning;

    /// <summary>
    /// Further settings by ONNX Runtime's own keys, such as <c>session.set_denormal_as_zero</c>; none by default. They
    /// win over the properties above.
    /// </summary>
    public IReadOnlyDictionary<string, string> ConfigEntries { get; init; } = new Dictionary<string, string>();
}
