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
        if (root is not null && method is not null && ValueTaskName(method.ReturnType) is not null)
        {
            context.RegisterCodeFix(
                CodeAction.Create(Title, cancellation => Mend(context.Document, root, method, cancellation), Title),
                context.Diagnostics);
        }
    }

    private static async Task<Document> Mend(
        Document document, SyntaxNode root, MethodDeclarationSyntax method, CancellationToken cancellation)
    {
        var name = ValueTaskName(method.ReturnType)!;
        var model = await document.GetSemanticModelAsync(cancellation).ConfigureAwait(false);
        var isAsync = method.Modifiers.Any(SyntaxKind.AsyncKeyword);
        var returned = isAsync || model is null ? [] : Returned(method).ToArray();

        var mended = method.ReplaceNodes(
            [name, .. returned],
            (original, _) => original == name
                ? name.WithIdentifier(SyntaxFactory.Identifier("Task").WithTriviaFrom(name.Identifier))
                : new TaskForms(model!, method, name.TypeArgumentList.Arguments[0], cancellation).Of((ExpressionSyntax)original));

        return document.WithSyntaxRoot(root.ReplaceNode(method, mended));
    }

    /// <summary>The last part of the return type's name, where it is a ValueTask of something.</summary>
    private static GenericNameSyntax? ValueTaskName(TypeSyntax type) => type switch
    {
        QualifiedNameSyntax qualified => ValueTaskName(qualified.Right),
        AliasQualifiedNameSyntax aliased => ValueTaskName(aliased.Name),
        GenericNameSyntax { Identifier.ValueText: "ValueTask" } name => name,
        _ => null,
    };

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
}
