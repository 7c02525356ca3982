using Bento.CSharp.Tests.Services;
using Xunit;

namespace Bento.CSharp.Tests;

/// <summary>A service in the tests of whoever wrote it.</summary>
public sealed class BentoTestHostTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_call_in_a_lambda_goes_over_the_wire_and_back()
    {
        await using var host = await BentoTestHost.StartAsync<Twin>();
        var text = "a b c d";
        Assert.Equal(new Summary("a b", 7, "T"), await host.CallAsync(twin => twin.SummarizeAsync(text, 1 + 1, "T", default), Cancellation));
        Assert.Equal(7, await host.CallAsync(twin => twin.Length(text), Cancellation));
        Assert.Equal(new DateOnly(2026, 11, 27), await host.CallAsync(twin => twin.NextDay(new DateOnly(2026, 11, 25), 2), Cancellation));
    }

    [Fact]
    public async Task What_the_service_refuses_is_raised_with_its_status_and_words()
    {
        await using var host = await BentoTestHost.StartAsync<Twin>();
        var refused = await Assert.ThrowsAsync<BentoException>(() => host.CallAsync(twin => twin.SummarizeAsync("", 11, null, default), Cancellation));
        Assert.Equal(400, refused.Status);
        Assert.Contains("body.sentences: 11 is out of range; wanted 1 to 10", refused.Message, StringComparison.Ordinal);
        var raised = await Assert.ThrowsAsync<BentoException>(() => host.CallAsync(twin => twin.Fail(418), Cancellation));
        Assert.Equal((418, "as asked"), (raised.Status, raised.Message));
    }

    [Fact]
    public async Task A_stream_gives_its_items()
    {
        await using var host = await BentoTestHost.StartAsync<Shapes>();
        var items = new List<Pair>();

        await foreach (var item in host.ItemsAsync(shapes => shapes.CountAsync(3, default), Cancellation))
        {
            items.Add(item);
        }

        Assert.Equal([new(0, null), new(1, "1"), new(2, "2")], items);
    }

    [Fact]
    public async Task Rows_of_a_batched_method_are_requests_of_their_own()
    {
        await using var host = await BentoTestHost.StartAsync<Shapes>();
        var answers = await host.CallAsync(shapes => shapes.Together(new Pair[] { new(1, null), new(2, "b") }, null!), Cancellation);
        Assert.StartsWith("1 of ", answers[0], StringComparison.Ordinal);
        Assert.StartsWith("2 of ", answers[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Outcomes_of_rows_are_read_each_by_itself()
    {
        await using var host = await BentoTestHost.StartAsync<Twin>();
        string[] texts = ["a", "", "c"];
        var outcomes = await host.CallAsync(twin => twin.UpperAsync(texts), Cancellation);
        Assert.Equal("A", outcomes[0].Answer);
        Assert.Equal((422, "nothing to raise"), (outcomes[1].Failure?.Status, outcomes[1].Failure?.Message));
        Assert.Equal(422, Assert.Throws<BentoException>(() => outcomes[1].Answer).Status);
        Assert.Null(outcomes[2].Failure);
    }

    [Fact]
    public async Task Several_rows_of_a_request_are_one_call()
    {
        await using var host = await BentoTestHost.StartAsync<Twin>();
        string[] texts = ["a", "", "abc"];
        int[] lengths = [1, 0, 3];
        Assert.Equal(lengths, await host.CallAsync(twin => twin.Lengths(texts), Cancellation));
        Assert.Equal(lengths, await host.CallAsync<int[]>("lengths", texts, Cancellation));
    }

    [Fact]
    public async Task An_endpoint_is_called_by_its_name_too()
    {
        await using var host = await BentoTestHost.StartAsync<Twin>();
        Assert.Equal("ABC", await host.CallAsync<string>("upper", "abc", Cancellation));
        var summary = await host.CallAsync<Summary>("summarize", new { text = "a b", sentences = 1 }, Cancellation);
        Assert.Equal(new Summary("a", 3, null), summary);
        await Assert.ThrowsAsync<ArgumentException>(() => host.CallAsync<string>("uper", "abc", Cancellation));
        await Assert.ThrowsAsync<InvalidOperationException>(() => host.CallAsync<int>("upper", "abc", Cancellation));
    }

    [Fact]
    public async Task What_an_endpoint_is_given_by_its_name_is_written_as_the_service_reads_it()
    {
        await using var host = await BentoTestHost.StartAsync<Shapes>();
        var spoken = await host.CallAsync<string>("speak", new { text = "a", tone = Tone.Plain, pause = TimeSpan.FromSeconds(2) }, Cancellation);
        Assert.Equal("Plain a 2", spoken);
        Assert.Equal(new Pair(1, "b"), await host.CallAsync<Pair>("itself", new Pair(1, "b"), Cancellation));
        var node = new System.Text.Json.Nodes.JsonObject { ["text"] = "b" };
        Assert.Equal("Formal b ", await host.CallAsync<string>("speak", node, Cancellation));
        Assert.Equal("nothing", await host.CallAsync<string>("nothing", null, Cancellation));
    }

    [Fact]
    public async Task An_inherited_method_is_called_as_a_method_of_its_own()
    {
        await using var host = await BentoTestHost.StartAsync<Derived>();
        Assert.Equal(6, await host.CallAsync(derived => derived.Own(2, 3), Cancellation));
        Assert.Equal(new Pair(1, "b"), await host.CallAsync(derived => derived.OfRecord(new Pair(1, "b")), Cancellation));
        Assert.Equal("derived", await host.CallAsync(derived => derived.Overridden(), Cancellation));
    }

    [Fact]
    public async Task What_is_no_call_of_an_endpoint_is_refused()
    {
        await using var host = await BentoTestHost.StartAsync<Twin>();
        await Assert.ThrowsAsync<ArgumentException>(() => host.CallAsync(twin => twin.GetHashCode(), Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(() => host.CallAsync(twin => 1, Cancellation));
    }
}
