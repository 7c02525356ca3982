/// What `bench batching` and `bench poison` serve: models and functions whose requests are answered together.
module Bento.Bench.Batches

open System
open System.Threading.Tasks
open Bento
open Bento.OnnxRuntime
open Classify
open OnnxWriter

// -- guesslang: the sample, and the same without batches -------------------------------------------------------

type Source = Classification.Source

/// The sample's own handler of batches, with the sample's own settings.
let guesslang = Classification.classification

let guesslangAlone = service {
    name "guesslang"
    init Classification.load

    api "classify" (fun (context: Context<Classifier>) (source: Source) ->
        context.State.Guess([| source.Text |], context.Cancellation) |> Array.head)
}

// -- an MLP 256-1024-1024-1024-10 --------------------------------------------------------------------------------

let private widths = [ 256; 1024; 1024; 1024; 10 ]

/// What a row of the MLP is long, and its answer.
let mlpInput, mlpOutput = widths.Head, List.last widths

/// The model as a file: `x` float [rows, 256] to `y` float [rows, 10], with weights that keep numbers small.
let private mlpFile =
    lazy
        (let graph = Graph "mlp"
         let random = Random 7

         let layer input (width, next) =
             let weights =
                 Array.init (width * next) (fun _ -> float32 (random.NextDouble() - 0.5) / sqrt (float32 width))

             let sum =
                 graph.Operator(
                     "Gemm",
                     [
                         input
                         graph.Constant([ width; next ], Floats weights)
                         graph.Constant([ next ], Floats(Array.zeroCreate next))
                     ],
                     []
                 )

             if next = mlpOutput then
                 sum
             else
                 graph.Operator("Relu", [ sum ], [])

         let x = graph.Input("x", Float, [ Named "rows"; Size mlpInput ])
         let last = widths |> List.pairwise |> List.fold layer x
         graph.Output("y", last, Float, [ Named "rows"; Size mlpOutput ])
         graph.ToBytes())

/// The model with its function from rows to rows.
[<Sealed>]
type Mlp(session: InferenceSession) =
    member val Run: float32[][] -> float32[][] = Onnx.batched session

    interface IDisposable with
        member _.Dispose() = session.Dispose()

let loadMlp () =
    new Mlp(InferenceSession.Load(ReadOnlySpan mlpFile.Value))

let private initMlp (_: Setup<unit>) : Task<Mlp> = Task.FromResult(loadMlp ())

/// Batches of a part of the callers, as the sample has it.
let mlp = service {
    endpoint "run" { maxBatch 16 }
    name "mlp"
    init initMlp
    api "run" (batched (fun (batch: BatchContext<Mlp>) (rows: float32[][]) -> batch.State.Run rows))
}

let mlpAlone = service {
    name "mlp"
    init initMlp
    api "run" (fun (context: Context<Mlp>) (row: float32[]) -> context.State.Run [| row |] |> Array.head)
}

// -- poison ------------------------------------------------------------------------------------------------------

/// Whether the row of this number makes a batch raise: one of a hundred, at no distance that a batch could have.
let isPoisoned (number: int) = uint32 number * 2654435769u % 100u = 0u

let private poisonDelay = TimeSpan.FromMilliseconds 1.

let poison = service {
    endpoint "double" {
        maxBatch 64
        maxDelay poisonDelay
    }

    name "poison"

    api
        "double"
        (batched (fun (numbers: int[]) ->
            if Array.exists isPoisoned numbers then
                invalidOp "A number of the batch is poisoned."

            numbers |> Array.map (fun number -> 2 * number)))
}
