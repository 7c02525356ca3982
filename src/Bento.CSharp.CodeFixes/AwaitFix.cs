using System.Collections.Immutable;
using System.Composition;
using Bento.CSharp.Analyzers;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;

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
            && Awaited(blocking) is { } awaited)
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

    /// <summary>Whether the function around it is async already: to make one so would change what it returns.</summary>
    private static bool CanAwait(SyntaxNode node)
    {
        foreach (var outer in node.Ancestors())
        {
            switch (outer)
            {
                case LockStatementSyntax:
                    return false;
                case AnonymousFunctionExpressionSyntax function:
                    return function.Modifiers.Any(SyntaxKind.AsyncKeyword);
                case LocalFunctionStatementSyntax function:
                    return function.Modifiers.Any(SyntaxKind.AsyncKeyword);
                case MethodDeclarationSyntax method:
                    return method.Modifiers.Any(SyntaxKind.AsyncKeyword);
            }
        }

        return false;
    }

    /// <summary>What to await in place of the blocking expression.</summary>
    private static ExpressionSyntax? Awaited(ExpressionSyntax blocking) => blocking switch
    {
        MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Result" } result => result.Expression,
        InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax called } call => OfCall(call, called),
        _ => null,
    };

    private static ExpressionSyntax? OfCall(InvocationExpressionSyntax call, MemberAccessExpressionSyntax called) =>
        called.Name.Identifier.ValueText switch
        {
            "GetResult" when called.Expression is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax awaiter } =>
                awaiter.Expression,
            "Wait" when call.ArgumentList.Arguments.Count == 0 => called.Expression,
            "Sleep" => call.WithExpression(SyntaxFactory.ParseExpression("Task.Delay")),
            "WaitAll" when call.ArgumentList.Arguments.Count == 1 => Renamed(call, called, "WhenAll"),
            _ => null,
        };

    private static InvocationExpressionSyntax Renamed(InvocationExpressionSyntax call, MemberAccessExpressionSyntax called, string name) =>
        call.WithExpression(called.WithName(SyntaxFactory.IdentifierName(name)));
}
