/// What is published is what is done, as npm's ajv reads it.
module Bento.Tests.SchemaLawsTests

open System
open System.Reflection
open System.Text
open System.Text.Json.Nodes
open FsCheck
open FsCheck.FSharp
open Xunit
open Bento
open Bento.Tests.Universe
open Bento.Tests.Judge

let private codecOf rules (kind: Type) =
    match Codecs.ofType rules "it" kind with
    | Ok codec -> codec
    | Error faults -> failwith $"%A{faults}"

let private decode (codec: Codec) (json: string) =
    codec.DecodeObject(ReadOnlyMemory(Encoding.UTF8.GetBytes json))

// -- accidents ---------------------------------------------------------------------------------------

/// Every place in a body, the root first.
let rec private places (node: JsonNode | null) : Step list list = [
    []
    match node with
    | :? JsonObject as fields ->
        for field in fields do
            for rest in places field.Value do
                Step.Name field.Key :: rest
    | :? JsonArray as items ->
        for index in 0 .. items.Count - 1 do
            for rest in places items[index] do
                Step.Index index :: rest
    | _ -> ()
]

/// What may stand in the place of anything; `None` takes a field away.
let private replacements = [
    Some "null"
    Some "true"
    Some "-1.5"
    Some "300000000000"
    Some "\"text\""
    Some "[]"
    Some "{}"
    Some "[[1],\"a\"]"
    None
]

/// The body with something else in one place, or nothing where the place cannot be empty.
let rec private replaced (node: JsonNode | null) (place: Step list) (replacement: string option) : string option =
    match place, replacement with
    | [], None -> None
    | [], Some json -> Some json
    | _ ->
        let root = (nonNull node).DeepClone()

        let rec put (node: JsonNode) place =
            match place, node with
            | [ Step.Name name ], (:? JsonObject as fields) ->
                match replacement with
                | Some json -> fields[name] <- JsonNode.Parse json
                | None -> fields.Remove name |> ignore

                true
            | [ Step.Index index ], (:? JsonArray as items) when replacement.IsSome ->
                items[index] <- JsonNode.Parse replacement.Value
                true
            | [ _ ], _ -> false
            | Step.Name name :: rest, _ -> put (nonNull node[name]) rest
            | Step.Index index :: rest, _ -> put (nonNull node[index]) rest
            | _ -> false

        if put root place then Some(root.ToJsonString()) else None

/// Whether one of two ways leads on from the other.
let rec private onTheWay (first: Step list) (second: Step list) =
    match first, second with
    | [], _
    | _, [] -> true
    | one :: rest, other :: others -> one = other && onTheWay rest others

/// That lists have one length is beyond a schema.
let private isBeyondSchemas (faults: Fault list) =
    faults |> List.forall (fun fault -> fault.Kind = "ragged")

/// Looks at a body with each of the replacements in one place that it has.
let private eachReplaced (codec: Codec<'T>) (value: 'T) (place: PositiveInt) (look: Step list -> string -> unit) =
    let node = JsonNode.Parse(ReadOnlySpan(codec.Encode value))
    let places = places node
    let place = places[place.Get % places.Length]
    replacements |> List.choose (replaced node place) |> List.iter (look place)

// -- the laws ----------------------------------------------------------------------------------------

