using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Bento;
using Bento.CSharp;
using Xunit;

namespace Ocr.Tests;

public sealed class ReaderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_uploaded_page_is_read_line_by_line()
    {
        var page = await Read(await System.IO.File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "page.png"), Token));

        // The model sets spaces as it likes.
        static string Plain(string text) => text.Replace(" ", "", StringComparison.Ordinal);

        Assert.Equal(
            ["InvoiceNo.20481", "Twelvecratesoforanges", "Totaldue", "319.50EUR"],
            page.Lines.Select(line => Plain(line.Text)));
        Assert.Equal(page.Text, string.Join('\n', page.Lines.Select(line => line.Text)));
        Assert.All(page.Lines, line => Assert.InRange(line.Confidence, 0.9, 1));

        // 24 pixels of margin, and letters 30 pixels high.
        Assert.InRange(page.Lines[0].Box.Left, 10, 30);
        Assert.InRange(page.Lines[0].Box.Height, 24, 60);
        Assert.True(page.Lines[3].Box.Left > page.Lines[2].Box.Left + page.Lines[2].Box.Width);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(300, 20)]
    [InlineData(2_500, 40)]
    public async Task A_blank_page_says_nothing(int width, int height)
    {
        var white = Enumerable.Repeat((byte)255, width * height).ToArray();
        var image = Image.OfPixels("blank.png", PixelsModule.create(width, height, 1, white));
        Assert.Empty((await Read(image.File.ReadAllBytes())).Lines);
    }

    [Fact]
    public async Task What_is_no_png_is_refused()
    {
        await using var host = await BentoTestHost.StartAsync<Reader>();
        using var answer = await Send(host.Client, "not a picture"u8.ToArray());
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    private static async Task<HttpResponseMessage> Send(HttpClient client, byte[] bytes)
    {
        using var body = new ByteArrayContent(bytes);
        body.Headers.ContentType = new MediaTypeHeaderValue("image/png");
        return await client.PostAsync(new Uri("/read", UriKind.Relative), body, Token);
    }

    private static async Task<Page> Read(byte[] bytes)
    {
        await using var host = await BentoTestHost.StartAsync<Reader>();
        using var answer = await Send(host.Client, bytes);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Token));
        return (await answer.Content.ReadFromJsonAsync<Page>(Token))!;
    }
}
