namespace Bento

open System
open System.Collections.Concurrent
open System.Collections.Generic
open System.Diagnostics.Metrics
open System.Threading

/// Why a request was turned away before any work was done for it.
type internal RefusedFor =
    /// `concurrency` and `queue` were both full.
    | Overload = 0
    /// The service was not ready to take requests.
    | NotReady = 1

/// What ended a request before its work was done.
type internal CancelledBy =
    | Deadline = 0
    /// The caller left.
    | Caller = 1
    /// The server stopped, and its grace had run out.
    | Shutdown = 2

/// The requests of one endpoint that were answered with one status, and how long they took. Adding allocates nothing.
[<Sealed>]
type internal Answered(labels: (string * string) list) =

    static let bounds = [|
        0.001
        0.0025
        0.005
        0.01
        0.025
        0.05
        0.1
        0.25
        0.5
        1.
        2.5
        5.
        10.
        30.
        60.
    |]

    let durations = Distribution.OfSeconds bounds
    let tags = Labels.tags labels

    /// The upper bounds of the buckets, in seconds; the last has none.
    static member Bounds = bounds

    member _.Labels = labels
    member _.Tags = tags

    member _.Add(elapsed: TimeSpan) = durations.Add elapsed.TotalSeconds

    /// Requests so far.
    member _.Count = durations.Count

    member _.Samples = durations.Samples labels

/// The figures of one endpoint, made once and then only added to: no request allocates anything here.
[<Sealed>]
type internal EndpointMetrics
    (labels: (string * string) list, durations: Histogram<double>, makeBatches: unit -> BatchFigures) =

    static let reasons = [| "overload"; "not_ready" |]
    static let causes = [| "deadline"; "caller"; "shutdown" |]

    let answers = ConcurrentDictionary<int, Answered>()
    let refused = Array.zeroCreate<int64> reasons.Length
    let cancelled = Array.zeroCreate<int64> causes.Length
    let mutable inProgress = 0L
    let mutable waiting = 0L
    let mutable batches: BatchFigures option = None

    [<VolatileField>]
    let mutable isBrokenOff = false

    let answersOf =
        Func<int, Answered>(fun status -> Answered(labels @ [ "status", string status ]))

    let counted name words (counts: int64[]) = [
        for word, count in Array.zip words counts do
            labels @ [ name, word ], count
    ]

    /// A request was admitted: it holds a place from now on.
    member _.Entered() =
        Interlocked.Increment &inProgress |> ignore

    /// The work of a request has ended, and its place is free.
    member _.Left() =
        Interlocked.Decrement &inProgress |> ignore

    /// A request waits for admission.
    member _.WaitBegan() =
        Interlocked.Increment &waiting |> ignore

    /// A request waits no longer, for whatever reason.
    member _.WaitEnded() =
        Interlocked.Decrement &waiting |> ignore

    /// A request got its answer, whatever that is, after so long; 499 is the status of a caller that left.
    member _.Answered(status: int, elapsed: TimeSpan) =
        let answered = answers.GetOrAdd(status, answersOf)
        answered.Add elapsed

        if durations.Enabled then
            durations.Record(elapsed.TotalSeconds, ReadOnlySpan answered.Tags)

    /// A request was turned away at the door.
    member _.Refused(reason: RefusedFor) =
        Interlocked.Increment &refused[int reason] |> ignore

    /// From now on it is the server that breaks connections off, and no caller that leaves.
    member _.BreakOff() = isBrokenOff <- true

    /// A request was ended before its work was done.
    member _.Cancelled(cause: CancelledBy) =
        let cause =
            if isBrokenOff && cause = CancelledBy.Caller then
                CancelledBy.Shutdown
            else
                cause

        Interlocked.Increment &cancelled[int cause] |> ignore

    /// Of an endpoint that is batched.
    member _.Batches = batches

    /// From now on the endpoint is a batched one, whatever it was in a definition before.
    member _.Batch() =
        if batches.IsNone then
            batches <- Some(makeBatches ())

    member _.Labels = labels
    member _.InProgress = Volatile.Read &inProgress
    member _.Waiting = Volatile.Read &waiting

    /// By status.
    member _.Answers = answers |> Seq.sortBy _.Key |> Seq.map _.Value |> List.ofSeq

    member _.Refusals = counted "reason" reasons refused
    member _.Cancellations = counted "cause" causes cancelled

