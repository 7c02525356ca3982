/// A closed universe of types that travel, with values of them that nobody thought of.
module Bento.Tests.Universe

open System
open System.Collections
open System.Collections.Generic
open System.Numerics.Tensors
open System.Reflection
open FsCheck
open FsCheck.FSharp
open Microsoft.FSharp.Reflection
open Bento

// -- types of our own, to hold others ----------------------------------------------------------------

type Colour =
    | Red = 1
    | Green = 2

type Mood =
    | Calm
    | Wild

type Box<'Item> = { Content: 'Item; Amount: int }

[<Struct>]
type Pair<'First, 'Second> = {
    FirstPart: 'First
    SecondPart: 'Second
}

type Either<'Left, 'Right> =
    | Neither
    | Left of 'Left
    | Right of weight: 'Right * note: string option

/// Tensors of each rank, declared.
type Lone<'Item> = {
    [<Shape>]
    One: Tensor<'Item>
}

type Row<'Item> = {
    [<Shape -1>]
    Row: Tensor<'Item>
}

type Table<'Item> = {
    [<Shape(2, 3)>]
    Table: Tensor<'Item>
    [<Shape(-1, 2)>]
    Pairs: Tensor<'Item> option
}

type Block<'Item> = {
    [<Shape(2, -1, 1)>]
    Block: Tensor<'Item> voption
}

type Holder<'Item>(item: 'Item, topCount: int) =
    member _.Item = item
    member _.TopCount = topCount

// -- values ------------------------------------------------------------------------------------------

let private from (generator: Gen<'T>) = Arb.fromGen generator

let private defaults<'T> = ArbMap.defaults |> ArbMap.generate<'T>

let private text =
    defaults<UnicodeString>
    |> Gen.map (fun text ->
        text.Get.EnumerateRunes()
        |> Seq.filter (fun rune -> rune.Value <> 0xFFFD)
        |> Seq.map string
        |> String.Concat)

let private lengths =
    Gen.elements [ [| 3 |]; [| 2; 2 |]; [| 1; 3; 2 |]; [| 0 |]; [| 2; 0 |] ]

let private tensorOf (item: Gen<'T>) (lengths: int[]) : Gen<Tensor<'T>> = gen {
    let! items = Gen.arrayOfLength (Array.fold (*) 1 lengths) item
    return Tensor.Create<'T>(items, ReadOnlySpan(lengths |> Array.map nativeint))
}

let private tensor (item: Gen<'T>) : Gen<Tensor<'T>> = lengths |> Gen.bind (tensorOf item)

let private finite = defaults<float> |> Gen.filter Double.IsFinite
let private single = defaults<float32> |> Gen.filter Single.IsFinite

let private half =
    Gen.choose (0, 65535)
    |> Gen.map (fun bits -> BitConverter.UInt16BitsToHalf(uint16 bits))
    |> Gen.filter Half.IsFinite

/// Values that JSON has: no null, NaN or infinity, no half of a surrogate pair.
[<Sealed>]
type Values =
    static member Text() = from text

    static member Character() =
        defaults<char> |> Gen.filter (Char.IsSurrogate >> not) |> from

    static member Double() = from finite
    static member Single() = from single
    static member Half() = from half

    static member Date() =
        defaults<DateTime>
        |> Gen.map (fun date -> DateTime.SpecifyKind(date, DateTimeKind.Utc))
        |> from

    static member Day() =
        defaults<DateTime> |> Gen.map DateOnly.FromDateTime |> from

    static member Time() =
        Gen.choose64 (0L, TimeSpan.TicksPerDay - 1L) |> Gen.map TimeOnly |> from

    static member Duration() =
        Gen.oneof [
            defaults<int64> |> Gen.map TimeSpan.FromTicks
            Gen.choose64 (Int64.MinValue, Int64.MaxValue) |> Gen.map TimeSpan.FromTicks
        ]
        |> from

    static member Uri() =
        Gen.elements [
            "https://example.org/a?b=c#d"
            "urn:isbn:0"
            "mailto:a@example.org"
            "HTTP://Example.org"
        ]
        |> Gen.map Uri
        |> from

    static member Colour() =
        Gen.elements [ Colour.Red; Colour.Green ] |> from

    static member Bytes() = defaults<byte> |> Gen.arrayOf |> from
    static member Booleans() = tensor defaults<bool> |> from
    static member Int8s() = tensor defaults<sbyte> |> from
    static member UInt8s() = tensor defaults<byte> |> from
    static member Int16s() = tensor defaults<int16> |> from
    static member UInt16s() = tensor defaults<uint16> |> from
    static member Int32s() = tensor defaults<int> |> from
    static member UInt32s() = tensor defaults<uint32> |> from
    static member Int64s() = tensor defaults<int64> |> from
    static member UInt64s() = tensor defaults<uint64> |> from
    static member Halves() = tensor half |> from
    static member Singles() = tensor single |> from
    static member Doubles() = tensor finite |> from

    static member Lone<'T>(inner: Arbitrary<'T>) : Arbitrary<Lone<'T>> =
        tensorOf inner.Generator [| 1 |] |> Gen.map (fun one -> { One = one }) |> from

    static member Row<'T>(inner: Arbitrary<'T>) : Arbitrary<Row<'T>> =
        Gen.choose (0, 4)
        |> Gen.bind (fun length -> tensorOf inner.Generator [| length |])
        |> Gen.map (fun row -> { Row = row })
        |> from

    static member Table<'T>(inner: Arbitrary<'T>) : Arbitrary<Table<'T>> =
        gen {
            let! rows = Gen.choose (0, 3)
            let! table = tensorOf inner.Generator [| 2; 3 |]
            let! pairs = tensorOf inner.Generator [| rows; 2 |]
            let! pairs = Gen.elements [ None; Some pairs ]
            return { Table = table; Pairs = pairs }
        }
        |> from

    static member Block<'T>(inner: Arbitrary<'T>) : Arbitrary<Block<'T>> =
        Gen.choose (0, 3)
        |> Gen.bind (fun length -> tensorOf inner.Generator [| 2; length; 1 |])
        |> Gen.map (fun block -> { Block = ValueSome block })
        |> from

    static member ValueOption<'T>(inner: Arbitrary<'T>) : Arbitrary<'T voption> =
        Gen.oneof [ Gen.constant ValueNone; inner.Generator |> Gen.map ValueSome ]
        |> from

    static member Holder<'T>(inner: Arbitrary<'T>) : Arbitrary<Holder<'T>> =
        Gen.map2 (fun item count -> Holder(item, count)) inner.Generator defaults<int>
        |> from

    static member Guids<'T>(inner: Arbitrary<'T>) : Arbitrary<Map<Guid, 'T>> =
        Gen.zip defaults<Guid> inner.Generator
        |> Gen.listOf
        |> Gen.map Map.ofList
        |> from

    static member HashSet<'T>(inner: Arbitrary<'T>) : Arbitrary<HashSet<'T>> =
        Gen.listOf inner.Generator |> Gen.map HashSet |> from

    static member Grid<'T>(inner: Arbitrary<'T>) : Arbitrary<'T[,]> =
        Gen.arrayOfLength 6 inner.Generator
        |> Gen.map (fun items -> Array2D.init 3 2 (fun row column -> items[row * 2 + column]))
        |> from

    static member Cube<'T>(inner: Arbitrary<'T>) : Arbitrary<'T[,,]> =
        Gen.arrayOfLength 12 inner.Generator
        |> Gen.map (fun items -> Array3D.init 2 3 2 (fun a b c -> items[a * 6 + b * 2 + c]))
        |> from

