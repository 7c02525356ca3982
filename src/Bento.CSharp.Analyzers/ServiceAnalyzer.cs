using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Bento.CSharp.Analyzers;

/// <summary>Says of a class marked [Service] what describing it would say.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ServiceAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
    [
        Rules.CanBeMade,
        Rules.IsFilledIn,
        Rules.Init,
        Rules.Hooks,
        Rules.HasEndpoint,
        Rules.CanBeCalled,
        Rules.ReturnsAnswer,
        Rules.NoValueTask,
        Rules.CanTravel,
        Rules.Parameters,
        Rules.Batched,
        Rules.Name,
        Rules.Unique,
        Rules.Quantity,
        Rules.Duration,
        Rules.Route,
        Rules.Warmup,
    ];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(start =>
        {
            if (BentoTypes.Of(start.Compilation) is { } types)
            {
                start.RegisterSymbolAction(symbol => Read(symbol, types), SymbolKind.NamedType);
            }
        });
    }

    private static void Read(SymbolAnalysisContext context, BentoTypes types)
    {
        var type = (INamedTypeSymbol)context.Symbol;
        var cancellation = context.CancellationToken;

        if (GivenAttribute.On(type, types.Service, cancellation) is not { } service)
        {
            return;
        }

        var findings = new Findings(context.Compilation, context.ReportDiagnostic, service.Location);
        var methods = Methods.Of(type);
        new StateRules(types, type, findings).Check(service, methods, cancellation);
        SettingRules.Check(types, type, service, findings, cancellation);
        var endpoints = new EndpointRules(types, type, service.IsSet("SnakeCase"), findings);

        foreach (var method in methods)
        {
            HookRules.Check(types, method, findings, cancellation);

            if (GivenAttribute.On(method, types.Api, cancellation) is { } api)
            {
                endpoints.Check(method, api);
            }
        }

        endpoints.CheckTogether(service.Location, service.Name ?? Names.Snake(type.Name));
    }
}
