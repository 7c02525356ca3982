namespace Bento

open System
open System.Diagnostics
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.Logging

/// One request to an `api`, from its body to its answer.
[<RequireQualifiedAccess>]
module internal Invocation =

    /// What the caller is told of a failure. Only a `BentoException` speaks to the caller; the rest is for the log.
    let private refusal (log: ILogger) (http: HttpContext) (problem: exn) =
        match problem with
        | :? BentoException as intended -> Refusal.plain intended.Status intended.Message
        | other ->
            log.LogError(other, "Request {RequestId} to {Path} failed.", http.TraceIdentifier, http.Request.Path)

            Refusal.plain
                StatusCodes.Status500InternalServerError
                "The handler failed; the log has it under the request id."

    /// A caller that has left is told nothing; the log has the status that proxies use for it. What a handler raised
    /// on being cancelled is of no interest, unless it is more than that. Breaking off keeps Kestrel from reading on.
    let private leave (log: ILogger) (metrics: EndpointMetrics) (http: HttpContext) (problem: exn | null) =
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

        if not http.Response.HasStarted then
            http.Response.StatusCode <- Refusal.callerLeft.Status

        http.Abort()

    let private run (handler: Handler<Context, 'In, 'Out>) context input : Task<'Out> =
        match handler with
        | Asynchronous handle -> handle context input
        | Synchronous handle -> Task.FromResult(handle context input)

    /// Answers every request, whatever happens; only a caller that has left gets nothing.
    let handler
        (log: ILogger)
        (metrics: EndpointMetrics)
        (service: ServiceCard)
        (card: EndpointCard)
        (handler: Handler<Context, 'In, 'Out>)
        =
        let reading = Body.plan<'In> service card
        let writing = Answer.plan<'Out> card

        let answer (http: HttpContext) : Task<unit> = task {
            let arrived = Stopwatch.GetTimestamp()
            let context = Context(RequestId.assign http, http.RequestAborted)
            metrics.Entered()

            try
                match! Body.read reading http with
                | Error refusal when refusal.Status = Refusal.callerLeft.Status -> leave log metrics http null
                | Error refusal -> do! Refusal.write http refusal
                | Ok input ->
                    let! output = run handler context input

                    if context.Cancellation.IsCancellationRequested then
                        leave log metrics http null
                    else
                        do! Answer.write writing http output
            with
            | problem when context.Cancellation.IsCancellationRequested -> leave log metrics http problem
            | problem -> do! Refusal.write http (refusal log http problem)

            metrics.Left()
            metrics.Answered(http.Response.StatusCode, Stopwatch.GetElapsedTime arrived)
        }

        fun (http: HttpContext) -> answer http :> Task
