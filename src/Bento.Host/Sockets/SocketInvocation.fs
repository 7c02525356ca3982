namespace Bento

open System
open System.Collections.Generic
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.Logging

/// One admitted request to a `socket`, from its upgrade to its close.
[<RequireQualifiedAccess>]
module internal SocketInvocation =

    /// A socket says when its time is over by closing.
    let private quietly = {
        new OpenAnswer with
            member _.Send() = Task.CompletedTask
            member _.Beat() = ()
    }

    let private turnedAway (service: ServiceCard) (http: HttpContext) =
        http.Response.Headers.RetryAfter <- "1"
        Refusal.plain StatusCodes.Status503ServiceUnavailable $"\"{service.Name}\" stops."

    /// Runs every conversation to its close, whatever happens.
    let handler
        (log: ILogger)
        (service: ServiceCard)
        (card: EndpointCard)
        (stopping: CancellationToken)
        (draining: CancellationToken)
        (handle: Context -> IAsyncEnumerable<'In> -> IAsyncEnumerable<'Out>)
        =
        let messages = SocketMessages.plan<'In, 'Out> service card
        let idle = service.Traffic.Idle |> Option.defaultValue Defaults.idle

        let talk (context: HostContext) : Task<unit> = task {
            use! socket = SocketUpgrade.accept context.Http
            do! Conversation<'In, 'Out>(messages, context, socket, idle, draining, log).Run handle
        }

        let answer (context: HostContext) : Task<unit> = task {
            let http = context.Http

            match! SocketUpgrade.refusal card http with
            | Some refusal -> do! Failures.refuse context refusal
            | None when stopping.IsCancellationRequested -> do! Failures.refuse context (turnedAway service http)
            | None when context.Life.TryOpen(idle, TimeSpan.MaxValue, quietly) ->
                try
                    do! talk context
                with problem ->
                    log.LogError(problem, "Socket {RequestId} to {Path} broke.", context.RequestId, http.Request.Path)
                    http.Abort()
            | None -> do! Failures.giveUp log context.Metrics http context.Life null
        }

        fun (context: HostContext) -> answer context :> Task
