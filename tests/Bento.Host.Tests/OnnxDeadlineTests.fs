/// A model that takes far longer than its request may: when it stops, and when its place is free.
module Bento.Hosting.Tests.OnnxDeadlineTests

open System
open System.IO
open System.Threading.Tasks
open Xunit
open Bento
open Bento.OnnxRuntime
open Bento.Hosting.Tests.ExpositionTests
open Bento.Hosting.Tests.Holding
open Bento.Hosting.Tests.Wire
open OnnxWriter

let private width = 256

/// One product of matrices after the other: 20,000 times some milliseconds.
let private chain () =
    let graph = Graph "chain"
    let x = graph.Input("x", Float, [ Size width; Size width ])

    let weights =
        graph.Constant([ width; width ], Floats(Array.zeroCreate (width * width)))

    let last =
        Seq.init 20_000 id
        |> Seq.fold (fun value _ -> graph.Operator("MatMul", [ value; weights ], [])) x

    graph.Output("y", last, Float, [ Size width; Size width ])
    graph.ToBytes()

/// How the run of the model ended.
type private End = {
    Raised: exn | null
    /// How long after the deadline.
    After: TimeSpan
    /// The places that were taken while it was not left yet.
    Places: float
}

let private running path (ended: TaskCompletionSource<End>) (places: unit -> float) = service {
    traffic {
        concurrency 1
        timeout (milliseconds 500)
    }

    name "running"
    init (fun setup -> Onnx.load setup path)

    api "chain" (fun (context: Context<InferenceSession>) () ->
        use input =
            OrtValue.Over(Array.zeroCreate<float32>(width * width), int64 width, int64 width)

        let raised: exn | null =
            try
                context.State.Run("x", input).Dispose()
                null
            with problem ->
                problem

        let after = DateTimeOffset.UtcNow - context.Deadline.Value

        ended.SetResult {
            Raised = raised
            After = after
            Places = places ()
        }

        match raised with
        | null -> 1
        | problem -> raise problem)
}

[<Fact>]
let ``a call of a long chain of nodes stops soon after its deadline, and its place is free then and not before``
    ()
    : Task = task {
    let folder = Directory.CreateTempSubdirectory "bento-onnx-deadline-"

    try
        let path = Path.Combine(folder.FullName, "chain.onnx")
        File.WriteAllBytes(path, chain ())
        let ended = TaskCompletionSource<End>()
        let asking = ref (fun () -> nan)
        let! server, client = App.serving (running path ended (fun () -> asking.Value()))
        use _ = client
        use _ = server
        asking.Value <- fun () -> value "bento_requests_in_progress" [] (scrape client).Result
        let! answer = post client "/chain" "" [||]
        Assert.Contains("the run of the handler took", problem 504 answer)
        let! end' = ended.Task.WaitAsync patience
        Assert.IsAssignableFrom<OperationCanceledException> end'.Raised |> ignore
        Assert.Equal(1., end'.Places)
        do! inWork client 0.
        Assert.True(end'.After < TimeSpan.FromSeconds 10., $"stopped {end'.After} after the deadline")

        TestContext.Current.TestOutputHelper
        |> Option.ofObj
        |> Option.iter (fun output ->
            output.WriteLine $"stopped %.1f{end'.After.TotalMilliseconds} ms after its deadline")
    finally
        folder.Delete true
}
