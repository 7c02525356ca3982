/// The real models that benchmarks run, which `build.fsx` prepares and the build puts beside the program.
module Bento.Bench.Models

open System
open System.IO

/// Tells 54 programming languages apart: `counts` float [rows, 5000] to `probabilities` float [rows, 54].
let guesslang =
    Path.Combine(AppContext.BaseDirectory, "models", "guesslang", "model.onnx")
