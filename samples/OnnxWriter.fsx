/// Writes graphs as ONNX files: the part of onnx.proto that dense float graphs need, and no dependency.
module OnnxWriter

open System
open System.IO
open System.Runtime.InteropServices
open System.Text

/// The values of a tensor, and with them its element type.
type Values =
    | Floats of float32[]
    | Integers of int64[]

type ElementType =
    | Float
    | Integer

/// A dimension of a graph's input or output: known, or known by name only.
type Dimension =
    | Size of int
    | Named of string

/// The value of an operator's attribute.
type Attribute =
    | Int of int
    | Ints of int list
    | Real of float32
    | Text of string

/// The fields of protobuf messages, each as its bytes.
module private Protobuf =
    let private variable (value: uint64) = [|
        let mutable rest = value

        while rest > 127UL do
            byte rest ||| 128uy
            rest <- rest >>> 7

        byte rest
    |]

    let private tag field wire =
        variable (uint64 ((field <<< 3) ||| wire))

    let integer field (value: int64) =
        Array.append (tag field 0) (variable (uint64 value))

    let real field (value: float32) =
        Array.append (tag field 5) (BitConverter.GetBytes value)

    let bytes field (value: byte[]) =
        Array.concat [ tag field 2; variable (uint64 value.Length); value ]

    let text field (value: string) =
        bytes field (Encoding.UTF8.GetBytes value)

    let message field parts = bytes field (Array.concat parts)

let private elementCode =
    function
    | Float -> 1L
    | Integer -> 7L

let private rawBytes values =
    match values with
    | Floats floats -> MemoryMarshal.AsBytes(ReadOnlySpan floats).ToArray()
    | Integers integers -> MemoryMarshal.AsBytes(ReadOnlySpan integers).ToArray()

let private attributeFields (name, value) = [
    Protobuf.text 1 name

    match value with
    | Int number ->
        Protobuf.integer 3 (int64 number)
        Protobuf.integer 20 2L
    | Ints numbers ->
        yield! numbers |> List.map (int64 >> Protobuf.integer 8)
        Protobuf.integer 20 7L
    | Real number ->
        Protobuf.real 2 number
        Protobuf.integer 20 1L
    | Text text ->
        Protobuf.text 4 text
        Protobuf.integer 20 3L
]

/// A declared input or output.
let private declaration field (name, element, shape) =
    let dimension =
        function
        | Size size -> Protobuf.message 1 [ Protobuf.integer 1 (int64 size) ]
        | Named name -> Protobuf.message 1 [ Protobuf.text 2 name ]

    let tensorType = [
        Protobuf.integer 1 (elementCode element)
        Protobuf.message 2 (List.map dimension shape)
    ]

    Protobuf.message field [ Protobuf.text 1 name; Protobuf.message 2 [ Protobuf.message 1 tensorType ] ]

/// Writes a file whole or not at all: under a name of its own first, then renamed.
let writeFile (path: string) (content: byte[]) =
    let partial = $"{path}.{Guid.NewGuid():N}.partial"

    try
        File.WriteAllBytes(partial, content)
        File.Move(partial, path, overwrite = true)
    finally
        File.Delete partial

/// A graph in the making. Each operator returns the name of its result, which the next ones take as an input.
type Graph(name: string) =
    let initializers = ResizeArray<byte[]>()
    let nodes = ResizeArray<byte[]>()
    let inputs = ResizeArray<byte[]>()
    let outputs = ResizeArray<byte[]>()
    let metadata = ResizeArray<byte[]>()

    let addNode operator operands result attributes =
        nodes.Add(
            Protobuf.message 1 [
                yield! operands |> List.map (Protobuf.text 1)
                Protobuf.text 2 result
                Protobuf.text 3 result
                Protobuf.text 4 operator
                yield! attributes |> List.map (attributeFields >> Protobuf.message 5)
            ]
        )

    /// Declares an input of the graph.
    member _.Input(name: string, element: ElementType, shape: Dimension list) =
        inputs.Add(declaration 11 (name, element, shape))
        name

    /// Adds a tensor that is part of the file, such as a weight.
    member _.Tensor(name: string, shape: int list, values: Values) =
        let element, length =
            match values with
            | Floats floats -> Float, floats.Length
            | Integers integers -> Integer, integers.Length

        if List.fold (*) 1 shape <> length then
            invalidArg (nameof values) $"Tensor {name} of shape %A{shape} is given {length} values."

        initializers.Add(
            Protobuf.message 5 [
                yield! shape |> List.map (int64 >> Protobuf.integer 1)
                Protobuf.integer 2 (elementCode element)
                Protobuf.text 8 name
                Protobuf.bytes 9 (rawBytes values)
            ]
        )

        name

    /// Adds a tensor that needs no name of its own.
    member graph.Constant(shape: int list, values: Values) =
        graph.Tensor($"constant_{initializers.Count}", shape, values)

    /// Adds an operator with one result.
    member _.Operator(operator: string, operands: string list, attributes: (string * Attribute) list) =
        let result = $"{operator}_{nodes.Count}"
        addNode operator operands result attributes
        result

    /// Declares an operand as an output of the graph, under a name for the caller.
    member _.Output(name: string, operand: string, element: ElementType, shape: Dimension list) =
        addNode "Identity" [ operand ] name []
        outputs.Add(declaration 12 (name, element, shape))

    /// Adds a note to the file, such as where the weights come from.
    member _.Note(key: string, value: string) =
        metadata.Add(Protobuf.message 14 [ Protobuf.text 1 key; Protobuf.text 2 value ])

    /// The whole file: IR version 8, operator set 13.
    member _.ToBytes() =
        Array.concat [
            Protobuf.integer 1 8L
            Protobuf.text 2 "OnnxWriter.fsx"
            Protobuf.message 7 [
                yield! nodes
                Protobuf.text 2 name
                yield! initializers
                yield! inputs
                yield! outputs
            ]
            Protobuf.message 8 [ Protobuf.text 1 ""; Protobuf.integer 2 13L ]
            yield! metadata
        ]
