using System.Runtime.CompilerServices;

namespace Bento.CSharp;

/// <summary>
/// Marks a method without parameters that <c>/readyz</c> asks of each worker: while it says false, the service is not ready. It returns <see cref="bool"/> or a task of it.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OnReadyAttribute : PlacedAttribute
{
    /// <summary>Initializes a new instance of the <see cref="OnReadyAttribute"/> class.</summary>
    /// <param name="line">Filled in by the compiler, for messages.</param>
    public OnReadyAttribute([CallerLineNumber] int line = 0)
        : base(line)
    {
    }
}
