namespace Bento

open System

/// A step on the way from the root of a body to a value in it.
[<RequireQualifiedAccess>]
type Step =
    | Name of string
    | Index of int

/// One thing that is wrong with a body, and where.
type Fault = {
    Location: Step list
    /// One word of the contract, such as "missing" or "range".
    Kind: string
    Message: string
}

[<RequireQualifiedAccess>]
module Fault =

    /// The way as a person writes it, as in "body.rows[0]".
    let path (location: Step list) =
        let step part =
            match part with
            | Step.Name name -> "." + name
            | Step.Index index -> $"[{index}]"

        "body" + (location |> List.map step |> String.Concat)
