/// `bench onnx`: what Bento's binding adds to the call of ONNX Runtime's own function, on the same session and values.
module Bento.Bench.Onnx

open System
open System.Text.Json
open Bento.Bench.Native

let private batches = [ 1; 8; 32; 128 ]

/// The ways to call, in the order in which each round goes through them.
let private ways: (string * (ModelCalls -> int -> Cost)) list = [
    "the native function alone", _.Raw
    "values reused", _.Reused
    "values reused, below a token", _.Cancellable
    "IoBinding", _.Bound
    "a value for each call", _.PerCall
]

/// Goes through things to measure round by round, so that a machine's slow minute harms none more than the others.
let private inRounds rounds (measures: (unit -> Cost) list) =
    for measure in measures do
        measure () |> ignore

    [
        for round in 1..rounds do
            let costs = if round % 2 = 1 then measures else List.rev measures
            let costs = costs |> List.map (fun measure -> measure ())
            if round % 2 = 1 then costs else List.rev costs
    ]
    |> List.transpose

/// The costs of each way, round by round, with so many rows a call.
let private ofBatch rounds calls batch =
    use model = new ModelCalls(batch)
    let few = max 1 (calls / (1 + batch / 16))
    inRounds rounds [ for _, call in ways -> fun () -> call model few ]

/// The models that threads share: one that does next to nothing, where all that threads contend for shows at its
/// largest, and one that people serve.
let private shared: (string * (unit -> SharedCalls)) list = [
    "an MLP 4-64-64-3", SharedCalls.OfMlp
    "guesslang", (fun () -> SharedCalls.OfFile(Models.guesslang, 5_000, 54))
]

/// The processor's time of a call by four threads over that by one, round by round.
let private sharing rounds calls load =
    use model: SharedCalls = load ()

    match inRounds rounds [ (fun () -> model.Run(1, calls)); (fun () -> model.Run(4, calls)) ] with
    | [ alone; four ] -> List.map2 (fun (one: Cost) (many: Cost) -> many.Nanoseconds / one.Nanoseconds) alone four
    | _ -> invalidOp "Two things were measured."

let private sharingTable (ratios: (string * float list) list) = [
    ""
    "| a session shared | CPU of a call by 4 threads over that by 1 |"
    "| --- | ---: |"
    for name, rounds in ratios do
        $"| %s{name} | %.3f{Results.median rounds} |"
]

let private table (costs: Cost list list list) =
    let heads = batches |> List.map (fun batch -> $" %d{batch} |") |> String.concat ""

    [
        $"| CPU ns a call, by rows a call |%s{heads} bytes a call |"
        "| --- |" + String.replicate (batches.Length + 1) " ---: |"
        for index, (name, _) in List.indexed ways do
            let figures =
                costs
                |> List.map (fun ofBatch -> $" %.0f{ofBatch[index] |> List.map _.Nanoseconds |> Results.median} |")
                |> String.concat ""

            $"| %s{name} |%s{figures} %.0f{costs.Head[index] |> List.map _.Bytes |> Results.median} |"
    ]

let run (rounds: int) (calls: int) saved =
    let costs = batches |> List.map (ofBatch rounds calls)
    let raw, reused = costs.Head[0], costs.Head[1]

    let overhead =
        List.map2 (fun (bare: Cost) (ours: Cost) -> ours.Nanoseconds - bare.Nanoseconds) raw reused
        |> Results.median

    // A model that takes longer is called less often.
    let ratios =
        shared
        |> List.mapi (fun index (name, load) -> name, sharing rounds (max 1 (calls / (1 + 20 * index))) load)

    let json =
        JsonSerializer.Serialize {|
            overheadNanoseconds = Math.Round overhead
            allocatedBytes = reused |> List.map _.Bytes |> Results.median
            threads4OverThreads1 = Math.Round(ratios |> List.last |> snd |> Results.median, 3)
        |}

    let title =
        $"An MLP 4-64-64-3 on ONNX Runtime %s{Bento.OnnxRuntime.OrtLibrary.Version}, one thread a run: medians of %d{rounds} rounds of up to %d{calls} calls each way, by the thread's own clock. The figure of sharing is guesslang's."

    Results.tell "onnx" title (table costs @ sharingTable ratios) json saved
    0
