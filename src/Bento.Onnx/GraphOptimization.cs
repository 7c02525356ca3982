namespace Bento.OnnxRuntime;

/// <summary>How much of a model's graph may be rewritten when it is loaded.</summary>
public enum GraphOptimization
{
    /// <summary>The graph runs as it is written.</summary>
    None = 0,

    /// <summary>Only what keeps the meaning on every device: constants are computed, dead nodes removed.</summary>
    Basic = 1,

    /// <summary>Also fusions of several nodes into one.</summary>
    Extended = 2,

    /// <summary>Also other memory layouts.</summary>
    All = 99,
}
