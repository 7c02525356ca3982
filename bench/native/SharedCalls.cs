using Bento.OnnxRuntime;
using Bento.OnnxRuntime.Tests.Models;

namespace Bento.Bench.Native;

/// <summary>One session, called from several threads at once, each with values of its own.</summary>
public sealed class SharedCalls : IDisposable
{
    private readonly InferenceSession _session;
    private readonly int _features;
    private readonly int _classes;

    private SharedCalls(InferenceSession session, int features, int classes)
    {
        _session = session;
        _features = features;
        _classes = classes;
    }

    /// <summary>An MLP 4-64-64-3, a run of which is little more than the call.</summary>
    public static SharedCalls OfMlp() => new(InferenceSession.Load(TestModels.Mlp()), 4, 3);

    /// <summary>A model in a file, of one input and one output, each a row of floats.</summary>
    public static SharedCalls OfFile(string path, int features, int classes) =>
        new(InferenceSession.Load(path), features, classes);

    /// <summary>The cost of a call where so many threads make them.</summary>
    public Cost Run(int threads, int calls)
    {
        var costs = new Cost[threads];
        using var start = new Barrier(threads);
        Thread[] callers = [.. Enumerable.Range(0, threads).Select(i => new Thread(() =>
        {
            float[] features = [.. Enumerable.Range(0, _features).Select(feature => feature * 0.37f % 2)];
            using var input = OrtValue.Over(features, 1, _features);
            using var output = OrtValue.Over(new float[_classes], 1, _classes);
            _session.RunInto([input], [output]);
            start.SignalAndWait();
            costs[i] = Cost.Measure(calls, () =>
            {
                for (int call = 0; call < calls; call++)
                {
                    _session.RunInto([input], [output]);
                }
            });
        }))];
        Array.ForEach(callers, caller => caller.Start());
        Array.ForEach(callers, caller => caller.Join());
        return new Cost(costs.Average(cost => cost.Nanoseconds), costs.Average(cost => cost.Bytes));
    }

    /// <summary>Gives the session back.</summary>
    public void Dispose() => _session.Dispose();
}
