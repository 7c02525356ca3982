/// Laws over values and bytes that nobody thought of.
module Bento.Hosting.Tests.RoundTripTests

open System
open System.Collections.Concurrent
open System.Text
open System.Text.Json.Nodes
open System.Threading.Tasks
open FsCheck
open FsCheck.FSharp
open Xunit
open Bento
open Bento.Hosting.Tests.Encoding
open Bento.Hosting.Tests.Wire

type Primitives = {
    Yes: bool
    Small: sbyte
    Byte: byte
    Short: int16
    UnsignedShort: uint16
    Whole: int
    Unsigned: uint32
    Long: int64
    UnsignedLong: uint64
    Single: float32
    Double: float
    Exact: decimal
    Text: string
    Id: Guid
    Date: DateTime
    Moment: DateTimeOffset
}

type Optionals = {
    MaybeText: string option
    MaybeWhole: int voption
    MaybeList: float list option
    MaybeRecord: Inner voption
}

and Inner = { Name: string; Weights: float32[] }

type Collections = {
    Words: string list
    Grid: int[][]
    Gaps: int option list
    Named: Map<string, float list>
    Records: Inner[]
    ByName: Map<string, Inner option>
}

[<Struct>]
type Nested = {
    Optionals: Optionals list
    Collections: Map<string, Collections>
    Pair: {| Left: Inner; Right: int64 option |}
}

/// Values that JSON has: no null, NaN or infinity, no half of a surrogate pair.
[<Sealed>]
type Travelling =
    static member Text() =
        ArbMap.defaults
        |> ArbMap.generate<UnicodeString>
        |> Gen.map (fun text ->
            let runes =
                text.Get.EnumerateRunes() |> Seq.filter (fun rune -> rune.Value <> 0xFFFD)

            runes |> Seq.map string |> String.Concat)
        |> Arb.fromGen

    static member Single() =
        ArbMap.defaults
        |> ArbMap.generate<float32>
        |> Gen.filter Single.IsFinite
        |> Arb.fromGen

    static member Double() =
        ArbMap.defaults
        |> ArbMap.generate<float>
        |> Gen.filter Double.IsFinite
        |> Arb.fromGen

    static member Date() =
        ArbMap.defaults
        |> ArbMap.generate<DateTime>
        |> Gen.map (fun date -> DateTime.SpecifyKind(date, DateTimeKind.Utc))
        |> Arb.fromGen

let private config =
    Config.QuickThrowOnFailure.WithArbitrary([ typeof<Travelling> ]).WithMaxTest 60

let private await (work: Task<'T>) = work.GetAwaiter().GetResult()

/// What the handler was given, by the id of the request.
let private given = ConcurrentDictionary<string, objnull>()

let private keep (context: Context<unit>) (value: 'T) : Task<'T> =
    given[context.RequestId] <- box value
    Task.FromResult value

let private identity = service {
    api "primitives" (fun (context: Context<unit>) (value: Primitives) -> keep context value)
    api "optionals" (fun (context: Context<unit>) (value: Optionals) -> keep context value)
    api "collections" (fun (context: Context<unit>) (value: Collections) -> keep context value)
    api "nested" (fun (context: Context<unit>) (value: Nested) -> keep context value)
    api "list" (fun (context: Context<unit>) (value: Inner list) -> keep context value)
    api "map" (fun (context: Context<unit>) (value: Map<string, int64>) -> keep context value)
    api "text" (fun (context: Context<unit>) (value: string) -> keep context value)
    api "option" (fun (context: Context<unit>) (value: decimal option) -> keep context value)
}

let private check (law: App.App -> 'T -> bool) : Task<unit> = task {
    use! app = App.hosting [ identity ]
    Check.One(config, law app)
}

let private json (value: 'T) =
    match encode value with
    | null -> "null"
    | node -> node.ToJsonString()

let private comesBack<'T when 'T: equality> endpoint : Task =
    check (fun app (value: 'T) ->
        let accept = [ "Accept", "application/json" ]
        let body = Encoding.UTF8.GetBytes(json value)

        let answer =
            await (sendWith app.Client "POST" ("/" + endpoint) accept "application/json" body)

        Assert.True((answer.Status = 200), answer.Body)
        Assert.Equal<'T>(value, unbox<'T> given[answer.Headers["x-request-id"]])
        JsonNode.DeepEquals(answer.Json, encode value))

[<Fact>]
let ``primitives come back as they were sent`` () = comesBack<Primitives> "primitives"

[<Fact>]
let ``optionals come back as they were sent`` () = comesBack<Optionals> "optionals"

[<Fact>]
let ``collections come back as they were sent`` () = comesBack<Collections> "collections"

[<Fact>]
let ``nested values come back as they were sent`` () = comesBack<Nested> "nested"

[<Fact>]
let ``lists come back as they were sent`` () = comesBack<Inner list> "list"

[<Fact>]
let ``maps come back as they were sent`` () = comesBack<Map<string, int64>> "map"

[<Fact>]
let ``text comes back as it was sent`` () = comesBack<string> "text"

[<Fact>]
let ``roots that may be absent come back as they were sent`` () = comesBack<decimal option> "option"

// -- junk ------------------------------------------------------------------------------------------------

let private endpoints =
    (Service.require identity).Card.Endpoints |> List.map _.Route

[<Fact>]
let ``no bytes at all make the server fail`` () : Task =
    check (fun app (junk: byte[]) ->
        endpoints
        |> List.forall (fun endpoint ->
            let answer = await (post app.Client endpoint "application/json" junk)
            answer.Status = 200 || answer.Status = 400))

/// One small accident on the way.
type Accident =
    | Flipped of at: int * bits: byte
    | Cut of at: int
    | Doubled of at: int * count: int
    | Removed of at: int * count: int
    | Inserted of at: int * bytes: byte[]

let private suffer (body: byte[]) accident =
    let place at = abs (at % (body.Length + 1))
    let upTo at = body[.. place at - 1]
    let from at = body[place at ..]

    match accident with
    | Flipped(at, bits) ->
        let copy = Array.copy body
        let at = min (place at) (body.Length - 1)
        copy[at] <- copy[at] ^^^ bits
        copy
    | Cut at -> upTo at
    | Doubled(at, count) ->
        let part = from at
        Array.concat [ upTo at; part[.. abs (count % 16)]; part ]
    | Removed(at, count) -> Array.append (upTo at) (from at |> Array.skip (min (abs (count % 16)) (from at).Length))
    | Inserted(at, bytes) -> Array.concat [ upTo at; bytes; from at ]

[<Fact>]
let ``a good body after an accident is taken or refused with reasons, never a failure`` () : Task =
    check (fun app (value: Collections, accidents: NonEmptyArray<Accident>) ->
        let body = Encoding.UTF8.GetBytes(json value)

        accidents.Get
        |> Array.forall (fun accident ->
            let answer =
                await (post app.Client "/collections" "application/json" (suffer body accident))

            match answer.Status with
            | 200 -> true
            | _ -> not (faults answer).IsEmpty))
