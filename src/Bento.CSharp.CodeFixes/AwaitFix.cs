using System.Collections.Immutable;
using System.Composition;
using Bento.CSharp.Analyzers;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;
using Microsoft.CodeAnalysis.Simplification;

namespace Bento.CSharp.CodeFixes;

/// <summary>Awaits what a method blocks on: <c>task.Result</c> becomes <c>await task</c>, and the like.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(AwaitFix))]
[Shared]
public sealed class AwaitFix : CodeFixProvider
{
    private const string Title = "Await it";

    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [Rules.NoBlocking.Id];

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);

        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is ExpressionSyntax blocking
            && CanAwait(blocking)
            && await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false) is { } model
            && Awaited(blocking, model) is { } awaited)
        {
            context.RegisterCodeFix(
                CodeAction.Create(Title, _ => Task.FromResult(Mend(context.Document, root, blocking, awaited)), Title),
                context.Diagnostics);
        }
    }

    private static Document Mend(Document document, SyntaxNode root, ExpressionSyntax blocking, ExpressionSyntax awaited)
    {
        ExpressionSyntax mended = SyntaxFactory.AwaitExpression(
            SyntaxFactory.Token(SyntaxKind.AwaitKeyword).WithTrailingTrivia(SyntaxFactory.Space),
            awaited.WithoutTrivia());

        if (blocking.Parent is MemberAccessExpressionSyntax or ElementAccessExpressionSyntax or InvocationExpressionSyntax or ConditionalAccessExpressionSyntax or PostfixUnaryExpressionSyntax)
        {
            mended = SyntaxFactory.ParenthesizedExpression(mended);
        }

        return document.WithSyntaxRoot(root.ReplaceNode(
            blocking,
            mended.WithTriviaFrom(blocking).WithAdditionalAnnotations(Formatter.Annotation)));
    }

    /// <summary>Whether `await` may stand here in a function that is async already: to make one so would change what it returns.</summary>
    private static bool CanAwait(SyntaxNode node)
    {
        var inner = node;

        foreach (var outer in node.Ancestors())
        {
            switch (outer)
            {
                case LockStatementSyntax or CatchFilterClauseSyntax or UnsafeStatementSyntax:
                    return false;
                case QueryClauseSyntax or SelectOrGroupClauseSyntax or OrderingSyntax when !IsFirstSource(outer, inner):
                    return false;
                case AnonymousFunctionExpressionSyntax function:
                    return function.Modifiers.Any(SyntaxKind.AsyncKeyword);
                case LocalFunctionStatementSyntax function:
                    return function.Modifiers.Any(SyntaxKind.AsyncKeyword);
                case MethodDeclarationSyntax method:
                    return method.Modifiers.Any(SyntaxKind.AsyncKeyword);
            }

            inner = outer;
        }

        return false;
    }

    /// <summary>Whether a part of a query is asked for its items once, outside of the lambdas that the query is made of.</summary>
    private static bool IsFirstSource(SyntaxNode clause, SyntaxNode part) => clause switch
    {
        FromClauseSyntax { Parent: QueryExpressionSyntax } from => from.Expression == part,
        JoinClauseSyntax join => join.InExpression == part,
        _ => false,
    };

    /// <summary>What to await in place of the blocking expression.</summary>
    private static ExpressionSyntax? Awaited(ExpressionSyntax blocking, SemanticModel model) => blocking switch
    {
        MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Result" } result => result.Expression,
        InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax called } call => OfCall(call, called, model),
        _ => null,
    };

    private static ExpressionSyntax? OfCall(InvocationExpressionSyntax call, MemberAccessExpressionSyntax called, SemanticModel model) =>
        called.Name.Identifier.ValueText switch
        {
            "GetResult" when called.Expression is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax awaiter } =>
                awaiter.Expression,
            "Wait" when call.ArgumentList.Arguments.Count == 0 => called.Expression,
            "Sleep" => Delay(call.ArgumentList.Arguments[0].Expression),
            "WaitAll" when HasTasksOnly(call, model) => call.WithExpression(called.WithName(SyntaxFactory.IdentifierName("WhenAll"))),
            _ => null,
        };

    private static InvocationExpressionSyntax Delay(ExpressionSyntax time) =>
        SyntaxFactory.InvocationExpression(
            SyntaxFactory.ParseExpression("global::System.Threading.Tasks.Task.Delay").WithAdditionalAnnotations(Simplifier.Annotation),
            SyntaxFactory.ArgumentList(SyntaxFactory.SingletonSeparatedList(SyntaxFactory.Argument(time))));

    /// <summary>Whether a call takes tasks and no limit, which awaiting them all would not have.</summary>
    private static bool HasTasksOnly(InvocationExpressionSyntax call, SemanticModel model) =>
        call.ArgumentList.Arguments.Count == 1
        || call.ArgumentList.Arguments.All(argument => IsTask(model.GetTypeInfo(argument.Expression).Type));

    private static bool IsTask(ITypeSymbol? type) =>
        type is not null && (type is { Name: "Task", ContainingNamespace.Name: "Tasks" } || IsTask(type.BaseType));
}
