using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using System.Threading.RateLimiting;
using Bento.CSharp.Tests.Services;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xunit;

namespace Bento.CSharp.Tests;

/// <summary>A class inside an application that has more than it.</summary>
public sealed class ApplicationTests
{
    [Fact]
    public async Task The_application_authenticates_callers_and_the_service_sees_them()
    {
        await using var app = await StartAsync(routes => routes.MapBento<Caller>().RequireAuthorization());
        Assert.Equal((HttpStatusCode.Unauthorized, ""), await PostAsync(app, "/who", null));
        Assert.Equal((HttpStatusCode.OK, "Ada"), await PostAsync(app, "/who", "secret"));
    }

    [Fact]
    public async Task A_policy_refuses_whom_it_does_not_know()
    {
        await using var app = await StartAsync(routes => routes.MapBento<Caller>().RequireAuthorization("admins"));
        Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync(app, "/who", "secret")).Status);
    }

    [Fact]
    public async Task A_prefix_stands_before_the_service_and_its_documents()
    {
        await using var app = await StartAsync(routes =>
        {
            var group = routes.MapGroup("/ai");
            group.MapBento<Caller>();
            group.MapBentoDocuments<Caller>();
            group.MapBentoPage<Caller>();
            routes.MapBentoHealth();
            routes.MapBentoMetrics();
            routes.MapGet("/other", () => "other");
        });

        using var client = Client(app);
        Assert.Equal((HttpStatusCode.OK, "nobody"), await PostAsync(app, "/ai/who", null));
        Assert.Equal("other", await client.GetStringAsync("/other", TestContext.Current.CancellationToken));
        Assert.Contains("\"/ai\"", await client.GetStringAsync("/ai/docs.json", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains("caller", await client.GetStringAsync("/ai/", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains("bento_requests_total", await client.GetStringAsync("/metrics", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        using var ready = await client.GetAsync("/readyz", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
    }

    [Fact]
    public async Task The_application_limits_the_rate_of_requests()
    {
        await using var app = await StartAsync(routes => routes.MapBento<Caller>().RequireRateLimiting("one"));
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(app, "/who", null)).Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await PostAsync(app, "/who", null)).Status);
    }

    [Fact]
    public async Task An_endpoint_filter_runs_round_the_method()
    {
        await using var app = await StartAsync(routes => routes.MapBento<Caller>().AddEndpointFilter(async (context, next) =>
        {
            context.HttpContext.Response.Headers["X-Filter"] = "ran";
            return await next(context);
        }));

        using var client = Client(app);
        using var answer = await client.PostAsync("/who", null, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(["ran"], answer.Headers.GetValues("X-Filter"));
    }

    [Fact]
    public async Task Two_services_run_in_one_application()
    {
        await using var app = await StartAsync(routes =>
        {
            routes.MapGroup("/one").MapBento<Caller>();
            routes.MapGroup("/two").MapBento<Shapes>();
        });

        Assert.Equal((HttpStatusCode.OK, "nobody"), await PostAsync(app, "/one/who", null));
        Assert.Equal((HttpStatusCode.OK, "nothing"), await PostAsync(app, "/two/nothing", null));
    }

    [Fact]
    public async Task A_service_that_was_not_added_cannot_be_mapped()
    {
        var problem = await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(routes => routes.MapBento<Derived>()));
        Assert.Contains("\"derived\" is not among the application's services", problem.Message, StringComparison.Ordinal);
    }

    private static async Task<WebApplication> StartAsync(Action<WebApplication> map)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddBento<Caller>().AddBento<Shapes>();
        builder.Services.AddAuthentication("key").AddScheme<AuthenticationSchemeOptions, KeyHandler>("key", null);
        builder.Services.AddAuthorizationBuilder().AddPolicy("admins", policy => policy.RequireRole("admin"));
        builder.Services.AddRateLimiter(limiter => limiter.AddPolicy(
            "one",
            _ => RateLimitPartition.GetFixedWindowLimiter(0, _ => new() { PermitLimit = 1, Window = TimeSpan.FromHours(1) })));
        var app = builder.Build();

        try
        {
            app.UseAuthentication();
            app.UseAuthorization();
            app.UseRateLimiter();
            map(app);
            await app.StartAsync(TestContext.Current.CancellationToken);
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    private static HttpClient Client(WebApplication app) => new() { BaseAddress = new Uri(app.Urls.First()) };

    private static async Task<(HttpStatusCode Status, string Text)> PostAsync(WebApplication app, string path, string? key)
    {
        using var client = Client(app);
        using var request = new HttpRequestMessage(HttpMethod.Post, path);

        if (key is not null)
        {
            request.Headers.Add("X-Key", key);
        }

        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Knows one key.</summary>
    private sealed class KeyHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            if (Request.Headers["X-Key"] != "secret")
            {
                return Task.FromResult(AuthenticateResult.NoResult());
            }

            var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, "Ada")], Scheme.Name);
            return Task.FromResult(AuthenticateResult.Success(new(new ClaimsPrincipal(identity), Scheme.Name)));
        }
    }
}
