namespace Bento.OnnxRuntime.Rows;

/// <summary>One input of a model, filled from rows: what its tensor is for the rows of one run.</summary>
internal abstract class RowInput<TRow>(ValueInfo info, int start)
{
    public ValueInfo Info { get; } = info;

    /// <summary>Where the input's lengths begin among those of a row.</summary>
    public int Start { get; } = start;

    /// <summary>How many lengths a row has for the input.</summary>
    public virtual int Rank => Info.Dimensions.Length - 1;

    /// <summary>The input's part of all lengths of a row.</summary>
    public virtual ReadOnlySpan<nint> Of(ReadOnlySpan<nint> lengths) => lengths.Slice(Start, Rank);

    /// <summary>What fills shorter rows, if it is allowed that some are.</summary>
    public virtual RowPadding? Padding => null;

    /// <summary>Writes the lengths of one row, which a message names by its index if it has one.</summary>
    /// <exception cref="ArgumentException">The row does not fit the model.</exception>
    public abstract void Measure(TRow row, int? index, Span<nint> lengths);

    /// <summary>The tensor of the rows, of which further copies of the first make up the total.</summary>
    /// <param name="rows">All rows of the call.</param>
    /// <param name="members">Which of them run now.</param>
    /// <param name="total">As how many rows they run.</param>
    /// <param name="own">Each row's own lengths.</param>
    /// <param name="run">The lengths that all rows of this run get.</param>
    public abstract Lent Stack(
        TRow[] rows, ReadOnlySpan<int> members, int total, RowLengths own, ReadOnlySpan<nint> run);
}

/// <summary>An input whose elements the rows hold.</summary>
internal sealed class RowInput<TRow, TField, T> : RowInput<TRow>
    where T : unmanaged
{
    private readonly Func<TRow, TField> _read;
    private readonly RowForm<TField, T> _form;
    private readonly T _filler;

    public RowInput(
        ValueInfo info, int start, Func<TRow, TField> read, RowForm<TField, T> form, Padding? padding)
        : base(info, start)
    {
        _read = read;
        _form = form;
        if (padding is not null)
        {
            Padding = new RowPadding(padding, info);
            _filler = RowNumber.Of<T>(padding.Value, info);
        }
    }

    public override RowPadding? Padding { get; }

    public override void Measure(TRow row, int? index, Span<nint> lengths)
    {
        TField field = _read(row)
            ?? throw new ArgumentException($"{RowShape.Subject(index)} has nothing for the input '{Info.Name}'.");
        if (_form.HasLengths ? !Known(_form.Lengths(field), lengths) : !Derived(_form.Count(field), lengths))
        {
            string given = _form.HasLengths
                ? $"[{string.Join(", ", _form.Lengths(field).ToArray())}]"
                : $"{_form.Count(field)} elements";
            throw new ArgumentException(
                $"{RowShape.Subject(index)} has {given} for the input '{Info.Name}'; the model wants rows of {Info.Type} "
                + "without the first dimension.");
        }

        Padding?.Check(lengths[Padding.Axis], index, Info);
    }

    public override Lent Stack(
        TRow[] rows, ReadOnlySpan<int> members, int total, RowLengths own, ReadOnlySpan<nint> run)
    {
        int size = RowShape.Product(run);
        if (total == members.Length && TryJoin(rows, members, size, out ArraySegment<T> joined))
        {
            return Lent<T>.Over(joined, RowShape.Of(total, run));
        }

        var lent = Lent<T>.Pooled(checked(size * total), RowShape.Of(total, run));
        try
        {
            for (int place = 0; place < members.Length; place++)
            {
                int member = members[place];
                Write(
                    _read(rows[member]),
                    Of(own[member]),
                    lent.Elements.AsSpan(place * size, size),
                    run);
            }

            for (int place = members.Length; place < total; place++)
            {
                Array.Copy(lent.Elements, 0, lent.Elements, place * size, size);
            }

            return lent;
        }
        catch
        {
            lent.Dispose();
            throw;
        }
    }

    /// <summary>The rows as they lie, if each is whole and behind the one before: then nothing is to be copied.</summary>
    private bool TryJoin(TRow[] rows, ReadOnlySpan<int> members, int size, out ArraySegment<T> joined)
    {
        joined = _form.Place(_read(rows[members[0]]));
        for (int place = 0; place < members.Length; place++)
        {
            ArraySegment<T> row = place == 0 ? joined : _form.Place(_read(rows[members[place]]));
            if (row.Array is null
                || row.Count != size
                || row.Array != joined.Array
                || row.Offset != joined.Offset + place * size)
            {
                return false;
            }
        }

        joined = new(joined.Array!, joined.Offset, size * members.Length);
        return true;
    }

    private void Write(TField field, ReadOnlySpan<nint> own, Span<T> target, ReadOnlySpan<nint> run)
    {
        if (own.SequenceEqual(run))
        {
            _form.Copy(field, target);
        }
        else if (Padding!.Axis == 0)
        {
            int count = RowShape.Product(own);
            _form.Copy(field, target[..count]);
            target[count..].Fill(_filler);
        }
        else
        {
            var elements = new T[RowShape.Product(own)];
            _form.Copy(field, elements);
            target.Fill(_filler);
            RowShape.Move(elements, own[Padding.Axis..], target, run[Padding.Axis..]);
        }
    }

    private bool Known(ReadOnlySpan<nint> given, Span<nint> lengths)
    {
        if (given.Length != lengths.Length)
        {
            return false;
        }

        given.CopyTo(lengths);
        for (int i = 0; i < lengths.Length; i++)
        {
            Dimension wanted = Info.Dimensions[1 + i];
            if (!wanted.IsFree && wanted.Length != lengths[i])
            {
                return false;
            }
        }

        return true;
    }

    private bool Derived(int count, Span<nint> lengths)
    {
        int free = -1;
        long known = 1;
        for (int i = 0; i < lengths.Length; i++)
        {
            Dimension wanted = Info.Dimensions[1 + i];
            if (wanted.IsFree)
            {
                free = i;
            }
            else
            {
                known *= wanted.Length;
                lengths[i] = (nint)wanted.Length;
            }
        }

        if (free >= 0 && known > 0)
        {
            lengths[free] = (nint)(count / known);
            known *= lengths[free];
        }
        else if (free >= 0)
        {
            lengths[free] = 0;
        }

        return known == count;
    }
}

/// <summary>An input that says where rows have elements, and where they were filled.</summary>
internal sealed class RowMask<TRow, T>(ValueInfo info, RowInput<TRow> of) : RowInput<TRow>(info, of.Start)
    where T : unmanaged
{
    private readonly T _one = RowNumber.Of<T>(1, info);

    public override int Rank => 0;

    public override ReadOnlySpan<nint> Of(ReadOnlySpan<nint> lengths) => of.Of(lengths);

    public override void Measure(TRow row, int? index, Span<nint> lengths)
    {
    }

    public override Lent Stack(
        TRow[] rows, ReadOnlySpan<int> members, int total, RowLengths own, ReadOnlySpan<nint> run)
    {
        int axis = of.Padding!.Axis;
        int length = (int)run[axis];
        var lent = Lent<T>.Pooled(checked(length * total), total, length);
        for (int place = 0; place < total; place++)
        {
            int member = members[place < members.Length ? place : 0];
            int filled = (int)own[member][of.Start + axis];
            Span<T> row = lent.Elements.AsSpan(place * length, length);
            row[..filled].Fill(_one);
            row[filled..].Clear();
        }

        return lent;
    }
}
