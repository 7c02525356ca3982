namespace Bento

open System
open System.Collections.Generic
open System.Diagnostics.Metrics
open System.Threading

[<RequireQualifiedAccess>]
module internal Instruments =

    /// An instrument whose exporters count in the same buckets as `/metrics` does.
    let histogram (meter: Meter) (name: string) (unit: string) (help: string) (bounds: float[]) : Histogram<double> =
        meter.CreateHistogram<double>(
            name,
            unit,
            help,
            null,
            InstrumentAdvice<double>(HistogramBucketBoundaries = bounds)
        )

/// What the batches of one endpoint are like. No batch and no request allocates anything here.
[<Sealed>]
type internal BatchFigures(labels: (string * string) list, instruments: BatchInstruments) =

    static let reasons = [| "full"; "idle"; "delay"; "deadline"; "retry"; "drain" |]

    let tags = Labels.tags labels
    let rows = Distribution(BatchInstruments.RowBounds, 1.)
    let queued = Distribution.OfSeconds BatchInstruments.SecondBounds
    let ran = Distribution.OfSeconds BatchInstruments.SecondBounds
    let left = Array.zeroCreate<int64> reasons.Length

    let record (instrument: Histogram<double>) value =
        if instrument.Enabled then
            instrument.Record(value, ReadOnlySpan tags)

    /// A batch leaves with so many rows.
    member _.Left(reason: BatchReason, count: int) =
        Interlocked.Increment &left[int reason] |> ignore
        rows.Add(float count)
        record instruments.Rows (float count)

    /// A request has waited for its batch for so long.
    member _.Queued(span: TimeSpan) =
        queued.Add span.TotalSeconds
        record instruments.Queued span.TotalSeconds

    /// The handler took so long for a batch.
    member _.Ran(span: TimeSpan) =
        ran.Add span.TotalSeconds
        record instruments.Ran span.TotalSeconds

    member _.RowSamples = rows.Samples labels
    member _.QueueSamples = queued.Samples labels
    member _.RunSamples = ran.Samples labels

    /// Batches by why they left.
    member _.Reasons = [
        for reason, count in Array.zip reasons left do
            labels @ [ "reason", reason ], count
    ]

/// The instruments of the meter for batches of all endpoints.
and [<Sealed>] internal BatchInstruments(meter: Meter) =

    let histogram = Instruments.histogram meter

    static let rowBounds = [| for power in 0..10 -> float (1 <<< power) |]

    static let secondBounds = [|
        0.0001
        0.00025
        0.0005
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
        10.
    |]

    static member RowBounds = rowBounds
    static member SecondBounds = secondBounds
    member val Rows = histogram "bento_batch_rows" "{row}" "Rows of the batches that left." rowBounds

    member val Queued =
        histogram "bento_batch_queue_seconds" "s" "How long requests waited for their batches." secondBounds

    member val Ran = histogram "bento_batch_run_seconds" "s" "How long the handler took for a batch." secondBounds

    /// The families of these endpoints.
    member this.Families(endpoints: BatchFigures list) : Family list =
        let family (instrument: Instrument) samples = {
            Name = instrument.Name
            Help = Option.defaultValue "" (Option.ofObj instrument.Description)
            Kind = FamilyKind.Histogram
            Samples = endpoints |> List.collect samples
        }

        [
            family this.Rows _.RowSamples
            family this.Queued _.QueueSamples
            family this.Ran _.RunSamples
        ]
