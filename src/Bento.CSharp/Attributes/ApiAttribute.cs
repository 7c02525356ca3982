using System.Runtime.CompilerServices;

namespace Bento.CSharp;

/// <summary>
/// Marks a public method as an endpoint. One that returns <see cref="IAsyncEnumerable{T}"/> is a stream, and a socket when
/// it also takes one.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ApiAttribute : PlacedAttribute
{
    /// <summary>Initializes a new instance of the <see cref="ApiAttribute"/> class.</summary>
    /// <param name="name">The endpoint's name, or <see langword="null"/> for that of the method in snake_case, without "Async".</param>
    /// <param name="line">Filled in by the compiler, for messages.</param>
    public ApiAttribute(string? name = null, [CallerLineNumber] int line = 0)
        : base(line) => Name = name;

    /// <summary>Gets the endpoint's name, or <see langword="null"/> where the name of the method gives it.</summary>
    public string? Name { get; }

    /// <summary>Gets or sets the path, as in <c>"/v1/summarize"</c>; without it, a slash and the name.</summary>
    public string? Route { get; set; }

    /// <summary>Gets or sets how many seconds a request to this endpoint may take, in place of the service's.</summary>
    public double TimeoutSeconds
    {
        get => TimeoutOrNull ?? 0;
        set => TimeoutOrNull = value;
    }

    /// <summary>Gets or sets the largest body of a request to this endpoint, as in <c>"1MiB"</c>, in place of the service's.</summary>
    public string? BodyLimit { get; set; }

    /// <summary>Gets or sets a value indicating whether the call is submitted now and its result fetched later.</summary>
    public bool Job { get; set; }

    /// <summary>
    /// Gets or sets a value indicating whether requests are answered together: the method takes an array, of which each
    /// request brings one element, and returns an array of their answers in the same order.
    /// </summary>
    public bool Batched { get; set; }

    /// <summary>
    /// Gets or sets a value indicating whether requests are answered together, each of which brings an array of rows: the
    /// method takes an array of the rows of all, and returns an array of their answers in the same order.
    /// </summary>
    public bool BatchedRows { get; set; }

    /// <summary>Gets or sets the most rows of one batch.</summary>
    /// <value>The default is 64.</value>
    public int MaxBatch
    {
        get => MaxBatchOrNull ?? Defaults.maxBatch;
        set => MaxBatchOrNull = value;
    }

    /// <summary>Gets or sets how many milliseconds the first row of a batch may wait for company while a batch could run.</summary>
    /// <value>The default is 0.</value>
    public double MaxDelayMilliseconds
    {
        get => MaxDelayOrNull ?? 0;
        set => MaxDelayOrNull = value;
    }

    /// <summary>Gets or sets the most batches that run at once on one worker.</summary>
    /// <value>The default is one for each thread.</value>
    public int InFlight
    {
        get => InFlightOrNull ?? 0;
        set => InFlightOrNull = value;
    }

    /// <summary>Gets or sets a value indicating whether a batch that raises is halved until the guilty rows are found.</summary>
    /// <value>The default is <see langword="true"/>.</value>
    public bool Retry
    {
        get => RetryOrNull ?? Defaults.retry;
        set => RetryOrNull = value;
    }

    /// <summary>
    /// Gets or sets the name of a static field, property or method without parameters that gives an input, or a sequence of
    /// them, with which the method is called in each worker before the service is ready. An input is a value of the method's
    /// only parameter, of a batched method a row, or a tuple of several parameters.
    /// </summary>
    public string? Warmup { get; set; }

    internal bool IsBatched => Batched || BatchedRows;

    internal double? TimeoutOrNull { get; private set; }

    internal int? MaxBatchOrNull { get; private set; }

    internal double? MaxDelayOrNull { get; private set; }

    internal int? InFlightOrNull { get; private set; }

    internal bool? RetryOrNull { get; private set; }
}
