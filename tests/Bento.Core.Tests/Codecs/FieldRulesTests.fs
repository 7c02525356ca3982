/// Constraints and defaults that say nothing sensible are problems of the definition.
module Bento.Tests.FieldRulesTests

open System
open System.Collections.Generic
open System.Numerics.Tensors
open System.Text
open Xunit
open Bento
open Bento.Tests.Universe

type Misstated = {
    [<Range(3, 1)>]
    Range: int
    [<Length(-1, 2)>]
    Length: string
    [<Pattern "(">]
    Pattern: string
    [<Pattern @"(a)\1">]
    Backtracking: string
    [<ContentType "png">]
    ContentType: byte[]
    [<Shape(-2)>]
    Shape: Tensor<int>
    [<Default("x")>]
    Default: int
    [<Default(5); Range(0, 1)>]
    BrokenDefault: int
}

type Misplaced = {
    [<Range(0, 1)>]
    Range: string
    [<Length(0, 1)>]
    Length: int
    [<Pattern "a">]
    Pattern: int list
    [<ContentType "image/*">]
    ContentType: string
    [<Shape(1)>]
    Shape: int[]
}

let private reasons<'T> () =
    match Codecs.ofType WireRules.defaults "it" typeof<'T> with
    | Ok codec -> failwith $"%A{codec.Shape}"
    | Error faults -> faults |> List.map (fun fault -> fault.Path, fault.Reason)

[<Fact>]
let ``a constraint that nothing can keep is refused, each in its place`` () =
    let found = reasons<Misstated>()

    Assert.Equal<string list>(
        [
            "it.range"
            "it.length"
            "it.pattern"
            "it.backtracking"
            "it.contentType"
            "it.shape"
            "it.default"
            "it.brokenDefault"
        ],
        List.map fst found
    )

    Assert.Equal("has Range(3, 1), in which no number lies; give the smaller one first", snd found[0])
    Assert.Equal("has the default 5, which is not a whole number as the field wants it", snd found[7])

[<Fact>]
let ``a constraint on what it is not for is refused`` () =
    let found = reasons<Misplaced>()

    Assert.Equal<(string * string) list>(
        [
            "it.range", "has Range, which is for a number, and not for text"
            "it.length", "has Length, which is for a text, bytes, a list, a set or a map, and not for a whole number"
            "it.pattern", "has Pattern, which is for a text, and not for a list of a whole number"
            "it.contentType", "has ContentType, which is for a file, an image, a stream or bytes, and not for text"
            "it.shape", "has dimensions by Shape, which is for a tensor"
        ],
        found
    )

type Votes = {
    [<Length(1, 2)>]
    ByColour: Dictionary<Colour, int>
}

type Patterns = {
    [<Pattern "^a$">]
    Text: string
    [<Pattern "^(a[$]|b$|c\\$)">]
    Inner: string
    [<Pattern "(?m)^a$">]
    Line: string
}

let private kinds<'T> (body: string) =
    match Codecs.ofType WireRules.defaults "it" typeof<'T> with
    | Error faults -> failwith $"%A{faults}"
    | Ok codec ->
        match codec.DecodeObject(ReadOnlyMemory(Encoding.UTF8.GetBytes body)) with
        | Ok _ -> []
        | Error faults -> faults |> List.map (fun fault -> Fault.path fault.Location, fault.Kind)

[<Fact>]
let ``what is said of a map is not said of its keys`` () =
    Assert.Empty(kinds<Votes> """{"byColour":{"Red":1}}""")
    Assert.Equal<_ list>([ "body.byColour", "length" ], kinds<Votes> """{"byColour":{}}""")

[<Fact>]
let ``a dollar in a pattern is the end of the text, and no line feed is before it`` () =
    Assert.Empty(kinds<Patterns> """{"text":"a","inner":"b","line":"x\na\ny"}""")
    Assert.Empty(kinds<Patterns> """{"text":"a","inner":"a$ and more","line":"a"}""")
    Assert.Empty(kinds<Patterns> """{"text":"a","inner":"c$\n","line":"a\n"}""")

    Assert.Equal<_ list>(
        [ "body.text", "pattern"; "body.inner", "pattern"; "body.line", "pattern" ],
        kinds<Patterns> """{"text":"a\n","inner":"b\n","line":"b\n"}"""
    )
