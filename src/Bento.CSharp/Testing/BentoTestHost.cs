using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Bento.CSharp;

/// <summary>Starts services in this process for tests.</summary>
public static class BentoTestHost
{
    /// <summary>Starts the service.</summary>
    /// <typeparam name="TService">A class marked with <see cref="ServiceAttribute"/>.</typeparam>
    /// <param name="configure">Adds what the constructor of the class takes, such as a fake.</param>
    /// <returns>The host, whose disposal stops the service.</returns>
    /// <exception cref="InvalidServiceException">The class cannot be read as a service, or the service cannot be hosted here.</exception>
    public static async Task<BentoTestHost<TService>> StartAsync<TService>(Action<IServiceCollection>? configure = null)
        where TService : class
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddBento<TService>();
        configure?.Invoke(builder.Services);
        var app = builder.Build();

        try
        {
            app.MapBento<TService>();
            app.MapBentoDocuments<TService>();
            app.MapBentoHealth();
            app.MapBentoMetrics();
            await app.StartAsync().ConfigureAwait(false);
        }
        catch
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        return new BentoTestHost<TService>(app);
    }
}
