using System.Runtime.CompilerServices;

namespace Bento.CSharp;

/// <summary>
/// Marks a method without parameters that <c>/livez</c> asks of each worker: where it says false, the process is to be started anew. It returns <see cref="bool"/> or a task of it.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OnAliveAttribute : PlacedAttribute
{
    /// <summary>Initializes a new instance of the <see cref="OnAliveAttribute"/> class.</summary>
    /// <param name="line">Filled in by the compiler, for messages.</param>
    public OnAliveAttribute([CallerLineNumber] int line = 0)
        : base(line)
    {
    }
}
