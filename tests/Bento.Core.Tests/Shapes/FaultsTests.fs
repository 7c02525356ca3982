/// Faults of bodies that are too large for one document.
module Bento.Tests.FaultsTests

open System
open System.Numerics.Tensors
open System.Text
open Xunit
open Bento

type Row = { Id: int; Label: string }

type Large = {
    [<Shape(-1, 2)>]
    Vectors: Tensor<float32>
    [<Length(0, 400_000)>]
    Numbers: int list
    Rows: Row list
    Named: Map<int, bool>
    Text: string option
}

let private codec =
    match Codecs.ofType WireRules.defaults "it" typeof<Large> with
    | Ok codec -> codec :?> Codec<Large>
    | Error faults -> failwith $"%A{faults}"

let private list (items: string seq) = "[" + String.Join(",", items) + "]"

/// Some eleven megabytes, with something else in the place of a few values.
let private body (vector: string) number row name =
    let numbers = Array.create 400_000 "12345"
    numbers[399_999] <- number
    let vectors = Array.create 300_000 "[1.25,2.5]"
    vectors[299_998] <- vector
    let rows = Array.create 100_000 """{"id":1,"label":"a label"}"""
    rows[77_777] <- row

    let named =
        [ for index in 1..99_999 -> $"\"{index}\":true" ] @ [ $"\"{name}\":false" ]

    String.concat "" [
        $$"""{"numbers":{{list numbers}},"vectors":{{list vectors}},"other":{{list vectors}},"""
        $$""""rows":{{list rows}},"named":{ {{String.Join(",", named)}} },"text":null}"""
    ]
    |> Encoding.UTF8.GetBytes

let private faults (body: byte[]) =
    match codec.Decode(ReadOnlyMemory body) with
    | Ok _ -> []
    | Error faults -> faults |> List.map (fun fault -> Fault.path fault.Location, fault.Kind)

[<Fact>]
let ``a large body that is as wanted has none`` () =
    Assert.Equal<_ list>([], faults (body "[0,0]" "1" """{"id":2,"label":""}""" "-5"))

[<Fact>]
let ``every fault of a large body is told with its place`` () =
    Assert.Equal<_ list>(
        [
            "body.vectors[299998][1]", "type"
            "body.numbers[399999]", "range"
            "body.rows[77777].id", "type"
            "body.rows[77777].label", "missing"
            "body.named.x", "type"
        ],
        faults (body "[0,\"1\"]" "99999999999" """{"id":2.5}""" "x")
    )

    Assert.Equal<_ list>(
        [ "body.vectors[299998]", "ragged"; "body.rows[77777]", "null" ],
        faults (body "[0]" "1" "null" "0")
    )

[<Fact>]
let ``a hundred faults are enough, and one is all that is no JSON`` () =
    let wrong =
        Encoding.UTF8.GetBytes("""{"numbers":""" + list (Array.create 2_000_000 "true") + "}")

    let found = faults wrong
    Assert.Equal(100, found.Length)
    Assert.Equal(("body.numbers[0]", "type"), found[1])
    Assert.Equal<_ list>([ "body", "json" ], faults wrong[.. wrong.Length - 2])

[<Fact>]
let ``constraints and fields that are there twice are told of large values, too`` () =
    let numbers = list (Array.create 400_001 "1")
    let rest = """"vectors":[[1,2]],"rows":[],"named":{}"""

    Assert.Equal<_ list>(
        [ "body.numbers", "length" ],
        faults (Encoding.UTF8.GetBytes $$"""{"numbers":{{numbers}},{{rest}}}""")
    )

    Assert.Equal<_ list>(
        [ "body", "json" ],
        faults (Encoding.UTF8.GetBytes $$"""{"numbers":{{numbers}},"numbers":{{numbers}},{{rest}}}""")
    )

type Deep = { Any: Tensor<float32> }

[<Fact>]
let ``a tensor of too many dimensions is told as that, however large it is`` () =
    let codec =
        match Codecs.ofType WireRules.defaults "it" typeof<Deep> with
        | Ok codec -> codec :?> Codec<Deep>
        | Error faults -> failwith $"%A{faults}"

    let inner = list (Array.create 500_000 "0")

    for levels, kinds in [ 15, []; 16, [ "shape" ]; 60, [ "shape" ] ] do
        let json = $$"""{"any":{{String('[', levels)}}{{inner}}{{String(']', levels)}}}"""

        let found =
            match codec.Decode(ReadOnlyMemory(Encoding.UTF8.GetBytes json)) with
            | Ok _ -> []
            | Error faults -> faults |> List.map _.Kind

        Assert.Equal<_ list>(kinds, found)
