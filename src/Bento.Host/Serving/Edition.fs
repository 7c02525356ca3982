namespace Bento

open System
open System.Diagnostics
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Http
open Microsoft.AspNetCore.Routing
open Microsoft.Extensions.DependencyInjection
open Microsoft.Extensions.Hosting
open Microsoft.Extensions.Logging

/// A definition on a server: its workers, its routes, and the requests that it has let in. A server has one that answers,
/// and for a while those which that one has replaced.
[<Sealed>]
type internal Edition(options: ServeOptions, definition: Definition, application: IServiceProvider) =

    /// How long `onShutdown` and the disposal of the states may take.
    static let hookTime = seconds 10

    /// What is the server's own is handed on, so that figures and the log are one for all editions.
    let services =
        ServiceCollection()
            .AddRoutingCore()
            .AddLogging()
            .AddSingleton(application.GetRequiredService<ILoggerFactory>())
            .AddSingleton(application.GetRequiredService<DiagnosticListener>())
            .AddSingleton(application.GetRequiredService<IHostApplicationLifetime>())
            .AddSingleton(application.GetRequiredService<Metrics>())
            .AddBento(definition)
            .BuildServiceProvider()

    let runtime = Host.runtime services
    do runtime.HookTime <- hookTime

    let map (routes: IEndpointRouteBuilder) =
        let routes = routes.MapGroup options.Prefix
        routes.MapBento definition |> ignore
        routes.MapBentoHealth() |> ignore
        routes.MapBentoMetrics() |> ignore
        routes.MapBentoDocuments definition |> ignore

        if options.Page then
            routes.MapBentoPage definition |> ignore

    let mutable pipeline: RequestDelegate | null = null

    let mutable requests = 0

    [<VolatileField>]
    let mutable isRetired = false

    let empty = TaskCompletionSource TaskCreationOptions.RunContinuationsAsynchronously

    let leave () =
        if Interlocked.Decrement &requests = 0 && isRetired then
            empty.TrySetResult() |> ignore

    let host = runtime :> IHostedService

    member _.Runtime = runtime
    member _.Card = (Definition.require definition).Card

    /// Makes the routes. Raises what `AddBento` and `MapBento` would.
    member _.Map() =
        let builder = ApplicationBuilder services
        builder.UseRouting().UseEndpoints(map) |> ignore
        pipeline <- builder.Build()

    /// Makes the workers. When one fails, those before it are stopped, and the edition is good for nothing but disposal.
    member _.Start(cancellation: CancellationToken) : Task = host.StartAsync cancellation

    /// Lets a request in, which `Leave` lets out; not when another edition has taken the place of this one.
    member _.TryEnter() : bool =
        Interlocked.Increment &requests |> ignore

        if isRetired then
            leave ()
            false
        else
            true

    member _.Leave() = leave ()

    /// Answers a request that was let in.
    member _.Answer(http: HttpContext) : Task = (nonNull pipeline).Invoke http

    /// Lets nobody else in, and ends when the last request has left.
    member _.Retire() : Task =
        isRetired <- true
        runtime.Retire()

        // Counts itself in, so that one of the two who see the last request leave is always there.
        Interlocked.Increment &requests |> ignore
        leave ()
        empty.Task

    /// Waits for work after answers, runs `onShutdown`, disposes the states.
    member _.Stop(cancellation: CancellationToken) : Task = host.StopAsync cancellation

    interface IAsyncDisposable with
        member _.DisposeAsync() = services.DisposeAsync()
