using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace Bento.CSharp.Analyzers;

/// <summary>How the instance of a worker is made.</summary>
internal sealed class StateRules(BentoTypes types, INamedTypeSymbol type, Findings findings)
{
    public void Check(GivenAttribute service, IReadOnlyList<IMethodSymbol> methods, CancellationToken cancellation)
    {
        CheckClass(service);

        var inits = methods
            .Select(method => (Method: method, Given: GivenAttribute.On(method, types.Init, cancellation)))
            .Where(init => init.Given is not null)
            .ToArray();

        foreach (var (method, given) in inits)
        {
            CheckInit(method, given!, isOnlyOne: inits.Length == 1);
        }

        if (inits.Length == 0 && !type.IsAbstract && !type.IsStatic)
        {
            CheckConstructor(service);
        }
    }

    private void CheckClass(GivenAttribute service)
    {
        if (type.IsStatic)
        {
            findings.Add(Rules.CanBeMade, service.Location, type.Name, "is static, so that there is no instance of it; mark a class that can be made");
        }
        else if (type.IsAbstract)
        {
            findings.Add(Rules.CanBeMade, service.Location, type.Name, "is abstract, so that there is no instance of it; mark a class that can be made");
        }

        for (INamedTypeSymbol? current = type; current is not null; current = current.ContainingType)
        {
            if (current.TypeParameters.Length > 0)
            {
                findings.Add(Rules.CanBeMade, service.Location, type.Name, "is generic, and nobody gives it a type; mark a class without type parameters");
                return;
            }
        }
    }

    private void CheckInit(IMethodSymbol init, GivenAttribute given, bool isOnlyOne)
    {
        void Add(string mistake) => findings.Add(Rules.Init, given.Location, Names.Of(init), mistake);

        if (!isOnlyOne)
        {
            Add("is [Init], as another method is; keep one of them");
        }

        if (!init.IsStatic)
        {
            Add("is [Init], which makes the instance; make it static");
        }

        if (init.IsGenericMethod)
        {
            Add("is [Init] and generic, and nobody gives it a type; take the type parameters away");
        }

        var isTaskOfIt = init.ReturnType is INamedTypeSymbol { TypeArguments: [var inner] } task
            && BentoTypes.IsOf(task, types.TaskOf)
            && BentoTypes.Same(inner, type);

        if (!BentoTypes.Same(init.ReturnType, type) && !isTaskOfIt)
        {
            Add($"is [Init] and returns {Names.Show(init.ReturnType)}; return {type.Name} or a Task of it");
        }

        CheckFilled(Names.Of(init), init.Parameters, given.Location);
    }

    private void CheckConstructor(GivenAttribute service)
    {
        var constructors = type.InstanceConstructors
            .Where(constructor => constructor.DeclaredAccessibility == Accessibility.Public)
            .ToArray();

        if (constructors is [var constructor])
        {
            CheckFilled(type.Name, constructor.Parameters, service.Location);
            return;
        }

        findings.Add(
            Rules.CanBeMade,
            service.Location,
            type.Name,
            $"has {constructors.Length} public constructors; keep one, or mark a static method [Init] that makes the instance");
    }

    private void CheckFilled(string part, ImmutableArray<IParameterSymbol> parameters, Location fallback)
    {
        foreach (var parameter in parameters.Where(IsNobodys))
        {
            var location = GivenAttribute.PlaceOf(parameter) is { IsInSource: true } place ? place : fallback;
            findings.Add(
                Rules.IsFilledIn,
                location,
                part,
                $"takes `{parameter.Name}`, a {Names.Show(parameter.Type)}, which nobody fills in; take Setup, ILogger<{type.Name}>, a CancellationToken, or something of the application's services, or give it a default");
        }
    }

    /// <summary>What no container holds.</summary>
    private bool IsNobodys(IParameterSymbol parameter) =>
        !parameter.HasExplicitDefaultValue
        && !BentoTypes.Same(parameter.Type, types.CancellationToken)
        && parameter.Type.TypeKind != TypeKind.Error
        && (parameter.Type.IsValueType
            || parameter.RefKind != RefKind.None
            || parameter.Type.TypeKind is TypeKind.Array or TypeKind.Pointer
            || parameter.Type.SpecialType is SpecialType.System_String or SpecialType.System_Object);
}
