using System.Runtime.CompilerServices;

namespace Bento.CSharp;

/// <summary>What a service takes of its callers.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class TrafficAttribute : PlacedAttribute
{
    /// <summary>Initializes a new instance of the <see cref="TrafficAttribute"/> class.</summary>
    /// <param name="line">Filled in by the compiler, for messages.</param>
    public TrafficAttribute([CallerLineNumber] int line = 0)
        : base(line)
    {
    }

    /// <summary>Gets or sets how many seconds a request may take from its arrival on; of a stream, until its first item.</summary>
    /// <value>The default is 60.</value>
    public double TimeoutSeconds
    {
        get => TimeoutOrNull ?? Defaults.timeout.TotalSeconds;
        set => TimeoutOrNull = value;
    }

    /// <summary>Gets or sets how many requests are admitted and have not ended.</summary>
    /// <value>The default is 1,000.</value>
    public int Concurrency
    {
        get => ConcurrencyOrNull ?? Defaults.concurrency;
        set => ConcurrencyOrNull = value;
    }

    /// <summary>Gets or sets how many requests wait for admission before others are told to come back later.</summary>
    /// <value>The default is 0.</value>
    public int Queue
    {
        get => QueueOrNull ?? Defaults.queue;
        set => QueueOrNull = value;
    }

    /// <summary>Gets or sets how many seconds may pass between two items of a stream or messages of a socket.</summary>
    /// <value>The default is 60.</value>
    public double IdleSeconds
    {
        get => IdleOrNull ?? Defaults.idle.TotalSeconds;
        set => IdleOrNull = value;
    }

    /// <summary>Gets or sets after how many seconds of silence a comment is sent in a stream of events.</summary>
    /// <value>The default is 15.</value>
    public double HeartbeatSeconds
    {
        get => HeartbeatOrNull ?? Defaults.heartbeat.TotalSeconds;
        set => HeartbeatOrNull = value;
    }

    /// <summary>Gets or sets the largest body of a request, as in <c>"64MiB"</c>, which is the default.</summary>
    public string? BodyLimit { get; set; }

    internal double? TimeoutOrNull { get; private set; }

    internal int? ConcurrencyOrNull { get; private set; }

    internal int? QueueOrNull { get; private set; }

    internal double? IdleOrNull { get; private set; }

    internal double? HeartbeatOrNull { get; private set; }
}
