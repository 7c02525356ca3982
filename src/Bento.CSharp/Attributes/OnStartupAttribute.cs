using System.Runtime.CompilerServices;

namespace Bento.CSharp;

/// <summary>
/// Marks a method without parameters that runs in each worker when it is made, before it is ready. It returns nothing or a <see cref="Task"/>.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OnStartupAttribute : PlacedAttribute
{
    /// <summary>Initializes a new instance of the <see cref="OnStartupAttribute"/> class.</summary>
    /// <param name="line">Filled in by the compiler, for messages.</param>
    public OnStartupAttribute([CallerLineNumber] int line = 0)
        : base(line)
    {
    }
}
