using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Bento.CSharp.Analyzers;

/// <summary>An attribute where it stands, and what was written in it.</summary>
internal sealed class GivenAttribute
{
    private readonly AttributeData _data;
    private readonly AttributeSyntax? _syntax;

    private GivenAttribute(AttributeData data, Location fallback, CancellationToken cancellation)
    {
        _data = data;
        _syntax = data.ApplicationSyntaxReference?.GetSyntax(cancellation) as AttributeSyntax;
        Location = _syntax?.GetLocation() ?? fallback;
    }

    public Location Location { get; }

    /// <summary>Gets the first argument, where it is a text.</summary>
    public string? Name => _data.ConstructorArguments is [{ Value: string name }, ..] ? name : null;

    /// <summary>Gets where the name stands.</summary>
    public Location NameLocation =>
        _syntax?.ArgumentList?.Arguments.FirstOrDefault(argument => argument.NameEquals is null)?.GetLocation() ?? Location;

    /// <summary>The attribute of this type on a method or one that it overrides, or on a class.</summary>
    public static GivenAttribute? On(ISymbol symbol, INamedTypeSymbol? type, CancellationToken cancellation)
    {
        for (ISymbol? current = symbol; current is not null; current = (current as IMethodSymbol)?.OverriddenMethod)
        {
            foreach (var data in current.GetAttributes())
            {
                if (BentoTypes.Same(data.AttributeClass, type))
                {
                    return new GivenAttribute(data, PlaceOf(symbol), cancellation);
                }
            }
        }

        return null;
    }

    /// <summary>Where a symbol stands in this compilation's sources.</summary>
    public static Location PlaceOf(ISymbol symbol) =>
        symbol.Locations.FirstOrDefault(location => location.IsInSource) ?? Location.None;

    /// <summary>What a property was set to, and where; nothing where it was not.</summary>
    public (object? Value, Location Location)? Find(string property)
    {
        foreach (var argument in _data.NamedArguments)
        {
            if (argument.Key == property && argument.Value.Kind != TypedConstantKind.Error)
            {
                var value = argument.Value.Kind == TypedConstantKind.Array ? argument.Value.Values : argument.Value.Value;
                return (value, LocationOf(property));
            }
        }

        return null;
    }

    public bool Has(string property) => Find(property) is not null;

    public bool IsSet(string property) => Find(property) is { Value: true };

    /// <summary>Gets a value indicating whether [Api] says that requests are answered together.</summary>
    public bool IsBatched => IsSet("Batched") || AreRowsSeveral;

    /// <summary>Gets a value indicating whether [Api] says that each of them brings an array of rows.</summary>
    public bool AreRowsSeveral => IsSet("BatchedRows");

    private Location LocationOf(string property) =>
        _syntax?.ArgumentList?.Arguments
            .FirstOrDefault(argument => argument.NameEquals?.Name.Identifier.ValueText == property)
            ?.GetLocation()
        ?? Location;
}
