using Microsoft.CodeAnalysis;

namespace Bento.CSharp.Analyzers;

/// <summary>The methods of a class, as a host finds them.</summary>
internal static class Methods
{
    /// <summary>A class's own methods and those that it inherits, each as it was overridden last.</summary>
    public static IReadOnlyList<IMethodSymbol> Of(INamedTypeSymbol type)
    {
        var found = new List<IMethodSymbol>();
        var overridden = new HashSet<IMethodSymbol>(SymbolEqualityComparer.Default);

        for (var current = type; current is not null; current = current.BaseType)
        {
            foreach (var method in current.GetMembers().OfType<IMethodSymbol>())
            {
                var isHidden = method.DeclaredAccessibility == Accessibility.Private && !BentoTypes.Same(current, type);

                if (method.MethodKind == MethodKind.Ordinary && !isHidden && !overridden.Contains(method))
                {
                    found.Add(method);
                }

                if (method.OverriddenMethod is { } original)
                {
                    overridden.Add(original);
                }
            }
        }

        return found;
    }
}
