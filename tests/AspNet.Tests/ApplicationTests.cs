using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Xunit;

namespace AspNet.Tests;

public sealed class ApplicationTests : IAsyncLifetime
{
    private readonly WebApplication _application = Application.Create(
    [
        "--urls", "http://127.0.0.1:0",
        "--Logging:LogLevel:Default", "None",
        "--Callers:0:Name", "ann", "--Callers:0:Role", "reader", "--Callers:0:Key", "key of ann",
        "--Callers:1:Name", "bob", "--Callers:1:Role", "reader", "--Callers:1:Key", "key of bob",
        "--Callers:2:Name", "eve", "--Callers:2:Role", "writer", "--Callers:2:Key", "key of eve",
        "--Callers:3:Name", "nobody", "--Callers:3:Role", "reader", "--Callers:3:Key", "",
    ]);

    private HttpClient? _client;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private HttpClient Client => _client ??= new HttpClient { BaseAddress = new Uri(_application.Urls.First()) };

    public async ValueTask InitializeAsync() => await _application.StartAsync(Token);

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        await _application.DisposeAsync();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("key of")]
    [InlineData("key of mallory")]
    public async Task Without_a_key_that_is_somebodys_it_is_401(string? key)
    {
        using var answer = await Read(key, "The cat sat.");
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains("ApiKey", answer.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_a_key_the_service_answers()
    {
        using var answer = await Read("key of ann", "The cat sat on the mat. It was warm.");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var reading = await answer.Content.ReadFromJsonAsync<Reading>(Token);

        // 9 words of one syllable each in 2 sentences.
        Assert.Equal(new Reading(Math.Round(206.835 - (1.015 * 4.5) - 84.6, 1), 2, 9), reading);
    }

    [Fact]
    public async Task Who_is_no_reader_is_forbidden()
    {
        using var answer = await Read("key of eve", "The cat sat.");
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task Each_caller_has_a_limit_of_its_own()
    {
        for (var count = 0; count < 10; count++)
        {
            using var taken = await Read("key of ann", "The cat sat.");
            Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
        }

        using var refused = await Read("key of ann", "The cat sat.");
        using var other = await Read("key of bob", "The cat sat.");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("...")]
    public async Task A_text_without_words_is_refused_by_the_service(string text)
    {
        using var answer = await Read("key of ann", text);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/livez")]
    [InlineData("/readyz")]
    public async Task The_applications_own_pages_and_the_probes_are_open(string path)
    {
        using var answer = await Client.GetAsync(path, Token);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Outside_of_the_prefix_there_is_no_service()
    {
        using var answer = await Client.PostAsJsonAsync("/read", new { text = "The cat sat." }, Token);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task The_document_is_for_callers_and_names_the_prefix()
    {
        using var closed = await Client.GetAsync("/texts/docs.json", Token);
        Assert.Equal(HttpStatusCode.Unauthorized, closed.StatusCode);

        using var request = new HttpRequestMessage(HttpMethod.Get, "/texts/docs.json");
        request.Headers.Add("X-Api-Key", "key of bob");
        using var answer = await Client.SendAsync(request, Token);
        var document = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Token))!;
        Assert.Equal("/texts", document["servers"]![0]!["url"]!.GetValue<string>());
        Assert.NotNull(document["paths"]!["/read"]);
    }

    private async Task<HttpResponseMessage> Read(string? key, string text)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/texts/read") { Content = JsonContent.Create(new { text }) };

        if (key is not null)
        {
            request.Headers.Add("X-Api-Key", key);
        }

        return await Client.SendAsync(request, Token);
    }
}
