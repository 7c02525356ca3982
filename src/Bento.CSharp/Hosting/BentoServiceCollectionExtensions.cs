using Bento.CSharp.Reading;
using Microsoft.Extensions.DependencyInjection;

namespace Bento.CSharp;

/// <summary>Adds services that are classes to an application.</summary>
public static class BentoServiceCollectionExtensions
{
    /// <summary>
    /// Adds the service that a class is to the application, which starts it before it listens and stops it after the last
    /// request. The constructor of the class may take whatever else the application holds.
    /// </summary>
    /// <typeparam name="TService">A class marked with <see cref="ServiceAttribute"/>.</typeparam>
    /// <param name="services">The application's services.</param>
    /// <returns>The same services.</returns>
    /// <exception cref="InvalidServiceException">The class cannot be read as a service.</exception>
    public static IServiceCollection AddBento<TService>(this IServiceCollection services)
        where TService : class => services.AddBento(BentoService.Of<TService>());

    /// <summary>Adds a service that was built to the application.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="service">The service.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddBento(this IServiceCollection services, BentoService service)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(service);
        return BentoExtensions.AddBento(services, service.Definition);
    }
}