/// The laws at one type, which is known only when they are checked.
[<AbstractClass; Sealed>]
type SchemaLaws =

    static member Accepts<'T>(rules: WireRules, judge: Judge) =
        let codec = codecOf rules typeof<'T> :?> Codec<'T>

        for schema in [ JsonSchema.input codec.Shape; JsonSchema.output codec.Shape ] do
            judge.Take schema

            let law (value: 'T) =
                let json = Encoding.UTF8.GetString(codec.Encode value)

                match judge.Faults json with
                | None -> true
                | Some faults -> failwith $"{json} is refused by {schema.ToJsonString()}: {faults}"

            Check.One(config, law)

    static member Rejects<'T>(rules: WireRules, judge: Judge) =
        let codec = codecOf rules typeof<'T> :?> Codec<'T>
        let schema = JsonSchema.input codec.Shape
        judge.Take schema

        let law (value: 'T) place =
            eachReplaced codec value place (fun place json ->
                match decode codec json with
                | Ok _ -> ()
                | Error faults ->
                    let ways = faults |> List.map _.Location

                    // Of several lengths nobody knows which one was meant.
                    let isOfLengths =
                        faults
                        |> List.forall (fun fault -> fault.Kind = "ragged" || fault.Kind = "shape")

                    if not isOfLengths && not (ways |> List.exists (onTheWay place)) then
                        failwith $"{json}: the fault at %A{place} was told as %A{faults}"

                    if not (isBeyondSchemas faults) && (judge.Faults json).IsNone then
                        failwith $"{json} is taken by {schema.ToJsonString()}, and has %A{faults}")

        Check.One(config, law)

    /// However small the documents are that faults are looked for in, they are the same.
    static member FindsAll<'T>(rules: WireRules, _: Judge) =
        let codec = codecOf rules typeof<'T> :?> Codec<'T>

        let law (value: 'T) place =
            eachReplaced codec value place (fun _ json ->
                let body = ReadOnlyMemory(Encoding.UTF8.GetBytes json)
                let whole = Faults.ofBody codec.Shape body

                for piece in [ 0; 3; 20 ] do
                    let found = Faults.inPieces piece codec.Shape body

                    if found <> whole then
                        failwith $"{json} has %A{whole}, and in pieces of {piece} bytes %A{found}")

        Check.One(config, law)

let private check name (rules: WireRules) (kinds: Type list) =
    use judge = new Judge()

    let law =
        nonNull (typeof<SchemaLaws>.GetMethod(name, BindingFlags.Static ||| BindingFlags.Public))

    for kind in kinds do
        try
            law.MakeGenericMethod(kind).Invoke(null, [| rules; judge |]) |> ignore
        with :? TargetInvocationException as problem ->
            failwith $"{kind}: {problem.InnerException}"

let private snake = {
    WireRules.defaults with
        Naming = Snake
        Strict = true
}

[<Fact>]
let ``schemas accept every value that is written`` () =
    check "Accepts" WireRules.defaults (sample 40)
    check "Accepts" snake (sample 20)

[<Fact>]
let ``what is refused is refused by the schema too, and the fault is told where it is`` () =
    check "Rejects" WireRules.defaults (sample 40)
    check "Rejects" snake (sample 20)

[<Fact>]
let ``what is wrong with a body is the same in one document and in many`` () =
    check "FindsAll" WireRules.defaults (sample 40)
    check "FindsAll" snake (sample 20)

// -- constraints and declared tensors ----------------------------------------------------------------

type Limited = {
    [<Range(0, 1)>]
    Weight: float32
    [<Range(-300, 10)>]
    Small: byte
    [<Length(2, 3)>]
    Text: string
    [<Length(1, 2)>]
    Items: int list
    [<Length(0, 1)>]
    Named: Map<string, bool>
    [<Pattern "^[a-z]+$">]
    Word: string option
    [<Shape(-1, 2)>]
    Table: System.Numerics.Tensors.Tensor<float32>
    [<Default 3>]
    Count: int
}

let private limited =
    """{"weight":1,"small":10,"text":"äö","items":[1],"named":{},"word":"abc","table":[[1,2]],"count":3}"""

let mistakes: TheoryData<string, string, string> =
    TheoryData<string, string, string>(
        [
            struct ("weight", "1.5", "range")
            struct ("weight", "-0.1", "range")
            struct ("small", "11", "range")
            struct ("small", "-1", "range")
            struct ("text", "\"a\"", "length")
            struct ("text", "\"abcd\"", "length")
            struct ("items", "[]", "length")
            struct ("items", "[1,2,3]", "length")
            struct ("named", "{\"a\":true,\"b\":true}", "length")
            struct ("word", "\"A\"", "pattern")
            struct ("table", "[[1,2,3]]", "shape")
            struct ("table", "[1,2]", "shape")
            struct ("table", "null", "null")
            struct ("count", "null", "null")
        ]
    )

[<Theory; MemberData(nameof mistakes)>]
let ``a constraint is kept by the decoder and published`` (field: string, value: string, kind: string) =
    let codec = codecOf WireRules.defaults typeof<Limited>
    use judge = new Judge()
    judge.Take(JsonSchema.input codec.Shape)
    Assert.Equal(None, judge.Faults limited)
    Assert.True(Result.isOk (decode codec limited))
    let body = nonNull (JsonNode.Parse limited)
    body[field] <- JsonNode.Parse value

    match decode codec (body.ToJsonString()) with
    | Ok value -> Assert.Fail $"%A{value}"
    | Error faults ->
        Assert.Equal<(Step list * string) list>(
            [ [ Step.Name field ], kind ],
            faults |> List.map (fun fault -> fault.Location, fault.Kind)
        )

    Assert.NotEqual(None, judge.Faults(body.ToJsonString()))

// -- what no schema can say ------------------------------------------------------------------------------

type Grids = {
    Table: int[,]
    Cube: float[,,]
    Any: System.Numerics.Tensors.Tensor<int>
    [<Shape(-1, -1)>]
    Free: System.Numerics.Tensors.Tensor<float32>
}

let private grids =
    """{"table":[[1,2],[3,4]],"cube":[[[0]]],"any":[[1],[2]],"free":[[1]]}"""

let beyond: TheoryData<string, string, string, string> =
    TheoryData<string, string, string, string>(
        [
            struct ("table", "[[1,2],[3]]", "ragged", "body.table[1] has 1 items")
            struct ("cube", "[[[0]],[[0],[0]]]", "ragged", "body.cube[1] has 2 items")
            struct ("any", "[[1],[2,3]]", "ragged", "body.any[1] has 2 items")
            struct ("any", "[1,[2]]", "ragged", "body.any[1]: wanted a number")
            struct ("free", "[[1,2],[3]]", "ragged", "body.free[1] has 1 items")
        ]
    )

[<Theory; MemberData(nameof beyond)>]
let ``what no schema can say of lists in lists is refused all the same``
    (field: string, value: string, kind: string, message: string)
    =
    let codec = codecOf WireRules.defaults typeof<Grids>
    use judge = new Judge()
    judge.Take(JsonSchema.input codec.Shape)
    Assert.True(Result.isOk (decode codec grids))
    let body = nonNull (JsonNode.Parse grids)
    body[field] <- JsonNode.Parse value
    Assert.Equal(None, judge.Faults(body.ToJsonString()))

    match decode codec (body.ToJsonString()) with
    | Ok value -> Assert.Fail $"%A{value}"
    | Error faults ->
        let fault = Assert.Single faults
        Assert.Equal(kind, fault.Kind)
        Assert.StartsWith(message, fault.Message)

let anyTensors: TheoryData<string, bool> =
    let deep levels =
        String('[', levels) + "1" + String(']', levels)

    TheoryData<string, bool>(
        [
            struct ("1", true)
            struct ("[]", true)
            struct ("[[1],[-2]]", true)
            struct (deep 16, true)
            struct (deep 17, false)
            struct ("[1,\"2\"]", false)
            struct ("[1,null]", false)
            struct ("[[[1.5]]]", false)
            struct ("[[{}]]", false)
            struct ("[[true]]", false)
            struct ("[99999999999]", false)
        ]
    )

[<Theory; MemberData(nameof anyTensors)>]
let ``the schema of a tensor of any dimensions says what is at the bottom of its lists`` (value: string, fits: bool) =
    let codec = codecOf WireRules.defaults typeof<Grids>
    use judge = new Judge()
    judge.Take(JsonSchema.input codec.Shape)
    let body = nonNull (JsonNode.Parse grids)
    body["any"] <- JsonNode.Parse value
    Assert.Equal(fits, Result.isOk (decode codec (body.ToJsonString())))
    Assert.Equal(fits, (judge.Faults(body.ToJsonString())).IsNone)
