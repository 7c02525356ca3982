namespace Bento.OnnxRuntime;

/// <summary>
/// A token for whatever runs below the caller, on any thread that its asynchronous flow reaches: a run stops on it as
/// on its own argument. A server sets it to that of a request, so that code which passes no token stops all the same.
/// </summary>
public static class AmbientCancellation
{
    // A token in its box, or null: only with null does leaving the outermost scope leave nothing behind in the flow.
    private static readonly AsyncLocal<object?> _current = new();

    /// <summary>The token of the innermost scope; one that is never cancelled outside of any.</summary>
    public static CancellationToken Current => _current.Value is CancellationToken token ? token : default;

    /// <summary>Sets the token until the scope is disposed of, which the same flow has to do.</summary>
    /// <param name="cancellation">The token, which takes the place of the one there was.</param>
    public static AmbientScope Enter(CancellationToken cancellation)
    {
        var scope = new AmbientScope(_current.Value);
        Set(cancellation.CanBeCanceled ? cancellation : null);
        return scope;
    }

    internal static void Set(object? boxed) => _current.Value = boxed;
}
