using System.ComponentModel.DataAnnotations;
using Xunit;

namespace Bento.CSharp.Tests;

/// <summary>Services whose endpoints are lambdas.</summary>
public sealed class ServiceBuilderTests
{
    [Fact]
    public async Task A_lambda_is_read_as_a_method_is()
    {
        var service = Service.Create("hello")
            .WithDescription("Greets.")
            .WithVersion("1.0.0")
            .WithLabel("team", "search")
            .WithWorkers(2)
            .WithResources(memory: "100MiB")
            .WithTraffic(timeout: TimeSpan.FromSeconds(5), concurrency: 10)
            .Api("greet", ([StringLength(20)] string name, int times = 2) => string.Concat(Enumerable.Repeat($"{name} ", times)))
            .Api("double", ([Root] int number) => Task.FromResult(2 * number), new() { Route = "/v1/double" })
            .Build();

        Assert.Equal(
            """
            hello 1.0.0
              Greets.
              labels: team=search
              resources: memory 100MiB
              traffic: concurrency 10, timeout 5 s
              workers: 2
              api /greet: an object with name, times -> text
              api /v1/double: a whole number -> a whole number
            """,
            service.Describe().TrimEnd());

        await using var server = await BentoServer.StartAsync(service, new() { Port = 0 });
        Assert.Equal("Ada Ada ", await Post(server, "/greet", """{"name":"Ada"}"""));
        Assert.Equal("42", await Post(server, "/v1/double", "21"));
    }

    [Fact]
    public async Task A_request_of_several_rows_has_the_answers_of_all_or_the_failure_of_one()
    {
        var service = Service.Create("rows")
            .Api(
                "rate",
                (string[] texts) => Array.ConvertAll<string, BatchOutcome<int>>(
                    texts, text => text.Length == 0 ? new BentoException(422, "nothing to rate") : text.Length),
                new() { BatchedRows = true })
            .Build();

        Assert.Contains("a list of text -> a list of a whole number", service.Describe(), StringComparison.Ordinal);
        await using var server = await BentoServer.StartAsync(service, new() { Port = 0 });
        Assert.Equal("[1,2]", await Post(server, "/rate", """["a","bb"]"""));
        Assert.Contains("nothing to rate", await Post(server, "/rate", """["a",""]"""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handler_takes_the_state_of_its_worker()
    {
        var events = new List<string>();

        var service = Service.Create("counter", setup => Task.FromResult(new Counter(setup.Worker)))
            .OnDeployment(() => Note(events, "deployment"))
            .OnStartup(counter => Note(events, $"startup {counter.Start}"))
            .OnShutdown(counter => Note(events, $"shutdown {counter.Start}"))
            .OnReady(_ => Task.FromResult(true))
            .OnAlive(_ => Task.FromResult(true))
            .Api("add", (Counter counter, int amount, CancellationToken cancellation) => counter.Add(amount))
            .Build();

        await using (var server = await BentoServer.StartAsync(service, new() { Port = 0, Prefix = "/v1" }))
        {
            Assert.Equal("5", await Post(server, "/v1/add", """{"amount":5}"""));
            Assert.Equal("7", await Post(server, "/v1/add", """{"amount":2}"""));
            await server.StopAsync(TestContext.Current.CancellationToken);
            await server.Completion;
        }

        Assert.Equal(["deployment", "startup 0", "shutdown 0"], events);
    }

    [Fact]
    public void All_that_is_wrong_is_told_when_the_service_is_built()
    {
        var builder = Service.Create("bad name")
            .WithResources(cpu: "much", gpu: -1)
            .WithTraffic(queue: -1, idle: TimeSpan.Zero, bodyLimit: "big")
            .WithThreads(0)
            .Api("nothing", (string name) => { })
            .Api("nothing", (int number) => number);

        var problem = Assert.Throws<InvalidServiceException>(builder.Build);
        Assert.Equal(8, problem.Messages.Count);
        Assert.Contains("\"nothing\" returns nothing, and a caller wants an answer; return data, Task<T> or IAsyncEnumerable<T>", problem.Messages);
    }

    [Fact]
    public async Task What_attributes_say_of_names_fields_and_streams_is_said_by_methods()
    {
        var service = Service.Create("wire")
            .WithSnakeCase()
            .WithStrict()
            .WithTraffic(heartbeat: TimeSpan.FromSeconds(7))
            .Api("count", (int firstNumber, int secondNumber) => firstNumber + secondNumber)
            .Build();

        Assert.Equal(TimeSpan.FromSeconds(7), DefinitionModule.require(service.Definition).Card.Traffic.Heartbeat?.Value);
        Assert.Contains("\"first_number\"", service.OpenApi(), StringComparison.Ordinal);
        await using var server = await BentoServer.StartAsync(service, new() { Port = 0 });
        Assert.Equal("3", await Post(server, "/count", """{"first_number":1,"second_number":2}"""));
        Assert.Contains("body.other", await Post(server, "/count", """{"first_number":1,"second_number":2,"other":3}"""), StringComparison.Ordinal);
    }

    [Fact]
    public void An_answer_of_an_anonymous_class_is_told_as_what_nobody_sees()
    {
        var problem = Assert.Throws<InvalidServiceException>(Service.Create("hidden").Api("one", (int number) => new { number }).Build);
        Assert.Contains("a class that is not public; make it public", Assert.Single(problem.Messages), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_built_is_finished()
    {
        var builder = Service.Create("hello").Api("greet", (string name) => name);
        Assert.Same(builder.Build(), builder.Build());
        Assert.Throws<InvalidOperationException>(() => builder.WithWorkers(2));
        Assert.Throws<InvalidOperationException>(() => builder.WithResources(memory: "1MiB"));
        Assert.Throws<InvalidOperationException>(() => builder.WithTraffic(concurrency: 1));
    }

    private static Task Note(List<string> events, string line)
    {
        events.Add(line);
        return Task.CompletedTask;
    }

    private static async Task<string> Post(BentoServer server, string path, string body)
    {
        using var client = new HttpClient { BaseAddress = new Uri(server.Address) };
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync(path, content, TestContext.Current.CancellationToken);
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    private sealed class Counter(int start)
    {
        private int _sum;

        public int Start { get; } = start;

        public int Add(int amount) => Interlocked.Add(ref _sum, amount);
    }
}
