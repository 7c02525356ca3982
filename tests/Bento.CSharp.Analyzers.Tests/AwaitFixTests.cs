using Bento.CSharp.CodeFixes;
using Xunit;

namespace Bento.CSharp.Analyzers.Tests;

public sealed class AwaitFixTests
{
    [Theory]
    [InlineData("return Later(1).Result;", "return await Later(1);")]
    [InlineData("return Later(1).Result.CompareTo(2);", "return (await Later(1)).CompareTo(2);")]
    [InlineData("return Later(Later(1).Result).Result;", "return await Later(await Later(1));")]
    [InlineData("return Later(1).GetAwaiter().GetResult();", "return await Later(1);")]
    [InlineData("return Later(1).ConfigureAwait(false).GetAwaiter().GetResult();", "return await Later(1).ConfigureAwait(false);")]
    [InlineData("Later(1).Wait(); return 1;", "await Later(1); return 1;")]
    [InlineData("Thread.Sleep(100); return 1;", "await Task.Delay(100); return 1;")]
    [InlineData("Task.WaitAll(Later(1)); return 1;", "await Task.WhenAll(Later(1)); return 1;")]
    public async Task What_blocked_is_awaited(string before, string after)
    {
        var mended = await Fixes.Apply(new AwaitFix(), BlockingAnalyzerTests.Endpoint($"await Task.Yield(); {before}").Document);
        Assert.Contains($"await Task.Yield(); {after}\n", await Fixes.Code(mended), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("return new[] { 1 }.Select(number => Later(number).Result).Sum();")]
    [InlineData("lock (_gate) { return Later(1).Result; }")]
    [InlineData("return Later(1).Wait(5) ? 1 : 2;")]
    public async Task Nothing_is_offered_where_await_cannot_stand_or_says_less(string body) =>
        Assert.Empty(await Fixes.Offered(new AwaitFix(), BlockingAnalyzerTests.Endpoint($"await Task.Yield(); {body}").Document));
}
