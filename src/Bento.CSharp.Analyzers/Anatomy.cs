using Microsoft.CodeAnalysis;

namespace Bento.CSharp.Analyzers;

/// <summary>What a class or struct is made of: the parameters of its constructor, and what is set afterwards.</summary>
internal sealed class Anatomy
{
    public Anatomy(INamedTypeSymbol type)
    {
        var constructors = type.InstanceConstructors
            .Where(one => one.DeclaredAccessibility == Accessibility.Public && !(type.IsValueType && one.IsImplicitlyDeclared && one.Parameters.IsEmpty))
            .ToArray();

        if (constructors.Length != 1 && !(constructors.Length == 0 && type.IsValueType))
        {
            Mistake = $"has {constructors.Length} public constructors; one would say how it is made";
            return;
        }

        var properties = Readable(type);
        var taken = new List<IPropertySymbol>();

        foreach (var parameter in constructors.SelectMany(one => one.Parameters))
        {
            var property = properties.FirstOrDefault(one =>
                one.Name.Equals(parameter.Name, StringComparison.OrdinalIgnoreCase) && BentoTypes.Same(one.Type, parameter.Type));

            if (property is null)
            {
                Mistake = $"has a constructor with \"{parameter.Name}\", and no property of that name and type to write it from; add one";
                return;
            }

            taken.Add(property);
        }

        Fields =
        [
            .. taken,
            .. properties.Where(property =>
                property.SetMethod?.DeclaredAccessibility == Accessibility.Public
                && !taken.Any(one => one.Name == property.Name)),
        ];

        if (Fields.Count == 0)
        {
            Mistake = "has no property that could travel; give it some, or take another type";
        }
    }

    /// <summary>Gets the properties that travel.</summary>
    public IReadOnlyList<IPropertySymbol> Fields { get; } = [];

    /// <summary>Gets what keeps the type from being read and written, if anything does.</summary>
    public string? Mistake { get; }

    /// <summary>Public properties, those that are inherited too, the latest of a name first.</summary>
    private static List<IPropertySymbol> Readable(INamedTypeSymbol type)
    {
        var found = new List<IPropertySymbol>();

        for (INamedTypeSymbol? current = type; current is not null; current = current.BaseType)
        {
            foreach (var property in current.GetMembers().OfType<IPropertySymbol>())
            {
                if (property is { IsStatic: false, IsIndexer: false, GetMethod.DeclaredAccessibility: Accessibility.Public }
                    && !found.Any(one => one.Name == property.Name))
                {
                    found.Add(property);
                }
            }
        }

        return found;
    }
}
