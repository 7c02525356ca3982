namespace Bento.OnnxRuntime.Rows;

/// <summary>Which dimension of an input's rows is filled up, and to what lengths.</summary>
internal sealed class RowPadding
{
    private readonly int[] _lengths;

    public RowPadding(Padding padding, ValueInfo info)
    {
        int[] free = [.. Enumerable.Range(1, info.Dimensions.Length - 1).Where(i => info.Dimensions[i].IsFree)];
        if (free.Length != 1)
        {
            throw new ArgumentException(
                $"The input {info} is to be padded, and has {free.Length} free dimensions beside the first; wanted one.");
        }

        _lengths = [.. padding.Lengths];
        if (!RowShape.Ascends(_lengths))
        {
            throw new ArgumentException(
                $"The lengths of the padding of the input '{info.Name}' are [{string.Join(", ", _lengths)}]; wanted "
                + "numbers above zero, each larger than the one before.");
        }

        Axis = free[0] - 1;
        Name = info.Dimensions[free[0]].Name;
    }

    /// <summary>The dimension, counted from a row's first.</summary>
    public int Axis { get; }

    /// <summary>What the model calls the dimension, by which outputs have it too; null when it has no name.</summary>
    public string? Name { get; }

    /// <summary>Whether two dimensions of one length are so still when they are filled.</summary>
    public static bool AreAlike(RowPadding? one, RowPadding? other) =>
        one is null || other is null ? one == other : one._lengths.SequenceEqual(other._lengths);

    public void Check(nint length, int? row, ValueInfo info)
    {
        if (_lengths.Length > 0 && length > _lengths[^1])
        {
            throw new ArgumentException(
                $"{RowShape.Subject(row)} has a length of {length} for the input '{info.Name}'; wanted {_lengths[^1]} "
                + "at most, the last length of its padding.");
        }
    }

    /// <summary>What rows have in common that may share a run: the length they are filled to, where that is set.</summary>
    public nint Next(nint length)
    {
        foreach (int next in _lengths)
        {
            if (next >= length)
            {
                return next;
            }
        }

        return 0;
    }

    /// <summary>The length for a run, given that of its longest row; never none, which few models bear.</summary>
    public nint Filled(nint longest) => _lengths.Length > 0 ? Next(longest) : Math.Max(longest, 1);
}
