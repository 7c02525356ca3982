namespace Bento.CSharp;

/// <summary>An attribute that knows the line it stands on, so that a message can lead there.</summary>
public abstract class PlacedAttribute : Attribute
{
    private protected PlacedAttribute(int line) => Line = line;

    internal int Line { get; }
}
