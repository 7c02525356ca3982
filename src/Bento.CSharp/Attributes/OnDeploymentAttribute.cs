using System.Runtime.CompilerServices;

namespace Bento.CSharp;

/// <summary>
/// Marks a static method without parameters that runs once, before any worker starts. It returns nothing or a <see cref="Task"/>.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OnDeploymentAttribute : PlacedAttribute
{
    /// <summary>Initializes a new instance of the <see cref="OnDeploymentAttribute"/> class.</summary>
    /// <param name="line">Filled in by the compiler, for messages.</param>
    public OnDeploymentAttribute([CallerLineNumber] int line = 0)
        : base(line)
    {
    }
}
