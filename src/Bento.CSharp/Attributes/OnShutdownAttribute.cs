using System.Runtime.CompilerServices;

namespace Bento.CSharp;

/// <summary>
/// Marks a method without parameters that runs in each worker when it stops. It returns nothing or a <see cref="Task"/>; disposal needs no attribute.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OnShutdownAttribute : PlacedAttribute
{
    /// <summary>Initializes a new instance of the <see cref="OnShutdownAttribute"/> class.</summary>
    /// <param name="line">Filled in by the compiler, for messages.</param>
    public OnShutdownAttribute([CallerLineNumber] int line = 0)
        : base(line)
    {
    }
}
