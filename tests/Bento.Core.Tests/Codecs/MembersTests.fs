/// C#'s records, classes and structs, and what their code says of null and defaults.
module Bento.Tests.MembersTests

open System
open System.Text
open Xunit
open Bento
open CSharp.Types

let private codec<'T> : Codec<'T> =
    match Codecs.ofType WireRules.defaults "it" typeof<'T> with
    | Ok codec -> codec :?> Codec<'T>
    | Error faults -> failwith $"%A{faults}"

let private read<'T> (json: string) : 'T =
    match codec<'T>.Decode(ReadOnlyMemory(Encoding.UTF8.GetBytes json)) with
    | Ok value -> value
    | Error faults -> failwith $"%A{faults}"

let private faults<'T> (json: string) =
    match codec<'T>.Decode(ReadOnlyMemory(Encoding.UTF8.GetBytes json)) with
    | Ok value -> failwith $"%A{value}"
    | Error faults -> faults |> List.map (fun fault -> Fault.path fault.Location, fault.Kind)

let private written (value: 'T) =
    Encoding.UTF8.GetString(codec<'T>.Encode value)

[<Fact>]
let ``a positional record takes its parameters and their defaults`` () =
    let passage = read<Passage> "{\"text\":\"a\"}"
    Assert.Equal(Passage("a", null, 3, Tone.Plain), passage)
    Assert.Equal("{\"text\":\"a\",\"sentences\":3,\"tone\":\"Plain\"}", written passage)
    Assert.Equal<_ list>([ "body.text", "null" ], faults<Passage> "{\"text\":null,\"language\":null}")
    Assert.Equal<_ list>([ "body.text", "missing" ], faults<Passage> "{}")

[<Fact>]
let ``a default of a type that holds null too is a value of that type`` () =
    Assert.Equal(Letter("a", Tone.Formal, 2, DateTime()), read<Letter> "{\"text\":\"a\"}")

    Assert.Equal(
        Letter("a", Nullable(), Nullable(), DateTime()),
        read<Letter> "{\"text\":\"a\",\"tone\":null,\"pages\":null}"
    )

type Limited([<Range(1, 20)>] sentences: int, tags: string list) =
    member _.Sentences = sentences

    [<Length(0, 3)>]
    member _.Tags = tags

[<Fact>]
let ``a constraint may stand at a parameter or at its property`` () =
    Assert.Equal(20, (read<Limited> "{\"sentences\":20,\"tags\":[]}").Sentences)

    Assert.Equal<_ list>(
        [ "body.sentences", "range"; "body.tags", "length" ],
        faults<Limited> "{\"sentences\":21,\"tags\":[\"a\",\"b\",\"c\",\"d\"]}"
    )

[<Fact>]
let ``properties that are set have what the class gives them, unless they are required`` () =
    let options = read<Options> "{\"name\":\"a\"}"
    Assert.Equal(0.5, options.Threshold)
    Assert.Empty options.Tags
    Assert.Null options.Note
    Assert.Equal("{\"name\":\"a\",\"tags\":[],\"threshold\":0.5}", written options)
    Assert.Equal(2., (read<Options> "{\"name\":\"a\",\"threshold\":2}").Threshold)
    Assert.Equal<_ list>([ "body.name", "missing" ], faults<Options> "{}")

[<Fact>]
let ``what is set beside a constructor may be left out`` () =
    let mixed = read<Mixed> "{\"count\":2}"
    Assert.Equal(2, mixed.Count)
    Assert.Equal("none", mixed.Label)
    Assert.Equal("{\"count\":2,\"label\":\"none\"}", written mixed)
    Assert.Equal(Nullable 7, (read<Mixed> "{\"count\":2,\"extra\":7,\"label\":\"x\"}").Extra)

[<Fact>]
let ``null is where a question mark is, also within lists`` () =
    let body = "{\"sure\":[\"a\"],\"unsure\":[null,\"b\"],\"named\":{\"c\":null}}"
    Assert.Equal(body, written (read<Nulls> body))

    Assert.Equal<_ list>([ "body.sure[0]", "null" ], faults<Nulls> "{\"sure\":[null],\"unsure\":[],\"named\":{}}")

[<Fact>]
let ``a struct is made of what is set`` () =
    Assert.Equal("{\"x\":1,\"y\":2}", written (read<Point> "{\"y\":2,\"x\":1}"))
    Assert.Equal(0, (read<Point> "{\"x\":1}").Y)

[<Fact>]
let ``what a constructor raises is a fault of the body`` () =
    Assert.Equal(2, (read<Even> "{\"value\":2}").Value)
    Assert.Equal<_ list>([ "body", "type" ], faults<Even> "{\"value\":3}")

[<Theory>]
[<InlineData(typeof<TwoWays>, "which has 2 public constructors")>]
[<InlineData(typeof<Opaque>, "which has a constructor with \"secret\", and no property of that name")>]
[<InlineData(typeof<Empty>, "which has no property that could travel")>]
let ``a class that cannot be made or written is refused with the reason`` (kind: Type, reason: string) =
    match Codecs.ofType WireRules.defaults "it" kind with
    | Error [ fault ] -> Assert.Contains(reason, fault.Reason)
    | other -> Assert.Fail $"%A{other}"
