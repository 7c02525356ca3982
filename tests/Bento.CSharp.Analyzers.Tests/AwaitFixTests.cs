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
    [InlineData("Task.WaitAll(Later(1), Later(2)); return 1;", "await Task.WhenAll(Later(1), Later(2)); return 1;")]
    [InlineData("Thread.Sleep(millisecondsTimeout: 5); return 1;", "await Task.Delay(5); return 1;")]
    [InlineData("Thread.Sleep(timeout: TimeSpan.FromSeconds(5)); return 1;", "await Task.Delay(TimeSpan.FromSeconds(5)); return 1;")]
    [InlineData("return (from one in new[] { Later(1).Result } join other in new[] { Later(1).Result } on one equals other select one).Sum();", "return (from one in new[] { await Later(1) } join other in new[] { await Later(1) } on one equals other select one).Sum();")]
    public async Task What_blocked_is_awaited(string before, string after)
    {
        var mended = await Fixes.Apply(new AwaitFix(), BlockingAnalyzerTests.Endpoint($"await Task.Yield(); {before}").Document);
        Assert.Contains($"await Task.Yield(); {after}\n", await Fixes.Code(mended), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("return new[] { 1 }.Select(number => Later(number).Result).Sum();")]
    [InlineData("lock (_gate) { return Later(1).Result; }")]
    [InlineData("return Later(1).Wait(5) ? 1 : 2;")]
    [InlineData("return (from one in new[] { 1 } select Later(one).Result).Sum();")]
    [InlineData("return (from one in new[] { 1 } where Later(one).Result > 0 select one).Sum();")]
    [InlineData("return (from one in new[] { 1 } orderby Later(one).Result select one).Sum();")]
    [InlineData("return (from one in new[] { 1 } from other in new[] { Later(one).Result } select other).Sum();")]
    [InlineData("try { return 1; } catch (Exception) when (Later(1).Result > 0) { return 2; }")]
    [InlineData("return Task.WaitAny(Later(1), Later(2));")]
    [InlineData("return Task.WaitAll([Later(1)], 5) ? 1 : 2;")]
    [InlineData("Task.WaitAll([Later(1)], CancellationToken.None); return 1;")]
    public async Task Nothing_is_offered_where_await_cannot_stand_or_says_less(string body) =>
        Assert.Empty(await Fixes.Offered(new AwaitFix(), BlockingAnalyzerTests.Endpoint($"await Task.Yield(); {body}").Document));
}
