using Microsoft.CodeAnalysis;

namespace Bento.CSharp.Analyzers;

/// <summary>How a method gives its answer.</summary>
internal enum AnswerKind
{
    Plain,
    Task,
    Items,
}

/// <summary>What a method returns: how, and the type that travels; or the rule that it breaks, and how.</summary>
internal sealed class Returned
{
    private Returned(AnswerKind kind, ITypeSymbol type, string? mistake = null, DiagnosticDescriptor? rule = null)
    {
        Kind = kind;
        Type = type;
        Mistake = mistake;
        Rule = rule ?? Rules.ReturnsAnswer;
    }

    public AnswerKind Kind { get; }

    public ITypeSymbol Type { get; }

    public string? Mistake { get; }

    public DiagnosticDescriptor Rule { get; }

    public static Returned Of(BentoTypes types, IMethodSymbol method)
    {
        var type = method.ReturnType;

        Returned Wrong(string mistake, DiagnosticDescriptor? rule = null) => new(AnswerKind.Plain, type, mistake, rule);

        if (method.ReturnsVoid || BentoTypes.Same(type, types.Task))
        {
            return Wrong($"returns {(method.ReturnsVoid ? "nothing" : "a Task of nothing")}, and a caller wants an answer; return data, Task<T> or IAsyncEnumerable<T>");
        }

        if (BentoTypes.Same(type, types.ValueTask) || BentoTypes.IsOf(type, types.ValueTaskOf))
        {
            return Wrong($"returns {Names.Show(type)}; return Task<T>, which .AsTask() makes of it", Rules.NoValueTask);
        }

        var inner = type is INamedTypeSymbol { TypeArguments: [var argument] } ? argument : type;

        if (BentoTypes.IsOf(type, types.TaskOf))
        {
            return BentoTypes.IsOf(inner, types.Items)
                ? Wrong($"returns {Names.Show(type)}; return {Names.Show(inner)} itself, whose first item may wait")
                : new(AnswerKind.Task, inner, StackMistake(inner, method), Rules.CanTravel);
        }

        return BentoTypes.IsOf(type, types.Items)
            ? new(AnswerKind.Items, inner)
            : new(AnswerKind.Plain, type, StackMistake(type, method), Rules.CanTravel);
    }

    private static string? StackMistake(ITypeSymbol type, IMethodSymbol method) =>
        method.ReturnsByRef || method.ReturnsByRefReadonly || type.IsRefLikeType || type.TypeKind == TypeKind.Pointer
            ? $"returns {Names.Show(type)}{(method.ReturnsByRef || method.ReturnsByRefReadonly ? "&" : "")}, which lives on the stack and cannot travel; return an array or a list"
            : type.SpecialType == SpecialType.System_Object || type.TypeKind == TypeKind.Dynamic
                ? "returns object, of which nobody knows the fields; return a type that has some"
                : null;
}
