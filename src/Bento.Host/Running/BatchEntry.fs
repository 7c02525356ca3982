namespace Bento

open System
open System.Collections.Generic
open System.Diagnostics
open System.Threading
open System.Threading.Tasks

/// The clock of batches, which only goes forward: that of `Stopwatch`.
[<RequireQualifiedAccess>]
module internal BatchClock =

    let now () = Stopwatch.GetTimestamp()

    let ticksOf (span: TimeSpan) =
        let ticks = span.TotalSeconds * float Stopwatch.Frequency

        if ticks >= float (Int64.MaxValue / 4L) then
            Int64.MaxValue / 4L
        else
            int64 ticks

    let spanOf (ticks: int64) = Stopwatch.GetElapsedTime(0L, ticks)

    /// When the time of a request is over.
    let deadlineOf now (life: Lifespan) =
        now
        + ticksOf (TimeSpan.FromMilliseconds(float (life.Due - Environment.TickCount64)))

/// Rows of one request in a batcher, of which a batch takes all or none.
[<AbstractClass>]
type internal BatchEntry<'Row, 'Raw>(rows: int, shape: obj, arrived: int64, request: HostContext) =
    inherit BatchItem(rows, shape, arrived, BatchClock.deadlineOf arrived request.Life)

    /// The span of the request, for that of its batch to refer to.
    let trace =
        match Activity.Current with
        | null -> ActivityContext()
        | activity -> activity.Context

    let epoch = request.Life.Epoch

    member _.Request = request

    /// Which of the requests that its lifespan serves in turn this one is.
    member _.Epoch = epoch
    member _.Trace = trace

    /// Puts its rows into those of a batch, from there on.
    abstract CopyTo: 'Row[] * at: int -> unit

    /// Takes its results out of those of a batch, from there on.
    abstract Answer: 'Raw[] * at: int -> unit
    abstract Fail: exn -> unit

    /// Nobody waits for its results any more.
    abstract GiveUp: unit -> unit

    /// It was computed. Gives those of its request that are to come in its stead. To be asked in turn.
    abstract Follow: unit -> BatchEntry<'Row, 'Raw> list

    default _.Follow() = []

/// The one row of a request.
[<Sealed>]
type internal RowEntry<'Row, 'Raw>(row: 'Row, shape, arrived, request) =
    inherit BatchEntry<'Row, 'Raw>(1, shape, arrived, request)

    let answer =
        TaskCompletionSource<'Raw> TaskCreationOptions.RunContinuationsAsynchronously

    member _.Task = answer.Task
    override _.CopyTo(rows, at) = rows[at] <- row

    override _.Answer(results, at) =
        answer.TrySetResult results[at] |> ignore

    override _.Fail problem =
        answer.TrySetException problem |> ignore

    override _.GiveUp() = answer.TrySetCanceled() |> ignore

/// A request of several rows, which may be in several batches. No more of its parts are with the batcher at once than
/// have so many rows together: others get their turn between them. `toCome` counts the rows of the parts that are not
/// there yet, of all requests.
[<Sealed>]
type internal SeveralRows<'Row, 'Raw>(rows: 'Row[], parts: int, mostInside: int64, toCome: int64 ref) =
    let results: 'Raw[] = Array.zeroCreate rows.Length
    let waiting = Queue<BatchEntry<'Row, 'Raw>>(parts)
    let entered = List<BatchEntry<'Row, 'Raw>>()
    let mutable inside = 0L
    let mutable missing = parts
    let mutable isClosed = false

    let answer =
        TaskCompletionSource<'Raw[]> TaskCreationOptions.RunContinuationsAsynchronously

    member _.Rows = rows
    member _.Task = answer.Task

    /// One more part, which comes when its turn has come, unless none does any more. To be told in turn.
    member _.Add(part: BatchEntry<'Row, 'Raw>) =
        if not isClosed then
            toCome.Value <- toCome.Value + int64 part.Rows
            waiting.Enqueue part

    /// Those whose turn it is to come to the batcher. To be asked in turn.
    member _.Come() : BatchEntry<'Row, 'Raw> list = [
        while waiting.Count > 0
              && (inside = 0L || inside + int64 (waiting.Peek().Rows) <= mostInside) do
            let part = waiting.Dequeue()
            toCome.Value <- toCome.Value - int64 part.Rows
            inside <- inside + int64 part.Rows
            entered.Add part
            part
    ]

    /// A part has left the batcher. To be told in turn.
    member _.Left(part: BatchEntry<'Row, 'Raw>) = inside <- inside - int64 part.Rows

    /// No part comes any more. Gives those that did. To be told in turn.
    member _.Close() =
        isClosed <- true

        for part in waiting do
            toCome.Value <- toCome.Value - int64 part.Rows

        waiting.Clear()
        entered.ToArray()

    member _.Answer(positions: int[], raws: 'Raw[], at: int) =
        positions
        |> Array.iteri (fun offset position -> results[position] <- raws[at + offset])

        if Interlocked.Decrement &missing = 0 then
            answer.TrySetResult results |> ignore

    /// One part that fails is the failure of the request: its other parts are of no use to anybody.
    member _.Fail(problem: exn) =
        answer.TrySetException problem |> ignore

    member _.GiveUp() = answer.TrySetCanceled() |> ignore

/// Some of the rows of a request, by their positions in it.
[<Sealed>]
type internal PartEntry<'Row, 'Raw>(whole: SeveralRows<'Row, 'Raw>, positions: int[], shape, arrived, request) =
    inherit BatchEntry<'Row, 'Raw>(positions.Length, shape, arrived, request)

    override this.Follow() =
        whole.Left this
        whole.Come()

    override _.CopyTo(rows, at) =
        positions
        |> Array.iteri (fun offset position -> rows[at + offset] <- whole.Rows[position])

    override _.Answer(results, at) = whole.Answer(positions, results, at)
    override _.Fail problem = whole.Fail problem
    override _.GiveUp() = whole.GiveUp()