/// The figures of all endpoints of a host: what `/metrics` shows, and instruments of the meter "Bento" for other exporters.
[<Sealed>]
type internal Metrics() =

    let meter = new Meter("Bento")

    let durations =
        Instruments.histogram
            meter
            "bento_request_duration_seconds"
            "s"
            "How long requests took, from their arrival to their answer."
            Answered.Bounds

    let turn = obj ()
    let mutable endpoints: EndpointMetrics list = []

    let batches = BatchInstruments meter

    let add labels =
        let endpoint =
            EndpointMetrics(labels, durations, (fun () -> BatchFigures(labels, batches)))

        endpoints <- endpoints @ [ endpoint ]
        endpoint

    /// Those of these labels, which a definition that was replaced may have added to.
    let find labels =
        lock turn (fun () ->
            match endpoints |> List.tryFind (fun endpoint -> endpoint.Labels = labels) with
            | Some endpoint -> endpoint
            | None -> add labels)

    /// What was asked for and is not there: one label for all, as its paths are for callers to choose.
    let unknown = add [ "service", ""; "endpoint", "unknown" ]

    let perEndpoint (value: EndpointMetrics -> int64) = [
        for endpoint in endpoints do
            if not (obj.ReferenceEquals(endpoint, unknown)) then
                endpoint.Labels, value endpoint
    ]

    let total () = [
        for endpoint in endpoints do
            for answered in endpoint.Answers do
                answered.Labels, answered.Count
    ]

    let inProgress () = perEndpoint _.InProgress
    let waiting () = perEndpoint _.Waiting

    let several (values: EndpointMetrics -> ((string * string) list * int64) list) () = [
        for endpoint in endpoints do
            if not (obj.ReferenceEquals(endpoint, unknown)) then
                yield! values endpoint
    ]

    let counts = [
        "bento_requests_total", FamilyKind.Counter, "Requests answered, by status.", total
        "bento_requests_in_progress", FamilyKind.Gauge, "Requests admitted whose work has not ended.", inProgress
        "bento_requests_waiting", FamilyKind.Gauge, "Requests that wait for admission.", waiting
        "bento_requests_refused_total",
        FamilyKind.Counter,
        "Requests turned away before any work, by reason.",
        several _.Refusals
        "bento_requests_cancelled_total",
        FamilyKind.Counter,
        "Requests ended before their work was done, by cause.",
        several _.Cancellations
    ]

    let batchReasons =
        "bento_batches_total",
        FamilyKind.Counter,
        "Batches that left, by reason.",
        several (fun endpoint -> endpoint.Batches |> Option.map _.Reasons |> Option.defaultValue [])

    let observe (name, kind, help, values: unit -> ((string * string) list * int64) list) =
        let measure =
            Func<IEnumerable<Measurement<int64>>>(fun () -> [|
                for labels, value in values () do
                    Measurement<int64>(value, Labels.tags labels)
            |])

        match kind with
        | FamilyKind.Counter -> meter.CreateObservableCounter(name, measure, null, help) |> ignore
        | FamilyKind.Gauge
        | FamilyKind.Histogram -> meter.CreateObservableUpDownCounter(name, measure, null, help) |> ignore

    do counts @ [ batchReasons ] |> List.iter observe

    let family (name, kind, help, values) = {
        Name = name
        Help = help
        Kind = kind
        Samples = [
            for labels, value: int64 in values () -> Exposition.sample labels (float value)
        ]
    }

    let durationFamily () = {
        Name = durations.Name
        Help = nonNull durations.Description
        Kind = FamilyKind.Histogram
        Samples = [
            for endpoint in endpoints do
                for answered in endpoint.Answers do
                    yield! answered.Samples
        ]
    }

    /// The figures of one endpoint, which is known by its route: a path that a caller chose is never a label.
    member _.Endpoint(service: string, card: EndpointCard) =
        let endpoint = find [ "service", service; "endpoint", card.Route ]

        if card.Batch.IsSome then
            endpoint.Batch()

        endpoint

    /// Tells every endpoint that the server breaks off what is under way.
    member _.BreakOff() = endpoints |> List.iter _.BreakOff()

    /// The figures of requests to no endpoint.
    member _.Unknown = unknown

    /// All figures as they are now.
    member _.Families = [
        yield! counts |> List.map family
        durationFamily ()

        match endpoints |> List.choose _.Batches with
        | [] -> ()
        | batched ->
            yield! batches.Families batched
            family batchReasons
    ]

    interface IDisposable with
        member _.Dispose() = meter.Dispose()
