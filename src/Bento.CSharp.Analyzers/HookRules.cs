using Microsoft.CodeAnalysis;

namespace Bento.CSharp.Analyzers;

/// <summary>The methods that run at the turns of a service's life.</summary>
internal static class HookRules
{
    public static void Check(BentoTypes types, IMethodSymbol method, Findings findings, CancellationToken cancellation)
    {
        var placed = types.Hooks
            .Concat(new[] { types.Api, types.Init }.OfType<INamedTypeSymbol>())
            .Select(type => (Word: Word(type), Given: GivenAttribute.On(method, type, cancellation)))
            .Where(one => one.Given is not null)
            .ToArray();

        if (placed.Length > 1)
        {
            var inOrder = placed.OrderBy(one => one.Given!.Location.SourceSpan.Start).ToArray();
            var words = string.Join(" and ", inOrder.Select(one => $"[{one.Word}]"));
            findings.Add(Rules.Hooks, inOrder[0].Given!.Location, Names.Of(method), $"is {words}; keep one of them");
        }

        foreach (var hook in types.Hooks)
        {
            if (GivenAttribute.On(method, hook, cancellation) is { } given)
            {
                CheckOne(types, method, Word(hook), given, findings);
            }
        }
    }

    private static string Word(INamedTypeSymbol attribute) =>
        attribute.Name.Substring(0, attribute.Name.Length - nameof(Attribute).Length);

    private static void CheckOne(BentoTypes types, IMethodSymbol method, string word, GivenAttribute given, Findings findings)
    {
        void Add(string mistake) => findings.Add(Rules.Hooks, given.Location, Names.Of(method), mistake);

        var isFit = true;

        foreach (var mistake in ShapeMistakes(types, method, word))
        {
            isFit = false;
            Add($"is [{word}] and {mistake}");
        }

        if (word == "OnDeployment" && isFit && !method.IsStatic)
        {
            Add("is [OnDeployment], which runs before there is an instance; make it static");
        }
    }

    private static IEnumerable<string> ShapeMistakes(BentoTypes types, IMethodSymbol method, string word)
    {
        if (method.Parameters.Length > 0)
        {
            yield return "takes parameters, which nobody gives it; take them away";
        }

        if (method.IsGenericMethod)
        {
            yield return "is generic, and nobody gives it a type; take the type parameters away";
        }

        var asks = word is "OnReady" or "OnAlive";

        if (!(asks ? IsQuestion(types, method.ReturnType) : IsStep(types, method.ReturnType)))
        {
            var wanted = asks ? "bool or Task<bool>" : "void or Task";
            yield return $"returns {Names.Show(method.ReturnType)}; return {wanted}";
        }

        if (method is { IsAsync: true, ReturnsVoid: true })
        {
            yield return "is async void, which nobody can wait for; return Task";
        }
    }

    private static bool IsQuestion(BentoTypes types, ITypeSymbol returned) =>
        returned.SpecialType == SpecialType.System_Boolean
        || (returned is INamedTypeSymbol { TypeArguments: [{ SpecialType: SpecialType.System_Boolean }] } task
            && BentoTypes.IsOf(task, types.TaskOf));

    private static bool IsStep(BentoTypes types, ITypeSymbol returned) =>
        returned.SpecialType == SpecialType.System_Void
        || BentoTypes.Same(returned, types.Task)
        || BentoTypes.IsOf(returned, types.TaskOf);
}
