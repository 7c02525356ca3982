using System.Threading.RateLimiting;
using Bento.CSharp;
using Microsoft.AspNetCore.Authentication;

namespace AspNet;

/// <summary>An application that was there before, with pages of its own, and now has a service in it.</summary>
public static class Application
{
    /// <summary>Makes the application; whoever called runs it.</summary>
    /// <param name="args">The program's arguments, as ASP.NET Core reads them: <c>--urls</c>, <c>--Callers:0:Key</c> and the like.</param>
    /// <returns>The application.</returns>
    public static WebApplication Create(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);

        builder.Services
            .AddAuthentication(ApiKeyHandler.Scheme)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(ApiKeyHandler.Scheme, null);

        builder.Services.AddAuthorizationBuilder()
            .AddPolicy("callers", policy => policy.RequireAuthenticatedUser().RequireRole("reader"));

        builder.Services.AddRateLimiter(limits =>
        {
            limits.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limits.AddPolicy("each caller", context => RateLimitPartition.GetFixedWindowLimiter(
                context.User.Identity?.Name ?? "nobody",
                _ => new FixedWindowRateLimiterOptions { PermitLimit = 10, Window = TimeSpan.FromMinutes(1) }));
        });

        builder.Services.AddSingleton<Syllables>();
        builder.Services.AddBento<Readability>();

        var application = builder.Build();
        application.UseAuthentication();
        application.UseAuthorization();
        application.UseRateLimiter();

        application.MapGet("/", () => "An application with pages of its own.");
        application.MapBentoHealth();

        var texts = application.MapGroup("/texts");
        texts.MapBento<Readability>().RequireAuthorization("callers").RequireRateLimiting("each caller");
        texts.MapBentoDocuments<Readability>().RequireAuthorization("callers");

        return application;
    }
}
