namespace Bento

open System
open System.Net
open System.Runtime.ExceptionServices
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Hosting
open Microsoft.AspNetCore.Hosting.Server.Features
open Microsoft.AspNetCore.Http
open Microsoft.AspNetCore.Server.Kestrel.Core
open Microsoft.Extensions.DependencyInjection
open Microsoft.Extensions.Hosting
open Microsoft.Extensions.Logging

/// Where a service listens.
type ServeOptions = {
    /// An IP address, or "localhost". Other machines can only reach one that is theirs to reach.
    Host: string
    /// 0 takes a free port.
    Port: int
}

/// A service on the air.
[<Interface>]
type Server =
    inherit IAsyncDisposable

    /// Where it listens, as in "http://127.0.0.1:3000".
    abstract Address: string

    /// Ends when the process is asked to end and the last request is answered.
    abstract Completion: Task

    /// Stops listening, lets requests finish, runs `onShutdown`.
    abstract Stop: CancellationToken -> Task

/// A service on a server of its own.
[<RequireQualifiedAccess>]
module Serve =

    /// Port 3000 of this machine only.
    let options = { Host = "127.0.0.1"; Port = 3000 }

    /// How the server is told where to listen; what cannot be is refused before anything starts.
    let private listening (options: ServeOptions) : KestrelServerOptions -> unit =
        if options.Port < IPEndPoint.MinPort || options.Port > IPEndPoint.MaxPort then
            invalidArg
                (nameof options)
                $"{options.Port} is not a port; give one from 1 to {IPEndPoint.MaxPort}, or 0 for a free one."

        match options.Host, IPAddress.TryParse options.Host with
        | _, (true, (NonNull address)) -> _.Listen(address, options.Port)
        | "localhost", _ when options.Port = 0 -> _.Listen(IPAddress.Loopback, 0)
        | "localhost", _ -> _.ListenLocalhost(options.Port)
        | other, _ ->
            invalidArg
                (nameof options)
                $"The host \"{other}\" is not an address of this machine; give an IP address such as 127.0.0.1, 0.0.0.0 or ::1, or localhost."

    let private logToStandardError (logging: ILoggingBuilder) =
        logging
            .AddSimpleConsole(fun console -> console.SingleLine <- true)
            .AddFilter("Microsoft", LogLevel.Warning)
            // Each failure of the server itself is told once, by whoever started it.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None)
        |> ignore

        logging.Services.Configure<Console.ConsoleLoggerOptions>(fun (console: Console.ConsoleLoggerOptions) ->
            console.LogToStandardErrorThreshold <- LogLevel.Trace)
        |> ignore

    /// What routing leaves without a body, such as 404 and 405, gets the problem that every refusal is.
    let private explainBareStatus (http: HttpContext) : Task = task {
        let response = http.Response

        if
            response.StatusCode >= 400
            && response.StatusCode <> Refusal.callerLeft.Status
            && not response.HasStarted
            && isNull response.ContentType
        then
            let detail =
                match response.StatusCode with
                | StatusCodes.Status404NotFound -> $"There is nothing at {http.Request.Path}."
                | StatusCodes.Status405MethodNotAllowed ->
                    $"{http.Request.Path} does not take {http.Request.Method}; use {response.Headers.Allow}."
                | _ -> $"{http.Request.Method} {http.Request.Path} was refused."

            do! Refusal.write http (Refusal.plain response.StatusCode detail)
    }

    /// The outermost step of every request: an id on each answer, a problem for each refusal.
    let private frame (http: HttpContext) (next: RequestDelegate) : Task = task {
        RequestId.assign http |> ignore
        do! next.Invoke http
        do! explainBareStatus http
    }

    let private build (listen: KestrelServerOptions -> unit) (definition: Definition) : WebApplication =
        let builder = WebApplication.CreateEmptyBuilder(WebApplicationOptions())

        builder.WebHost
            .UseKestrelCore()
            .ConfigureKestrel(fun kestrel ->
                kestrel.AddServerHeader <- false
                listen kestrel)
        |> ignore

        logToStandardError builder.Logging
        builder.Services.AddRoutingCore().AddBento definition |> ignore

        builder.Build()

    let private map (definition: Definition) (app: WebApplication) =
        app.Use(Func<HttpContext, RequestDelegate, Task> frame) |> ignore
        app.UseRouting() |> ignore
        app.MapBento definition |> ignore
        app.MapBentoHealth() |> ignore

    /// Starts a service and its server. Raises `InvalidServiceException` where the definition cannot be hosted.
    let start (options: ServeOptions) (definition: Definition) : Task<Server> = task {
        let app = build (listening options) definition

        try
            map definition app
            do! app.StartAsync()
        with problem ->
            do! app.DisposeAsync()
            ExceptionDispatchInfo.Throw problem

        let address = Seq.head app.Urls
        let completion = app.WaitForShutdownAsync()

        let stopAndDispose () : Task<unit> = task {
            use _ = app

            if not completion.IsCompleted then
                do! app.StopAsync()
                do! completion
        }

        return {
            new Server with
                member _.Address = address
                member _.Completion = completion
                member _.Stop cancellation = app.StopAsync cancellation
                member _.DisposeAsync() = ValueTask(stopAndDispose ())
        }
    }
