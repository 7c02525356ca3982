using System.Globalization;

namespace Bento.OnnxRuntime;

/// <summary>One dimension of an input or output, as the model declares it.</summary>
/// <param name="Length">How many elements it has, or -1 when each call may choose.</param>
/// <param name="Name">What the model calls a free dimension, such as <c>batch</c>; null when it has no name.</param>
public readonly record struct Dimension(long Length, string? Name)
{
    /// <summary>Whether each call may choose the length.</summary>
    public bool IsFree => Length < 0;

    /// <summary>The length, or else the name, or else a question mark.</summary>
    public override string ToString() => IsFree ? Name ?? "?" : Length.ToString(CultureInfo.InvariantCulture);
}
