using System.Runtime.CompilerServices;

namespace Bento.CSharp;

/// <summary>A model of the model store, as in <c>[Model("iris:latest")]</c>; its folder is in <see cref="Setup.Models"/>.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public sealed class ModelAttribute : PlacedAttribute
{
    /// <summary>Initializes a new instance of the <see cref="ModelAttribute"/> class.</summary>
    /// <param name="tag">The model's name and version.</param>
    /// <param name="line">Filled in by the compiler, for messages.</param>
    public ModelAttribute(string tag, [CallerLineNumber] int line = 0)
        : base(line) => Tag = tag;

    /// <summary>Gets the model's name and version.</summary>
    public string Tag { get; }
}
