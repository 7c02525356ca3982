using System.Runtime.CompilerServices;

namespace Bento.CSharp;

/// <summary>
/// Marks a static method that makes the instance of a worker in the place of the constructor: it takes what that may take, and returns the class or a task of it.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class InitAttribute : PlacedAttribute
{
    /// <summary>Initializes a new instance of the <see cref="InitAttribute"/> class.</summary>
    /// <param name="line">Filled in by the compiler, for messages.</param>
    public InitAttribute([CallerLineNumber] int line = 0)
        : base(line)
    {
    }
}
