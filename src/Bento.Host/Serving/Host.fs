namespace Bento

open System
open System.Collections.Generic
open System.Runtime.CompilerServices
open System.Threading.Tasks
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Http
open Microsoft.AspNetCore.Routing
open Microsoft.Extensions.DependencyInjection
open Microsoft.Extensions.DependencyInjection.Extensions
open Microsoft.Extensions.Hosting

/// Services inside an ASP.NET Core application.
[<RequireQualifiedAccess>]
module Host =

    /// The services that `AddBento` was given, of which there must be some.
    let internal runtime (services: IServiceProvider) : Runtime =
        match services.GetService<Runtime>() with
        | null ->
            invalidOp
                "The application has no services of Bento's; call services.AddBento with a definition before the application is built."
        | runtime -> runtime

    let internal find (services: IServiceProvider) (definition: Definition) : ServiceHost =
        match (runtime services).Find definition with
        | Some host -> host
        | None ->
            invalidOp
                $"The service \"{definition.Name}\" is not among the application's services; call services.AddBento with its definition before the application is built."

    /// Where Giraffe's `subRoute` keeps the part of the path that it has matched.
    let private matchedByGiraffe (http: HttpContext) =
        match http.Items.TryGetValue "giraffe_route" with
        | true, (:? string as prefix) -> prefix
        | _ -> ""

    let private pathBelow (prefix: string) (http: HttpContext) =
        let path = http.Request.Path.Value |> Option.ofObj |> Option.defaultValue ""

        if path.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) then
            path.Substring prefix.Length
        else
            path

    /// The methods that an endpoint is asked with.
    let internal methodsOf (card: EndpointCard) =
        match card.Kind with
        | EndpointKind.Socket -> SocketUpgrade.methods
        | EndpointKind.Api
        | EndpointKind.Stream
        | EndpointKind.Job -> [ HttpMethods.Post ]

    /// A service as a handler of Giraffe's type: it answers what comes to its routes and passes over everything else.
    let toHttpHandler (definition: Definition<'State>) : HttpHandler =
        let positions = Dictionary StringComparer.OrdinalIgnoreCase

        (Service.require definition).Card.Endpoints
        |> List.iteri (fun position endpoint -> positions.Add(endpoint.Route, struct (position, methodsOf endpoint)))

        let asked (http: HttpContext) =
            match positions.TryGetValue(pathBelow (matchedByGiraffe http) http) with
            | true, struct (position, methods) when List.contains http.Request.Method methods -> ValueSome position
            | _ -> ValueNone

        fun _ http -> task {
            match asked http with
            | ValueNone -> return None
            | ValueSome position ->
                do! (find http.RequestServices definition).Handle position http
                return Some http
        }

    /// What stands before a path in the route that it has been mapped to.
    let internal prefixOf (path: string) (endpoint: EndpointBuilder) =
        match endpoint with
        | :? RouteEndpointBuilder as route ->
            let whole = route.RoutePattern.RawText |> Option.ofObj |> Option.defaultValue path
            whole.Substring(0, whole.Length - path.Length).TrimEnd '/'
        | _ -> ""

/// `AddBento` and `MapBento`, as ASP.NET Core has such things.
[<AbstractClass; Sealed; Extension>]
type BentoExtensions private () =

    /// Adds a service to the application, which starts it before it listens and stops it after the last request.
    [<Extension>]
    static member AddBento(services: IServiceCollection, definition: Definition) : IServiceCollection =
        services.TryAddSingleton<Metrics>()
        services.TryAddSingleton<Runtime>()
        services.AddSingleton<Definition> definition |> ignore

        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IHostedService, Runtime>(fun provider -> provider.GetRequiredService<Runtime>())
        )

        services

    /// Maps a route for each endpoint of a service that `AddBento` was given: GET for a socket, POST for all others.
    [<Extension>]
    static member MapBento(routes: IEndpointRouteBuilder, definition: Definition) : IEndpointConventionBuilder =
        let host = Host.find routes.ServiceProvider definition
        (Host.runtime routes.ServiceProvider).Check()
        let group = routes.MapGroup ""

        Definition.require definition
        |> _.Card.Endpoints
        |> List.iteri (fun position endpoint ->
            group
                .MapMethods(endpoint.Route, Host.methodsOf endpoint, RequestDelegate(host.Handle position))
                .WithDisplayName($"{definition.Name}.{endpoint.Name}")
                .WithMetadata(EndpointLabel.Of(definition.Name, endpoint))
            |> ignore)

        group

    /// Maps `/docs.json`, the OpenAPI document of a service that `AddBento` was given, and `/schema.json`, which BentoML's
    /// clients read. Below a prefix, map them where `MapBento` maps the service.
    [<Extension>]
    static member MapBentoDocuments
        (routes: IEndpointRouteBuilder, definition: Definition)
        : IEndpointConventionBuilder =
        let hosted = Definition.require definition
        let group = routes.MapGroup ""
        let methods = [ HttpMethods.Get; HttpMethods.Head ]

        for path, serving in Documents.routes hosted do
            group
                .MapMethods(path, methods, RequestDelegate(fun _ -> Task.CompletedTask))
                // Only a finished endpoint knows what prefixes it stands below.
                .Add(fun endpoint -> endpoint.RequestDelegate <- serving (Host.prefixOf path endpoint))

        group

    /// Maps `/`, the page to try a service on, and `/page` with what it is made of. It reads the documents that
    /// `MapBentoDocuments` maps in the same place; of several services, each wants a prefix of its own.
    [<Extension>]
    static member MapBentoPage(routes: IEndpointRouteBuilder, definition: Definition) : IEndpointConventionBuilder =
        let group = routes.MapGroup ""
        let methods = [ HttpMethods.Get; HttpMethods.Head ]

        for path, answer in Page.routes definition.Name do
            group.MapMethods(path, methods, answer) |> ignore

        group

    /// Maps the probes `/livez`, `/healthz` and `/readyz`.
    [<Extension>]
    static member MapBentoHealth(routes: IEndpointRouteBuilder) : IEndpointConventionBuilder =
        let runtime = Host.runtime routes.ServiceProvider
        let group = routes.MapGroup ""
        let methods = [ HttpMethods.Get; HttpMethods.Head ]

        for path, probe in
            [
                SystemRoutes.live, Health.live runtime
                SystemRoutes.healthy, Health.live runtime
                SystemRoutes.ready, Health.ready runtime
            ] do
            group.MapMethods(path, methods, RequestDelegate probe).WithMetadata(EndpointLabel.Probe path)
            |> ignore

        group

    /// Maps `/metrics`, which Prometheus reads.
    [<Extension>]
    static member MapBentoMetrics(routes: IEndpointRouteBuilder) : IEndpointConventionBuilder =
        let runtime = Host.runtime routes.ServiceProvider
        let methods = [ HttpMethods.Get; HttpMethods.Head ]

        routes
            .MapMethods(SystemRoutes.metrics, methods, RequestDelegate(Health.metrics runtime))
            .WithMetadata(EndpointLabel.Probe SystemRoutes.metrics)
