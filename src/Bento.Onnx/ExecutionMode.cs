namespace Bento.OnnxRuntime;

/// <summary>Whether nodes of a graph that do not depend on each other may run at once.</summary>
public enum ExecutionMode
{
    /// <summary>One node after the other.</summary>
    Sequential = 0,

    /// <summary>Several at once, on <see cref="SessionOptions.InterOpThreads"/> threads.</summary>
    Parallel = 1,
}
