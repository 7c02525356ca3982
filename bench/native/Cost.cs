namespace Bento.Bench.Native;

/// <summary>What one call cost on average.</summary>
/// <param name="Nanoseconds">Time on a processor.</param>
/// <param name="Bytes">Memory allocated on the managed heap.</param>
public readonly record struct Cost(double Nanoseconds, double Bytes);
