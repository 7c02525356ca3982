namespace Bento.Bench.Native;

/// <summary>What one call cost on average.</summary>
/// <param name="Nanoseconds">Time on a processor.</param>
/// <param name="Bytes">Memory allocated on the managed heap.</param>
public readonly record struct Cost(double Nanoseconds, double Bytes)
{
    /// <summary>The cost of each of so many calls, all of which <paramref name="work"/> makes on this thread.</summary>
    internal static Cost Measure(int calls, Action work)
    {
        long bytes = GC.GetAllocatedBytesForCurrentThread();
        double start = ThreadClock.Nanoseconds;
        work();
        double end = ThreadClock.Nanoseconds;
        return new Cost((end - start) / calls, (double)(GC.GetAllocatedBytesForCurrentThread() - bytes) / calls);
    }
}
