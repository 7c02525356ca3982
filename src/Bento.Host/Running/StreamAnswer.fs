namespace Bento

open System
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Microsoft.AspNetCore.Http.Features
open Microsoft.AspNetCore.Server.Kestrel.Core.Features
open Microsoft.Extensions.Logging

/// The answer to one reader of a stream, from its first item to its end. Whoever writes has the pen: the items, a
/// heartbeat in their silence, or the word that their time is over.
[<Sealed>]
type internal StreamAnswer(log: ILogger, framing: Framing, idle: TimeSpan, context: HostContext) =
    let http = context.Http
    let life = context.Life
    let pen = new SemaphoreSlim(1, 1)
    let turn = obj ()
    let mutable isBodiless = false
    let mutable isBroken = false
    let mutable isClosed = false

    /// How long what is said last may take on its way, where the time is over already.
    static let moment = TimeSpan.FromSeconds 1.

    let send (bytes: ReadOnlyMemory<byte>) (cancellation: CancellationToken) : Task<unit> = task {
        if not bytes.IsEmpty then
            let! _ = http.Response.BodyWriter.WriteAsync(bytes, cancellation)
            ()
    }

    /// Tells of a failure, as a refusal where nothing has been sent. To be called with the pen.
    let tell (refusal: Refusal) cancellation : Task<unit> = task {
        if http.Response.HasStarted then
            isBroken <- true
            Outcome.Set(http, refusal.Status)
            do! send (Framing.failure framing http refusal) cancellation
        else
            do! Refusal.write http refusal
    }

    /// Leaves a reader that takes nothing, or a producer that does not end, for which nothing more can be done.
    let abandon () =
        Outcome.Set(http, StatusCodes.Status504GatewayTimeout)
        http.Abort()

    /// What was said last has time to arrive; where the producer ends in that time, its own way ends the answer better.
    let abandonLater () : Task<unit> = task {
        do! Task.Delay moment

        lock turn (fun () ->
            if not isClosed then
                http.Abort())
    }

    let tellIdle () : Task<unit> = task {
        let sentence =
            $"The stream was silent, or its reader took nothing, for {Spans.text idle}."

        context.Metrics.Cancelled CancelledBy.Deadline
        log.LogInformation("Request {RequestId} to {Path}: {Blame}", http.TraceIdentifier, http.Request.Path, sentence)
        use patience = new CancellationTokenSource(moment)
        let mutable isTold = false

        try
            do! pen.WaitAsync patience.Token

            try
                do! tell (Refusal.plain StatusCodes.Status504GatewayTimeout sentence) patience.Token
                isTold <- true
            finally
                pen.Release() |> ignore
        with _ when not isTold ->
            abandon ()

        context.Answered()

        if isTold then
            abandonLater () |> ignore
    }

    let beat () : Task<unit> = task {
        try
            try
                do! send Framing.heartbeat life.Token
            finally
                pen.Release() |> ignore
        with problem ->
            log.LogDebug(problem, "A heartbeat of request {RequestId} was not sent.", http.TraceIdentifier)
    }

    /// Says the last word, as nobody else has, and has all time over if it cannot be said.
    let close (failure: exn | null) : Task<unit> = task {
        try
            match failure with
            | null when isBodiless -> ()
            | null -> do! send (Framing.finish framing) life.Token
            | problem -> do! tell (Failures.refusal log http problem) life.Token
        with :? OperationCanceledException when life.Ending <> Ending.None ->
            ()
    }

    /// The items are written with the pen, which is given back after each.
    member _.Pen = pen

    /// Whether the answer began and cannot be finished, which its reader must see.
    member _.IsBroken = isBroken

    /// Says what comes, before the first of it; false where the handler's status allows nothing to come.
    member _.Begin() : bool =
        let response = http.Response

        match context.Answer() with
        | Answer.Bodiless as status ->
            response.StatusCode <- status
            isBodiless <- true
        | status ->
            response.StatusCode <- status

            response.ContentType <-
                match framing with
                | Framing.Text -> context.MediaType Answer.plainText
                | other -> Framing.mediaType other

            if response.Headers.CacheControl.Count = 0 then
                response.Headers.CacheControl <- "no-cache"

            // For nginx, which would gather items before it passes them on, as compression would.
            response.Headers["X-Accel-Buffering"] <- "no"
            http.Features.GetRequiredFeature<IHttpResponseBodyFeature>().DisableBuffering()

            // A reader may be as slow as `idle` allows.
            match http.Features.Get<IHttpMinResponseDataRateFeature>() with
            | null -> ()
            | rate -> rate.MinDataRate <- null

        not isBodiless

    /// Tells the end, after which nobody writes any more: the pen is not given back. To be called once, when the
    /// producer has ended.
    member _.End(failure: exn | null) : Task<unit> = task {
        if life.TryAnswer() then
            do! pen.WaitAsync()

            if life.Ending = Ending.None then
                do! close failure

            match life.Ending with
            | Ending.None -> ()
            | Ending.TimeOver ->
                context.Metrics.Cancelled CancelledBy.Deadline
                abandon ()
            | Ending.CallerLeft -> Failures.leave log context.Metrics http failure
        else
            do! life.LateAnswer
            do! pen.WaitAsync()

        lock turn (fun () -> isClosed <- true)
    }

    interface OpenAnswer with
        member _.Send() = tellIdle ()

        member _.Beat() =
            // Where somebody writes there is no silence.
            if pen.Wait 0 then
                beat () |> ignore
