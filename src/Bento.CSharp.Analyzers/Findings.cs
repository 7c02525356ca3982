using Microsoft.CodeAnalysis;

namespace Bento.CSharp.Analyzers;

/// <summary>Tells what is wrong with a class, part by part.</summary>
internal sealed class Findings(Compilation compilation, Action<Diagnostic> report, Location fallback)
{
    /// <summary>Gets a value indicating whether a method that would be an endpoint cannot be one.</summary>
    public bool IsAnyEndpointBroken { get; private set; }

    /// <summary>Tells what is wrong with a part, as in "`Model`" and "is given twice; keep one".</summary>
    public void Add(DiagnosticDescriptor rule, Location location, string part, string mistake) =>
        report(Diagnostic.Create(rule, IsHere(location) ? location : fallback, part, mistake));

    /// <summary>The same of a part that would have been an endpoint.</summary>
    public void AddBroken(DiagnosticDescriptor rule, Location location, string part, string mistake)
    {
        IsAnyEndpointBroken = true;
        Add(rule, location, part, mistake);
    }

    /// <summary>Whether a place is in the sources of this compilation: what a class inherits may stand in those of another project.</summary>
    private bool IsHere(Location location) => location.SourceTree is { } tree && compilation.ContainsSyntaxTree(tree);
}
