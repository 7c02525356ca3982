using Microsoft.CodeAnalysis;

namespace Bento.CSharp.Analyzers;

/// <summary>The types that the rules speak of, found by name, so that the analyzers refer to nothing of Bento.</summary>
internal sealed class BentoTypes
{
    private static readonly string[] _hookNames = ["OnDeployment", "OnStartup", "OnShutdown", "OnReady", "OnAlive"];

    private readonly Compilation _compilation;

    private BentoTypes(Compilation compilation, INamedTypeSymbol service)
    {
        INamedTypeSymbol? Find(string name) => compilation.GetTypeByMetadataName(name);
        INamedTypeSymbol? Facade(string name) => Find("Bento.CSharp." + name);

        _compilation = compilation;
        Service = service;
        Api = Facade("ApiAttribute");
        Init = Facade("InitAttribute");
        Resources = Facade("ResourcesAttribute");
        Traffic = Facade("TrafficAttribute");
        Root = Facade("RootAttribute");
        BatchOutcome = Facade("BatchOutcome`1");
        Hooks = [.. _hookNames.Select(name => Facade(name + "Attribute")).OfType<INamedTypeSymbol>()];
        Context = Find("Bento.Context");
        BatchContext = Find("Bento.BatchContext");
        Task = Find("System.Threading.Tasks.Task");
        TaskOf = Find("System.Threading.Tasks.Task`1");
        ValueTask = Find("System.Threading.Tasks.ValueTask");
        ValueTaskOf = Find("System.Threading.Tasks.ValueTask`1");
        Items = Find("System.Collections.Generic.IAsyncEnumerable`1");
        CancellationToken = Find("System.Threading.CancellationToken");
    }

    public INamedTypeSymbol Service { get; }

    public INamedTypeSymbol? Api { get; }

    public INamedTypeSymbol? Init { get; }

    public INamedTypeSymbol? Resources { get; }

    public INamedTypeSymbol? Traffic { get; }

    public INamedTypeSymbol? Root { get; }

    public INamedTypeSymbol? BatchOutcome { get; }

    public IReadOnlyList<INamedTypeSymbol> Hooks { get; }

    public INamedTypeSymbol? Context { get; }

    public INamedTypeSymbol? BatchContext { get; }

    public INamedTypeSymbol? Task { get; }

    public INamedTypeSymbol? TaskOf { get; }

    public INamedTypeSymbol? ValueTask { get; }

    public INamedTypeSymbol? ValueTaskOf { get; }

    public INamedTypeSymbol? Items { get; }

    public INamedTypeSymbol? CancellationToken { get; }

    /// <summary>The types of a compilation, or nothing where it does not refer to the facade.</summary>
    public static BentoTypes? Of(Compilation compilation) =>
        compilation.GetTypeByMetadataName("Bento.CSharp.ServiceAttribute") is { } service
            ? new BentoTypes(compilation, service)
            : null;

    public static bool Same(ISymbol? one, ISymbol? other) =>
        one is not null && SymbolEqualityComparer.Default.Equals(one, other);

    public IArrayTypeSymbol ArrayOf(ITypeSymbol item) => _compilation.CreateArrayTypeSymbol(item);

    /// <summary>Whether a type is one of a generic type, whatever its arguments.</summary>
    public static bool IsOf(ITypeSymbol type, INamedTypeSymbol? definition) => Same(type.OriginalDefinition, definition);

    public bool IsContext(ITypeSymbol type) => Inherits(type, Context) || Inherits(type, BatchContext);

    public bool IsFilledIn(IParameterSymbol parameter) =>
        Same(parameter.Type, CancellationToken) || IsContext(parameter.Type);

    /// <summary>Whether a method's answer comes later, so that no thread is kept for it.</summary>
    public bool IsAsynchronous(ITypeSymbol returned) =>
        IsTask(returned) || IsOf(returned, Items);

    /// <summary>Whether this is a task, with a result or without.</summary>
    public bool IsTask(ITypeSymbol type) =>
        Same(type, Task) || Same(type, ValueTask) || IsOf(type, TaskOf) || IsOf(type, ValueTaskOf);

    private static bool Inherits(ITypeSymbol type, INamedTypeSymbol? ancestor)
    {
        for (ITypeSymbol? current = type; current is not null; current = current.BaseType)
        {
            if (Same(current, ancestor))
            {
                return true;
            }
        }

        return false;
    }
}
