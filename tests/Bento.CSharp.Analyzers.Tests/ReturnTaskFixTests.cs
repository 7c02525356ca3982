using Bento.CSharp.CodeFixes;
using Xunit;

namespace Bento.CSharp.Analyzers.Tests;

public sealed class ReturnTaskFixTests
{
    [Theory]
    [InlineData("ValueTask<int> Answer(int number) => new ValueTask<int>(number);", "Task<int> Answer(int number) => Task.FromResult(number);")]
    [InlineData("ValueTask<int> Answer(int number) => ValueTask.FromResult(number);", "Task<int> Answer(int number) => Task.FromResult(number);")]
    [InlineData("ValueTask<int> Answer(int number) => Other(number);", "Task<int> Answer(int number) => Other(number).AsTask();")]
    [InlineData("ValueTask<int> Answer(int number) => new(Task.FromResult(number));", "Task<int> Answer(int number) => Task.FromResult(number);")]
    [InlineData("async ValueTask<int> Answer(int number) { await Task.Yield(); return number; }", "async Task<int> Answer(int number) { await Task.Yield(); return number; }")]
    [InlineData("ValueTask<int> Answer(int number) { if (number > 1) { return new(number); } return number > 0 ? Other(1) : Other(2); }", "Task<int> Answer(int number) { if (number > 1) { return Task.FromResult(number); } return (number > 0 ? Other(1) : Other(2)).AsTask(); }")]
    [InlineData("ValueTask<int> Answer(int number) { ValueTask<int> Local() { return Other(3); } return Local(); }", "Task<int> Answer(int number) { ValueTask<int> Local() { return Other(3); } return Local().AsTask(); }")]
    [InlineData("System.Threading.Tasks.ValueTask<int> Answer(int number) => Other(number);", "System.Threading.Tasks.Task<int> Answer(int number) => Other(number).AsTask();")]
    public async Task The_method_returns_a_task_of_what_it_returned(string before, string after)
    {
        static string Service(string method) =>
            $"[Service]\npublic sealed class Subject\n{{\n    [Api] public {method}\n    private static ValueTask<int> Other(int number) => new(number);\n}}\n";

        var mended = await Fixes.Apply(new ReturnTaskFix(), new Snippet(Service(before)).Document);
        Assert.Equal(Service(after), await Fixes.Code(mended));
        Assert.Empty(await Snippet.Analyze(mended));
    }

    [Fact]
    public async Task A_value_task_of_nothing_is_not_made_a_task_of_nothing()
    {
        var document = new Snippet("[Service] public sealed class Subject { [Api] public ValueTask Answer(int number) => default; }").Document;
        Assert.Empty(await Fixes.Offered(new ReturnTaskFix(), document));
    }
}
