using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace Bento.CSharp.Analyzers.Tests;

/// <summary>The C# of the pages for people compiles as it stands, with nullness and what the SDK opens by itself.</summary>
public sealed partial class PagesTests
{
    private const string Opened =
        """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private static readonly MetadataReference[] _references =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(path => !path.Contains("CodeAnalysis", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    /// <summary>Gets each block: the page it is on, its number there, the code.</summary>
    public static TheoryData<string, int, string> Examples
    {
        get
        {
            var root = Root();
            var examples = new TheoryData<string, int, string>();
            var samples = Directory.GetFiles(Path.Combine(root, "samples"), "README.md", SearchOption.AllDirectories);

            foreach (var page in Directory.GetFiles(Path.Combine(root, "docs"), "*.md").Concat(samples).Append(Path.Combine(root, "README.md")))
            {
                foreach (var (number, block) in Block().Matches(System.IO.File.ReadAllText(page)).Index())
                {
                    examples.Add(Path.GetRelativePath(root, page), number + 1, block.Groups[1].Value);
                }
            }

            return examples;
        }
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void A_block_compiles_without_a_warning(string page, int number, string code)
    {
        var tree = Parse(code);
        var isProgram = tree.GetRoot(TestContext.Current.CancellationToken).ChildNodes().Any(node => node is GlobalStatementSyntax);
        var options = new CSharpCompilationOptions(
            isProgram ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary,
            nullableContextOptions: NullableContextOptions.Enable);

        var found = CSharpCompilation.Create($"Block{number}Of{Path.GetFileNameWithoutExtension(page)}", [Parse(Opened), tree], _references, options)
            .GetDiagnostics(TestContext.Current.CancellationToken)
            .Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning);

        Assert.Empty(found);
    }

    private static SyntaxTree Parse(string code) =>
        CSharpSyntaxTree.ParseText(code, new CSharpParseOptions(LanguageVersion.Latest));

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);

        while (!System.IO.File.Exists(Path.Combine(folder.FullName, "Bento.slnx")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("There is no Bento.slnx above the tests.");
        }

        return folder.FullName;
    }

    [GeneratedRegex("^```csharp\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
