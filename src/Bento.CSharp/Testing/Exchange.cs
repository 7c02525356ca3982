using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Bento.CSharp;

/// <summary>Requests to a service in a test, and their answers.</summary>
internal static class Exchange
{
    /// <summary>The body of the answer, or the failure that the service tells.</summary>
    public static async Task<byte[]> SendAsync(
        HttpClient client, string route, byte[] body, string accept, CancellationToken cancellation)
    {
        using var request = Request(route, body, accept);
        using var answer = await client.SendAsync(request, cancellation).ConfigureAwait(false);
        await RequireAsync(answer, cancellation).ConfigureAwait(false);
        return await answer.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>The lines of an answer as they come.</summary>
    public static async IAsyncEnumerable<byte[]> LinesAsync(
        HttpClient client, string route, byte[] body, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var request = Request(route, body, "application/x-ndjson");
        using var answer = await client
            .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation)
            .ConfigureAwait(false);
        await RequireAsync(answer, cancellation).ConfigureAwait(false);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false));

        while (await reader.ReadLineAsync(cancellation).ConfigureAwait(false) is { } line)
        {
            yield return Encoding.UTF8.GetBytes(line);
        }
    }

    private static HttpRequestMessage Request(string route, byte[] body, string accept)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        var request = new HttpRequestMessage(HttpMethod.Post, route) { Content = content };
        request.Headers.Accept.ParseAdd(accept);
        return request;
    }

    private static async Task RequireAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        if (!answer.IsSuccessStatusCode)
        {
            var text = await answer.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false);
            throw new BentoException((int)answer.StatusCode, Told(text) ?? $"The service answered with {(int)answer.StatusCode}.");
        }
    }

    /// <summary>The detail of a problem, and what is wrong with each part of a body.</summary>
    private static string? Told(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var problem = document.RootElement;
            var detail = problem.GetProperty("detail").GetString();

            return problem.TryGetProperty("errors", out var errors)
                ? string.Join("; ", errors.EnumerateArray().Select(error => error.GetProperty("msg").GetString()).Prepend(detail))
                : detail;
        }
        catch (Exception problem) when (problem is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }
}
