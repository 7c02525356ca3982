namespace Bento

open System
open System.Collections.Generic
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.Logging

/// Where a service is in its life.
[<RequireQualifiedAccess>]
type internal Stage =
    | Starting
    | Ready
    | Stopping

/// Writes what a service logs to the host's log.
type internal HostLog(logger: ILogger) =
    interface Log with
        member _.Write(level, message, cause) =
            let level =
                match level with
                | Bento.LogLevel.Debug -> LogLevel.Debug
                | Bento.LogLevel.Information -> LogLevel.Information
                | Bento.LogLevel.Warning -> LogLevel.Warning
                | Bento.LogLevel.Error -> LogLevel.Error

            logger.Log(level, cause, "{Message}", message)

/// One service in a host: it is started before the server listens and stopped after its last request.
[<Sealed>]
type internal ServiceHost(definition: Definition, metrics: Metrics, logger: ILogger) =

    // Written by the thread that starts or stops the application, read by those that answer requests.
    [<VolatileField>]
    let mutable stage = Stage.Starting

    [<VolatileField>]
    let mutable handlers: (HttpContext -> Task)[] = [||]

    /// By the position of the endpoint on the card.
    let figures =
        match definition.Checked with
        | Ok hosted -> [|
            for card in hosted.Card.Endpoints -> metrics.Endpoint(definition.Name, card.Route)
          |]
        | Error _ -> [||]

    let mutable worker: Worker option = None
    let turn = obj ()

    /// Stages only go forward: a stop that comes during the start is not undone by the end of the start.
    let advance next =
        lock turn (fun () -> stage <- max stage next)

    let setup cancellation : Setup<unit> = {
        Clients = ()
        Models = Dictionary<string, string>()
        Device = Device.Cpu
        Worker = { Index = 0; Count = 1 }
        Cancellation = cancellation
        Log = HostLog logger
    }

    /// A dependency is refused before the start, so nothing asks.
    let noDependencies = {
        new Resolver with
            member _.Resolve dependency =
                invalidOp $"\"{definition.Name}\" has no client for \"{dependency.Service}\"."
    }

    let bind (worker: Worker) =
        let figuresOf (card: EndpointCard) =
            figures[worker.Card.Endpoints |> List.findIndex (fun other -> other.Name = card.Name)]

        worker.Bound
            {
                new BoundVisitor<HttpContext -> Task> with
                    member _.Api(card, handler) =
                        Invocation.handler logger (figuresOf card) worker.Card card handler

                    member _.Stream(card, _) =
                        invalidOp $"\"{card.Name}\" is a stream, which cannot be hosted yet."

                    member _.Job(card, _) =
                        invalidOp $"\"{card.Name}\" is a job, which cannot be hosted yet."
            }

    let unready (position: int) (http: HttpContext) =
        figures[position].Refused RefusedFor.NotReady
        figures[position].Answered(StatusCodes.Status503ServiceUnavailable, TimeSpan.Zero)
        http.Response.Headers.RetryAfter <- "1"

        Refusal.write
            http
            (Refusal.plain StatusCodes.Status503ServiceUnavailable $"\"{definition.Name}\" is not ready.")

    member _.Definition = definition
    member _.Stage = stage

    /// Runs `onDeployment`, makes the state and binds the endpoints to it.
    member _.Start (hosted: Hosted) (cancellation: CancellationToken) : Task<unit> = task {
        do! Worker.deploy hosted
        let! started = Worker.start noDependencies (setup cancellation) hosted
        worker <- Some started
        handlers <- bind started |> Array.ofList
        advance Stage.Ready
    }

    /// Withdraws readiness; requests are answered as before.
    member _.Drain() = advance Stage.Stopping

    /// Runs `onShutdown` and disposes the state, which no request can reach any more.
    member _.Stop() : Task<unit> = task {
        advance Stage.Stopping
        handlers <- [||]

        match worker with
        | None -> ()
        | Some running -> do! running.DisposeAsync()
    }

    /// Answers one request to the endpoint at that position of the card.
    member _.Handle (position: int) (http: HttpContext) : Task =
        let bound = handlers

        if position < bound.Length then
            bound[position] http
        else
            unready position http
