using Bento.CSharp.Tests.Services;
using Xunit;

namespace Bento.CSharp.Tests;

/// <summary>A program that is a service.</summary>
public sealed class BentoServerTests
{
    [Fact]
    public async Task Flags_that_are_not_there_end_the_program()
    {
        Assert.Equal(2, await BentoServer.RunAsync<Twin>(["--prot", "1"]));
        Assert.Equal(2, await BentoServer.RunAsync<Twin>(["--port"]));
        Assert.Equal(0, await BentoServer.RunAsync<Twin>(["--help"]));
    }

    [Fact]
    public async Task A_value_that_cannot_be_ends_the_program()
    {
        Assert.Equal(1, await BentoServer.RunAsync<Twin>(["--port=many"]));
        Assert.Equal(1, await BentoServer.RunAsync<Twin>(["--workers", "0"]));
        Assert.Equal(1, await BentoServer.RunAsync<Twin>(["--config", "there-is-none.yaml"]));
    }

    [Fact]
    public async Task A_class_that_is_no_service_ends_the_program() =>
        Assert.Equal(1, await BentoServer.RunAsync<Unmarked>([]));

    [Fact]
    public async Task A_port_that_is_taken_ends_the_program()
    {
        await using var server = await BentoServer.StartAsync<Caller>(new() { Port = 0, Page = false });
        Assert.Equal(1, await BentoServer.RunAsync<Caller>(["--port", $"{new Uri(server.Address).Port}"]));
    }
}
