using System.Collections.Concurrent;
using Bento.CSharp.Tests.Services;
using Xunit;

namespace Bento.CSharp.Tests;

/// <summary>Inputs with which methods are called before the service is ready.</summary>
public sealed class WarmupTests
{
    [Fact]
    public async Task Every_input_is_given_to_the_method_in_each_worker_before_anybody_is_let_in()
    {
        await using var host = await BentoTestHost.StartAsync<Warmed>();
        Assert.Equal(["Ada 2", "Bo 3", "one", "row", "row", "words"], Warmed.Seen.Distinct().Order().SelectMany(Said));
        Assert.All(Warmed.Seen.GroupBy(seen => seen), seen => Assert.Equal(2, seen.Count()));
    }

    [Fact]
    public async Task A_builder_says_them_by_the_endpoint_before_or_after_it()
    {
        var seen = new ConcurrentQueue<string>();

        string Note(string said)
        {
            seen.Enqueue(said);
            return said;
        }

        string[] several = ["first", "second"];

        var service = Service.Create("warmed")
            .WithWarmup("greet", ("Ada", 2))
            .Api("greet", (string name, int times) => Note($"{name} {times}"))
            .Api("rows", (string[] rows) => Array.ConvertAll(rows, Note), new() { Batched = true })
            .Api("several", (string[] rows) => Array.ConvertAll(rows, Note), new() { BatchedRows = true })
            .WithWarmup("rows", "row")
            .WithWarmup("several", several)
            .Build();

        await using var server = await BentoServer.StartAsync(service, new() { Port = 0 });
        Assert.Equal(["Ada 2", "first", "row", "second"], seen.Order());
    }

    [Fact]
    public void What_cannot_warm_a_method_is_told_with_what_could() =>
        Assert.Equal(
            [
                "`Missing` has Warmup \"Nowhere\", which is no static field, property or method without parameters of Cold; write one that gives string, or several",
                "`Other` has Warmup \"Number\", which gives int; wanted string, or a sequence of such",
                "`Several` has Warmup \"Number\", which gives int; wanted (string, int), or a sequence of such",
                "`Nothing` has Warmup, and takes nothing to warm it with; call it in a hook of the start",
                "`Items` has Warmup, and does not answer at once; call it in a hook of the start",
                "`Raises` has Warmup \"Broken\", which raised InvalidOperationException: no input",
                "`Null` has Warmup \"Unset\", which is null; wanted string, or a sequence of such",
            ],
            Of.Mistakes<Cold>());

    [Fact]
    public void A_builder_tells_which_endpoint_is_not_there()
    {
        var builder = Service.Create("warmed")
            .Api("greet", (string name) => name)
            .WithWarmup("gret", "Ada")
            .WithWarmup("greet", 3);

        var problem = Assert.Throws<InvalidServiceException>(builder.Build);
        Assert.Contains("WithWarmup(\"gret\", …) names no endpoint of this service, which has \"greet\"", problem.Message, StringComparison.Ordinal);
        Assert.Contains("WithWarmup(\"greet\", …) gives int; wanted string", problem.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Said(string seen) => seen.Split(',');

    [Service(Workers = 2)]
    public sealed class Warmed
    {
        public static ConcurrentQueue<string> Seen { get; } = [];

        private const string One = "one";

        private static IEnumerable<(string Name, int Times)> Guests => [("Ada", 2), ("Bo", 3)];

        [Api(Warmup = nameof(Guests))]
        public string Greet(string name, int times) => Note($"{name} {times}");

        [Api(Warmup = nameof(One))]
        public string Only([Root] string text) => Note(text);

        [Api(Warmup = nameof(Words))]
        public Task<string> LaterAsync(string word) => Task.FromResult(Note(word));

        [Api(BatchedRows = true, Warmup = nameof(Rows))]
        public string[] Together(string[] rows)
        {
            Note(string.Join(',', rows));
            return rows;
        }

        private static string Words() => "words";

        private static string[] Rows() => ["row", "row"];

        private static string Note(string said)
        {
            Seen.Enqueue(said);
            return said;
        }
    }
}
