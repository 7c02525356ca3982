using System.Runtime.CompilerServices;

namespace Bento.CSharp;

/// <summary>Services without a class: the builder's beginning.</summary>
public static class Service
{
    /// <summary>Begins a service whose endpoints are lambdas, as in <c>Service.Create("hello").Api("greet", (string name) => …)</c>.</summary>
    /// <param name="name">The service's name.</param>
    /// <param name="file">Filled in by the compiler, for messages.</param>
    /// <param name="line">Filled in by the compiler, for messages.</param>
    /// <returns>A builder of a service whose workers have no state.</returns>
    public static ServiceBuilder<NoState> Create(
        string name, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        new(name, file, line, static _ => Task.FromResult(default(NoState)));

    /// <summary>Begins a service whose workers have a state, which handlers take as a parameter of its type.</summary>
    /// <typeparam name="TState">What each worker has, such as a loaded model.</typeparam>
    /// <param name="name">The service's name.</param>
    /// <param name="init">Makes the state of one worker; what can be disposed is, when the worker stops.</param>
    /// <param name="file">Filled in by the compiler, for messages.</param>
    /// <param name="line">Filled in by the compiler, for messages.</param>
    /// <returns>A builder.</returns>
    public static ServiceBuilder<TState> Create<TState>(
        string name, Func<Setup, Task<TState>> init, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        ArgumentNullException.ThrowIfNull(init);
        return new(name, file, line, init);
    }
}
