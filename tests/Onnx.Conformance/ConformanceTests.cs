using System.Collections.Concurrent;
using Xunit;

namespace Onnx.Conformance;

/// <summary>Runs ONNX's own test data, Debian's package libonnx-testdata, through the binding.</summary>
public sealed class ConformanceTests
{
    private const string Variable = "ONNX_TEST_DATA";
    private const string OfDebian = "/usr/share/libonnx-testdata/data";
    private const int LeastPassed = 960;

    [Fact]
    public void Models_of_tensors_give_what_ONNX_wants()
    {
        string folder = Environment.GetEnvironmentVariable(Variable) ?? OfDebian;
        Assert.SkipUnless(
            Directory.Exists(folder),
            $"There is no {folder}: `apt-get install libonnx-testdata` brings it, or {Variable} names another folder.");
        var cases = Case.Below(folder).ToList();
        var outcomes = new ConcurrentDictionary<Case, Outcome>();

        Parallel.ForEach(cases, one => outcomes[one] = one.Run());

        var ends = cases.Select(one => (one.Name, End: outcomes[one])).ToList();
        var passed = ends.Where(one => one.End.Verdict == Verdict.Passed).ToList();
        var leftOut = ends.Where(one => one.End.Verdict == Verdict.LeftOut).ToList();
        var failed = ends.Where(one => one.End.Verdict == Verdict.Failed).ToList();
        var excused = failed.Where(one => KnownCases.Excused.ContainsKey(one.Name)).ToList();
        Console.WriteLine(
            $"{cases.Count} cases: {passed.Count + failed.Count} run, {passed.Count} passed, {failed.Count} failed, of which "
            + $"{excused.Count} for a known reason; {leftOut.Count} left out");
        foreach (var reason in leftOut.GroupBy(one => one.End.Reason).OrderByDescending(group => group.Count()))
        {
            Console.WriteLine($"  {reason.Count(),4} {reason.Key}");
        }

        foreach ((string name, Outcome end) in failed)
        {
            Console.WriteLine($"  {name}: {KnownCases.Excused.GetValueOrDefault(name, "FAILED")}: {end.Reason}");
        }

        Assert.Empty(failed.Except(excused).Select(one => $"{one.Name}: {one.End.Reason}"));
        Assert.Empty(passed.Select(one => one.Name).Intersect(KnownCases.Excused.Keys));
        Assert.True(passed.Count >= LeastPassed, $"Only {passed.Count} of {cases.Count} cases passed.");
    }
}
