namespace Bento.OnnxRuntime;

/// <summary>How cuDNN chooses among its algorithms for a convolution.</summary>
public enum ConvolutionSearch
{
    /// <summary>All are measured when a shape is first seen: a slow first run, the quickest later ones.</summary>
    Exhaustive = 0,

    /// <summary>By cuDNN's rules of thumb.</summary>
    Heuristic = 1,

    /// <summary>Always the same one.</summary>
    Default = 2,
}
