namespace Bento

open System
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
        | :? BadHttpRequestException as bad -> Refusal.plain bad.StatusCode bad.Message
        | other ->
            log.LogError(other, "Request {RequestId} to {Path} failed.", http.TraceIdentifier, http.Request.Path)

            Refusal.plain
                StatusCodes.Status500InternalServerError
                "The handler failed; the log has it under the request id."

    let private run (handler: Handler<Context, 'In, 'Out>) context input : Task<'Out> =
        match handler with
        | Asynchronous handle -> handle context input
        | Synchronous handle -> Task.FromResult(handle context input)

    /// Answers every request, whatever happens; only a caller that has left gets nothing.
    let handler (log: ILogger) (service: ServiceCard) (card: EndpointCard) (handler: Handler<Context, 'In, 'Out>) =
        let reading = Body.plan<'In> service card
        let writing = Json.info<'Out>

        fun (http: HttpContext) ->
            task {
                let context = Context(RequestId.assign http, http.RequestAborted)

                try
                    match! Body.read reading http with
                    | Error refusal -> do! Refusal.write http refusal
                    | Ok input ->
                        let! output = run handler context input
                        do! Answer.write writing http output
                with
                | _ when http.RequestAborted.IsCancellationRequested -> http.Abort()
                | problem -> do! Refusal.write http (refusal log http problem)
            }
            :> Task
