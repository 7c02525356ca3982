namespace Bento

open System
open System.Diagnostics
open System.Net
open System.Net.Sockets
open System.Runtime.CompilerServices
open System.Runtime.ExceptionServices
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Connections
open Microsoft.AspNetCore.Hosting
open Microsoft.AspNetCore.Http
open Microsoft.AspNetCore.Server.Kestrel.Core
open Microsoft.Extensions.DependencyInjection
open Microsoft.Extensions.Hosting

/// A service on a server of its own.
[<RequireQualifiedAccess>]
module Serve =

    /// Port 3000 of this machine only, plain HTTP, and limits that a public server could keep.
    let options: ServeOptions = {
        Host = "127.0.0.1"
        Port = 3000
        Prefix = ""
        Page = true
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

    /// The way of every request: an id on each answer, a problem for each refusal, a line in the log.
    let private frame (metrics: Metrics) (connections: Connections) (access: AccessLog) (editions: Editions) =
        let run (http: HttpContext) : Task<unit> = task {
            let arrived = Stopwatch.GetTimestamp()
            RequestId.assign http |> ignore
            connections.Begin http
            let edition = editions.Enter()

            try
                do! edition.Answer http
                do! explainBareStatus metrics http
            finally
                access.Write(http, Stopwatch.GetElapsedTime arrived)
                edition.Leave()
                connections.End()
        }

        RequestDelegate(fun http -> run http)

    /// How long the server itself may take to close what the drain has left.
    let private closingTime = seconds 3

    let private build (listen: KestrelServerOptions -> unit) (options: ServeOptions) : WebApplication =
        let builder = WebApplication.CreateEmptyBuilder(WebApplicationOptions())
        let connections = Connections()
        let sink = LogSink.StandardError

        builder.WebHost
            .UseKestrelCore()
            .UseSockets(fun sockets -> sockets.CreateBoundListenSocket <- Func<EndPoint, Socket> connections.Listen)
            .ConfigureKestrel(fun kestrel ->
                kestrel.ConfigureEndpointDefaults(fun endpoint ->
                    endpoint.Use(fun next -> ConnectionDelegate(connections.Track next)) |> ignore)

                listen kestrel)
        |> ignore

        ConsoleLog.add options.Log sink builder.Logging

        builder.Services
            .AddSingleton(options)
            .AddSingleton<Metrics>()
            .AddSingleton<Editions>()
            .AddSingleton<IHostedService>(fun services -> services.GetRequiredService<Editions>() :> IHostedService)
            .AddSingleton(connections)
            .AddSingleton(AccessLog(options.Log, sink))
            .AddSingleton<IHostedService, Drain>()
            .AddSingleton<IHostLifetime>(fun services ->
                new Signals(services.GetRequiredService<IHostApplicationLifetime>(), sink) :> IHostLifetime)
            .Configure<HostOptions>(fun (host: HostOptions) ->
                host.ShutdownTimeout <- options.DrainDelay + options.Grace + closingTime)
        |> ignore

        builder.Build()

    let private map (app: WebApplication) (editions: Editions) =
        let services = app.Services

        app.Run(
            frame
                (services.GetRequiredService<Metrics>())
                (services.GetRequiredService<Connections>())
                (services.GetRequiredService<AccessLog>())
                editions
        )

    /// The stop of an application, once it is asked for. When its grace was over the server's own stop was broken off too.
    let private stopWhenAsked (app: WebApplication) (editions: Editions) : Task<unit> = task {
        let asked = TaskCompletionSource TaskCreationOptions.RunContinuationsAsynchronously

        use _ =
            app.Lifetime.ApplicationStopping.Register(fun () -> asked.TrySetResult() |> ignore)

        do! asked.Task

        try
            do! app.StopAsync()
        with _ when editions.IsBrokenOff ->
            ()

        do! editions.End()
    }

    [<MethodImpl(MethodImplOptions.NoInlining)>]
    let private startHere (cancellation: CancellationToken) options (definition: Definition) : Task<Server> = task {
        let app = build (Listening.plan options) options
        let editions = app.Services.GetRequiredService<Editions>()

        try
            editions.Open definition
            map app editions
            do! app.StartAsync cancellation
        with problem ->
            do! app.DisposeAsync()
            ExceptionDispatchInfo.Throw problem

        let address = Seq.head app.Urls
        let completion = stopWhenAsked app editions

        let stop () : Task =
            app.Lifetime.StopApplication()
            completion

        let stopAndDispose () : Task<unit> = task {
            use _ = app
            do! stop ()
        }

        let disposed = lazy (stopAndDispose ())

        return RunningServer(address, options.Prefix, completion, editions, stop, (fun () -> disposed.Value)) :> Server
    }

    /// Starts a service and its server unless that is called off, which `init` hears of too.
    let internal startUnless (cancellation: CancellationToken) (options: ServeOptions) definition : Task<Server> =
        SharedFramework.ensure ()
        startHere cancellation options definition

    /// Starts a service and its server. Raises `InvalidServiceException` where the definition cannot be hosted, and
    /// `ArgumentException` where the options cannot be kept.
    let start (options: ServeOptions) (definition: Definition) : Task<Server> =
        startUnless CancellationToken.None options definition

    /// Starts a service and its server as a configuration says. Raises `InvalidServiceException` where it says what
    /// cannot be.
    let startWith (configuration: Configuration) (options: ServeOptions) (definition: Definition) : Task<Server> = task {
        let configured = Configuration.apply configuration options [ definition ]
        return! start configured.Options configured.Definitions.Head
    }

    let private configure options definition : Result<Configured, string> =
        try
            Ok(Configuration.apply (Foreground.configuration definition) options [ definition ])
        with :? InvalidServiceException as problem ->
            Error problem.Message

    let private otherPort =
        "Choose another with `Serve.runWith { Serve.options with Port = 3001 }`, or by the variable BENTO__SERVER__PORT."

    let private refuse (sentence: string) =
        eprintfn "%s" sentence
        1

    /// Serves until the process is asked to end, and says how that went: 0 for a start and a stop without a loss.
    let private serve (options: ServeOptions) (definition: Definition) : Task<int> = task {
        match configure options definition with
        | Error sentence -> return refuse sentence
        | Ok configured ->
            try
                let definition = configured.Definitions.Head
                use! server = start configured.Options definition
                Foreground.announce (Definition.require definition).Card server.Address configured.Options
                do! server.Completion
                return if server.Cancelled = 0 then 0 else 1
            with problem ->
                return refuse (Foreground.explain configured.Options otherPort problem)
    }

    let private runHere (options: ServeOptions) (definition: Definition) =
        match (serve options definition).GetAwaiter().GetResult() with
        | 0 -> ()
        | _ when Foreground.isConversation -> ()
        | code -> exit code

    /// Serves as `options`, the settings file beside the script or the program, and the environment say, until Ctrl+C or
    /// SIGTERM. Where that fails, it says why and ends the process with exit code 1.
    let run (definition: Definition) : unit =
        match ScriptHost.adopt with
        | Some adopt -> adopt None definition
        | None -> runHere options definition

    /// The same on another port, under a prefix, by HTTPS: as these options say, over which settings and variables go.
    let runWith (options: ServeOptions) (definition: Definition) : unit =
        match ScriptHost.adopt with
        | Some adopt -> adopt (Some options) definition
        | None -> runHere options definition

    /// Asks an endpoint without a server, as a script or a console does: the answer as JSON, that of a stream as a list. The
    /// input is a value of the endpoint's own type, or one that has the same JSON, or JSON itself as text. The service is
    /// started when it is first asked, and then kept.
    let call (endpoint: string) (input: 'Input) (definition: Definition) : string =
        (LocalCalls.ask endpoint input definition).GetAwaiter().GetResult()
