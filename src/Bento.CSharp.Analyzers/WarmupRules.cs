using Microsoft.CodeAnalysis;

namespace Bento.CSharp.Analyzers;

/// <summary>What a method may be warmed with: what a static member of the class gives.</summary>
internal sealed class WarmupRules(INamedTypeSymbol service, Findings findings)
{
    public void Check(IMethodSymbol method, GivenAttribute api, IParameterSymbol[] inputs, Returned returned)
    {
        if (api.Find("Warmup") is { Value: string member } given && Mistake(api, inputs, returned, member) is { } mistake)
        {
            findings.Add(Rules.Warmup, given.Location, Names.Of(method), $"has Warmup{mistake}");
        }
    }

    private string? Mistake(GivenAttribute api, IParameterSymbol[] inputs, Returned returned, string member)
    {
        if (api.IsSet("Job") || returned.Kind == AnswerKind.Items)
        {
            return ", and does not answer at once; call it in a hook of the start";
        }

        if (inputs.Length == 0)
        {
            return ", and takes nothing to warm it with; call it in a hook of the start";
        }

        var parts = inputs.Select(input => PartOf(input, api)).ToArray();
        var wanted = parts is [var only] ? Names.Show(only) : $"({string.Join(", ", parts.Select(Names.Show))})";

        if (Given(member) is not { } given)
        {
            return $" \"{member}\", which is no static field, property or method without parameters of {service.Name}; write one that gives {wanted}, or several";
        }

        return Fits(parts, given) || Sequences(given).Any(item => Fits(parts, item))
            ? null
            : $" \"{member}\", which gives {Names.Show(given)}; wanted {wanted}, or a sequence of such";
    }

    /// <summary>What a request brings for a parameter.</summary>
    private static ITypeSymbol PartOf(IParameterSymbol input, GivenAttribute api) =>
        input.Type is IArrayTypeSymbol rows && api.IsBatched && !api.AreRowsSeveral ? rows.ElementType : input.Type;

    private static bool Fits(ITypeSymbol[] parts, ITypeSymbol given) =>
        parts is [var only]
            ? BentoTypes.Same(only, given)
            : given is INamedTypeSymbol { IsTupleType: true } tuple
                && tuple.TupleElements.Length == parts.Length
                && tuple.TupleElements.Zip(parts, (element, part) => BentoTypes.Same(element.Type, part)).All(isSame => isSame);

    private static IEnumerable<ITypeSymbol> Sequences(ITypeSymbol given) =>
        given.AllInterfaces
            .Concat(given is INamedTypeSymbol itself ? [itself] : [])
            .Where(type => type.OriginalDefinition.SpecialType == SpecialType.System_Collections_Generic_IEnumerable_T)
            .Select(type => type.TypeArguments[0]);

    /// <summary>What a static member gives, the class's own or one that it inherits.</summary>
    private ITypeSymbol? Given(string member)
    {
        var found = new List<ISymbol>();

        for (var current = service; current is not null; current = current.BaseType)
        {
            var isOwn = BentoTypes.Same(current, service);
            found.AddRange(current.GetMembers(member).Where(one => one.IsStatic && (isOwn || one.DeclaredAccessibility != Accessibility.Private)));
        }

        return found.Select(one => one switch
        {
            IFieldSymbol field => field.Type,
            IPropertySymbol { GetMethod: not null } property => property.Type,
            IMethodSymbol { MethodKind: MethodKind.Ordinary, IsGenericMethod: false, Parameters.Length: 0 } method => method.ReturnType,
            _ => null,
        }).FirstOrDefault(type => type is not null);
    }
}
