namespace Bento.OnnxRuntime.Rows;

/// <summary>One output of a model, taken apart into rows.</summary>
internal abstract class RowOutput(ValueInfo info)
{
    public ValueInfo Info { get; } = info;

    /// <summary>Whether a row's lengths are known before the run, so that there can be a place for the result.</summary>
    public abstract bool IsKnown { get; }

    /// <summary>A place for that output of each row of a call.</summary>
    public abstract Array NewColumn(int rows);

    /// <summary>A place for the output of one run.</summary>
    public abstract Lent Target(int total);

    /// <summary>Gives the rows of a run to those that they belong to.</summary>
    public abstract void Split(Lent target, ReadOnlySpan<int> members, Array column);

    /// <summary>Gives the rows of a result to those that they belong to, without what padding added to them.</summary>
    /// <exception cref="InvalidOperationException">The result is not as many rows as the model was run with.</exception>
    public abstract void Split(
        OrtValue result, int total, ReadOnlySpan<int> members, RowLengths own, ReadOnlySpan<nint> run, Array column);
}

internal sealed class RowOutput<TField, T> : RowOutput
    where T : unmanaged
{
    private readonly RowForm<TField, T> _form;
    private readonly nint[]? _lengths;

    // Where a dimension of the output is one that padding fills up: its place, and that of its length among a row's.
    private readonly int _cut = -1;
    private readonly int _source;

    public RowOutput(ValueInfo info, RowForm<TField, T> form, bool isInput, (string Name, int Place)[] filled)
        : base(info)
    {
        _form = form;
        if (info.Dimensions.IsEmpty)
        {
            return;
        }

        Dimension[] row = [.. info.Dimensions.Skip(1)];
        if (!isInput && row.All(dimension => !dimension.IsFree))
        {
            _lengths = [.. row.Select(dimension => (nint)dimension.Length)];
        }

        _cut = Array.FindIndex(
            row, dimension => dimension.IsFree && filled.Any(padding => padding.Name == dimension.Name));
        _source = _cut < 0 ? 0 : filled.First(padding => padding.Name == row[_cut].Name).Place;
    }

    public override bool IsKnown => _lengths is not null;

    public override Array NewColumn(int rows) => new TField[rows];

    public override Lent Target(int total)
    {
        long[] shape = RowShape.Of(total, _lengths);
        int count = checked(total * RowShape.Product(_lengths));
        return _form.IsView ? Lent<T>.Kept(count, shape) : Lent<T>.Pooled(count, shape);
    }

    public override void Split(Lent target, ReadOnlySpan<int> members, Array column)
    {
        T[] elements = ((Lent<T>)target).Elements;
        var fields = (TField[])column;
        int size = RowShape.Product(_lengths);
        for (int place = 0; place < members.Length; place++)
        {
            fields[members[place]] = _form.OfPart(elements, place * size, size, _lengths);
        }
    }

    public override void Split(
        OrtValue result, int total, ReadOnlySpan<int> members, RowLengths own, ReadOnlySpan<nint> run, Array column)
    {
        if (result.Shape.IsEmpty || result.Shape[0] != total)
        {
            throw new InvalidOperationException(
                $"The model gave {result} for '{Info.Name}' of {total} rows; wanted a first dimension of {total}. "
                + "Such an output cannot be told apart by rows.");
        }

        nint[] lengths = [.. result.Shape.Skip(1).Select(length => (nint)length)];
        int size = RowShape.Product(lengths);
        if (_form.IsNumber && size != 1)
        {
            throw new InvalidOperationException(
                $"The model gave {result} for '{Info.Name}' of {total} rows; wanted one element a row.");
        }

        ReadOnlySpan<T> all = result.AsSpan<T>();
        T[]? kept = _form.IsView ? all.ToArray() : null;
        var fields = (TField[])column;
        for (int place = 0; place < members.Length; place++)
        {
            ReadOnlySpan<T> elements = all.Slice(place * size, size);
            fields[members[place]] =
                _cut >= 0 && lengths[_cut] == run[_source] && own[members[place]][_source] != run[_source]
                ? Cut(elements, lengths, own[members[place]][_source])
                : kept is null
                ? _form.OfElements(elements, lengths)
                : _form.OfPart(kept, place * size, size, lengths);
        }
    }

    private TField Cut(ReadOnlySpan<T> elements, nint[] lengths, nint length)
    {
        nint[] own = [.. lengths];
        own[_cut] = length;
        var rest = new T[RowShape.Product(own)];
        RowShape.Move(elements, lengths.AsSpan(_cut), rest, own.AsSpan(_cut));
        return _form.OfPart(rest, 0, rest.Length, own);
    }
}
