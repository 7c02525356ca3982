/// Which of some points each query is nearest to, computed on a GPU where there is one.
module Nearest

open System
open System.IO
open Bento
open Bento.OnnxRuntime

/// Vectors of one width: the points to choose from, and those to choose for.
type Vectors = {
    /// <summary>What to choose from.</summary>
    /// <example>[[1, 0], [0, 1], [1, 1]]</example>
    Points: float32[][]
    /// <summary>What to choose for.</summary>
    /// <example>[[0.9, 0.1], [0.4, 0.6]]</example>
    Queries: float32[][]
}

/// A point by its place in the request, and the cosine of the angle to it: 1 in the same direction, -1 in the opposite.
type Match = { Index: int64; Cosine: float32 }

/// The nearest point of each query, in their order.
type Matches = { Matches: Match[] }

/// Where the model runs: "cpu", or "gpu 0".
type Place = { Device: string }

/// What a worker keeps: the model, and the device that it was given for it.
[<Sealed>]
type Searcher(session: InferenceSession, device: Device) =

    member _.Device = device

    /// The vectors as one tensor.
    member private _.Tensor(vectors: float32[][], width: int) =
        OrtValue.Over(Array.concat vectors, int64 vectors.Length, int64 width)

    member this.Search(points: float32[][], queries: float32[][], width: int) : Match[] =
        use points = this.Tensor(points, width)
        use queries = this.Tensor(queries, width)
        use outputs = session.Run(dict [ "points", points; "queries", queries ])

        Array.map2
            (fun index cosine -> { Index = index; Cosine = cosine })
            (outputs["index"].ToArray<int64>())
            (outputs["cosine"].ToArray<float32>())

    interface IDisposable with
        member _.Dispose() = session.Dispose()

// The product of the two has a number for each pair.
let private mostVectors = 10_000
let private mostPairs = 4_000_000L

let private refuse message = raise (BentoException(400, message))

/// The one width of all vectors.
let private widthOf (vectors: Vectors) =
    for name, rows in [ "points", vectors.Points; "queries", vectors.Queries ] do
        if rows.Length = 0 || rows.Length > mostVectors then
            refuse $"\"{name}\" has {rows.Length} vectors; wanted 1 to {mostVectors}."

    let pairs = int64 vectors.Points.Length * int64 vectors.Queries.Length

    if pairs > mostPairs then
        raise (
            BentoException(
                413,
                $"\"points\" and \"queries\" make {pairs} pairs; wanted {mostPairs} at most: send fewer queries at a time."
            )
        )

    let width = vectors.Points[0].Length

    if width = 0 then
        refuse "The first of \"points\" is empty; wanted one number or more."

    for name, rows in [ "points", vectors.Points; "queries", vectors.Queries ] do
        match rows |> Array.tryFindIndex (fun row -> row.Length <> width) with
        | Some place ->
            refuse
                $"\"{name}\"[{place}] has {rows[place].Length} numbers; wanted {width}, as the first of \"points\" has."
        | None -> ()

    width

let load (setup: Setup<unit>) =
    // Beside this assembly, which need not be where the process was started from.
    let home = Path.GetDirectoryName typeof<Vectors>.Assembly.Location |> string
    new Searcher(Onnx.load setup (Path.Combine(home, "nearest.onnx")), setup.Device)

/// Finds the nearest of the points for each query.
let search (context: Context<Searcher>) (vectors: Vectors) : Matches = {
    Matches = context.State.Search(vectors.Points, vectors.Queries, widthOf vectors)
}

/// Tells where the model runs.
let device (context: Context<Searcher>) () : Place = {
    Device =
        match context.State.Device with
        | Device.Cpu -> "cpu"
        | Device.Gpu index -> $"gpu {index}"
}

let nearest = service {
    resources {
        gpu 1
        fallback Cpu
    }

    description "Finds the nearest of some points for each of some queries, on a GPU where there is one."
    init load
    api "search" search
    api "device" device
}
