using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Xunit;

namespace Bento.CSharp.Analyzers.Tests;

public sealed class ServiceAnalyzerTests
{
    [Theory]
    [MemberData(nameof(Trials.Numbers), MemberType = typeof(Trials))]
    public async Task What_breaks_a_rule_is_found_and_its_twin_is_not(int number, string rules, string broken)
    {
        var found = await Snippet.Analyze(new Snippet(broken).Document);
        Assert.Equal(rules, string.Join(' ', found.Select(one => one.Id)));

        var clean = await Snippet.Analyze(new Snippet(Trials.All[number].Clean).Document);
        Assert.Empty(clean.Select(one => one.GetMessage()));
    }

    [Theory]
    [MemberData(nameof(Trials.Numbers), MemberType = typeof(Trials))]
    public async Task The_words_are_those_of_describing_the_class(int number, string rules, string broken)
    {
        Assert.NotEmpty(rules);
        Assert.Empty(await Snippet.Describe(new Snippet(Trials.All[number].Clean).Document));

        if (!Trials.All[number].IsOnlyAtCompileTime)
        {
            var document = new Snippet(broken).Document;
            var said = (await Snippet.Analyze(document)).Select(one => Plain(one.GetMessage()));
            var described = (await Snippet.Describe(document)).Select(Plain);
            Assert.Equal(described.Order(StringComparer.Ordinal), said.Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task Each_finding_stands_where_its_cause_is()
    {
        var document = new Snippet(
            """
            [Service, Resources(Memory = "500MB1")]
            public sealed class Subject
            {
                [Api(TimeoutSeconds = -1)] public ValueTask<int> Soon(object value) => new(1);
            }
            """).Document;

        var text = await document.GetTextAsync(TestContext.Current.CancellationToken);
        var found = await Snippet.Analyze(document);

        Assert.Equal(
            ["Memory = \"500MB1\"", "TimeoutSeconds = -1", "Soon", "value"],
            found.Select(one => text.ToString(one.Location.SourceSpan)));
    }

    [Fact]
    public async Task An_inherited_endpoint_is_judged_with_its_class()
    {
        var document = new Snippet(
            """
            public abstract class Base
            {
                [Api] public ValueTask<int> Soon(int number) => new(number);
                [Api] public virtual Task<int> Other(int number) => Task.FromResult(number);
            }
            [Service] public sealed class Subject : Base { public override Task<int> Other(int number) => Task.FromResult(2); }
            """).Document;

        Assert.Equal("BENTO008", Assert.Single(await Snippet.Analyze(document)).Id);
    }

    [Fact]
    public async Task What_is_inherited_from_another_project_is_told_at_the_class()
    {
        var outside = new Snippet("public abstract class Base { [Api] public ValueTask<int> Soon(object value) => new(1); }").Document.Project;
        var document = new Snippet("[Service] public sealed class Subject : Base { }").Document;
        var both = document.Project.AddMetadataReference((await outside.GetCompilationAsync(TestContext.Current.CancellationToken))!.ToMetadataReference());
        var text = await document.GetTextAsync(TestContext.Current.CancellationToken);

        Assert.Equal(
            ["BENTO008 Service", "BENTO009 Service"],
            (await Snippet.Analyze(both.GetDocument(document.Id)!)).Select(one => $"{one.Id} {text.ToString(one.Location.SourceSpan)}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_class_that_is_no_service_is_not_judged() =>
        Assert.Empty(await Snippet.Analyze(new Snippet("public abstract class Subject { [Api] public void Nothing(object value) { } }").Document));

    [Fact]
    public async Task Fields_are_named_as_the_service_names_them()
    {
        var document = new Snippet("[Service(SnakeCase = true)] public sealed class Subject { [Api] public int Read(int theCount, Action theCall) => 1; }").Document;
        Assert.Contains("input.the_call is of type Action", Assert.Single(await Snippet.Analyze(document)).GetMessage(), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_rule_has_its_help() =>
        Assert.All(
            new ServiceAnalyzer().SupportedDiagnostics.Concat(new BlockingAnalyzer().SupportedDiagnostics),
            rule => Assert.NotEmpty(rule.Description.ToString(System.Globalization.CultureInfo.InvariantCulture)));

    [Fact]
    public void Every_rule_but_that_of_blocking_is_in_the_table()
    {
        var tried = Trials.All.SelectMany(one => one.Rules.Split(' ')).Distinct().Order(StringComparer.Ordinal);
        var known = new ServiceAnalyzer().SupportedDiagnostics.Select(rule => rule.Id).Order(StringComparer.Ordinal);
        Assert.Equal(known, tried);
    }

    /// <summary>Without lines, which a diagnostic has beside it, and without how types are written: Core writes them as F# does.</summary>
    private static string Plain(string message)
    {
        var plain = Regex.Replace(message, @", first on line \d+", "");
        return Regex.Replace(plain, @"(cannot travel: \S+ (is|has)) .*", "$1");
    }
}
