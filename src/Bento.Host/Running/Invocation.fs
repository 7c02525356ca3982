namespace Bento

open System.Collections.Generic
open System.Runtime.ExceptionServices
open System.Threading
open System.Threading.Tasks
open Microsoft.Extensions.Logging

/// One admitted request, from its body to its answer.
[<RequireQualifiedAccess>]
module internal Invocation =

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
                | Error refusal -> do! Failures.refuse context refusal
                | Ok rendition ->
                    life.Enter RequestStage.Body

                    match! Body.read reading context life.Token with
                    | Error refusal -> do! Failures.turnAway log context refusal
                    | Ok input ->
                        let! output = run context input

                        if life.Ending = Ending.CallerLeft then
                            context.Leave()
                            Failures.leave log context.Metrics context.Http null
                        elif context.TryAnswer() then
                            do! Answer.write writing rendition context output
                        else
                            context.Leave()
                            do! life.LateAnswer
            with problem ->
                do! Failures.fail log context problem
        }

        fun (context: HostContext) -> answer context :> Task

    /// Answers every request to a stream, as above. An answer that began and cannot be finished is raised as such.
    let stream
        (log: ILogger)
        (service: ServiceCard)
        (card: EndpointCard)
        (handle: Context -> 'In -> IAsyncEnumerable<'Out>)
        =
        let reading = Body.plan<'In> service card
        let streaming = Streaming.plan<'Out> service card

        let answer (context: HostContext) : Task<unit> = task {
            try
                match Framing.choose streaming.Writing context.Http with
                | Error refusal -> do! Failures.refuse context refusal
                | Ok framing ->
                    context.Life.Enter RequestStage.Body

                    match! Body.read reading context context.Life.Token with
                    | Error refusal -> do! Failures.turnAway log context refusal
                    | Ok input -> do! Streaming.run log streaming framing context handle input
            with
            | :? AnswerBrokenOff as broken -> ExceptionDispatchInfo.Throw broken
            | problem -> do! Failures.fail log context problem
        }

        fun (context: HostContext) -> answer context :> Task
