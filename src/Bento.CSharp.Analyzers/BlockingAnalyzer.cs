using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Bento.CSharp.Analyzers;

/// <summary>Finds what blocks a thread in the asynchronous methods of a service.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class BlockingAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Rules.NoBlocking];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(start =>
        {
            if (BentoTypes.Of(start.Compilation) is { } types)
            {
                start.RegisterOperationBlockStartAction(block => Begin(block, types));
            }
        });
    }

    private static void Begin(OperationBlockStartAnalysisContext block, BentoTypes types)
    {
        var isServing = block.OwningSymbol is IMethodSymbol { MethodKind: MethodKind.Ordinary } method
            && types.IsAsynchronous(method.ReturnType)
            && GivenAttribute.On(method.ContainingType, types.Service, block.CancellationToken) is not null
            && IsCalledByHost(method, types, block.CancellationToken);

        if (isServing)
        {
            block.RegisterOperationAction(
                operation => Judge(operation, types, block.OwningSymbol),
                OperationKind.PropertyReference,
                OperationKind.Invocation);
        }
    }

    private static bool IsCalledByHost(IMethodSymbol method, BentoTypes types, CancellationToken cancellation) =>
        types.Hooks
            .Concat(new[] { types.Api, types.Init }.OfType<INamedTypeSymbol>())
            .Any(type => GivenAttribute.On(method, type, cancellation) is not null);

    private static void Judge(OperationAnalysisContext context, BentoTypes types, ISymbol method)
    {
        if (Blocking.Of(context.Operation, types) is not { } blocking
            || IsOnThreadOfItsOwn(context.Operation)
            || (blocking.Task is { } task && Ended.Has(task, types)))
        {
            return;
        }

        context.ReportDiagnostic(Diagnostic.Create(
            Rules.NoBlocking,
            context.Operation.Syntax.GetLocation(),
            Names.Of(method),
            $"is asynchronous and waits in `{blocking.Word}`, which keeps a thread from others; {blocking.Mend}"));
    }

    /// <summary>Whether the code is in a function that is given to another thread: what blocks there blocks nobody's answer.</summary>
    private static bool IsOnThreadOfItsOwn(IOperation operation)
    {
        for (var current = operation.Parent; current is not null; current = current.Parent)
        {
            var called = current switch
            {
                IInvocationOperation call when !ReferenceEquals(call, operation.Parent) || call.Arguments.Length > 0 => call.TargetMethod,
                IObjectCreationOperation made => made.Constructor,
                _ => null,
            };

            var isStart = called is { Name: "Run" or "StartNew" or ".ctor", ContainingType.Name: "Task" or "TaskFactory" or "Thread" };

            if (isStart && operation.Syntax.Ancestors().TakeWhile(node => node != current.Syntax).OfType<AnonymousFunctionExpressionSyntax>().Any())
            {
                return true;
            }
        }

        return false;
    }
}
