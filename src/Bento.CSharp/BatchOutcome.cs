namespace Bento.CSharp;

/// <summary>
/// The answer to one row of a batch, or its own failure, which only its caller is told. Both convert to it, so that a
/// method returns <c>BatchOutcome&lt;T&gt;[]</c> and fills it with answers and exceptions.
/// </summary>
/// <typeparam name="T">The type of an answer.</typeparam>
public readonly struct BatchOutcome<T> : IEquatable<BatchOutcome<T>>
{
    private readonly T _answer;
    private readonly BentoException? _failure;

    private BatchOutcome(T answer, BentoException? failure)
    {
        _answer = answer;
        _failure = failure;
    }

    /// <summary>Gets the row's answer.</summary>
    /// <exception cref="BentoException">The row has failed: it is <see cref="Failure"/>.</exception>
    public T Answer => _failure is null ? _answer : throw _failure;

    /// <summary>Gets why there is no answer, or <see langword="null"/> where there is one.</summary>
    public BentoException? Failure => _failure;

    /// <summary>The answer to a row.</summary>
    /// <param name="answer">The answer.</param>
    public static implicit operator BatchOutcome<T>(T answer) => new(answer, null);

    /// <summary>The failure of a row: its status and message are sent as they are.</summary>
    /// <param name="failure">The failure.</param>
    public static implicit operator BatchOutcome<T>(BentoException failure) => FromFailure(failure);

    /// <summary>Compares two outcomes.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator ==(BatchOutcome<T> left, BatchOutcome<T> right) => left.Equals(right);

    /// <summary>Compares two outcomes.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator !=(BatchOutcome<T> left, BatchOutcome<T> right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(BatchOutcome<T> other) =>
        EqualityComparer<T>.Default.Equals(_answer, other._answer) && ReferenceEquals(_failure, other._failure);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is BatchOutcome<T> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_answer, _failure);

    internal static BatchOutcome<T> FromFailure(BentoException failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return new(default!, failure);
    }
}
