using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Xunit;

namespace Bento.CSharp.Analyzers.Tests;

/// <summary>Applies fixes as an editor does.</summary>
internal static class Fixes
{
    /// <summary>What a fix offers for the first finding that it knows.</summary>
    public static async Task<IReadOnlyList<CodeAction>> Offered(CodeFixProvider fix, Document document)
    {
        var known = (await Snippet.Analyze(document)).First(one => fix.FixableDiagnosticIds.Contains(one.Id));
        var offered = new List<CodeAction>();
        await fix.RegisterCodeFixesAsync(new CodeFixContext(document, known, (action, _) => offered.Add(action), TestContext.Current.CancellationToken));
        return offered;
    }

    /// <summary>The document when each finding that the fix knows is mended, one after the other; it has to compile.</summary>
    public static async Task<Document> Apply(CodeFixProvider fix, Document document)
    {
        while ((await Snippet.Analyze(document)).Any(one => fix.FixableDiagnosticIds.Contains(one.Id)))
        {
            var action = Assert.Single(await Offered(fix, document));
            var operations = await action.GetOperationsAsync(TestContext.Current.CancellationToken);
            var changed = operations.OfType<ApplyChangesOperation>().Single().ChangedSolution;
            document = changed.GetDocument(document.Id)!;
        }

        await Snippet.Compile(document);
        return document;
    }

    /// <summary>The text of a document without the usings that a snippet begins with.</summary>
    public static async Task<string> Code(Document document) =>
        (await document.GetTextAsync(TestContext.Current.CancellationToken)).ToString()[Snippet.Usings.Length..];
}
