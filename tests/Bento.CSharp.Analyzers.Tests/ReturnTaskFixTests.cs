using Bento.CSharp.CodeFixes;
using Xunit;

namespace Bento.CSharp.Analyzers.Tests;

public sealed class ReturnTaskFixTests
{
    private const string Source =
        """
        internal sealed class Source : System.Threading.Tasks.Sources.IValueTaskSource<int>
        {
            public int GetResult(short token) => token;
            public System.Threading.Tasks.Sources.ValueTaskSourceStatus GetStatus(short token) => default;
            public void OnCompleted(Action<object?> then, object? state, short token, System.Threading.Tasks.Sources.ValueTaskSourceOnCompletedFlags flags) { }
        }
        """;

    [Theory]
    [InlineData("ValueTask<int> Answer(int number) => new ValueTask<int>(number);", "Task<int> Answer(int number) => Task.FromResult(number);")]
    [InlineData("ValueTask<int> Answer(int number) => ValueTask.FromResult(number);", "Task<int> Answer(int number) => Task.FromResult(number);")]
    [InlineData("ValueTask<int> Answer(int number) => Other(number);", "Task<int> Answer(int number) => Other(number).AsTask();")]
    [InlineData("ValueTask<int> Answer(int number) => new(Task.FromResult(number));", "Task<int> Answer(int number) => Task.FromResult(number);")]
    [InlineData("async ValueTask<int> Answer(int number) { await Task.Yield(); return number; }", "async Task<int> Answer(int number) { await Task.Yield(); return number; }")]
    [InlineData("ValueTask<int> Answer(int number) { if (number > 1) { return new(number); } return number > 0 ? Other(1) : Other(2); }", "Task<int> Answer(int number) { if (number > 1) { return Task.FromResult(number); } return number > 0 ? Other(1).AsTask() : Other(2).AsTask(); }")]
    [InlineData("ValueTask<int> Answer(int number) { ValueTask<int> Local() { return Other(3); } return Local(); }", "Task<int> Answer(int number) { ValueTask<int> Local() { return Other(3); } return Local().AsTask(); }")]
    [InlineData("System.Threading.Tasks.ValueTask<int> Answer(int number) => Other(number);", "System.Threading.Tasks.Task<int> Answer(int number) => Other(number).AsTask();")]
    [InlineData("ValueTask<int> Answer(int number) => throw new NotSupportedException();", "Task<int> Answer(int number) => throw new NotSupportedException();")]
    [InlineData("ValueTask<int> Answer(int number) { return default; }", "Task<int> Answer(int number) { return Task.FromResult<int>(default); }")]
    [InlineData("ValueTask<string> Answer(int number) => default(ValueTask<string>);", "Task<string> Answer(int number) => Task.FromResult<string>(default!);")]
    [InlineData("ValueTask<string?> Answer(int number) => new();", "Task<string?> Answer(int number) => Task.FromResult<string?>(default);")]
    [InlineData("ValueTask<long> Answer(int number) => new(5);", "Task<long> Answer(int number) => Task.FromResult<long>(5);")]
    [InlineData("ValueTask<string?> Answer(int number) => new((string?)null);", "Task<string?> Answer(int number) => Task.FromResult((string?)null);")]
    [InlineData("ValueTask<IReadOnlyList<int>> Answer(int number) => new([number]);", "Task<IReadOnlyList<int>> Answer(int number) => Task.FromResult<IReadOnlyList<int>>([number]);")]
    [InlineData("ValueTask<long> Answer(int number) => number switch { 1 => new(1), 2 => throw new NotSupportedException(), _ => (number > 3 ? default : new(Task.FromResult(4L))) };", "Task<long> Answer(int number) => number switch { 1 => Task.FromResult<long>(1), 2 => throw new NotSupportedException(), _ => (number > 3 ? Task.FromResult<long>(default) : Task.FromResult(4L)) };")]
    [InlineData("ValueTask<int> Answer(int number) => new(new Source(), 1);", "Task<int> Answer(int number) => new ValueTask<int>(new Source(), 1).AsTask();")]
    public async Task The_method_returns_a_task_of_what_it_returned(string before, string after)
    {
        static string Service(string method) =>
            $"[Service]\npublic sealed class Subject\n{{\n    [Api] public {method}\n    private static ValueTask<int> Other(int number) => new(number);\n}}\n{Source}";

        var mended = await Fixes.Apply(new ReturnTaskFix(), new Snippet(Service(before)).Document);
        Assert.Equal(Service(after), await Fixes.Code(mended));
        Assert.Empty(await Snippet.Analyze(mended));
    }

    [Fact]
    public async Task A_task_is_named_in_full_where_its_namespace_is_not_opened()
    {
        const string Code = "[Bento.CSharp.Service] public sealed class Subject { [Bento.CSharp.Api] public System.Threading.Tasks.ValueTask<int> Answer(int number) => new(number); }";
        var document = new Snippet("").Document.WithText(Microsoft.CodeAnalysis.Text.SourceText.From(Code));
        var mended = await Fixes.Apply(new ReturnTaskFix(), document);
        var text = await mended.GetTextAsync(TestContext.Current.CancellationToken);
        Assert.Contains("System.Threading.Tasks.Task<int> Answer(int number) => System.Threading.Tasks.Task.FromResult(number);", text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_task_of_nothing_is_not_made_a_task_of_nothing()
    {
        var document = new Snippet("[Service] public sealed class Subject { [Api] public ValueTask Answer(int number) => default; }").Document;
        Assert.Empty(await Fixes.Offered(new ReturnTaskFix(), document));
    }
}
