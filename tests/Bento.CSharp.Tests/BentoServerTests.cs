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
    public async Task Whatever_goes_wrong_ends_the_program_with_its_code_and_words()
    {
        Assert.Contains("no model", await Failed<Exploding>(), StringComparison.Ordinal);
        Assert.Contains("no attribute", await Failed<Unreadable>(), StringComparison.Ordinal);
        Assert.Contains("It was asked to stop before it was ready.", await Failed<GivenUp>(), StringComparison.Ordinal);
        Assert.Contains("`onShutdown` had not ended", await Failed<Endless>(), StringComparison.Ordinal);
    }

    /// <summary>What a program with exit code 1 has said.</summary>
    private static async Task<string> Failed<TService>()
        where TService : class
    {
        var before = Console.Error;
        using var said = new StringWriter();
        Console.SetError(TextWriter.Synchronized(said));

        try
        {
            Assert.Equal(1, await BentoServer.RunAsync<TService>(["--port", "0"]));
        }
        finally
        {
            Console.SetError(before);
        }

        return said.ToString();
    }

    [Fact]
    public async Task A_port_that_is_taken_ends_the_program()
    {
        await using var server = await BentoServer.StartAsync<Caller>(new() { Port = 0, Page = false });
        Assert.Equal(1, await BentoServer.RunAsync<Caller>(["--port", $"{new Uri(server.Address).Port}"]));
    }
}
