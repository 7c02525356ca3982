using System.Collections.Immutable;
using Bento.OnnxRuntime.Rows;

namespace Bento.OnnxRuntime;

/// <summary>
/// A model as a function from rows to rows. Rows of one shape are put together along the first dimension and run at
/// once; each row's answer is what it would be alone. Any number of threads may use it.
/// </summary>
/// <typeparam name="TIn">
/// An array, <see cref="Memory{T}"/>, <see cref="System.Numerics.Tensors.Tensor{T}"/> or number for a model's one input;
/// else a record with such a field for each, matched by the letters and digits of its name.
/// </typeparam>
/// <typeparam name="TOut">
/// The same for outputs. Memory and tensors are parts of the batch's one result, which lives for as long as any of
/// them; arrays are copies.
/// </typeparam>
public sealed class BatchedModel<TIn, TOut>
{
    private readonly InferenceSession _session;
    private readonly RowInput<TIn>[] _inputs;
    private readonly RowOutput[] _outputs;
    private readonly nint[] _outputNames;
    private readonly Func<Array[], int, TOut>? _make;
    private readonly int[] _sizes;
    private readonly RowPadding?[] _paddings;
    private readonly RowAgreement _agreement;
    private readonly bool _areKnown;

    internal BatchedModel(InferenceSession session, BatchingOptions options)
    {
        _session = session;
        _sizes = [.. options.Sizes];
        if (!RowShape.Ascends(_sizes))
        {
            throw new ArgumentException(
                $"The sizes of batches are [{string.Join(", ", _sizes)}]; wanted numbers above zero, each larger than the "
                + "one before.",
                nameof(options));
        }

        _inputs = RowFields.Inputs<TIn>(session, options.Paddings);
        _agreement = RowAgreement.Of(_inputs);
        _paddings = [.. _inputs.SelectMany(input => Enumerable.Range(0, input.Rank).Select(
            axis => input.Padding?.Axis == axis ? input.Padding : null))];
        (string, int)[] filled =
        [
            .. from input in _inputs
               let padding = input.Padding
               where padding?.Name is not null
               select (padding.Name, input.Start + padding.Axis),
        ];
        (_outputs, _make) = RowFields.Outputs<TOut>(session, filled);
        _outputNames = [.. _outputs.Select(output => session.OutputName(output.Info.Name))];
        _areKnown = _outputs.All(output => output.IsKnown);
    }

    /// <summary>Runs the model on rows, once for each shape that they have.</summary>
    /// <param name="rows">The rows, which are not changed.</param>
    /// <param name="cancellation">Stops a run between two nodes of the graph.</param>
    /// <returns>The answers, in the order of the rows.</returns>
    /// <exception cref="ArgumentException">A row does not fit the model; nothing was run.</exception>
    /// <exception cref="InvalidOperationException">The model gave something else than a row for each row.</exception>
    /// <exception cref="OrtException">A run failed.</exception>
    /// <exception cref="OperationCanceledException">A run was stopped.</exception>
    /// <exception cref="ObjectDisposedException">The session was disposed of.</exception>
    public TOut[] Run(TIn[] rows, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Length == 0)
        {
            return [];
        }

        int width = _paddings.Length;
        var measured = new nint[rows.Length * width];
        for (int row = 0; row < rows.Length; row++)
        {
            Measure(rows[row], row, measured.AsSpan(row * width, width));
        }

        Array[] columns = Array.ConvertAll(_outputs, output => output.NewColumn(rows.Length));
        var order = new int[rows.Length];
        for (int row = 0; row < order.Length; row++)
        {
            order[row] = row;
        }

        int Compare(int left, int right) =>
            CompareShapes(measured.AsSpan(left * width, width), measured.AsSpan(right * width, width));

        if (order.Any(row => Compare(0, row) != 0))
        {
            Array.Sort(order, (left, right) => Compare(left, right) is var way and not 0 ? way : left.CompareTo(right));
        }

        for (int start = 0, end; start < order.Length; start = end)
        {
            for (end = start + 1; end < order.Length && Compare(order[start], order[end]) == 0; end++)
            {
            }

            RunAlike(rows, order.AsSpan(start, end - start), new(measured, width), columns, cancellation);
        }

