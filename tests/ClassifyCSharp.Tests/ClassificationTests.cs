using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Bento;
using Bento.CSharp;
using Xunit;

namespace ClassifyCSharp.Tests;

public sealed class ClassificationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static JsonNode[] Fixture =>
        [.. JsonNode.Parse(System.IO.File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "guesslang.fixture.json")))!["cases"]!.AsArray().OfType<JsonNode>()];

    [Fact]
    public async Task It_answers_what_the_service_in_fsharp_answers()
    {
        await using var host = await BentoTestHost.StartAsync<Classification>();
        await using var server = await Serve.start(
            new ServeOptions(
                Serve.options.Host,
                0,
                Serve.options.Prefix,
                Serve.options.Page,
                Serve.options.Log,
                Serve.options.Grace,
                Serve.options.DrainDelay,
                Serve.options.Tls,
                Serve.options.Limits),
            Classify.Classification.classification);
        using var other = new HttpClient { BaseAddress = new Uri(server.Address) };

        async Task<(int Status, string Body)> Ask(HttpClient client, string text)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/classify") { Content = JsonContent.Create(new { text }) };
            request.Headers.Add("X-Request-ID", "both");
            using var answer = await client.SendAsync(request, Token);
            return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Token));
        }

        foreach (var text in Fixture.Select(one => one["text"]!.GetValue<string>()).Append("").Append("😀 αβγ").Append(new string('x', 20_000)))
        {
            Assert.Equal(await Ask(other, text), await Ask(host.Client, text));
        }
    }

    [Fact]
    public async Task Many_callers_at_once_are_each_told_of_their_own_text()
    {
        await using var host = await BentoTestHost.StartAsync<Classification>();
        var cases = Enumerable.Repeat(Fixture, 20).SelectMany(one => one).ToArray();
        var guesses = await Task.WhenAll(cases.Select(one => host.CallAsync<Guess>("classify", new { text = one["text"]!.GetValue<string>() }, Token)));

        foreach (var (wanted, guess) in cases.Zip(guesses))
        {
            Assert.Equal(wanted["label"]!.GetValue<string>(), guess.Language);
            Assert.Equal(wanted["confidence"]!.GetValue<double>(), guess.Confidence, 1e-4);
        }
    }

    [Fact]
    public async Task An_empty_text_fails_for_its_caller_only()
    {
        await using var host = await BentoTestHost.StartAsync<Classification>();
        var good = host.CallAsync<Guess>("classify", new { text = "def answer():\n    return 42\n" }, Token);
        var failure = await Assert.ThrowsAsync<BentoException>(() => host.CallAsync<Guess>("classify", new { text = "" }, Token));
        Assert.Equal(400, failure.Status);
        Assert.InRange((await good).Confidence, 0, 1);
    }

    [Fact]
    public void A_missing_model_says_how_to_get_it() =>
        Assert.Contains("build.fsx models", Assert.Throws<FileNotFoundException>(() => Classifier.Load(Path.GetTempPath())).Message, StringComparison.Ordinal);
}
