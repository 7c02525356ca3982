namespace Bento

open System
open System.Diagnostics
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.Logging

/// Whether somebody waits for an answer, and if not, why.
[<RequireQualifiedAccess>]
type internal Ending =
    | None
    | TimeOver
    | CallerLeft

/// What a request does with its time.
[<RequireQualifiedAccess>]
type internal RequestStage =
    | Queue = 0
    | Body = 1
    | Thread = 2
    | Run = 3
    | Batch = 4

[<RequireQualifiedAccess>]
module internal Spans =

    /// A span as a person says it.
    let text (span: TimeSpan) =
        if span < TimeSpan.FromSeconds 1. then
            $"%.0f{span.TotalMilliseconds} ms"
        else
            $"{Math.Round(span.TotalSeconds, 1)} s"

/// Answers in the stead of a handler that goes on when its time is over.
[<Interface>]
type internal LateAnswer =
    abstract Send: unit -> Task

/// An answer that has begun and goes on, as the items of a stream do.
[<Interface>]
type internal OpenAnswer =
    inherit LateAnswer

    /// Called when nothing was said for so long that the caller may wonder whether anybody is there.
    abstract Beat: unit -> unit

/// The time of one request, from its arrival to its deadline or to when the caller leaves, and who may answer it. Used
/// again for the next request: a message that comes too late, from a timer or a connection, finds that it is not true
/// of the request at hand, and is passed over.
[<Sealed>]
type internal Lifespan(log: ILogger) as this =
    let turn = obj ()
    let mutable source = new CancellationTokenSource()
    let mutable active = false
    let mutable epoch = 0L
    let mutable ending = Ending.None
    let mutable timeout = TimeSpan.Zero
    let mutable due = 0L
    let mutable aborted = CancellationToken.None
    let mutable registration = new CancellationTokenRegistration()
    let mutable isSourceKnown = false
    let mutable answered = false
    let mutable late: TaskCompletionSource | null = null
    let mutable stead: LateAnswer | null = null
    let mutable opened: OpenAnswer | null = null
    let mutable idle = 0L
    let mutable silence = 0L
    let mutable touched = 0L
    let mutable stage = RequestStage.Queue
    let mutable since = 0L
    let mutable arrival = 0L
    let spent: int64[] = Array.zeroCreate 5

    let timer =
        // A timer keeps the context it is made in, which is that of some request.
        let quiet = not (ExecutionContext.IsFlowSuppressed())

        let flow =
            if quiet then
                ExecutionContext.SuppressFlow()
            else
                new AsyncFlowControl()

        try
            new Timer((fun state -> (nonNull state :?> Lifespan).Ring()), this, Timeout.Infinite, Timeout.Infinite)
        finally
            if quiet then
                flow.Undo()

    static let onAborted = Action<objnull>(fun state -> (nonNull state :?> Lifespan).Abort())

    /// The longest that a timer can be set to; it is set again when that is over.
    static let longest = int64 Int32.MaxValue

    static let milliseconds (span: TimeSpan) =
        min (Int64.MaxValue / 4L) (int64 (Math.Ceiling span.TotalMilliseconds))

    let cancel () =
        try
            source.Cancel()
        with problem ->
            log.LogError(problem, "What a handler does on cancellation failed.")

    /// Sends the answer for a handler that goes on.
    let answerLate (answer: TaskCompletionSource) (stead: LateAnswer) : Task<unit> = task {
        try
            try
                do! stead.Send()
            with problem ->
                log.LogError(problem, "The answer to a request that took too long could not be sent.")
        finally
            answer.SetResult()
    }

    let enter next =
        let now = Environment.TickCount64
        spent[int stage] <- spent[int stage] + (now - since)
        since <- now
        stage <- next

    /// Ends the time, unless it has ended before or that is not so.
    let endBy cause (isSo: unit -> bool) =
        lock turn (fun () ->
            let isNew = ending = Ending.None && isSo ()

            if isNew then
                ending <- cause

            isNew)

    /// The time begins.
    member _.Start(http: HttpContext, given: TimeSpan) =
        let now = Environment.TickCount64
        arrival <- Stopwatch.GetTimestamp()
        ending <- Ending.None
        timeout <- given
        due <- now + milliseconds given
        answered <- false
        stage <- RequestStage.Queue
        since <- now
        Array.Clear spent
        aborted <- http.RequestAborted
        // From here on the others may speak.
        lock turn (fun () ->
            epoch <- epoch + 1L
            active <- true)

        timer.Change(min longest (due - now), -1L) |> ignore
        registration <- aborted.UnsafeRegister(onAborted, this)

    /// Which of the requests that it serves in turn this is, for those who may speak of it when it is over.
    member _.Epoch = epoch

    /// Fires at the end of the time, whatever its cause.
    member _.Token = source.Token

    /// The same, for code that may keep it: it is then not used for another request.
    member _.TokenToGive() =
        isSourceKnown <- true
        source.Token

    /// The time since the arrival.
    member _.Elapsed = Stopwatch.GetElapsedTime arrival

    /// In milliseconds of the system's clock since its start.
    member _.Due = due
    member _.Ending = lock turn (fun () -> ending)

    /// The request goes on to its next stage.
    member _.Enter(next: RequestStage) = lock turn (fun () -> enter next)

    /// The same, unless it is another request by now.
    member _.EnterOf(given: int64, next: RequestStage) =
        lock turn (fun () ->
            if active && epoch = given then
                enter next)

    /// The handler starts, unless nobody waits for it any more. When the time is over while it runs, `late` answers.
    member _.TryRun(late: LateAnswer) =
        lock turn (fun () ->
            enter RequestStage.Run

            if ending = Ending.None then
                stead <- late
                true
            else
                false)

    /// The answer begins and has no end yet: from now on the time is that between two items, of which `Touch` tells. When
    /// it is over `answer` tells the caller, unless somebody asks `TryAnswer` to tell the end before; when there was
    /// silence for that long, it is to beat. False where the time was over before.
    member _.TryOpen(longestPause: TimeSpan, longestSilence: TimeSpan, answer: OpenAnswer) =
        lock turn (fun () ->
            if ending = Ending.None then
                idle <- milliseconds longestPause
                silence <- milliseconds longestSilence
                stead <- answer
                opened <- answer
                answered <- false
                touched <- Environment.TickCount64
                due <- touched + idle
                timer.Change(min longest (min idle silence), -1L) |> ignore
                true
            else
                false)

    /// An answer that goes on has gone on.
    member _.Touch() =
        lock turn (fun () ->
            touched <- Environment.TickCount64
            due <- touched + idle)

    /// Whether the one who asks is the first who wants to answer; the others are to wait for `LateAnswer`.
    member _.TryAnswer() =
        lock turn (fun () ->
            let isFirst = not answered
            answered <- true
            isFirst)

    /// Ends when what was sent in the handler's stead is sent.
    member _.LateAnswer: Task =
        match late with
        | null -> Task.CompletedTask
        | late -> late.Task

    /// What a caller is told whose time is over: which stage took most of it.
    member _.Blame() =
        lock turn (fun () ->
            enter stage
            let worst = Array.IndexOf(spent, Array.max spent)
            let took = Spans.text (TimeSpan.FromMilliseconds(float spent[worst]))

            let what =
                match enum<RequestStage> worst with
                | RequestStage.Queue -> "the wait in the queue"
                | RequestStage.Body -> "the wait for the body"
                | RequestStage.Thread -> "the wait for a thread"
                | RequestStage.Batch -> "the wait for a batch"
                | _ -> "the run of the handler"

            $"The deadline of {Spans.text timeout} has passed; {what} took {took}.")

    /// The timer says that the time is over.
    member private _.Ring() =
        let struct (isOver, answer, stead, beating: OpenAnswer | null) =
            lock turn (fun () ->
                let now = Environment.TickCount64
                let left = due - now

                if not active || ending <> Ending.None then
                    struct (false, null, null, null)
                elif left > 0L then
                    match opened with
                    | null ->
                        timer.Change(min longest left, -1L) |> ignore
                        struct (false, null, null, null)
                    | answer ->
                        let isSilent = now - touched >= silence

                        if isSilent then
                            touched <- now

                        timer.Change(min longest (min left (touched + silence - now)), -1L) |> ignore
                        struct (false, null, null, (if isSilent then answer else null))
                else
                    ending <- Ending.TimeOver

                    if not (isNull stead || answered) then
                        answered <- true
                        late <- TaskCompletionSource TaskCreationOptions.RunContinuationsAsynchronously

                    struct (true, late, stead, null))

        match answer, stead with
        | NonNull answer, NonNull stead -> answerLate answer stead |> ignore
        | _ -> ()

        match beating with
        | null -> ()
        | beating -> beating.Beat()

        if isOver then
            cancel ()

    /// Somebody else has found that the time of that request is over, before the timer said so.
    member _.Expire(given: int64) =
        if endBy Ending.TimeOver (fun () -> active && epoch = given) then
            cancel ()

    /// The connection says that the caller has left.
    member private _.Abort() =
        if endBy Ending.CallerLeft (fun () -> active && aborted.IsCancellationRequested) then
            cancel ()

    /// The caller has left, as whoever talks with it knows before the connection says so.
    member _.Leave() =
        if endBy Ending.CallerLeft (fun () -> active) then
            cancel ()

    /// The request is over. Gives whether nothing refers to this any more, so that it can serve the next one.
    member _.End() =
        let isQuiet =
            lock turn (fun () ->
                active <- false
                stead <- null
                opened <- null
                ending = Ending.None)

        registration.Unregister() |> ignore
        aborted <- CancellationToken.None

        if isQuiet then
            timer.Change(Timeout.Infinite, Timeout.Infinite) |> ignore

            if isSourceKnown || not (source.TryReset()) then
                source <- new CancellationTokenSource()
                isSourceKnown <- false
        else
            timer.Dispose()

        isQuiet
