/// Applications with services in them, on a server that needs no socket.
module Bento.Hosting.Tests.App

open System
open System.Net
open System.Net.Http
open System.Threading.Tasks
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Hosting
open Microsoft.AspNetCore.TestHost
open Microsoft.Extensions.DependencyInjection
open Microsoft.Extensions.Logging
open Bento
open Bento.Hosting.Tests.Logs

[<Sealed>]
type App(app: WebApplication, logs: Logs) =
    let client = app.GetTestClient()

    member _.Client: HttpClient = client
    member _.Lines = logs.Lines
    member _.Services = app.Services
    member _.Stop() = app.StopAsync()

    interface IAsyncDisposable with
        member _.DisposeAsync() =
            let stop: Task<unit> = task {
                client.Dispose()
                do! app.StopAsync()
                do! app.DisposeAsync()
            }

            ValueTask stop

let private buildOn (server: IWebHostBuilder -> IWebHostBuilder) add map : WebApplication * Logs =
    let logs = new Logs()
    let builder = WebApplication.CreateEmptyBuilder(WebApplicationOptions())
    server builder.WebHost |> ignore
    builder.Logging.AddProvider logs |> ignore
    builder.Services.AddRoutingCore() |> ignore
    add builder.Services
    let app = builder.Build()
    map app
    app, logs

/// An application that is built but not started.
let build (add: IServiceCollection -> unit) (map: WebApplication -> unit) = buildOn _.UseTestServer() add map

let start add map : Task<App> = task {
    let app, logs = build add map
    do! app.StartAsync()
    return App(app, logs)
}

/// Hosts services as an application does that has nothing else.
let hosting (definitions: Definition list) : Task<App> =
    start
        (fun services ->
            for definition in definitions do
                services.AddBento definition |> ignore)
        (fun app ->
            app.UseRouting() |> ignore

            for definition in definitions do
                app.MapBento definition |> ignore

            app.MapBentoHealth() |> ignore)

/// An application with sockets, and what it writes to its log.
let listening (definition: Definition) : Task<WebApplication * Logs> = task {
    let listen (web: IWebHostBuilder) =
        web.UseKestrelCore().ConfigureKestrel(fun kestrel -> kestrel.Listen(IPAddress.Loopback, 0))

    let app, logs =
        buildOn listen (fun services -> services.AddBento definition |> ignore) (fun app ->
            app.MapBento definition |> ignore)

    do! app.StartAsync()
    return app, logs
}

/// A service on Kestrel, at a free port.
let serving (definition: Definition) : Task<Server * HttpClient> = task {
    let! server = Serve.start { Serve.options with Port = 0 } definition
    return server, new HttpClient(BaseAddress = Uri server.Address)
}
