namespace Bento.OnnxRuntime.Rows;

/// <summary>The lengths of all inputs of a call's rows: those of a row lie one after the other.</summary>
internal readonly ref struct RowLengths(ReadOnlySpan<nint> all, int width)
{
    private readonly ReadOnlySpan<nint> _all = all;

    public ReadOnlySpan<nint> this[int row] => _all.Slice(row * width, width);
}

/// <summary>What is to be reckoned of lengths.</summary>
internal static class RowShape
{
    /// <summary>How a message names a row: by its place in the call, or as the only one that it is about.</summary>
    public static string Subject(int? row) => row is { } place ? $"Row {place}" : "The row";

    /// <summary>The shape of a tensor of so many rows.</summary>
    public static long[] Of(int rows, ReadOnlySpan<nint> lengths)
    {
        var shape = new long[1 + lengths.Length];
        shape[0] = rows;
        for (int i = 0; i < lengths.Length; i++)
        {
            shape[1 + i] = lengths[i];
        }

        return shape;
    }

    /// <summary>How many elements a row has.</summary>
    public static int Product(ReadOnlySpan<nint> lengths)
    {
        long product = 1;
        foreach (nint length in lengths)
        {
            product = checked(product * length);
        }

        return checked((int)product);
    }

    /// <summary>Whether numbers are above zero, each larger than the one before.</summary>
    public static bool Ascends(ReadOnlySpan<int> numbers)
    {
        int before = 0;
        foreach (int number in numbers)
        {
            if (number <= before)
            {
                return false;
            }

            before = number;
        }

        return true;
    }

    /// <summary>
    /// Copies what two tensors have in common that differ in the length of their first dimension only, over and over
    /// until the source ends.
    /// </summary>
    public static void Move<T>(
        ReadOnlySpan<T> source, ReadOnlySpan<nint> sourceLengths, Span<T> target, ReadOnlySpan<nint> targetLengths)
    {
        int inner = Product(sourceLengths[1..]);
        int from = (int)sourceLengths[0] * inner;
        int to = (int)targetLengths[0] * inner;
        int common = Math.Min(from, to);
        for (; common > 0 && !source.IsEmpty; source = source[from..], target = target[to..])
        {
            source[..common].CopyTo(target);
        }
    }

    /// <summary>
    /// Refuses what cannot hold rows of an input or output, and inputs and outputs that are not rows at all.
    /// </summary>
    /// <exception cref="ArgumentException">It does not fit; the message says why.</exception>
    public static void Check<TField, T>(string word, ValueInfo info, RowForm<TField, T> form)
        where T : unmanaged
    {
        if (info.Dimensions.IsEmpty)
        {
            return;
        }

        Dimension[] row = [.. info.Dimensions.Skip(1)];
        int free = row.Count(dimension => dimension.IsFree);
        if (form.IsNumber && (free > 0 || row.Any(dimension => dimension.Length != 1)))
        {
            throw new ArgumentException(
                $"The {word} {info} has more than one element a row; wanted an array, Memory or Tensor of "
                + $"{typeof(T).Name} for it, not a single number.");
        }

        if (word == "input" && !form.HasLengths && free > 1)
        {
            throw new ArgumentException(
                $"The {word} {info} has {free} free dimensions beside the first, and an array does not say how long each "
                + $"is; wanted a Tensor of {typeof(T).Name}.");
        }
    }
}
