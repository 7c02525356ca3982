namespace Bento

open System
open System.Collections.Generic
open System.Runtime.ExceptionServices
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.Logging
open Bento.OnnxRuntime

/// How the streams of one endpoint are answered.
[<NoComparison; NoEquality>]
type internal StreamPlan<'Out> = {
    Writing: ItemWriting<'Out>
    Idle: TimeSpan
    Heartbeat: TimeSpan
}

/// One admitted request to a stream, from its input to the end of its producer. Items are taken no faster than their
/// reader takes them: each is handed to the server before the next is asked for.
[<RequireQualifiedAccess>]
module internal Streaming =

    let plan<'Out> (service: ServiceCard) (card: EndpointCard) : StreamPlan<'Out> = {
        Writing = Framing.plan<'Out> card
        Idle = defaultArg service.Traffic.Idle Defaults.idle
        Heartbeat = defaultArg service.Traffic.Heartbeat Defaults.heartbeat
    }

    let private longestSilence plan framing =
        match framing with
        | Framing.Events -> plan.Heartbeat
        | Framing.Lines
        | Framing.Text -> TimeSpan.MaxValue

    let private dispose (log: ILogger) (http: HttpContext) (items: IAsyncEnumerator<'Out>) : Task<unit> = task {
        try
            do! items.DisposeAsync()
        with problem ->
            log.LogError(
                problem,
                "The producer of request {RequestId} to {Path} failed in its end.",
                http.TraceIdentifier,
                http.Request.Path
            )
    }

    /// Long enough for a reader who reads to have what was said last.
    let private farewell = TimeSpan.FromMilliseconds 250.

    /// HTTP/1.1 closes the connection after what was said, without the last chunk. HTTP/1.0 has no chunks whose last one
    /// could be missing, so that only a reset is no clean end; and so has HTTP/2. A reader may forget on a reset what it
    /// has not read yet.
    let private breakOff (http: HttpContext) : Task<unit> = task {
        if not (HttpProtocol.IsHttp11 http.Request.Protocol) then
            do! Task.Delay farewell

        if HttpProtocol.IsHttp10 http.Request.Protocol then
            http.Abort()
        else
            raise (AnswerBrokenOff http.TraceIdentifier)
    }

    let private answer log plan framing (context: HostContext) (items: IAsyncEnumerator<'Out>) : Task<unit> = task {
        let http = context.Http
        let life = context.Life
        let token = life.Token
        let answer = StreamAnswer(log, framing, plan.Idle, context)
        use buffer = new ItemBuffer()
        let mutable isOpen = false
        let mutable failure: exn | null = null

        try
            let! first = items.MoveNextAsync()
            let mutable more = first

            if more then
                Framing.write plan.Writing framing buffer items.Current

            if
                context.TryAnswer()
                && life.TryOpen(plan.Idle, longestSilence plan framing, answer)
            then
                isOpen <- true
                more <- answer.Begin() && more

                while more do
                    do! answer.Pen.WaitAsync()

                    try
                        // Nothing follows the word that the time is over.
                        if not buffer.Written.IsEmpty && life.Ending = Ending.None then
                            let! flushed = http.Response.BodyWriter.WriteAsync(buffer.Written, token)

                            if flushed.IsCompleted then
                                life.Leave()
                    finally
                        answer.Pen.Release() |> ignore

                    life.Touch()

                    if token.IsCancellationRequested then
                        more <- false
                    else
                        let! next = items.MoveNextAsync()
                        life.Touch()
                        more <- next && not token.IsCancellationRequested

                        if more then
                            Framing.write plan.Writing framing buffer items.Current
        with problem ->
            failure <- problem

        do! dispose log http items
        context.Leave()

        match failure with
        | _ when isOpen -> do! answer.End failure
        | null -> raise (OperationCanceledException())
        | problem -> ExceptionDispatchInfo.Throw problem

        if answer.IsBroken then
            do! breakOff http
    }

    /// Answers with the items of a producer, unless nobody waits for it any more. What fails before the first item is
    /// raised; what fails later has been told, and is raised as an `AnswerBrokenOff`.
    let run
        log
        (plan: StreamPlan<'Out>)
        framing
        (context: HostContext)
        (handle: Context -> 'In -> IAsyncEnumerable<'Out>)
        (input: 'In)
        : Task<unit> =
        let produce () =
            let items = (handle context input).GetAsyncEnumerator context.Cancellation
            answer log plan framing context items

        if not (context.Life.TryRun context) then
            Task.FromCanceled<unit>(CancellationToken true)
        elif OrtLibrary.IsLoaded then
            task {
                // For models that the producer runs between any two items, on whichever thread.
                use _ = AmbientCancellation.Enter context.Cancellation
                do! produce ()
            }
        else
            produce ()