let config =
    Config.QuickThrowOnFailure
        .WithArbitrary([ typeof<Values> ])
        .WithQuietOnSuccess(true)
        .WithMaxTest(20)
        .WithEndSize(12)

// -- types of the universe ---------------------------------------------------------------------------

let scalars = [
    typeof<bool>
    typeof<sbyte>
    typeof<byte>
    typeof<int16>
    typeof<uint16>
    typeof<int>
    typeof<uint32>
    typeof<int64>
    typeof<uint64>
    typeof<Half>
    typeof<float32>
    typeof<float>
    typeof<decimal>
    typeof<string>
    typeof<char>
    typeof<Guid>
    typeof<DateTime>
    typeof<DateTimeOffset>
    typeof<DateOnly>
    typeof<TimeOnly>
    typeof<TimeSpan>
    typeof<Uri>
    typeof<Colour>
    typeof<Mood>
    typeof<byte[]>
]

let tensors = [
    typeof<Tensor<bool>>
    typeof<Tensor<sbyte>>
    typeof<Tensor<byte>>
    typeof<Tensor<int16>>
    typeof<Tensor<uint16>>
    typeof<Tensor<int>>
    typeof<Tensor<uint32>>
    typeof<Tensor<int64>>
    typeof<Tensor<uint64>>
    typeof<Tensor<Half>>
    typeof<Tensor<float32>>
    typeof<Tensor<float>>
]

/// Sets of these are compared and hashed as anyone would.
let private comparable = [ typeof<string>; typeof<int>; typeof<decimal>; typeof<Guid>; typeof<Mood> ]

let private close (definition: Type) (arguments: Type list) =
    definition.MakeGenericType(Array.ofList arguments)

let private isOptional (kind: Type) =
    kind.IsGenericType
    && List.contains (kind.GetGenericTypeDefinition()) [
        typedefof<int option>
        typedefof<int voption>
        typedefof<Nullable<int>>
    ]

