using Bento.CSharp.Reading;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Bento.CSharp;

/// <summary>Maps the endpoints of services that are classes.</summary>
public static class BentoEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Maps a route for each endpoint of a service that <c>AddBento</c> was given. Authorization, rate limits, filters and the
    /// like go on what this returns, and a prefix on a group that it is called on.
    /// </summary>
    /// <typeparam name="TService">A class marked with <see cref="ServiceAttribute"/>.</typeparam>
    /// <param name="routes">The application, or a group of its routes.</param>
    /// <returns>What adds to all of the service's routes at once.</returns>
    /// <exception cref="InvalidOperationException"><c>AddBento</c> was not called for this class.</exception>
    public static RouteGroupBuilder MapBento<TService>(this IEndpointRouteBuilder routes)
        where TService : class => routes.MapBento(BentoService.Of<TService>());

    /// <summary>Maps a route for each endpoint of a service that was built.</summary>
    /// <param name="routes">The application, or a group of its routes.</param>
    /// <param name="service">The service, which <c>AddBento</c> was given.</param>
    /// <returns>What adds to all of the service's routes at once.</returns>
    public static RouteGroupBuilder MapBento(this IEndpointRouteBuilder routes, BentoService service)
    {
        ArgumentNullException.ThrowIfNull(routes);
        ArgumentNullException.ThrowIfNull(service);
        return (RouteGroupBuilder)BentoExtensions.MapBento(routes, service.Definition);
    }

    /// <summary>Maps <c>/docs.json</c>, the service's OpenAPI document, and <c>/schema.json</c>, where <c>MapBento</c> maps the service.</summary>
    /// <typeparam name="TService">A class marked with <see cref="ServiceAttribute"/>.</typeparam>
    /// <param name="routes">The application, or a group of its routes.</param>
    /// <returns>What adds to both routes.</returns>
    public static IEndpointConventionBuilder MapBentoDocuments<TService>(this IEndpointRouteBuilder routes)
        where TService : class => BentoExtensions.MapBentoDocuments(routes, BentoService.Of<TService>().Definition);

    /// <summary>Maps the page to try the service on, beside its documents.</summary>
    /// <typeparam name="TService">A class marked with <see cref="ServiceAttribute"/>.</typeparam>
    /// <param name="routes">The application, or a group of its routes.</param>
    /// <returns>What adds to the page's routes.</returns>
    public static IEndpointConventionBuilder MapBentoPage<TService>(this IEndpointRouteBuilder routes)
        where TService : class => BentoExtensions.MapBentoPage(routes, BentoService.Of<TService>().Definition);

    /// <summary>Maps the probes <c>/livez</c>, <c>/healthz</c> and <c>/readyz</c> of all services of the application.</summary>
    /// <param name="routes">The application, or a group of its routes.</param>
    /// <returns>What adds to the probes' routes.</returns>
    public static IEndpointConventionBuilder MapBentoHealth(this IEndpointRouteBuilder routes) =>
        BentoExtensions.MapBentoHealth(routes);

    /// <summary>Maps <c>/metrics</c>, which Prometheus reads.</summary>
    /// <param name="routes">The application, or a group of its routes.</param>
    /// <returns>What adds to that route.</returns>
    public static IEndpointConventionBuilder MapBentoMetrics(this IEndpointRouteBuilder routes) =>
        BentoExtensions.MapBentoMetrics(routes);
}
