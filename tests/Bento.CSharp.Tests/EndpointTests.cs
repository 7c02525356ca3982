using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Bento.CSharp.Tests.Services;
using Xunit;

namespace Bento.CSharp.Tests;

/// <summary>From a body to a method's parameters, and from what it returns to an answer.</summary>
public sealed class EndpointTests
{
    public static TheoryData<string, string, HttpStatusCode, string> Bodies => new()
    {
        { "/static", "4", HttpStatusCode.OK, "5" },
        { "/itself", """{"first":1,"second":"b"}""", HttpStatusCode.OK, """{"first":1,"second":"b"}""" },
        { "/itself", """{"first":1}""", HttpStatusCode.OK, """{"first":1}""" },
        { "/itself", """{"first":1,"third":2}""", HttpStatusCode.BadRequest, "body.third" },
        { "/maybe", "null", HttpStatusCode.OK, "null" },
        { "/maybe_text", """{"text":"a"}""", HttpStatusCode.OK, "\"a\"" },
        { "/maybe_text", "{}", HttpStatusCode.OK, "null" },
        { "/maybe_later", "null", HttpStatusCode.OK, "null" },
        { "/only_list", "[1,2]", HttpStatusCode.OK, "[1,2]" },
        { "/only_list", "[1,null]", HttpStatusCode.BadRequest, "body[1]" },
        { "/sum", """{"first_numbers":[1,2]}""", HttpStatusCode.OK, "3" },
        { "/sum", """{"firstNumbers":[1],"more_numbers":{"a":5},"pair":{"first":7}}""", HttpStatusCode.OK, "13" },
        { "/sum", """{"more_numbers":{"a":null}}""", HttpStatusCode.BadRequest, "body.first_numbers is missing" },
        { "/sum", """{"first_numbers":[1],"other":2}""", HttpStatusCode.BadRequest, "body.other" },
        { "/about", """{"number":3}""", HttpStatusCode.OK, "\"POST /about 3\"" },
        { "/about", "3", HttpStatusCode.BadRequest, "an object with number" },
        { "/speak", """{"text":"a"}""", HttpStatusCode.OK, "\"Formal a \"" },
        { "/speak", """{"text":"a","tone":null,"pause":"PT2S"}""", HttpStatusCode.OK, "\" a 2\"" },
        { "/nothing", "", HttpStatusCode.OK, "\"nothing\"" },
        { "/sleep", "1", HttpStatusCode.OK, "1" },
        { "/sleep", "20000", HttpStatusCode.GatewayTimeout, "deadline" },
        { "/overridden", "", HttpStatusCode.OK, "\"base\"" },
        { "/count", """{"to":2}""", HttpStatusCode.OK, "{\"first\":0}\n{\"first\":1,\"second\":\"1\"}\n" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_body_gets_its_answer(string path, string body, HttpStatusCode status, string answer)
    {
        await using var host = await BentoTestHost.StartAsync<Shapes>();
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Accept.ParseAdd(path == "/count" ? "application/x-ndjson" : "application/json");
        using var response = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(status, response.StatusCode);

        if (status == HttpStatusCode.OK)
        {
            Assert.Equal(answer, text);
        }
        else
        {
            Assert.Contains(answer, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_file_is_a_part_beside_the_other_parameters()
    {
        await using var host = await BentoTestHost.StartAsync<Shapes>();
        using var file = new ByteArrayContent([1, 2, 3]);
        file.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using var title = new StringContent("cat");
        using var form = new MultipartFormDataContent { { file, "upload", "cat.bin" }, { title, "title" } };
        using var response = await host.Client.PostAsync("/file", form, TestContext.Current.CancellationToken);
        Assert.Equal("cat: cat.bin, 3", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_context_says_with_null_what_is_not_there()
    {
        await using var host = await BentoTestHost.StartAsync<Caller>();
        host.Client.DefaultRequestHeaders.Add("X-Word", "word");
        Assert.Equal("True 127.0.0.1 word null", await host.CallAsync(caller => caller.Known(null!), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_a_method_says_of_its_answer_is_on_it_and_what_it_leaves_for_later_is_done()
    {
        await using var host = await BentoTestHost.StartAsync<Caller>();
        using var response = await host.Client.PostAsync("/known", null, TestContext.Current.CancellationToken);
        Assert.Equal(["seen=yes; max-age=60; path=/; samesite=lax; httponly"], response.Headers.GetValues("Set-Cookie"));

        while (await host.CallAsync(caller => caller.After(null!), TestContext.Current.CancellationToken) is not "/known")
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Requests_that_come_together_are_one_batch()
    {
        await using var host = await BentoTestHost.StartAsync<Shapes>();

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(async number =>
        {
            using var response = await host.Client.PostAsJsonAsync("/together", new { first = number }, TestContext.Current.CancellationToken);
            return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        }));

        Assert.Equal([0, 1, 2, 3], answers.Select(answer => answer[0] - '0').Order());
        Assert.All(answers, answer => Assert.Matches(@"^\d of (\d), \1$", answer));
    }

    [Fact]
    public async Task A_class_has_the_endpoints_of_its_base_before_its_own()
    {
        var schema = JsonNode.Parse(BentoService.Of<Derived>().Schema())!;
        var names = schema["routes"]!.AsArray().Select(route => (string)route!["name"]!).ToArray();
        Assert.Equal("own", names[^1]);
        Assert.Contains("together", names);
        await using var host = await BentoTestHost.StartAsync<Derived>();
        Assert.Equal("derived", await host.CallAsync(service => service.Overridden(), TestContext.Current.CancellationToken));
        Assert.Equal(6, await host.CallAsync(service => service.Own(2, 3), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Parameters_and_what_is_written_about_them_are_in_the_schema()
    {
        var document = JsonNode.Parse(BentoService.Of<Twin>().OpenApi())!;
        var post = document["paths"]!["/summarize"]!["post"]!;
        var schema = post["requestBody"]!["content"]!["application/json"]!["schema"]!;
        Assert.Equal("Makes a text short", (string)post["summary"]!);
        Assert.Equal("How many sentences stay.", (string)schema["properties"]!["sentences"]!["description"]!);
        Assert.Equal(3, (int)schema["properties"]!["sentences"]!["default"]!);
        Assert.Equal(10, (int)schema["properties"]!["sentences"]!["maximum"]!);
        Assert.Equal(100, (int)schema["properties"]!["text"]!["maxLength"]!);
        Assert.Equal(["text"], schema["required"]!.AsArray().Select(name => (string)name!));
    }
}
