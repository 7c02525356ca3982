namespace Bento

open System
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.Logging

/// The end of requests that do not go well: who is told what, and what the log and the figures have of it.
[<RequireQualifiedAccess>]
module internal Failures =

    /// What the caller is told of a failure. Only a `BentoException` speaks to the caller; the rest is for the log.
    let refusal (log: ILogger) (http: HttpContext) (problem: exn) =
        match problem with
        | :? BentoException as intended -> Refusal.plain intended.Status intended.Message
        | other ->
            log.LogError(other, "Request {RequestId} to {Path} failed.", http.TraceIdentifier, http.Request.Path)

            Refusal.plain
                StatusCodes.Status500InternalServerError
                "The handler failed; the log has it under the request id."

    /// A caller that has left is told nothing; the log has the status that proxies use for it. What a handler raised
    /// on being cancelled is of no interest, unless it is more than that. Breaking off keeps Kestrel from reading on.
    let leave (log: ILogger) (metrics: EndpointMetrics) (http: HttpContext) (problem: exn | null) =
        let cause =
            match problem with
            | :? OperationCanceledException -> null
            | other -> other

        metrics.Cancelled CancelledBy.Caller

        log.LogInformation(
            cause,
            "Request {RequestId} to {Path} ended with {Status}: the caller left.",
            http.TraceIdentifier,
            http.Request.Path,
            Refusal.callerLeft.Status
        )

        Outcome.Set(http, Refusal.callerLeft.Status)
        http.Abort()

    let private timeOver (log: ILogger) (metrics: EndpointMetrics) (http: HttpContext) (life: Lifespan) : Task =
        metrics.Cancelled CancelledBy.Deadline
        Refusal.write http (TimeOver.refusal log http life)

    /// Ends a request for which nobody waits any more.
    let giveUp
        (log: ILogger)
        (metrics: EndpointMetrics)
        (http: HttpContext)
        (life: Lifespan)
        (problem: exn | null)
        : Task =
        match life.Ending with
        | Ending.TimeOver -> timeOver log metrics http life
        | _ ->
            leave log metrics http problem
            Task.CompletedTask

    /// Refuses, when nobody has answered before.
    let refuse (context: HostContext) (refusal: Refusal) : Task =
        context.Leave()

        if context.TryAnswer() then
            Refusal.write context.Http refusal
        else
            context.Life.LateAnswer

    /// Ends a request whose body is not what the handler takes, or never was whole.
    let turnAway (log: ILogger) (context: HostContext) (refusal: Refusal) : Task =
        if refusal.Status = Refusal.callerLeft.Status then
            context.Leave()
            leave log context.Metrics context.Http null
            Task.CompletedTask
        else
            refuse context refusal

    /// Ends a request whose handler has ended after the time, or failed.
    let fail (log: ILogger) (context: HostContext) (problem: exn) : Task =
        context.Leave()
        let http = context.Http

        if not (context.TryAnswer()) then
            match problem with
            | :? OperationCanceledException -> ()
            | other ->
                log.LogWarning(
                    other,
                    "Request {RequestId} to {Path} failed after its deadline.",
                    http.TraceIdentifier,
                    http.Request.Path
                )

            context.Life.LateAnswer
        elif context.Life.Ending <> Ending.None then
            giveUp log context.Metrics http context.Life problem
        else
            match problem with
            | :? BentoException -> context.Answer() |> ignore
            | _ -> ()

            Refusal.write http (refusal log http problem)
