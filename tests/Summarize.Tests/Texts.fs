/// Texts for properties.
module Summarize.Tests.Texts

open System
open FsCheck.FSharp

/// Any characters in any order, halves of surrogate pairs among them; often the same few.
let any =
    let few =
        Gen.elements [ ' '; '.'; 'a'; 'e'; '\u0301'; '\u0323'; '\ud83d'; '\ude00'; '\n' ]

    let all = Gen.choose (0, 0xffff) |> Gen.map char

    Gen.oneof [ few; all ] |> Gen.arrayOf |> Gen.map String