        return Rows(columns, rows.Length);
    }

    /// <summary>Tells why a row does not fit the model, without running anything.</summary>
    /// <param name="row">The row.</param>
    /// <returns>The reason; null for a row that fits.</returns>
    public string? Unfit(TIn row)
    {
        try
        {
            Measure(row, null, stackalloc nint[_paddings.Length]);
            return null;
        }
        catch (ArgumentException problem)
        {
            return problem.Message;
        }
    }

    private void Measure(TIn row, int? index, Span<nint> lengths)
    {
        if (row is null)
        {
            throw new ArgumentException($"{RowShape.Subject(index)} is null.");
        }

        foreach (RowInput<TIn> input in _inputs)
        {
            input.Measure(row, index, lengths.Slice(input.Start, input.Rank));
        }

        _agreement.Check(lengths, index);
    }

    private int CompareShapes(ReadOnlySpan<nint> left, ReadOnlySpan<nint> right)
    {
        for (int place = 0; place < left.Length; place++)
        {
            int way = Shared(place, left[place]).CompareTo(Shared(place, right[place]));
            if (way != 0)
            {
                return way;
            }
        }

        return 0;
    }

    /// <summary>What of a length must be the same for rows that share a run.</summary>
    private nint Shared(int place, nint length) => _paddings[place] is { } padding ? padding.Next(length) : length;

    /// <summary>Runs rows that are of one shape, or become so, in as many runs as sizes ask for.</summary>
    private void RunAlike(
        TIn[] rows, ReadOnlySpan<int> members, RowLengths own, Array[] columns, CancellationToken cancellation)
    {
        while (!members.IsEmpty)
        {
            int count = _sizes.Length == 0 ? members.Length : Math.Min(members.Length, _sizes[^1]);
            int total = _sizes.Length == 0 ? count : _sizes.First(size => size >= count);
            RunOnce(rows, members[..count], total, own, columns, cancellation);
            members = members[count..];
        }
    }

    private void RunOnce(
        TIn[] rows,
        ReadOnlySpan<int> members,
        int total,
        RowLengths own,
        Array[] columns,
        CancellationToken cancellation)
    {
        Span<nint> run = stackalloc nint[_paddings.Length];
        Lengths(members, own, run);
        var lent = new Lent?[_inputs.Length + _outputs.Length];
        var values = new OrtValue[lent.Length];
        try
        {
            for (int i = 0; i < _inputs.Length; i++)
            {
                lent[i] = _inputs[i].Stack(rows, members, total, own, _inputs[i].Of(run));
                values[i] = lent[i]!.Value;
            }

            for (int i = 0; _areKnown && i < _outputs.Length; i++)
            {
                Lent target = _outputs[i].Target(total);
                lent[_inputs.Length + i] = target;
                values[_inputs.Length + i] = target.Value;
            }

            ReadOnlySpan<OrtValue> inputs = values.AsSpan(0, _inputs.Length);
            if (_areKnown)
            {
                _session.RunInto(inputs, _outputNames, values.AsSpan(_inputs.Length), cancellation);
            }
            else
            {
                _session.Run(inputs, _outputNames, cancellation).CopyTo(values.AsSpan(_inputs.Length));
            }

            for (int i = 0; i < _outputs.Length; i++)
            {
                int place = _inputs.Length + i;
                if (lent[place] is { } target)
                {
                    _outputs[i].Split(target, members, columns[i]);
                }
                else
                {
                    _outputs[i].Split(values[place], total, members, own, run, columns[i]);
                }
            }
        }
        finally
        {
            for (int i = 0; i < lent.Length; i++)
            {
                if (lent[i] is { } one)
                {
                    one.Dispose();
                }
                else
                {
                    // Null where the run was never reached.
                    values[i]?.Dispose();
                }
            }
        }
    }

    /// <summary>The lengths that all rows of a run get: their own, or that of the longest where they are filled.</summary>
    private void Lengths(ReadOnlySpan<int> members, RowLengths own, Span<nint> run)
    {
        own[members[0]].CopyTo(run);
        for (int place = 0; place < run.Length; place++)
        {
            if (_paddings[place] is { } padding)
            {
                foreach (int member in members)
                {
                    run[place] = Math.Max(run[place], own[member][place]);
                }

                run[place] = padding.Filled(run[place]);
            }
        }
    }

    private TOut[] Rows(Array[] columns, int count)
    {
        if (_make is null)
        {
            return (TOut[])columns[0];
        }

        var rows = new TOut[count];
        for (int row = 0; row < count; row++)
        {
            rows[row] = _make(columns, row);
        }

        return rows;
    }
}
