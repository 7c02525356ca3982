namespace Bento.OnnxRuntime;

/// <summary>What a value, an input or an output is. Tensors can be made and read here, lists and maps read.</summary>
public enum ValueKind
{
    /// <summary>Nothing, or a kind that this version does not know.</summary>
    Unknown = 0,

    /// <summary>An array of any rank, with elements of one type.</summary>
    Tensor = 1,

    /// <summary>A list of values.</summary>
    Sequence = 2,

    /// <summary>Values by key, as classical machine-learning models give their probabilities.</summary>
    Map = 3,

    /// <summary>A type of a custom operator.</summary>
    Opaque = 4,

    /// <summary>A tensor of which only some elements are stored.</summary>
    SparseTensor = 5,

    /// <summary>A value that may be absent.</summary>
    Optional = 6,
}
