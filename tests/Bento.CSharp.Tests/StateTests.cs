using System.Net;
using Bento.CSharp.Tests.Services;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Bento.CSharp.Tests;

/// <summary>How instances are made, and what happens in their lives.</summary>
public sealed class StateTests
{
    [Fact]
    public async Task A_constructor_is_given_what_the_application_holds()
    {
        await using var host = await BentoTestHost.StartAsync<Greeter>(services => services.AddSingleton<IGreeting, Hello>());
        Assert.Equal("Hello Ada!", await host.CallAsync(service => service.Greet("Ada"), TestContext.Current.CancellationToken));
        Assert.Equal("2 True False True 0", await host.CallAsync(service => service.Place(), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_nobody_holds_has_its_default()
    {
        await using var host = await BentoTestHost.StartAsync<Modest>();
        Assert.Equal("Formal 2 1", await host.CallAsync(service => service.Show(), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_the_application_does_not_hold_is_told_when_it_starts()
    {
        var problem = await Assert.ThrowsAsync<InvalidOperationException>(() => BentoTestHost.StartAsync<Needy>());
        Assert.Equal(
            "`init` of \"needy\" raised InvalidOperationException: Needy takes `greeting`, a IGreeting, which the application does not hold; add it to the application's services.",
            problem.Message);
    }

    [Fact]
    public async Task A_server_without_an_application_tells_the_same()
    {
        var problem = await Assert.ThrowsAsync<InvalidOperationException>(
            () => BentoServer.StartAsync<Needy>(new() { Port = 0 }));
        Assert.Contains("add it to the application's services", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_instance_is_made_started_asked_stopped_and_disposed_in_order()
    {
        var diary = new Diary();
        var deployments = Slow.Deployments;

        await using (var host = await BentoTestHost.StartAsync<Slow>(services => services.AddSingleton(diary)))
        {
            Assert.Equal("model", await host.CallAsync(service => service.Model(), TestContext.Current.CancellationToken));
            Assert.Equal(HttpStatusCode.OK, await Status(host, "/readyz"));
            Assert.Equal(HttpStatusCode.OK, await Status(host, "/livez"));
            diary.Write("unready");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, await Status(host, "/readyz"));
            Assert.Equal(HttpStatusCode.OK, await Status(host, "/livez"));
            diary.Write("dead");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, await Status(host, "/livez"));
        }

        Assert.Equal(["init", "startup", "unready", "dead", "shutdown", "disposed"], diary.Lines);
        Assert.Equal(deployments + 1, Slow.Deployments);
    }

    private static async Task<HttpStatusCode> Status(BentoTestHost<Slow> host, string path)
    {
        using var answer = await host.Client.GetAsync(path, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }
}
