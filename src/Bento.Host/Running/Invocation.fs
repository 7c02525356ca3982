namespace Bento

open System
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.Logging

/// One admitted request to an `api`, from its body to its answer.
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
    let private refuse (context: HostContext) (refusal: Refusal) : Task =
        context.Leave()

        if context.TryAnswer() then
            Refusal.write context.Http refusal
        else
            context.Life.LateAnswer

    /// Ends a request whose handler has ended after the time, or failed.
    let private fail (log: ILogger) (context: HostContext) (problem: exn) : Task =
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

    /// For a handler that is not called, since nobody waits for it any more.
    let private skip () : Task<'Out> =
        Task.FromCanceled<'Out>(CancellationToken true)

    /// Calls a handler on this thread, which the worker has for it.
    let private call (handle: Context -> 'In -> 'Out) (context: HostContext) input : Task<'Out> =
        try
            if context.Life.TryRun context then
                Task.FromResult(Ambient.call handle context input)
            else
                skip ()
        finally
            context.Hosted.Threads.Leave()

    let private callLater handle (context: HostContext) input (entering: ValueTask<Entry>) : Task<'Out> = task {
        match! entering with
        | Entry.Admitted -> return! call handle context input
        | _ -> return! skip ()
    }

    /// Runs a handler for its request alone. A synchronous one waits for a thread of its worker.
    let run (handler: Handler<Context, 'In, 'Out>) (context: HostContext) input : Task<'Out> =
        match handler with
        | Asynchronous handle when context.Life.TryRun context -> Ambient.call handle context input
        | Asynchronous _ -> skip ()
        | Synchronous handle ->
            context.Life.Enter RequestStage.Thread
            let entering = context.Hosted.Threads.Enter context.Life

            if entering.IsCompletedSuccessfully && entering.Result = Entry.Admitted then
                call handle context input
            else
                callLater handle context input entering

    /// Answers every request by what running it gives, whatever happens; only a caller that has left gets nothing.
    let handler (log: ILogger) (service: ServiceCard) (card: EndpointCard) (run: HostContext -> 'In -> Task<'Out>) =
        let reading = Body.plan<'In> service card
        let writing = Answer.plan<'Out> card

        let answer (context: HostContext) : Task<unit> = task {
            let life = context.Life

            try
                match Answer.choose writing context.Http with
                | Error refusal -> do! refuse context refusal
                | Ok rendition ->
                    life.Enter RequestStage.Body

                    match! Body.read reading context life.Token with
                    | Error refusal when refusal.Status = Refusal.callerLeft.Status ->
                        context.Leave()
                        leave log context.Metrics context.Http null
                    | Error refusal -> do! refuse context refusal
                    | Ok input ->
                        let! output = run context input

                        if life.Ending = Ending.CallerLeft then
                            context.Leave()
                            leave log context.Metrics context.Http null
                        elif context.TryAnswer() then
                            do! Answer.write writing rendition context output
                        else
                            context.Leave()
                            do! life.LateAnswer
            with problem ->
                do! fail log context problem
        }

        fun (context: HostContext) -> answer context :> Task
