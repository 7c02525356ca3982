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

[<Fact>]
let ``what a handler traces is a part of its batch's span`` () : Task = task {
    use listener =
        new ActivityListener(
            ShouldListenTo = (fun source -> source.Name = "Bento" || source.Name = "Microsoft.AspNetCore"),
            Sample = (fun _ -> ActivitySamplingResult.AllDataAndRecorded)
        )

    ActivitySource.AddActivityListener listener

    let it = service {
        name "it"

        api
            "current"
            (batched (fun (rows: int[]) ->
                let name =
                    match Activity.Current with
                    | null -> "none"
                    | span -> span.DisplayName

                rows |> Array.map (fun _ -> name)))
    }

    use! app = App.hosting [ it ]

    // A caller who is alone has its batch run on its own thread after some requests.
    for _ in 1..20 do
        let! answer = ask app.Client "current" 1
        Assert.Equal("batch current", answer.Body)
}

[<Fact>]
let ``a listener that raises costs the batches no place`` () : Task = task {
    let raises = ref true

    use listener =
        new ActivityListener(
            ShouldListenTo = (fun source -> source.Name = "Bento"),
            Sample = (fun _ -> ActivitySamplingResult.AllData),
            ActivityStarted =
                fun span ->
                    if raises.Value && span.DisplayName = "batch heard" then
                        failwith "The listener is at fault."
        )

    ActivitySource.AddActivityListener listener

    let it = service {
        endpoint "heard" { inFlight 1 }
        name "it"
        api "heard" (batched (fun (rows: int[]) -> rows))
    }

    use! app = App.hosting [ it ]

    for _ in 1..3 do
        let! answer = ask app.Client "heard" 1
        Assert.Equal(500, answer.Status)

    raises.Value <- false
    let! answer = ask app.Client "heard" 1
    Assert.Equal("1", answer.Body)
}
