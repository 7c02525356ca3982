namespace Bento.OnnxRuntime.Rows;

/// <summary>
/// Which inputs share a dimension by its name, so that a row is to have one length for both. ONNX Runtime does not look: it
/// fails somewhere inside the model, or spreads the shorter one.
/// </summary>
internal sealed class RowAgreement
{
    private readonly (Place First, Place Other)[] _pairs;

    private RowAgreement((Place First, Place Other)[] pairs)
    {
        _pairs = pairs;
    }

    /// <summary>What the inputs of a model share, the lengths of a row being in the order of these.</summary>
    /// <exception cref="ArgumentException">Padding would give a dimension different lengths.</exception>
    public static RowAgreement Of<TRow>(IEnumerable<RowInput<TRow>> inputs)
    {
        Place[] places =
        [
            .. from input in inputs
               from axis in Enumerable.Range(0, input.Rank)
               let dimension = input.Info.Dimensions[1 + axis]
               let name = dimension.IsFree ? dimension.Name ?? "" : ""
               where name.Length > 0
               select new Place(
                   input.Start + axis, input.Info, name, input.Padding?.Axis == axis ? input.Padding : null),
        ];
        (Place First, Place Other)[] pairs =
        [
            .. from place in places
               let first = places.First(one => one.Name == place.Name)
               where first.Info != place.Info
               select (first, place),
        ];
        foreach ((Place first, Place other) in pairs)
        {
            if (!RowPadding.AreAlike(first.Padding, other.Padding))
            {
                throw new ArgumentException(
                    $"The inputs {first.Info} and {other.Info} share the dimension '{first.Name}', which paddings are to "
                    + "fill to different lengths; wanted a padding with the same Lengths for each of them, or none.");
            }
        }

        return new(pairs);
    }

    /// <summary>Refuses the lengths of a row in which inputs disagree.</summary>
    /// <exception cref="ArgumentException">They do; the message says which, and how.</exception>
    public void Check(ReadOnlySpan<nint> lengths, int? row)
    {
        foreach ((Place first, Place other) in _pairs)
        {
            if (lengths[first.Index] != lengths[other.Index])
            {
                throw new ArgumentException(
                    $"{RowShape.Subject(row)} has a length of {lengths[first.Index]} for the dimension '{first.Name}' of "
                    + $"the input '{first.Info.Name}', and of {lengths[other.Index]} for that of the input "
                    + $"'{other.Info.Name}'; wanted one length for both.");
            }
        }
    }

    /// <summary>A free dimension that has a name, and where its length is among those of a row.</summary>
    private sealed record Place(int Index, ValueInfo Info, string Name, RowPadding? Padding);
}
