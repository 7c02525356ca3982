using System.Collections.Immutable;

namespace Bento.OnnxRuntime;

/// <summary>How rows of different lengths come to share a run: what fills the shorter ones, and who is told.</summary>
/// <param name="Input">The input whose free dimension, beside that of the rows, differs from row to row.</param>
/// <param name="Value">What follows a row's own elements, such as -1; it must be of the input's element type.</param>
public sealed record Padding(string Input, double Value)
{
    /// <summary>
    /// An input of the model that is 1 where a row has elements and 0 where it was filled; rows do not hold it. None by
    /// default.
    /// </summary>
    public string? Mask { get; init; }

    /// <summary>
    /// The lengths to fill up to, smallest first: rows share a run when one length is the next for both, and the last is
    /// the most that a row may have. None by default, which fills to the longest row of each run.
    /// </summary>
    public ImmutableArray<int> Lengths { get; init; } = [];
}
