/// Writes nearest.onnx: which of some points each query is nearest to, by the cosine between them.
///
///     dotnet fsi samples/gpu/model.fsx FILE
#load "../OnnxWriter.fsx"

open OnnxWriter

let graph = Graph "nearest"
let points = graph.Input("points", Float, [ Named "points"; Named "width" ])
let queries = graph.Input("queries", Float, [ Named "queries"; Named "width" ])

/// A vector of zeros has no direction: its cosine is 0 with every other one, and no division by zero.
let leastLength = graph.Constant([], Floats [| 1e-12f |])

let unit vectors =
    let length =
        graph.Operator("ReduceL2", [ vectors ], [ "axes", Ints [ 1 ]; "keepdims", Int 1 ])

    graph.Operator("Div", [ vectors; graph.Operator("Max", [ length; leastLength ], []) ], [])

let turned =
    graph.Operator("Transpose", [ unit points ], [ ("perm", Ints [ 1; 0 ]) ])

let cosines = graph.Operator("MatMul", [ unit queries; turned ], [])

let nearest =
    graph.Operator("ArgMax", [ cosines ], [ "axis", Int 1; "keepdims", Int 0 ])

let best =
    graph.Operator("ReduceMax", [ cosines ], [ "axes", Ints [ 1 ]; "keepdims", Int 0 ])

graph.Output("index", nearest, Integer, [ Named "queries" ])
graph.Output("cosine", best, Float, [ Named "queries" ])

writeFile (fsi.CommandLineArgs[1]) (graph.ToBytes())
