/// What a batch says of itself to those who watch.
module Bento.Hosting.Tests.HostBatchTests

open System.Collections.Concurrent
open System.Diagnostics
open System.Threading.Tasks
open Xunit
open Bento
open Bento.Hosting.Tests.BatcherTests
open Bento.Hosting.Tests.Holding

[<Fact>]
let ``a batch has one span, which refers to those of its requests`` () : Task = task {
    let spans = ConcurrentQueue<Activity>()

    use listener =
        new ActivityListener(
            ShouldListenTo = (fun source -> source.Name = "Bento" || source.Name = "Microsoft.AspNetCore"),
            Sample = (fun _ -> ActivitySamplingResult.AllDataAndRecorded),
            ActivityStopped =
                fun span ->
                    if string (span.GetTagItem "bento.endpoint") = "spanned" then
                        spans.Enqueue span
        )

    ActivitySource.AddActivityListener listener
    let seen = Seen()

    let it = service {
        endpoint "spanned" { inFlight 1 }
        name "it"

        api
            "spanned"
            (batched (fun (rows: int[]) ->
                seen.Note rows
                rows))
    }

    let! server, client = App.serving it
    use _ = server
    use client = client
    let! callers = behindZero seen client "spanned" [ 1; 2 ]
    seen.Open()
    let! _ = allOf callers
    do! eventually "the second span" (fun () -> Task.FromResult(spans.Count = 2))
    let last = Seq.last spans
    Assert.Null last.Parent
    Assert.Equal(2, last.Links |> Seq.distinctBy _.Context.SpanId |> Seq.length)
    Assert.Equal(box 2, last.GetTagItem "bento.batch.rows")
}
