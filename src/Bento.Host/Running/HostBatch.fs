namespace Bento

open System
open System.Collections.Generic
open System.Diagnostics
open System.Threading

/// The context of a batch in a host.
[<Sealed>]
type internal HostBatch<'Row, 'Raw>(batch: Batch, worker: Worker, log: Log) =
    inherit BatchContext()

    let turn = obj ()
    let mutable isAbandoned = false
    let mutable source: CancellationTokenSource | null = null
    let mutable ids: string[] | null = null

    let entries = batch.Items |> Array.map (fun item -> item :?> BatchEntry<'Row, 'Raw>)

    let rows = batch.Items |> Array.sumBy _.Rows

    let idOfEachRow () = [|
        for entry in entries do
            for _ in 1 .. entry.Rows -> entry.Request.RequestId
    |]

    static let spans = new ActivitySource("Bento")

    member _.Batch = batch
    member _.Entries = entries
    member _.RowCount = rows

    /// The rows of all members, in their order.
    member _.Rows() =
        let all: 'Row[] = Array.zeroCreate rows
        let mutable at = 0

        for entry in entries do
            entry.CopyTo(all, at)
            at <- at + entry.Rows

        all

    /// A span for the run of the batch, which refers to those of its members; null where nobody listens.
    member _.StartSpan(name: string) =
        if spans.HasListeners() then
            // The batch is of several requests, and part of none: not of the one on whose thread it runs either.
            let around = Activity.Current
            Activity.Current <- null

            let links = [
                for entry in entries do
                    if entry.Trace.TraceId <> Unchecked.defaultof<ActivityTraceId> then
                        ActivityLink entry.Trace
            ]

            let tags = [
                KeyValuePair<string, objnull>("bento.endpoint", name)
                KeyValuePair<string, objnull>("bento.batch.rows", rows)
                KeyValuePair<string, objnull>("bento.batch.reason", (string batch.Reason).ToLowerInvariant())
            ]

            let span =
                spans.StartActivity($"batch {name}", ActivityKind.Internal, ActivityContext(), tags, links)

            Activity.Current <- around
            span
        else
            null

    /// Nobody waits for any of the results any more.
    member _.Abandon() =
        let known =
            lock turn (fun () ->
                isAbandoned <- true
                source)

        match known with
        | null -> ()
        | known -> known.Cancel()

    override _.RequestIds =
        match ids with
        | null ->
            let made = idOfEachRow ()
            ids <- made
            made
        | made -> made

    override _.Cancellation =
        lock turn (fun () ->
            match source with
            | null ->
                let made = new CancellationTokenSource()

                if isAbandoned then
                    made.Cancel()

                source <- made
                made.Token
            | known -> known.Token)

    override _.Log = log
    override _.Items = worker.Kept
    override _.Worker = worker.Place
