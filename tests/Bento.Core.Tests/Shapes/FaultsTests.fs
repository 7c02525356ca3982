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
        [ "body.numbers", "json" ],
        faults (Encoding.UTF8.GetBytes $$"""{"numbers":{{numbers}},"numbers":{{numbers}},{{rest}}}""")
    )

[<Fact>]
let ``what nobody asked for hides no fault, however often it is there`` () =
    let body =
        """{"vectors":[[1,2]],"numbers":["1"],"other":1,"other":2,"rows":[{"id":"1","x":1,"x":1}],"named":{"1":1,"1":2}}"""

    for piece in [ 0; 20; 262_144 ] do
        let found =
            Faults.inPieces piece codec.Shape (ReadOnlyMemory(Encoding.UTF8.GetBytes body))

        Assert.Equal<_ list>(
            [
                "body.numbers[0]", "type"
                "body.rows[0].id", "type"
                "body.rows[0].label", "missing"
                "body.named.1", "type"
                "body.named.1", "json"
            ],
            found |> List.map (fun fault -> Fault.path fault.Location, fault.Kind)
        )

[<Fact>]
let ``a name that is no text does not shift the places of what comes after it`` () =
    let unreadable = """{"\ud800":1,"id":1,"label":"a"}"""

    let body =
        """{"vectors":[[1,2]],"numbers":[],"rows":["""
        + unreadable
        + """,{"id":1,"label":"a"},{"id":"x","label":"a"}],"named":{}}"""

    let found =
        Faults.inPieces 45 codec.Shape (ReadOnlyMemory(Encoding.UTF8.GetBytes body))

    Assert.Contains(found, (fun fault -> fault.Kind = "json"))
    Assert.Contains(found, (fun fault -> Fault.path fault.Location = "body.rows[2].id"))
    Assert.DoesNotContain(found, (fun fault -> fault.Message.Contains "BytePosition"))

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

[<Fact>]
let ``a fault at the bottom of a tensor of sixteen dimensions is told with its place, and a ragged list as that`` () =
    let inner = Array.create 200_000 "0"
    inner[123_456] <- "\"zero\""

    let shape =
        Shape.Tensor {
            Element = ElementType.Single
            Dimensions = None
        }

    let found (bottom: string) =
        let json = String('[', 15) + bottom + String(']', 15)

        Faults.ofBody shape (ReadOnlyMemory(Encoding.UTF8.GetBytes json))
        |> List.map (fun fault -> Fault.path fault.Location, fault.Kind)

    let place = "body" + String.replicate 14 "[0]"
    Assert.Equal<_ list>([ $"{place}[0][123456]", "type" ], found (list inner))
    Assert.Equal<_ list>([ $"{place}[1]", "ragged" ], found (list (Array.create 200_000 "0") + ",[\"a\"]"))
