using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Bento.CSharp.Analyzers;

/// <summary>
/// How an expression reaches a value that is there already: a variable, then members and elements. What a call makes has no
/// trail. The variable of a loop, a query or a lambda has that of the items which it goes through.
/// </summary>
internal sealed class Trail
{
    private static readonly HashSet<string> _keeping = new(StringComparer.Ordinal)
    {
        "AsEnumerable", "Distinct", "OrderBy", "OrderByDescending", "Reverse", "Skip", "Take", "ThenBy", "ThenByDescending", "ToArray", "ToList", "Where",
    };

    private static readonly HashSet<string> _picking = new(StringComparer.Ordinal)
    {
        "ElementAt", "First", "FirstOrDefault", "Last", "LastOrDefault", "Single", "SingleOrDefault",
    };

    private readonly ImmutableArray<(ISymbol? Member, string? Element)> _steps;

    private Trail(ImmutableArray<(ISymbol? Member, string? Element)> steps) => _steps = steps;

    public static Trail? Of(IOperation? operation) => operation switch
    {
        null => null,
        _ when RangeOf(operation) is { } items => Of(items),
        ILocalReferenceOperation local => Of(ItemsOf(local)) ?? Begin(local.Local),
        IParameterReferenceOperation parameter => Of(SourceOf(CallAround(parameter))) ?? Begin(parameter.Parameter),
        IInstanceReferenceOperation => new([]),
        IPropertyReferenceOperation { Arguments.IsEmpty: false } indexed => Of(indexed.Instance)?.At(indexed.Arguments),

        // A dictionary's values are what it has by index.
        IPropertyReferenceOperation { Property.Name: "Values", Instance: { } dictionary } => Of(dictionary),
        IMemberReferenceOperation { Instance: null } member => Begin(member.Member),
        IMemberReferenceOperation member => Of(member.Instance)?.Then(member.Member, null),
        IArrayElementReferenceOperation element => Of(element.ArrayReference)?.At(element.Indices),
        IImplicitIndexerReferenceOperation element => Of(element.Instance)?.At([element.Argument]),
        IConversionOperation conversion => Of(conversion.Operand),
        IConditionalAccessInstanceOperation => Of(ReceiverOf(operation)),
        IInvocationOperation { TargetMethod.ContainingType.Name: "Enumerable" } call => OfSequence(call),
        _ => null,
    };

    /// <summary>What a loop goes through, of its variable.</summary>
    public static IOperation? ItemsOf(ILocalReferenceOperation local) =>
        DeclarationOf(local.Local) is ForEachStatementSyntax loop ? local.SemanticModel?.GetOperation(loop.Expression) : null;

    /// <summary>The call that a lambda is given to, of the lambda's parameter.</summary>
    public static IInvocationOperation? CallAround(IParameterReferenceOperation parameter) =>
        Around(parameter)
            .SkipWhile(outer => !(outer is IAnonymousFunctionOperation lambda && BentoTypes.Same(lambda.Symbol, parameter.Parameter.ContainingSymbol)))
            .Skip(1)
            .FirstOrDefault(outer => outer is not (IDelegateCreationOperation or IConversionOperation or IArgumentOperation)) as IInvocationOperation;

    /// <summary>The syntax that a variable comes from.</summary>
    public static SyntaxNode? DeclarationOf(ISymbol variable) =>
        variable.DeclaringSyntaxReferences is [var declared] ? declared.GetSyntax() : null;

    /// <summary>Whether it leads to what the other leads to, or to what that is a part of.</summary>
    public bool Covers(Trail other)
    {
        var met = 0;

        foreach (var (member, element) in other._steps.TakeWhile(_ => met < _steps.Length))
        {
            if (element == _steps[met].Element && (element is not null || BentoTypes.Same(member, _steps[met].Member)))
            {
                met++;
            }
            else if (element is null)
            {
                return false;
            }
        }

        return met > 0 && met == _steps.Length;
    }

    private static IEnumerable<IOperation> Around(IOperation operation)
    {
        for (var outer = operation.Parent; outer is not null; outer = outer.Parent)
        {
            yield return outer;
        }
    }

    /// <summary>What stands before the `?` of which this is the rest: of `a?.b?.c`, the part nearest to it.</summary>
    private static IOperation? ReceiverOf(IOperation instance)
    {
        var inner = instance;

        foreach (var outer in Around(instance))
        {
            if (outer is IConditionalAccessOperation access && ReferenceEquals(access.WhenNotNull, inner))
            {
                return access.Operation;
            }

            inner = outer;
        }

        return null;
    }

    private static IOperation? SourceOf(IInvocationOperation? call) => call?.Instance ?? call?.Arguments.FirstOrDefault()?.Value;

    private static IOperation? RangeOf(IOperation operation) =>
        operation is { Syntax: IdentifierNameSyntax name, SemanticModel: { } model }
        && model.GetSymbolInfo(name).Symbol is IRangeVariableSymbol range
            ? DeclarationOf(range) switch
            {
                FromClauseSyntax from => model.GetOperation(from.Expression),
                JoinClauseSyntax join => model.GetOperation(join.InExpression),
                _ => null,
            }
            : null;

    private static Trail? OfSequence(IInvocationOperation call)
    {
        var name = call.TargetMethod.Name;

        return _keeping.Contains(name) ? Of(SourceOf(call))
            : _picking.Contains(name) ? Of(SourceOf(call))?.Then(null, name)
            : null;
    }

    private static Trail Begin(ISymbol variable) => new([(variable, null)]);

    private Trail At(IEnumerable<IOperation> indices) => Then(null, string.Join(", ", indices.Select(index => index.Syntax.ToString())));

    private Trail Then(ISymbol? member, string? element) => new(_steps.Add((member, element)));
}
