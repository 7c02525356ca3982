using System.Collections.Immutable;
using System.Composition;
using Bento.CSharp.Analyzers;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Bento.CSharp.CodeFixes;

/// <summary>Has an endpoint return <c>Task&lt;T&gt;</c> in place of <c>ValueTask&lt;T&gt;</c>, and what it returns with it.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(ReturnTaskFix))]
[Shared]
public sealed class ReturnTaskFix : CodeFixProvider
{
    private const string Title = "Return Task<T>";

    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [Rules.NoValueTask.Id];

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        var method = root?.FindNode(context.Span).FirstAncestorOrSelf<MethodDeclarationSyntax>();

        // A ValueTask of nothing becomes no answer by this.
        if (root is not null && method is not null && ValueTaskName(method.ReturnType) is GenericNameSyntax)
        {
            context.RegisterCodeFix(
                CodeAction.Create(Title, cancellation => Mend(context.Document, root, method, cancellation), Title),
                context.Diagnostics);
        }
    }

    private static async Task<Document> Mend(
        Document document, SyntaxNode root, MethodDeclarationSyntax method, CancellationToken cancellation)
    {
        var model = await document.GetSemanticModelAsync(cancellation).ConfigureAwait(false);
        var name = ValueTaskName(method.ReturnType)!;
        var isAsync = method.Modifiers.Any(SyntaxKind.AsyncKeyword);
        var returned = isAsync || model is null ? [] : Returned(method).ToArray();

        var mended = method.ReplaceNodes(
            [name, .. returned],
            (original, _) => original == name ? TaskName(name) : AsTask((ExpressionSyntax)original, model!, cancellation));

        return document.WithSyntaxRoot(root.ReplaceNode(method, mended));
    }

    /// <summary>The last part of the return type's name, where it is ValueTask.</summary>
    private static SimpleNameSyntax? ValueTaskName(TypeSyntax type) => type switch
    {
        QualifiedNameSyntax qualified => ValueTaskName(qualified.Right),
        AliasQualifiedNameSyntax aliased => ValueTaskName(aliased.Name),
        SimpleNameSyntax { Identifier.ValueText: "ValueTask" } name => name,
        _ => null,
    };

    private static SimpleNameSyntax TaskName(SimpleNameSyntax name) =>
        name.WithIdentifier(SyntaxFactory.Identifier("Task").WithTriviaFrom(name.Identifier));

    /// <summary>What the method itself returns, and no function in it.</summary>
    private static IEnumerable<ExpressionSyntax> Returned(MethodDeclarationSyntax method)
    {
        if (method.ExpressionBody is { Expression: var only })
        {
            return [only];
        }

        return method.Body is not { } body
            ? []
            : body
                .DescendantNodes(node => node is not (AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax))
                .OfType<ReturnStatementSyntax>()
                .Select(statement => statement.Expression)
                .OfType<ExpressionSyntax>();
    }

    private static ExpressionSyntax AsTask(ExpressionSyntax expression, SemanticModel model, CancellationToken cancellation)
    {
        var plain = expression.WithoutTrivia();

        var mended = plain switch
        {
            ConditionalExpressionSyntax or SwitchExpressionSyntax or ThrowExpressionSyntax => null,
            BaseObjectCreationExpressionSyntax { ArgumentList.Arguments: [{ Expression: var given }] } =>
                IsTask(((BaseObjectCreationExpressionSyntax)expression).ArgumentList!.Arguments[0].Expression, model, cancellation)
                    ? given
                    : FromResult(given),
            InvocationExpressionSyntax
            {
                Expression: MemberAccessExpressionSyntax
                {
                    Name.Identifier.ValueText: "FromResult" or "FromException" or "FromCanceled",
                    Expression: IdentifierNameSyntax { Identifier.ValueText: "ValueTask" } owner,
                },
            } call => call.ReplaceNode(owner, TaskName(owner)),
            _ => null,
        };

        return (mended ?? CallAsTask(plain)).WithTriviaFrom(expression);
    }

    private static bool IsTask(ExpressionSyntax expression, SemanticModel model, CancellationToken cancellation) =>
        model.GetTypeInfo(expression, cancellation).Type is { Name: "Task", ContainingNamespace.Name: "Tasks" };

    private static InvocationExpressionSyntax FromResult(ExpressionSyntax value) =>
        SyntaxFactory.InvocationExpression(
            SyntaxFactory.ParseExpression("Task.FromResult"),
            SyntaxFactory.ArgumentList(SyntaxFactory.SingletonSeparatedList(SyntaxFactory.Argument(value))));

    private static InvocationExpressionSyntax CallAsTask(ExpressionSyntax value)
    {
        var isOne = value is InvocationExpressionSyntax or IdentifierNameSyntax or MemberAccessExpressionSyntax or ElementAccessExpressionSyntax;
        ExpressionSyntax owner = isOne ? value : SyntaxFactory.ParenthesizedExpression(value);

        return SyntaxFactory.InvocationExpression(
            SyntaxFactory.MemberAccessExpression(SyntaxKind.SimpleMemberAccessExpression, owner, SyntaxFactory.IdentifierName("AsTask")));
    }
}
