using System.Collections.Immutable;
using Bento.OnnxRuntime;

namespace Onnx.Conformance;

/// <summary>How a case ended.</summary>
internal enum Verdict
{
    /// <summary>Every output of every data set was as wanted.</summary>
    Passed,

    /// <summary>It was not run to its end, for a reason that is not a fault.</summary>
    LeftOut,

    /// <summary>An output was not as wanted, or the run failed.</summary>
    Failed,
}

/// <summary>The end of a case.</summary>
/// <param name="Verdict">Which end.</param>
/// <param name="Reason">Why; for a case left out a short one that others share.</param>
internal sealed record Outcome(Verdict Verdict, string Reason);

/// <summary>A model with data sets: what goes in and what should come out.</summary>
/// <param name="Folder">Holds model.onnx and the folders test_data_set_0 and on.</param>
internal sealed record Case(string Folder)
{
    /// <summary>What ONNX Runtime says of what it or the machine lacks, and what that means.</summary>
    private static readonly (string Said, string Reason)[] _lacks =
    [
        ("is not a registered function/op", "not supported by the CPU provider: an operator that it does not know"),
        ("Batchwise recurrent operations", "not supported by the CPU provider: recurrent operators with the batch first"),
        ("Failed to construct locale", "the machine lacks the locale en_US.UTF-8"),
    ];

    public string Name => Path.GetFileName(Folder);

    /// <summary>Every case below a folder, in the order of their paths.</summary>
    public static IEnumerable<Case> Below(string folder) =>
        Directory.EnumerateFiles(folder, "model.onnx", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .Select(file => new Case(Path.GetDirectoryName(file)!));

    /// <summary>Runs every data set through the model.</summary>
    public Outcome Run()
    {
        if (KnownCases.IsRandom(Name))
        {
            return LeftOut("random by definition");
        }

        try
        {
            using var session = InferenceSession.Load(Path.Combine(Folder, "model.onnx"));
            ValueInfo? other = session.Inputs.Concat(session.Outputs)
                .FirstOrDefault(info => info.Kind != ValueKind.Tensor);
            if (other is not null)
            {
                return LeftOut($"not tensors only ({other.Kind})");
            }

            foreach (string set in Directory.GetDirectories(Folder, "test_data_set_*").Order(StringComparer.Ordinal))
            {
                if (Run(session, set) is { } outcome)
                {
                    return outcome;
                }
            }

            return new Outcome(Verdict.Passed, "");
        }
        catch (OrtException problem) when (Unsupported(problem) is { } reason)
        {
            return LeftOut(reason);
        }
        catch (Exception problem) when (problem is OrtException or ArgumentException or InvalidDataException)
        {
            return new Outcome(Verdict.Failed, problem.Message.ReplaceLineEndings(" "));
        }
    }

    private static Outcome LeftOut(string reason) => new(Verdict.LeftOut, reason);

    /// <summary>Null when every output is as wanted.</summary>
    private Outcome? Run(InferenceSession session, string set)
    {
        double? absolute = KnownCases.Loose.TryGetValue(Name, out var loose) ? loose.Absolute : null;
        TensorData[] given = Read(set, "input", session.Inputs);
        TensorData[] wanted = Read(set, "output", session.Outputs);
        if (given.Concat(wanted).FirstOrDefault(tensor => tensor.Elements is null) is { } strange)
        {
            return LeftOut($"elements that .NET has no type for ({strange.Type})");
        }

        OrtValue[] values = Array.ConvertAll(given, tensor => tensor.ToValue());
        try
        {
            var inputs = values.Select((value, i) => KeyValuePair.Create(session.Inputs[i].Name, value));
            using OrtOutputs outputs = session.Run(inputs);
            for (int i = 0; i < wanted.Length; i++)
            {
                if (Comparison.Difference(wanted[i], outputs[i], absolute) is { } difference)
                {
                    return new Outcome(Verdict.Failed, $"{session.Outputs[i].Name}: {difference}");
                }
            }

            return null;
        }
        finally
        {
            Array.ForEach(values, value => value.Dispose());
        }
    }

    private static TensorData[] Read(string set, string word, ImmutableArray<ValueInfo> declared) =>
        [.. Enumerable.Range(0, Directory.GetFiles(set, $"{word}_*.pb").Length)
            .Select(i => TensorData.Read(File.ReadAllBytes(Path.Combine(set, $"{word}_{i}.pb"))))
            .Select((tensor, i) => tensor.As(declared[i].ElementType))];

    /// <summary>The reason when a failure says that this build of ONNX Runtime lacks something; else null.</summary>
    private static string? Unsupported(OrtException problem) =>
        problem.Code == OrtErrorCode.NotImplemented
            ? "not supported by the CPU provider: no kernel for an operator or its types"
            : _lacks.FirstOrDefault(lack => problem.Message.Contains(lack.Said, StringComparison.Ordinal)).Reason;
}
