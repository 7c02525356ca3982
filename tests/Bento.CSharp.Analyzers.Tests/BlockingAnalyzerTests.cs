using Xunit;

namespace Bento.CSharp.Analyzers.Tests;

public sealed class BlockingAnalyzerTests
{
    [Theory]
    [InlineData("return Later(1).Result;", ".Result")]
    [InlineData("Later(1).Wait(); return 1;", ".Wait()")]
    [InlineData("Later(1).Wait(TimeSpan.FromSeconds(1)); return 1;", ".Wait()")]
    [InlineData("return Later(1).GetAwaiter().GetResult();", ".GetAwaiter().GetResult()")]
    [InlineData("return Later(1).ConfigureAwait(false).GetAwaiter().GetResult();", ".GetAwaiter().GetResult()")]
    [InlineData("return Soon(1).Result;", ".Result")]
    [InlineData("Thread.Sleep(1); return 1;", "Thread.Sleep")]
    [InlineData("Task.WaitAll(Later(1), Later(2)); return 1;", "Task.WaitAll")]
    [InlineData("return Task.WaitAny(Later(1), Later(2));", "Task.WaitAny")]
    [InlineData("return new[] { 1, 2 }.Select(number => Later(number).Result).Sum();", ".Result")]
    [InlineData("int Local() => Later(1).Result; return Local();", ".Result")]
    [InlineData("var task = Later(1); var value = task.Result; await task; return value;", ".Result")]
    [InlineData("using var client = new System.Net.Http.HttpClient(); var one = await client.GetAsync(\"/\"); return client.GetStringAsync(\"/\").Result.Length;", ".Result")]
    [InlineData("await Task.Delay(1); return Task.Run(() => 1).Result;", ".Result")]
    [InlineData("await Later(1); return Later(2).Result;", ".Result")]
    [InlineData("var one = Later(1); var first = Task.WhenAny(one, Later(2)); await first; return one.Result;", ".Result")]
    [InlineData("var one = Later(1); var other = Later(2); await Task.WhenAny(one, other); return one.Result;", ".Result")]
    [InlineData("var one = Later(1); await Task.WhenAny(one, Later(2)).ConfigureAwait(false); return one.Result;", ".Result")]
    [InlineData("var tasks = new[] { Later(1), Later(2) }; await tasks[0]; return tasks[1].Result;", ".Result")]
    [InlineData("var pair = (One: Later(1), Other: Later(2)); await pair.One; return pair.Other.Result;", ".Result")]
    [InlineData("var tasks = new[] { Later(1) }; await Task.WhenAll(tasks); return tasks.Select(task => Later(task.Id)).Sum(task => task.Result);", ".Result")]
    [InlineData("var task = Later(1); Func<Task> never = async () => await task; return task.Result;", ".Result")]
    [InlineData("await this.Another(_pending.Id); return this._pending.Result;", ".Result")]
    public async Task What_blocks_in_an_asynchronous_endpoint_is_found(string body, string word)
    {
        var found = Assert.Single(await Snippet.Analyze(Endpoint($"await Task.Yield(); {body}").Document));
        Assert.Equal("BENTO017", found.Id);
        Assert.StartsWith($"`Answer` is asynchronous and waits in `{word}`", found.GetMessage(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("return await Later(1);")]
    [InlineData("var task = Later(1); await task; return task.Result;")]
    [InlineData("var one = Later(1); var other = Later(2); await Task.WhenAll(one, other); return one.Result + other.Result;")]
    [InlineData("var tasks = new[] { Later(1), Later(2) }; await Task.WhenAll(tasks); return tasks.Sum(task => task.Result) + tasks[0].Result;")]
    [InlineData("var tasks = new[] { Later(1), Later(2) }; await Task.WhenAll(tasks); var sum = 0; foreach (var task in tasks) { sum += task.Result; } return sum;")]
    [InlineData("var tasks = new[] { Later(1), Later(2) }; await Task.WhenAll(tasks); return tasks.Select((task, index) => task.Result * index).Sum();")]
    [InlineData("var tasks = new[] { Later(1), Later(2) }; await Task.WhenAll(tasks); return (from task in tasks where task.Id > 0 select task.Result).Sum();")]
    [InlineData("var tasks = new[] { Later(1), Later(2) }; await Task.WhenAll(tasks); return (from one in new[] { 1 } from task in tasks select task.Result).Sum();")]
    [InlineData("var tasks = new[] { Later(1), Later(2) }; await Task.WhenAll(tasks); return tasks.Where(task => task.Id > 0).Select(task => task.Result).Sum() + tasks.First().Result;")]
    [InlineData("var tasks = new[] { Later(1), Later(2) }; foreach (var task in tasks) { await task; } return tasks[0].Result + tasks[^1].Result;")]
    [InlineData("var tasks = new Dictionary<string, Task<int>> { [\"one\"] = Later(1) }; await Task.WhenAll(tasks.Values); return tasks[\"one\"].Result;")]
    [InlineData("var pairs = new[] { (Name: \"one\", Task: Later(1)) }; await Task.WhenAll(pairs.Select(pair => pair.Task)); return pairs.Sum(pair => pair.Task.Result);")]
    [InlineData("var one = Later(1); var both = Task.WhenAll(one, Later(2)); await both; return one.Result + both.Result[1];")]
    [InlineData("await this._pending; return this._pending.Result;")]
    [InlineData("await _pending.ConfigureAwait(false); return this._pending.Result;")]
    [InlineData("Task<int>? task = Later(1); await task.WaitAsync(TimeSpan.FromSeconds(1)); return task?.Result ?? 0;")]
    [InlineData("var task = Later(1); await (Task)task; return ((Task<int>)task).GetAwaiter().GetResult();")]
    [InlineData("var first = await Task.WhenAny(Later(1), Later(2)).ConfigureAwait(false); return first.Result;")]
    [InlineData("return (await Task.WhenAny(Later(1), Later(2))).Result;")]
    [InlineData("return await Later(1).ContinueWith(task => task.Result + 1);")]
    [InlineData("var sum = 0; await foreach (var task in Task.WhenEach(Later(1), Later(2))) { sum += task.Result; } return sum;")]
    [InlineData("return await Task.Run(() => Later(1).Result);")]
    [InlineData("return await Task.Run(() => { Thread.Sleep(1); return 1; });")]
    [InlineData("var text = new Answered(1); return text.Result;")]
    [InlineData("await Task.Delay(1); return 1;")]
    public async Task What_waits_without_a_thread_is_not(string body) =>
        Assert.Empty(await Snippet.Analyze(Endpoint($"await Task.Yield(); {body}").Document));

    [Fact]
    public async Task A_synchronous_endpoint_may_block_as_it_has_a_thread() =>
        Assert.Empty(await Snippet.Analyze(new Snippet("[Service] public class Subject { [Api] public int Answer(int number) { Thread.Sleep(1); return Task.FromResult(1).Result; } }").Document));

    [Fact]
    public async Task A_method_that_no_host_calls_is_not_judged() =>
        Assert.Empty(await Snippet.Analyze(new Snippet(
            """
            [Service] public class Subject
            {
                [Api] public int Answer(int number) => number;
                public Task<int> Other() { Thread.Sleep(1); return Task.FromResult(1); }
            }
            public class Another { public Task<int> Other() { Thread.Sleep(1); return Task.FromResult(1); } }
            """).Document));

    [Theory]
    [InlineData("[OnStartup] public Task Warm() { Later(1).Wait(); return Task.CompletedTask; }")]
    [InlineData("[Init] public static async Task<Subject> Make() { await Task.Yield(); Thread.Sleep(1); return new(); }")]
    [InlineData("[Api] public async IAsyncEnumerable<int> Count(int most) { await Task.Yield(); yield return Later(most).Result; }")]
    [InlineData("[Api] public Task<int> Other(int number) { Thread.Sleep(1); return Task.FromResult(number); }")]
    public async Task What_else_a_host_calls_and_does_not_give_a_thread_is_judged_too(string member) =>
        Assert.Equal("BENTO017", Assert.Single(await Snippet.Analyze(Endpoint("await Task.Yield(); return 1;", member).Document)).Id);

    internal static Snippet Endpoint(string body, string members = "") =>
        new($$"""
            [Service]
            public sealed class Subject
            {
                [Api]
                public async Task<int> Answer(int number)
                {
                    {{body}}
                }

                {{members}}

                private static readonly object _gate = new();

                private readonly Task<int> _pending = Later(1);

                private Task<int> Another(int number) => Later(number);

                private static Task<int> Later(int number) => Task.FromResult(number);

                private static ValueTask<int> Soon(int number) => new(number);
            }
            public sealed record Answered(int Result);
            """);
}
