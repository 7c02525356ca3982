/// From types to shapes, and what cannot travel.
module Bento.Tests.ShapeTests

open System
open System.Collections.Generic
open Xunit
open Bento

type Inner = { Label: string; Score: float }

type Outer = {
    Name: string
    Count: int
    Ratio: float32 voption
    Limit: Nullable<int>
    Tags: string list
    Rows: Inner[]
    Totals: Map<string, decimal>
    Note: string option
}

[<Struct>]
type Point = { X: int; Y: int }

[<CLIMutable>]
type Mutable = { First: string; Second: int }

type Pair<'Left, 'Right> = { Left: 'Left; Right: 'Right }

type Endless = { Value: int; Next: Endless option }

type Left = { Right: Right list }
and Right = { Left: Left option }

type Growing<'T> = {
    Item: 'T
    Larger: Growing<'T list> option
}

type Clash = { Body: string; body: string }

type private Hidden = { Secret: string }

type Sealed = private { Inside: string }

type Choice =
    | This
    | That of int

type Faulty = {
    Fine: int
    Link: Version
    Bytes: Lazy<byte[]>
    Keys: Map<float, string>
    Twice: int option option
    Handlers: (int -> int) list
    Deep: {| Anything: obj |}
}

let inline private whole minimum maximum =
    Shape.Integer(decimal minimum, decimal maximum)

let private int32 = whole Int32.MinValue Int32.MaxValue
let private text = Shape.Text TextFormat.Plain

let private map value =
    Shape.Map(Shape.Text TextFormat.Plain, value)

/// A field as most are: the name on the wire is that of the member, its first letter aside.
let private field (name: string) (shape: Shape) : FieldShape = {
    Name = name
    Alias = None
    Member = string (Char.ToUpperInvariant name[0]) + name.Substring 1
    Shape = shape
    Required = not shape.IsOptional
    Default = None
    Constraints = []
}

let private shapeIn root kind =
    Codecs.ofType WireRules.defaults root kind |> Result.map _.Shape

let private shape kind = shapeIn "input" kind

[<Fact>]
let ``a primitive has a shape of its own`` () =
    let shapes: (Type * Shape) list = [
        typeof<unit>, Shape.Unit
        typeof<bool>, Shape.Boolean
        typeof<sbyte>, whole SByte.MinValue SByte.MaxValue
        typeof<byte>, whole Byte.MinValue Byte.MaxValue
        typeof<int16>, whole Int16.MinValue Int16.MaxValue
        typeof<uint16>, whole UInt16.MinValue UInt16.MaxValue
        typeof<int>, int32
        typeof<uint32>, whole UInt32.MinValue UInt32.MaxValue
        typeof<int64>, whole Int64.MinValue Int64.MaxValue
        typeof<uint64>, whole UInt64.MinValue UInt64.MaxValue
        typeof<float32>, Shape.Number NumberFormat.Single
        typeof<float>, Shape.Number NumberFormat.Double
        typeof<decimal>, Shape.Number NumberFormat.Decimal
        typeof<string>, text
        typeof<Guid>, Shape.Text TextFormat.Guid
        typeof<DateTime>, Shape.Text TextFormat.DateTime
        typeof<DateTimeOffset>, Shape.Text TextFormat.DateTimeOffset
    ]

    for kind, wanted in shapes do
        Assert.Equal(Ok wanted, shape kind)

[<Fact>]
let ``what holds values has the shape of its values inside`` () =
    let shapes: (Type * Shape) list = [
        typeof<int option>, Shape.Optional int32
        typeof<int voption>, Shape.Optional int32
        typeof<Nullable<int>>, Shape.Optional int32
        typeof<string list>, Shape.Sequence text
        typeof<string[]>, Shape.Sequence text
        typeof<int[][]>, Shape.Sequence(Shape.Sequence int32)
        typeof<byte list>, Shape.Sequence(whole Byte.MinValue Byte.MaxValue)
        typeof<int option list>, Shape.Sequence(Shape.Optional int32)
        typeof<Map<string, int>>, map int32
        typeof<Dictionary<string, int>>, map int32
        typeof<IReadOnlyDictionary<string, int list>>, map (Shape.Sequence int32)
    ]

    for kind, wanted in shapes do
        Assert.Equal(Ok wanted, shape kind)

let private innerShape =
    Shape.Record {
        Name = "Inner"
        Type = typeof<Inner>
        Closed = false
        Fields = [ field "label" text; field "score" (Shape.Number NumberFormat.Double) ]
    }

[<Fact>]
let ``a record has its fields in order under their names on the wire`` () =
    let wanted =
        Shape.Record {
            Name = "Outer"
            Type = typeof<Outer>
            Closed = false
            Fields = [
                field "name" text
                field "count" int32
                field "ratio" (Shape.Optional(Shape.Number NumberFormat.Single))
                field "limit" (Shape.Optional int32)
                field "tags" (Shape.Sequence text)
                field "rows" (Shape.Sequence innerShape)
                field "totals" (map (Shape.Number NumberFormat.Decimal))
                field "note" (Shape.Optional text)
            ]
        }

    Assert.Equal(Ok wanted, shape typeof<Outer>)

let private fieldsOf kind =
    match shape kind with
    | Ok(Shape.Record record) -> record.Fields
    | other -> failwith $"%A{other}"

