using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Simplification;

namespace Bento.CSharp.CodeFixes;

/// <summary>Expressions of a <c>ValueTask&lt;T&gt;</c> as ones of a <c>Task&lt;T&gt;</c>.</summary>
internal sealed class TaskForms(SemanticModel model, MethodDeclarationSyntax method, TypeSyntax result, CancellationToken cancellation)
{
    private readonly ITypeSymbol? _result = model.GetDeclaredSymbol(method, cancellation)?.ReturnType is INamedTypeSymbol { TypeArguments: [var one] } ? one : null;

    public ExpressionSyntax Of(ExpressionSyntax expression) => Written(expression).WithTriviaFrom(expression);

    private ExpressionSyntax Written(ExpressionSyntax expression) => expression switch
    {
        ThrowExpressionSyntax => expression,
        ParenthesizedExpressionSyntax inner => inner.WithExpression(Of(inner.Expression)),
        ConditionalExpressionSyntax either => either.WithWhenTrue(Of(either.WhenTrue)).WithWhenFalse(Of(either.WhenFalse)),
        SwitchExpressionSyntax choice => choice.ReplaceNodes(choice.Arms.Select(arm => arm.Expression), (arm, _) => Of(arm)),
        LiteralExpressionSyntax { RawKind: (int)SyntaxKind.DefaultLiteralExpression } or DefaultExpressionSyntax => Default(),
        BaseObjectCreationExpressionSyntax made => OfMade(made),
        InvocationExpressionSyntax
        {
            Expression: MemberAccessExpressionSyntax
            {
                Name.Identifier.ValueText: "FromResult" or "FromException" or "FromCanceled",
                Expression: IdentifierNameSyntax { Identifier.ValueText: "ValueTask" } owner,
            },
        } call => call.ReplaceNode(owner, owner.WithIdentifier(SyntaxFactory.Identifier("Task"))),
        _ => AsTask(expression),
    };

    private ExpressionSyntax OfMade(BaseObjectCreationExpressionSyntax made) => made.ArgumentList?.Arguments.ToArray() switch
    {
        [{ Expression: var given }] => IsTask(given) ? given : FromResult(given, TypeOf(given)),
        null or [] => Default(),

        // What has no type of its own has no member either.
        var several => AsTask(SyntaxFactory.ObjectCreationExpression(
            method.ReturnType.WithoutTrivia().WithLeadingTrivia(SyntaxFactory.Space),
            SyntaxFactory.ArgumentList(SyntaxFactory.SeparatedList(several)),
            made.Initializer)),
    };

    private InvocationExpressionSyntax Default() => FromResult(
        _result is { IsReferenceType: true, NullableAnnotation: not NullableAnnotation.Annotated } or { TypeKind: TypeKind.TypeParameter }
            ? SyntaxFactory.ParseExpression("default!")
            : SyntaxFactory.ParseExpression("default"),
        given: null);

    /// <summary>With its type argument, unless the value has that type by itself.</summary>
    private InvocationExpressionSyntax FromResult(ExpressionSyntax value, ITypeSymbol? given)
    {
        var name = SymbolEqualityComparer.IncludeNullability.Equals(given, _result) ? "FromResult" : $"FromResult<{result.WithoutTrivia()}>";
        var method = SyntaxFactory.ParseExpression($"global::System.Threading.Tasks.Task.{name}").WithAdditionalAnnotations(Simplifier.Annotation);

        return SyntaxFactory.InvocationExpression(
            method,
            SyntaxFactory.ArgumentList(SyntaxFactory.SingletonSeparatedList(SyntaxFactory.Argument(value.WithoutTrivia()))));
    }

    private static InvocationExpressionSyntax AsTask(ExpressionSyntax value)
    {
        var isOne = value is InvocationExpressionSyntax or IdentifierNameSyntax or MemberAccessExpressionSyntax
            or ElementAccessExpressionSyntax or ObjectCreationExpressionSyntax;
        var plain = value.WithoutTrivia();
        ExpressionSyntax owner = isOne ? plain : SyntaxFactory.ParenthesizedExpression(plain);

        return SyntaxFactory.InvocationExpression(
            SyntaxFactory.MemberAccessExpression(SyntaxKind.SimpleMemberAccessExpression, owner, SyntaxFactory.IdentifierName("AsTask")));
    }

    private bool IsTask(ExpressionSyntax expression) => TypeOf(expression) is { Name: "Task", ContainingNamespace.Name: "Tasks" };

    private ITypeSymbol? TypeOf(ExpressionSyntax expression) => model.GetTypeInfo(expression, cancellation).Type;
}
