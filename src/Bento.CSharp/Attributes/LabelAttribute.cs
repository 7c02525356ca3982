using System.Runtime.CompilerServices;

namespace Bento.CSharp;

/// <summary>Words about the service for other tools, as in <c>[Label("team", "search")]</c>.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public sealed class LabelAttribute : PlacedAttribute
{
    /// <summary>Initializes a new instance of the <see cref="LabelAttribute"/> class.</summary>
    /// <param name="key">What the word is about.</param>
    /// <param name="value">The word.</param>
    /// <param name="line">Filled in by the compiler, for messages.</param>
    public LabelAttribute(string key, string value, [CallerLineNumber] int line = 0)
        : base(line)
    {
        Key = key;
        Value = value;
    }

    /// <summary>Gets what the word is about.</summary>
    public string Key { get; }

    /// <summary>Gets the word.</summary>
    public string Value { get; }
}
