using System.Collections.Immutable;

namespace Bento.OnnxRuntime;

/// <summary>How rows become runs of a model, where that takes more than putting those of one shape together.</summary>
public sealed record BatchingOptions
{
    /// <summary>Inputs whose rows differ in length and share a run all the same; none by default.</summary>
    public ImmutableArray<Padding> Paddings { get; init; } = [];

    /// <summary>
    /// The numbers of rows that the model is run with, smallest first: fewer are filled up with copies of the first, more
    /// than the last make several runs. None by default, which runs the model with as many rows as there are.
    /// </summary>
    public ImmutableArray<int> Sizes { get; init; } = [];
}
