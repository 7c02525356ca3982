/// Trains iris.onnx on iris.csv, and prints how often the model is right about flowers that it was not trained on.
///
///     dotnet fsi samples/iris-csharp/train.fsx FILE
///
/// A multinomial logistic regression by gradient descent. The same numbers come out each time: the split is by a seed, and
/// the weights are rounded further than machines differ.
#load "../OnnxWriter.fsx"

open System
open System.Globalization
open System.IO
open OnnxWriter

type Flower = { Lengths: float[]; Species: int }

let flowers =
    File.ReadAllLines(Path.Combine(__SOURCE_DIRECTORY__, "iris.csv"))
    |> Array.tail
    |> Array.map (fun line ->
        let numbers =
            line.Split ','
            |> Array.map (fun text -> Double.Parse(text, CultureInfo.InvariantCulture))

        {
            Lengths = numbers[..3]
            Species = int numbers[4]
        })

let training, tests =
    let shuffled = Array.copy flowers
    Random(20).Shuffle shuffled
    Array.splitAt 120 shuffled

let features = 4
let species = 3

/// The means and deviations of what is trained on: in units of these the descent is even in all directions.
let means =
    Array.init features (fun feature -> training |> Array.averageBy (fun flower -> flower.Lengths[feature]))

let deviations =
    Array.init features (fun feature ->
        training
        |> Array.averageBy (fun flower -> (flower.Lengths[feature] - means[feature]) ** 2.)
        |> sqrt)

let scaled (flower: Flower) =
    Array.init features (fun feature -> (flower.Lengths[feature] - means[feature]) / deviations[feature])

let softmax (scores: float[]) =
    let largest = Array.max scores
    let powers = scores |> Array.map (fun score -> exp (score - largest))
    let sum = Array.sum powers
    powers |> Array.map (fun power -> power / sum)

let score (weights: float[,]) (bias: float[]) (inputs: float[]) =
    Array.init species (fun one ->
        bias[one]
        + Array.sum (Array.init features (fun feature -> inputs[feature] * weights[feature, one])))

/// Two thousand steps down the slope of the mean logarithmic loss, with a pull of the weights towards zero.
let weights, bias =
    let weights = Array2D.zeroCreate<float> features species
    let bias = Array.zeroCreate<float> species
    let inputs = training |> Array.map scaled
    let rate = 0.5
    let pull = 1e-3

    for _ in 1..2_000 do
        let errors =
            Array.map2
                (fun input flower ->
                    softmax (score weights bias input)
                    |> Array.mapi (fun one probability -> probability - if one = flower.Species then 1. else 0.))
                inputs
                training

        for one in 0 .. species - 1 do
            for feature in 0 .. features - 1 do
                let slope =
                    Array.map2 (fun (input: float[]) (error: float[]) -> input[feature] * error[one]) inputs errors
                    |> Array.average

                weights[feature, one] <- weights[feature, one] - rate * (slope + pull * weights[feature, one])

            bias[one] <- bias[one] - rate * (errors |> Array.averageBy (fun error -> error[one]))

    weights, bias

/// The same for lengths as they are measured, so that the graph does not scale.
let ownWeights, ownBias =
    let round (number: float) = float32 (Math.Round(number, 5))

    let own =
        Array2D.init features species (fun feature one -> weights[feature, one] / deviations[feature])

    let shift one =
        Array.sum (Array.init features (fun feature -> means[feature] * own[feature, one]))

    own |> Array2D.map round, Array.init species (fun one -> round (bias[one] - shift one))

let accuracy (of': Flower[]) =
    let isRight flower =
        let scores =
            score (Array2D.map float ownWeights) (Array.map float ownBias) flower.Lengths

        Array.IndexOf(scores, Array.max scores) = flower.Species

    float (of' |> Array.filter isRight |> Array.length) / float of'.Length

let graph = Graph "iris"
let rows = graph.Input("rows", Float, [ Named "batch"; Size features ])

let scores =
    graph.Operator(
        "Gemm",
        [
            rows
            graph.Tensor("weights", [ features; species ], Floats(ownWeights |> Seq.cast<float32> |> Array.ofSeq))
            graph.Tensor("bias", [ species ], Floats ownBias)
        ],
        []
    )

let best =
    graph.Operator("ArgMax", [ scores ], [ "axis", Int 1; "keepdims", Int 0 ])

graph.Output("species", best, Integer, [ Named "batch" ])
graph.Note("source", "Fisher's iris data (UCI, CC BY 4.0); see samples/iris-csharp/train.fsx")

writeFile (fsi.CommandLineArgs[1]) (graph.ToBytes())

printfn
    $"trained on {training.Length}: {accuracy training:F3} right; tested on {tests.Length}: {accuracy tests:F3} right"
