using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Bento.CSharp.Analyzers;

/// <summary>Whether a task has ended where it is asked, so that asking waits for nothing.</summary>
internal static class Ended
{
    public static bool Has(IOperation task, BentoTypes types) => IsGivenEnded(task, types) || IsAwaitedBefore(task, types);

    /// <summary>Whether what hands the task over does so when it has ended.</summary>
    private static bool IsGivenEnded(IOperation task, BentoTypes types) => task switch
    {
        IAwaitOperation awaited => Calls(awaited.Operation, types, "WhenAny"),
        IParameterReferenceOperation parameter => Calls(Trail.CallAround(parameter), types, "ContinueWith"),
        ILocalReferenceOperation local when Trail.DeclarationOf(local.Local) is VariableDeclaratorSyntax { Initializer.Value: AwaitExpressionSyntax made } =>
            Calls(local.SemanticModel?.GetOperation(made.Expression), types, "WhenAny"),
        ILocalReferenceOperation local => Calls(Trail.ItemsOf(local), types, "WhenEach"),
        _ => false,
    };

    /// <summary>Whether an `await` before speaks of the task, as in `await Task.WhenAll(first, second)`.</summary>
    private static bool IsAwaitedBefore(IOperation task, BentoTypes types) =>
        Trail.Of(task) is { } asked
        && task.Syntax.Ancestors().OfType<MethodDeclarationSyntax>().LastOrDefault() is { } body
        && body
            .DescendantNodes()
            .OfType<AwaitExpressionSyntax>()
            .Where(await => await.Span.End <= task.Syntax.SpanStart && IsOnTheWay(await, task.Syntax))
            .SelectMany(await => Mentioned(task.SemanticModel?.GetOperation(await.Expression), types))
            .Any(mentioned => mentioned.Covers(asked));

    /// <summary>Whether the function that awaits is one in which the task is asked, and not another that may never run.</summary>
    private static bool IsOnTheWay(AwaitExpressionSyntax await, SyntaxNode task) =>
        await.Ancestors()
            .First(outer => outer is AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax or MethodDeclarationSyntax)
            .Span.Contains(task.Span);

    /// <summary>What has ended when this was awaited: what it is, or what is given to a call that it is.</summary>
    private static IEnumerable<Trail> Mentioned(IOperation? awaited, BentoTypes types)
    {
        if (awaited is null || Calls(awaited, types, "WhenAny"))
        {
            return [];
        }

        if (Trail.Of(awaited) is { } trail)
        {
            return Mentioned(AllOf(awaited, types), types).Append(trail);
        }

        // Of `await client.GetAsync(address)` the client has not ended.
        var isReceiverAlone = awaited is IInvocationOperation { Instance.Type: { } receiver } && !types.IsTask(receiver);

        return (isReceiverAlone ? ((IInvocationOperation)awaited).Arguments : awaited.ChildOperations.AsEnumerable())
            .SelectMany(part => Mentioned(part, types));
    }

    /// <summary>The call of Task.WhenAll that a variable was made by.</summary>
    private static IOperation? AllOf(IOperation awaited, BentoTypes types) =>
        awaited is ILocalReferenceOperation local
        && Trail.DeclarationOf(local.Local) is VariableDeclaratorSyntax { Initializer.Value: InvocationExpressionSyntax made }
        && local.SemanticModel?.GetOperation(made) is { } call
        && Calls(call, types, "WhenAll")
            ? call
            : null;

    /// <summary>Whether an operation calls a method of Task, however what it gives is configured.</summary>
    private static bool Calls(IOperation? operation, BentoTypes types, string name) => operation switch
    {
        IConversionOperation conversion => Calls(conversion.Operand, types, name),
        IInvocationOperation { TargetMethod.Name: "ConfigureAwait", Instance: { } inner } => Calls(inner, types, name),
        IInvocationOperation call => call.TargetMethod.Name == name && types.IsTask(call.TargetMethod.ContainingType),
        _ => false,
    };
}
