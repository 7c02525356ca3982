using System.Text.Json;
using Xunit;

namespace Bento.CSharp.Analyzers.Tests;

public sealed class NamesTests
{
    [Theory]
    [InlineData("Summarize")]
    [InlineData("GenerateCard")]
    [InlineData("IOStream")]
    [InlineData("ABTest")]
    [InlineData("TopK")]
    [InlineData("x2Y")]
    [InlineData("Utf8Text")]
    [InlineData("already_snake")]
    [InlineData("A")]
    [InlineData("HTTP")]
    [InlineData("getHTTP2Page")]
    [InlineData("topK")]
    public void Names_on_the_wire_are_those_of_the_host(string name)
    {
        Assert.Equal(JsonNamingPolicy.SnakeCaseLower.ConvertName(name), Names.Snake(name));
        Assert.Equal(JsonNamingPolicy.CamelCase.ConvertName(name), Names.Camel(name));
    }

    [Fact]
    public void An_endpoint_is_named_without_async()
    {
        Assert.Equal("summarize", Names.Endpoint("SummarizeAsync"));
        Assert.Equal("async", Names.Endpoint("Async"));
    }
}
