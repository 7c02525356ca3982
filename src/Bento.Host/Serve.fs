namespace Bento

open System
open System.Runtime.ExceptionServices
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Hosting
open Microsoft.AspNetCore.Http
open Microsoft.AspNetCore.Server.Kestrel.Core
open Microsoft.Extensions.DependencyInjection
open Microsoft.Extensions.Hosting

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

    /// Port 3000 of this machine only, plain HTTP, and limits that a public server could keep.
    let options: ServeOptions = {
        Host = "127.0.0.1"
        Port = 3000
        Prefix = ""
        Log = LogFormat.Text
        Grace = seconds 30
        DrainDelay = TimeSpan.Zero
        Tls = None
        Limits = {
            Connections = 10_000
            RequestLine = Bytes(8L <<< 10)
            HeadersSize = Bytes(32L <<< 10)
            HeaderCount = 100
            HeadersTimeout = seconds 30
            KeepAliveTimeout = seconds 130
            BodyRate = Bytes 240L
            BodyRateGrace = seconds 5
            Streams = 100
        }
    }

    /// What routing leaves without a body, such as 404 and 405, gets the problem that every refusal is.
    let private explainBareStatus (metrics: Metrics) (http: HttpContext) : Task = task {
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

            metrics.Unknown.Answered(response.StatusCode, TimeSpan.Zero)
            do! Refusal.write http (Refusal.plain response.StatusCode detail)
    }

    /// The outermost step of every request: an id on each answer, a problem for each refusal.
    let private frame (metrics: Metrics) (http: HttpContext) (next: RequestDelegate) : Task = task {
        RequestId.assign http |> ignore
        do! next.Invoke http
        do! explainBareStatus metrics http
    }

    let private build (listen: KestrelServerOptions -> unit) (options: ServeOptions) definition : WebApplication =
        let builder = WebApplication.CreateEmptyBuilder(WebApplicationOptions())
        builder.WebHost.UseKestrelCore().ConfigureKestrel listen |> ignore
        ConsoleLog.add options.Log builder.Logging
        builder.Services.AddRoutingCore().AddBento definition |> ignore

        builder.Services.Configure<HostOptions>(fun (host: HostOptions) -> host.ShutdownTimeout <- options.Grace)
        |> ignore

        builder.Build()

    let private map (options: ServeOptions) (definition: Definition) (app: WebApplication) =
        app.Use(Func<HttpContext, RequestDelegate, Task>(frame (Host.runtime app.Services).Metrics))
        |> ignore

        app.UseRouting() |> ignore
        let routes = app.MapGroup options.Prefix
        routes.MapBento definition |> ignore
        routes.MapBentoHealth() |> ignore
        routes.MapBentoMetrics() |> ignore

    /// Starts a service and its server. Raises `InvalidServiceException` where the definition cannot be hosted, and
    /// `ArgumentException` where the options cannot be kept.
    let start (options: ServeOptions) (definition: Definition) : Task<Server> = task {
        let app = build (Listening.plan options) options definition

        try
            map options definition app
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