[<Fact>]
let ``anonymous, struct, mutable and generic records are records`` () =
    Assert.Equal<FieldShape list>([ field "a" int32; field "b" text ], fieldsOf typeof<{| A: int; B: string |}>)
    Assert.Equal<FieldShape list>([ field "x" int32; field "y" int32 ], fieldsOf typeof<Point>)
    Assert.Equal<FieldShape list>([ field "first" text; field "second" int32 ], fieldsOf typeof<Mutable>)
    Assert.Equal<FieldShape list>([ field "left" int32; field "right" text ], fieldsOf typeof<Pair<int, string>>)

[<Fact>]
let ``a generic record inside itself at other types has an end`` () =
    Assert.True(Result.isOk (shape typeof<Pair<Pair<Pair<int, int>, int>, int>>))

[<Fact>]
let ``a record may be in two places at once`` () =
    Assert.Equal<FieldShape list>(
        [ field "left" innerShape; field "right" innerShape ],
        fieldsOf typeof<Pair<Inner, Inner>>
    )

/// The path and the reason of everything that is wrong with a type.
let private faults kind =
    match shape kind with
    | Ok shape -> failwith $"%A{shape}"
    | Error faults -> faults |> List.map (fun fault -> fault.Path, fault.Reason)

let private onlyPath kind = faults kind |> List.map fst

[<Fact>]
let ``an option of an option is refused`` () =
    for kind in
        [
            typeof<int option option>
            typeof<int voption option>
            typeof<Nullable<int> option>
        ] do
        Assert.Equal<(string * string) list>(
            [
                "input", "is an option of an option, which JSON cannot tell from one; use a single option"
            ],
            faults kind
        )

[<Fact>]
let ``an option of unit is refused`` () =
    Assert.Equal<string list>([ "input" ], onlyPath typeof<unit option>)

[<Theory>]
[<InlineData(typeof<Map<float, string>>, "has keys of type float; use strings, whole numbers, Guids or enums for keys")>]
[<InlineData(typeof<Dictionary<Inner, string>>,
             "has keys of type Inner; use strings, whole numbers, Guids or enums for keys")>]
[<InlineData(typeof<Clash>, "is the name of two fields; give them names that differ in more than case")>]
let ``a name that is no name is refused`` (kind: Type, reason: string) =
    Assert.Equal(reason, faults kind |> List.head |> snd)

[<Fact>]
let ``a type that contains itself is refused where it does`` () =
    Assert.Equal<(string * string) list>(
        [
            "input.next", "is Endless inside Endless; a type that contains itself has no end"
        ],
        faults typeof<Endless>
    )

    Assert.Equal<string list>([ "input.right[].left" ], onlyPath typeof<Left>)

[<Fact>]
let ``a type that contains itself at ever larger types is refused too`` () =
    let path, reason = faults typeof<Growing<int>> |> List.exactlyOne
    Assert.StartsWith("input.larger.larger", path)
    Assert.EndsWith("a type that contains itself has no end", reason)

[<Theory>]
[<InlineData(typeof<Hidden>, "Hidden")>]
[<InlineData(typeof<Sealed>, "Sealed")>]
let ``a record that is not public is refused, for JSON could not make one`` (kind: Type, name: string) =
    Assert.Equal<(string * string) list>(
        [ "input", $"is of type {name}, a record that is not public; make it public" ],
        faults kind
    )

/// The name that a message gives to a type that cannot travel.
[<Theory>]
[<InlineData(typeof<obj>, "obj")>]
[<InlineData(typeof<Version>, "Version")>]
[<InlineData(typeof<int[,,,]>, "int[,,,]")>]
[<InlineData(typeof<Lazy<Set<int * string>>>, "Lazy<Set<int * string>>")>]
[<InlineData(typeof<(int * int) list -> string>, "(int * int) list -> string")>]
[<InlineData(typeof<(int -> int) -> unit>, "(int -> int) -> unit")>]
[<InlineData(typeof<Lazy<{| A: int option; B: Inner[] |}>>, "Lazy<{| A: int option; B: Inner[] |}>")>]
let ``a type that cannot travel is named as F# names it`` (kind: Type, name: string) =
    let path, reason = faults kind |> List.exactlyOne
    Assert.Equal("input", path)
    Assert.StartsWith($"is of type {name}; wanted bool, numbers", reason)

[<Fact>]
let ``everything wrong with a type is told at once`` () =
    Assert.Equal<string list>(
        [
            "input.link"
            "input.bytes"
            "input.keys"
            "input.twice"
            "input.handlers[]"
            "input.deep.anything"
        ],
        onlyPath typeof<Faulty>
    )

[<Fact>]
let ``the path begins with the given root`` () =
    match shapeIn "output" typeof<Version list> with
    | Error [ fault ] -> Assert.Equal("output[]", fault.Path)
    | other -> Assert.Fail $"%A{other}"

[<Fact>]
let ``every shape has words for a person`` () =
    let words = [
        Shape.Unit, "nothing"
        Shape.Boolean, "true or false"
        int32, "a whole number"
        Shape.Number NumberFormat.Single, "a number"
        text, "text"
        Shape.Text TextFormat.Guid, "a GUID"
        Shape.Text TextFormat.DateTime, "a date and time"
        Shape.Text TextFormat.DateTimeOffset, "a date and time with an offset"
        Shape.Optional text, "text or null"
        Shape.Sequence text, "a list of text"
        map int32, "an object whose values are a whole number"
        innerShape, "an object with label, score"
        Shape.Record {
            Name = "Empty"
            Type = typeof<unit>
            Fields = []
            Closed = false
        },
        "an empty object"
    ]

    for shape, wanted in words do
        Assert.Equal(wanted, Shape.describe shape)
