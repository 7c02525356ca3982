namespace Bento.OnnxRuntime;

/// <summary>The time in which a token is the ambient one, see <see cref="AmbientCancellation.Enter"/>.</summary>
public readonly record struct AmbientScope : IDisposable
{
    private readonly object? _outer;

    internal AmbientScope(object? outer) => _outer = outer;

    /// <summary>Gives the token back that there was before.</summary>
    public void Dispose() => AmbientCancellation.Set(_outer);
}
