using System.Net.WebSockets;
using System.Text;
using System.Text.RegularExpressions;
using Bento.CSharp.Tests.Services;
using Xunit;

namespace Bento.CSharp.Tests;

/// <summary>One service in two languages.</summary>
public sealed class TwinTests
{
    private static readonly Definition _block = FSharp.Twin.twin;
    private static readonly Definition _class = Of.Definition<Services.Twin>();

    public static TheoryData<string, string, string, string> Requests => new()
    {
        { "/summarize", "*/*", "application/json", """{"text":"a b c d"}""" },
        { "/summarize", "*/*", "application/json", """{"text":"a b c d","sentences":1,"title":"T"}""" },
        { "/summarize", "*/*", "application/json", """{"text":"a","title":null}""" },
        { "/summarize", "*/*", "application/json", """{"text":"","sentences":11,"title":3}""" },
        { "/summarize", "*/*", "application/json", """{"sentences":"2"}""" },
        { "/summarize", "*/*", "application/json", """{"text":null}""" },
        { "/summarize", "*/*", "application/json", "[]" },
        { "/summarize", "*/*", "application/json", "{" },
        { "/summarize", "*/*", "application/x-www-form-urlencoded", "text=a+b+c&sentences=2" },
        { "/summarize", "*/*", "application/xml", "<text/>" },
        { "/summarize", "image/png", "application/json", """{"text":"a"}""" },
        { "/v1/length", "*/*", "text/plain", "four" },
        { "/v1/length", "*/*", "application/json", "\"four\"" },
        { "/v1/length", "*/*", "application/json", "4" },
        { "/v1/length", "*/*", "text/plain", new string('x', 3000) },
        { "/words", "*/*", "application/json", """{"body":"a b c d","tags":[]}""" },
        { "/words", "text/event-stream", "application/json", """{"body":"a b","tags":[]}""" },
        { "/words", "application/x-ndjson", "application/json", """{"body":"a b","max_words":1,"tags":["x"]}""" },
        { "/words", "*/*", "application/json", """{"body":"a b"}""" },
        { "/describe_passage", "*/*", "application/json", """{"body":"a","tone":"Formal","language":"en","tags":["x","y"]}""" },
        { "/describe_passage", "application/json", "application/json", """{"body":"a","tone":"Rude","tags":[null]}""" },
        { "/next_day", "*/*", "application/json", """{"day":"2026-11-25"}""" },
        { "/next_day", "*/*", "application/json", """{"day":"2026-11-25","times":7}""" },
        { "/next_day", "*/*", "application/json", """{"day":"yesterday","times":7.5}""" },
        { "/fail", "*/*", "application/json", "418" },
        { "/upper", "*/*", "text/plain", "abc" },
        { "/upper", "*/*", "application/json", "\"\"" },
        { "/lengths", "*/*", "application/json", """["a","","abc"]""" },
        { "/lengths", "*/*", "application/json", "[]" },
        { "/lengths", "*/*", "application/json", """["a",null,3]""" },
        { "/nowhere", "*/*", "application/json", "1" },
    };

    [Fact]
    public void The_cards_are_the_same() =>
        Assert.Equal(FSharp.Twin.comparable(_block), FSharp.Twin.comparable(_class));

    [Fact]
    public void The_texts_for_people_are_the_same() =>
        Assert.Equal(Of.Text(_block), BentoService.Of<Services.Twin>().Describe());

    [Fact]
    public void The_documents_of_OpenAPI_are_the_same_byte_for_byte() =>
        Assert.Equal(Documents.openApi("/x", _block), BentoService.Of<Services.Twin>().OpenApi("/x"));

    [Fact]
    public void The_schemas_are_the_same_byte_for_byte() =>
        Assert.Equal(Documents.schema(_block), BentoService.Of<Services.Twin>().Schema());

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task The_answers_are_the_same(string path, string accept, string contentType, string body)
    {
        await using var block = await Of.Serve(_block);
        await using var service = await Of.Serve(_class);
        Assert.Equal(await Ask(block, path, accept, contentType, body), await Ask(service, path, accept, contentType, body));
    }

    [Fact]
    public async Task The_sockets_answer_the_same()
    {
        await using var block = await Of.Serve(_block);
        await using var service = await Of.Serve(_class);
        Assert.Equal("1 2 NormalClosure", await Talk(block));
        Assert.Equal("1 2 NormalClosure", await Talk(service));
    }

    /// <summary>All of an answer that is not a time or an id.</summary>
    private static async Task<string> Ask(Server server, string path, string accept, string contentType, string body)
    {
        using var client = new HttpClient { BaseAddress = new Uri(server.Address) };
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Headers.Accept.ParseAdd(accept);
        request.Content.Headers.ContentType = new(contentType);
        request.Headers.Add("X-Request-ID", "one-id");
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var headers = answer.Headers.Concat(answer.Content.Headers)
            .Where(header => header.Key is not ("Date" or "traceparent"))
            .Select(header => $"{header.Key}: {string.Join(", ", header.Value)}")
            .Order(StringComparer.Ordinal);

        return $"{(int)answer.StatusCode}\n{string.Join("\n", headers)}\n\n{Regex.Replace(text, ":\\d+/", ":port/")}";
    }

    private static async Task<string> Talk(Server server)
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri(server.Address.Replace("http", "ws", StringComparison.Ordinal) + "/echo"), cancellation);
        var answers = new List<string>();
        var buffer = new byte[100];

        foreach (var message in new[] { "\"a\"", "\"bc\"" })
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, true, cancellation);
            var received = await socket.ReceiveAsync(buffer, cancellation);
            answers.Add(Encoding.UTF8.GetString(buffer, 0, received.Count));
        }

        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellation);
        var end = await socket.ReceiveAsync(buffer, cancellation);
        answers.Add($"{end.CloseStatus}");
        return string.Join(" ", answers);
    }
}
