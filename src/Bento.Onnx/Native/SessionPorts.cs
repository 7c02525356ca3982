using System.Collections.Immutable;

namespace Bento.OnnxRuntime.Native;

/// <summary>
/// All inputs, or all outputs, of a session: their declarations, their native names, and what may be given for them.
/// </summary>
internal sealed unsafe class SessionPorts
{
    private readonly string _word;
    private readonly Dictionary<string, int> _indices = [];
    private readonly NativeTexts _nativeNames;

    private SessionPorts(string word, ImmutableArray<ValueInfo> infos)
    {
        _word = word;
        Infos = infos;
        Names = infos.Select(info => info.Name).ToImmutableArray();
        _nativeNames = NativeTexts.Of(Names);
        for (int i = 0; i < Names.Length; i++)
        {
            _indices[Names[i]] = i;
        }
    }

    public ImmutableArray<ValueInfo> Infos { get; }

    public ImmutableArray<string> Names { get; }

    /// <summary>The addresses of the names, good as long as this object is.</summary>
    public ReadOnlySpan<nint> NativeNames => _nativeNames.Addresses;

    public static SessionPorts Inputs(nint session)
    {
        OrtApi* api = OrtNative.Api;
        return Read(
            "input", session, api->SessionGetInputCount, api->SessionGetInputName, api->SessionGetInputTypeInfo);
    }

    public static SessionPorts Outputs(nint session)
    {
        OrtApi* api = OrtNative.Api;
        return Read(
            "output", session, api->SessionGetOutputCount, api->SessionGetOutputName, api->SessionGetOutputTypeInfo);
    }

    /// <summary>The position of a name.</summary>
    /// <exception cref="ArgumentException">There is no such name; the message lists those there are.</exception>
    public int IndexOf(string name, string parameter) =>
        _indices.TryGetValue(name, out int index)
            ? index
            : throw new ArgumentException(
                $"The model has no {_word} '{name}'. Its {_word}s: {string.Join(", ", Names)}.", parameter);

    /// <summary>The position of a name, or -1.</summary>
    public int Find(string name) => _indices.GetValueOrDefault(name, -1);

    /// <summary>Refuses to have an output written somewhere that is one of these inputs.</summary>
    /// <exception cref="ArgumentException">It is: ONNX Runtime hands the input on, and writes nothing.</exception>
    public void RefuseTarget(string output, string parameter)
    {
        if (Find(output) >= 0)
        {
            throw new ArgumentException(
                $"The output '{output}' is the input of that name, handed through, and is not written into a value; "
                + "leave it out and read the input, or have the run allocate it.",
                parameter);
        }
    }

    /// <summary>Checks values in the order of the declarations.</summary>
    /// <exception cref="ArgumentException">A value does not fit, or there are too few or too many.</exception>
    public void CheckAll(ReadOnlySpan<OrtValue> values, string parameter)
    {
        if (values.Length != Infos.Length)
        {
            throw new ArgumentException(
                $"The model has {Infos.Length} {_word}s: {string.Join(", ", Infos)}. Given: {values.Length} values.",
                parameter);
        }

        for (int i = 0; i < values.Length; i++)
        {
            Check(i, values[i], parameter);
        }
    }

    /// <summary>Puts values by name into the order of the declarations, without those not given.</summary>
    /// <exception cref="ArgumentException">A name is unknown or given twice, or a value does not fit.</exception>
    public (OrtValue[] Values, nint[] NativeNames) Arrange(
        IEnumerable<KeyValuePair<string, OrtValue>> given, bool wantAll, string parameter)
    {
        ArgumentNullException.ThrowIfNull(given, parameter);
        var values = new OrtValue?[Infos.Length];
        foreach ((string name, OrtValue value) in given)
        {
            int index = IndexOf(name, parameter);
            Check(index, value, parameter);
            if (values[index] is not null)
            {
                throw new ArgumentException($"The {_word} '{name}' is given twice.", parameter);
            }

            values[index] = value;
        }

        if (Array.IndexOf(values, null) < 0)
        {
            OrtValue[] all = values!;
            return (all, NativeNames.ToArray());
        }

        int[] present = [.. Enumerable.Range(0, values.Length).Where(index => values[index] is not null)];
        foreach (int absent in Enumerable.Range(0, values.Length).Except(present))
        {
            if (wantAll && Infos[absent].Kind != ValueKind.Optional)
            {
                string others = string.Join(", ", present.Select(index => Names[index]).DefaultIfEmpty("nothing"));
                throw new ArgumentException(
                    $"The {_word} '{Names[absent]}' is missing; the model wants {Infos[absent].Type}. Given: {others}.",
                    parameter);
            }
        }

        return ([.. present.Select(index => values[index]!)], [.. present.Select(index => NativeNames[index])]);
    }

    /// <summary>Checks a value for the declaration at a position.</summary>
    /// <exception cref="ArgumentException">It does not fit.</exception>
    public void Check(int index, OrtValue value, string parameter)
    {
        ArgumentNullException.ThrowIfNull(value, parameter);
        ValueInfo info = Infos[index];
        if (!info.Accepts(value))
        {
            throw new ArgumentException(
                $"The {_word} '{info.Name}' was given {value.Type}; the model wants {info.Type}.", parameter);
        }
    }

    private static SessionPorts Read(
        string word,
        nint session,
        delegate* unmanaged<nint, out nuint, nint> getCount,
        delegate* unmanaged<nint, nuint, nint, out byte*, nint> getName,
        delegate* unmanaged<nint, nuint, out nint, nint> getType)
    {
        OrtNative.Check(getCount(session, out nuint count));
        var infos = ImmutableArray.CreateBuilder<ValueInfo>((int)count);
        for (nuint i = 0; i < count; i++)
        {
            OrtNative.Check(getName(session, i, OrtEnvironment.Allocator, out byte* native));
            string name = OrtNative.Take(native);
            OrtNative.Check(getType(session, i, out nint type));
            try
            {
                infos.Add(NativeTensorInfo.OfType(name, type));
            }
            finally
            {
                OrtNative.Api->ReleaseTypeInfo(type);
            }
        }

        return new SessionPorts(word, infos.MoveToImmutable());
    }
}