/// What one type can be inside of.
let around (inner: Type) : Type list = [
    if not (isOptional inner) then
        close typedefof<int option> [ inner ]
        close typedefof<int voption> [ inner ]

        if inner.IsValueType then
            close typedefof<Nullable<int>> [ inner ]

    // An array of bytes is text.
    if inner <> typeof<byte> then
        inner.MakeArrayType()

    inner.MakeArrayType 2
    inner.MakeArrayType 3
    close typedefof<int list> [ inner ]
    close typedefof<List<int>> [ inner ]
    close typedefof<Map<int, int>> [ typeof<string>; inner ]
    close typedefof<Map<int, int>> [ typeof<int>; inner ]
    close typedefof<Map<int, int>> [ typeof<Guid>; inner ]
    close typedefof<Dictionary<int, int>> [ typeof<int64>; inner ]
    close typedefof<Box<int>> [ inner ]
    close typedefof<Holder<int>> [ inner ]
    close typedefof<Either<int, int>> [ inner; typeof<int> ]
    close typedefof<Pair<int, int>> [ typeof<string>; inner ]
    close typedefof<Tuple<int, int>> [ inner; typeof<bool> ]
    close typedefof<struct (int * int)> [ typeof<string>; inner ]
]

/// Of each type of elements, with lengths that are declared.
let declaredTensors = [
    for tensor in tensors do
        for definition in
            [
                typedefof<Lone<int>>
                typedefof<Row<int>>
                typedefof<Table<int>>
                typedefof<Block<int>>
            ] do
            close definition [ tensor.GenericTypeArguments[0] ]
]

let leaves =
    scalars
    @ tensors
    @ declaredTensors
    @ [
        for item in comparable do
            close typedefof<Set<int>> [ item ]
            close typedefof<HashSet<int>> [ item ]
    ]

/// A type of that many levels.
let rec typesOf depth : Gen<Type> =
    if depth = 0 then
        Gen.elements leaves
    else
        typesOf (depth - 1) |> Gen.bind (around >> Gen.elements)

/// Each leaf by itself, each constructor once, and others of two and three levels.
let sample count : Type list = [
    yield! leaves
    yield! around typeof<float>
    yield! around typeof<string>
    yield! Gen.sample count (Gen.choose (2, 3) |> Gen.bind typesOf)
]

// -- equality ----------------------------------------------------------------------------------------

let private items (value: obj) = [ for item in (value :?> IEnumerable) -> item ]

let private isPairOfMap (kind: Type) =
    kind.IsGenericType
    && kind.GetGenericTypeDefinition() = typedefof<KeyValuePair<int, int>>

let private propertiesOf (value: obj) =
    let kind = value.GetType()

    if FSharpType.IsUnion(kind) then
        let case, fields = FSharpValue.GetUnionFields(value, kind)
        Some(case.Name, List.ofArray fields)
    elif FSharpType.IsTuple kind then
        Some("", List.ofArray (FSharpValue.GetTupleFields value))
    elif
        FSharpType.IsRecord kind
        || isPairOfMap kind
        || kind.Name.StartsWith("Holder", StringComparison.Ordinal)
    then
        Some(
            "",
            [
                for property in kind.GetProperties(BindingFlags.Public ||| BindingFlags.Instance) ->
                    property.GetValue value
            ]
        )
    else
        None

let private dimensions (value: obj) =
    match value with
    | :? Array as values -> [ for dimension in 0 .. values.Rank - 1 -> values.GetLength dimension ]
    | _ -> []

let private isList (value: obj) =
    let kind = value.GetType()

    value :? IEnumerable
    && (not (FSharpType.IsUnion kind) || kind.Name.StartsWith "FSharpList")

/// Whether two values are the same all the way down, collections and classes too.
let rec same (first: objnull) (second: objnull) : bool =
    match first, second with
    | null, null -> true
    | null, _
    | _, null -> false
    | _ -> sameValues (nonNull first) (nonNull second)

and private sameValues (first: obj) (second: obj) : bool =
    match first, second with
    | (:? DateTime as first), (:? DateTime as second) -> first = second && first.Kind = second.Kind
    | (:? DateTimeOffset as first), (:? DateTimeOffset as second) -> first.EqualsExact second
    | (:? string), _
    | (:? Uri), _ -> first.Equals second
    | _ when isList first && isList second ->
        let one, other = items first, items second

        dimensions first = dimensions second
        && one.Length = other.Length
        && List.forall2 same one other
    | _ ->
        match propertiesOf first, propertiesOf second with
        | Some(name, fields), Some(otherName, otherFields) -> name = otherName && List.forall2 same fields otherFields
        | _ -> first.Equals second
