using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;
using Xunit;

namespace Bento.CSharp.Analyzers.Tests;

/// <summary>Some C# that refers to the facade, in which the class <c>Subject</c> is the service.</summary>
internal sealed class Snippet
{
    public const string Usings = """
        using System;
        using System.Collections.Generic;
        using System.ComponentModel.DataAnnotations;
        using System.IO;
        using System.Linq;
        using System.Numerics.Tensors;
        using System.Threading;
        using System.Threading.Tasks;
        using Bento;
        using Bento.CSharp;
        using Microsoft.Extensions.Logging;

        """;

    private static readonly ImmutableArray<MetadataReference> _references =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    public Snippet(string code)
    {
        var options = new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable, allowUnsafe: true);

        Document = new AdhocWorkspace()
            .AddProject(ProjectInfo.Create(ProjectId.CreateNewId(), VersionStamp.Default, "Snippet", $"Snippet{Guid.NewGuid():N}", LanguageNames.CSharp)
                .WithCompilationOptions(options)
                .WithParseOptions(new CSharpParseOptions(LanguageVersion.Latest))
                .WithMetadataReferences(_references))
            .AddDocument("Subject.cs", SourceText.From(Usings + code));
    }

    public Document Document { get; }

    /// <summary>What the analyzers say of a document that compiles.</summary>
    public static async Task<ImmutableArray<Diagnostic>> Analyze(Document document)
    {
        var compilation = await Compile(document);

        var found = await compilation
            .WithAnalyzers([new ServiceAnalyzer(), new BlockingAnalyzer()])
            .GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken);

        return [.. found.OrderBy(one => one.Location.SourceSpan.Start)];
    }

    /// <summary>A document compiled: an analyzer is not asked about what is no C#.</summary>
    public static async Task<Compilation> Compile(Document document)
    {
        var compilation = (await document.Project.GetCompilationAsync(TestContext.Current.CancellationToken))!;
        Assert.Empty(compilation.GetDiagnostics().Where(one => one.Severity == DiagnosticSeverity.Error));
        return compilation;
    }

    /// <summary>What describing <c>Subject</c> says: nothing, where it is a service.</summary>
    public static async Task<IReadOnlyList<string>> Describe(Document document)
    {
        using var assembly = new MemoryStream();
        var compilation = await Compile(document);
        Assert.Empty(compilation.Emit(assembly).Diagnostics.Where(one => one.Severity == DiagnosticSeverity.Error));
        assembly.Position = 0;
        var context = new AssemblyLoadContext("snippet", isCollectible: true);

        try
        {
            var subject = context.LoadFromStream(assembly).GetTypes().Single(type => type.Name.Split('`')[0] == "Subject");

            if (subject.ContainsGenericParameters)
            {
                subject = subject.MakeGenericType([.. subject.GetGenericArguments().Select(_ => typeof(int))]);
            }

            var of = typeof(BentoService).GetMethods().Single(method => method is { Name: "Of", IsGenericMethod: true });
            of.MakeGenericMethod(subject).Invoke(null, BindingFlags.DoNotWrapExceptions, null, [], null);
            return [];
        }
        catch (InvalidServiceException problems)
        {
            return problems.Messages;
        }
        finally
        {
            context.Unload();
        }
    }
}
