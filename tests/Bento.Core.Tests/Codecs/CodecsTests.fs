/// What each kind of type looks like on the wire, both ways, and what is said of what does not fit.
module Bento.Tests.CodecsTests

open System
open System.Collections.Generic
open System.Numerics.Tensors
open System.Text
open Xunit
open Bento
open Bento.Tests.Universe

let private codecIn<'T> rules : Codec<'T> =
    match Codecs.ofType rules "it" typeof<'T> with
    | Ok codec -> codec :?> Codec<'T>
    | Error faults -> failwith $"%A{faults}"

let private codec<'T> : Codec<'T> = codecIn<'T> WireRules.defaults

let private bytes (json: string) =
    ReadOnlyMemory(Encoding.UTF8.GetBytes json)

let private written (value: 'T) =
    Encoding.UTF8.GetString(codec<'T>.Encode value)

let private read<'T> (json: string) : 'T =
    match codec<'T>.Decode(bytes json) with
    | Ok value -> value
    | Error faults -> failwith $"%A{faults}"

/// The place and the kind of each fault.
let private faultsIn (codec: Codec) json =
    match codec.DecodeObject(bytes json) with
    | Ok value -> failwith $"%A{value} was read"
    | Error faults -> faults |> List.map (fun fault -> Fault.path fault.Location, fault.Kind)

let private faults<'T> json = faultsIn codec<'T> json

let private travels (value: 'T) (json: string) =
    Assert.Equal(json, written value)
    Assert.True(same (box value) (box (read<'T> json)))

// -- scalars -----------------------------------------------------------------------------------------

[<Fact>]
let ``dates, times and durations are ISO 8601`` () =
    travels (DateOnly(2026, 1, 31)) "\"2026-01-31\""
    travels (TimeOnly(12, 30, 15)) "\"12:30:15\""
    travels (TimeOnly(0L + 1L)) "\"00:00:00.0000001\""
    travels (TimeSpan(1, 2, 3, 4)) "\"P1DT2H3M4S\""
    travels (TimeSpan.FromMilliseconds -1500.) "\"-PT1.5S\""
    travels TimeSpan.MinValue "\"-P10675199DT2H48M5.4775808S\""
    travels (DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.FromHours 2.)) "\"2026-01-31T12:00:00+02:00\""
    Assert.Equal(TimeOnly(12, 30), read "\"12:30\"")

[<Fact>]
let ``what is nearly a date, a time, a duration or a URI is refused`` () =
    for json in
        [
            "\"2026-1-31\""
            "\"31.01.2026\""
            "\"2026-02-30\""
            "\"2026-01-31T00:00:00\""
        ] do
        Assert.Equal<_ list>([ "body", "type" ], faults<DateOnly> json)

    for json in [ "\"24:00\""; "\"12\""; "\"12:30 PM\""; "\"12:30:15Z\"" ] do
        Assert.Equal<_ list>([ "body", "type" ], faults<TimeOnly> json)

    for json in
        [
            "\"00:00:10\""
            "\"P1M\""
            "\"P1Y\""
            "\" PT1S\""
            "\"PT\""
            "\"P99999999D\""
            "10"
        ] do
        Assert.Equal<_ list>([ "body", "type" ], faults<TimeSpan> json)

    for json in [ "\"/a/b\""; "\"a\""; "\"\""; "\"//host/a\"" ] do
        Assert.Equal<_ list>([ "body", "type" ], faults<Uri> json)

[<Fact>]
let ``enums and unions without fields are their names`` () =
    travels Colour.Green "\"Green\""
    travels Wild "\"Wild\""
    Assert.Equal<_ list>([ "body", "enum" ], faults<Colour> "\"green\"")
    Assert.Equal<_ list>([ "body", "type" ], faults<Colour> "2")
    Assert.Equal<_ list>([ "body", "enum" ], faults<Mood> "\"Calmer\"")

[<Fact>]
let ``a value that has no name is nobody's to send`` () =
    Assert.Throws<InvalidOperationException>(fun () -> codec.Encode(enum<Colour> 7) |> ignore)
    |> ignore

[<Fact>]
let ``bytes are base64, characters are texts of one`` () =
    travels [| 1uy; 2uy; 255uy |] "\"AQL/\""
    travels 'ä' "\"ä\""
    Assert.Equal<_ list>([ "body", "type" ], faults<byte[]> "\"AQL\"")
    Assert.Equal<_ list>([ "body", "type" ], faults<char> "\"ab\"")
    Assert.Equal<_ list>([ "body", "type" ], faults<char> "\"\"")

[<Fact>]
let ``half precision has its own range`` () =
    travels (Half.Parse "1.5") "1.5"
    travels Half.MaxValue "65504"
    Assert.Equal<_ list>([ "body", "range" ], faults<Half> "65520")

// -- collections -------------------------------------------------------------------------------------

[<Fact>]
let ``tuples are lists of fixed length`` () =
    travels (1, "a", Some true) "[1,\"a\",true]"
    travels (struct (1, 2.5)) "[1,2.5]"
    Assert.Equal<_ list>([ "body", "length" ], faults<int * string> "[1]")
    Assert.Equal<_ list>([ "body", "length" ], faults<int * string> "[1,\"a\",2]")
    Assert.Equal<_ list>([ "body[0]", "type"; "body[1]", "null" ], faults<int * string> "[\"a\",null]")

[<Fact>]
let ``keys of maps are text, however they are read`` () =
    travels (Map [ -1, "a"; 2, "b" ]) "{\"-1\":\"a\",\"2\":\"b\"}"
    travels (Map [ Guid.Empty, 1 ]) "{\"00000000-0000-0000-0000-000000000000\":1}"
    travels (Dictionary(dict [ Colour.Red, 1 ])) "{\"Red\":1}"
    Assert.Equal<_ list>([ "body.01", "type"; "body.x", "type" ], faults<Map<int, bool>> "{\"01\":true,\"x\":true}")
    Assert.Equal<_ list>([ "body.256", "type" ], faults<Map<byte, bool>> "{\"256\":true}")
    Assert.Equal<_ list>([ "body.Blue", "type" ], faults<Dictionary<Colour, bool>> "{\"Blue\":true}")
    Assert.Equal<_ list>([ "body.1", "json" ], faults<Map<int, bool>> "{\"1\":true,\"1\":true}")

[<Fact>]
let ``interfaces of collections are read too`` () =
    Assert.Equal<int seq>([ 1; 2 ], read<int seq> "[1,2]")
    Assert.Equal<int seq>([ 1; 2 ], read<IReadOnlyList<int>> "[1,2]")
    Assert.Equal<int seq>([ 1; 2 ], read<IReadOnlyCollection<int>> "[1,2]")
    Assert.Equal(2, (read<IList<int>> "[1,2]").Count)
    Assert.Equal(1, (read<IReadOnlySet<int>> "[1,1]").Count)
    Assert.Equal(1, (read<IReadOnlyDictionary<string, int>> "{\"a\":1}")["a"])

[<Fact>]
let ``arrays of two and three dimensions are rectangular`` () =
    travels (array2D [ [ 1; 2 ]; [ 3; 4 ] ]) "[[1,2],[3,4]]"
    travels (Array3D.init 1 2 2 (fun _ row column -> row = column)) "[[[true,false],[false,true]]]"
    Assert.Equal<_ list>([ "body[1]", "ragged" ], faults<int[,]> "[[1,2],[3]]")
    Assert.Equal<_ list>([ "body[0]", "type"; "body[1]", "type" ], faults<int[,]> "[1,2]")
    Assert.Equal<_ list>([ "body[1][0]", "type" ], faults<int[,]> "[[1],[\"a\"]]")

[<Fact>]
let ``numbers that are not finite go out as null, and come back so in lists`` () =
    Assert.Equal("null", written nan)
    Assert.Equal("[null,null,1]", written [| nan; infinity; 1. |])
    Assert.Equal<float>([| nan; 1. |], read<float[]> "[null,1]")
    Assert.True(read<float32 list> "[null]" |> List.forall Single.IsNaN)
    Assert.True(read<Half[,]> "[[null]]" |> Seq.cast<Half> |> Seq.forall Half.IsNaN)
    Assert.Equal<_ list>([ "body", "null" ], faults<float> "null")
    Assert.Equal<_ list>([ "body[0]", "null" ], faults<int[]> "[null]")
    Assert.Equal<_ list>([ "body", "json" ], faults<float[]> "[NaN]")

// -- tensors -----------------------------------------------------------------------------------------

type Table = {
    [<Shape(-1, 2)>]
    Rows: Tensor<float32>
}

type Single = {
    [<Shape>]
    Value: Tensor<float>
}

let private flat (tensor: Tensor<'T>) = List.ofSeq (Seq.cast<'T> tensor)

let private lengths (tensor: Tensor<'T>) = [ for index in 0 .. tensor.Rank - 1 -> int tensor.Lengths[index] ]

[<Fact>]
let ``a tensor is lists inside each other`` () =
    let tensor = read<Tensor<int>> "[[1,2,3],[4,5,6]]"
    Assert.Equal<int list>([ 2; 3 ], lengths tensor)
    Assert.Equal<int list>([ 1..6 ], flat tensor)
    Assert.Equal("[[1,2,3],[4,5,6]]", written tensor)

[<Fact>]
let ``Python's words, true, false and null are numbers in floating-point tensors`` () =
    let numbers =
        flat (read<Tensor<float>> "[NaN, -Infinity,Infinity,null,true,false,1]")

    Assert.Equal("NaN,-Infinity,Infinity,NaN,1,0,1", String.Join(",", numbers))
    Assert.True(Double.IsInfinity(flat (read<Table> "{\"rows\":[[Infinity,1]]}").Rows |> List.head |> float))
    Assert.Equal<_ list>([ "body[0]", "type" ], faults<Tensor<int>> "[true]")
    Assert.Equal<_ list>([ "body[0]", "null" ], faults<Tensor<int>> "[null]")
    Assert.Equal<_ list>([ "body", "json" ], faults<Tensor<int>> "[NaN]")
    Assert.Equal<_ list>([ "body", "json" ], faults<Tensor<float>> "[\"a\":NaN]")
    Assert.Equal<_ list>([ "body[0]", "type" ], faults<Tensor<float>> "[\"NaN\"]")

[<Fact>]
let ``Python's words are for tensors only, wherever a tensor is near`` () =
    Assert.Equal<_ list>(
        [ "body.count", "type" ],
        faults<{| Rows: Tensor<float>; Count: float |}> "{\"rows\":[NaN],\"count\":NaN}"
    )

    Assert.Equal<_ list>(
        [ "body.name", "json" ],
        faults<{| Rows: Tensor<float>; Name: string |}> "{\"rows\":[1],\"name\":NaN}"
    )

[<Fact>]
let ``tensors are rectangular and of the declared shape`` () =
    Assert.Equal<_ list>([ "body[1]", "ragged" ], faults<Tensor<int>> "[[1,2],[3]]")
    Assert.Equal<_ list>([ "body[1]", "ragged" ], faults<Tensor<int>> "[[1],2]")
    Assert.Equal<_ list>([ "body[1]", "ragged" ], faults<Tensor<int>> "[1,[2]]")
    Assert.Equal<_ list>([ "body.rows", "shape" ], faults<Table> "{\"rows\":[[1,2,3]]}")
    Assert.Equal<_ list>([ "body.rows", "shape" ], faults<Table> "{\"rows\":1}")
    Assert.Equal<_ list>([ "body.rows", "null" ], faults<Table> "{\"rows\":null}")
    Assert.Equal<_ list>([ "body.rows", "type" ], faults<Table> "{\"rows\":{}}")
    Assert.Equal<_ list>([ "body.rows[0][1]", "range" ], faults<Table> "{\"rows\":[[1,1e39]]}")

[<Fact>]
let ``a tensor of no rows has the width that is declared`` () =
    let table = read<Table> "{\"rows\":[]}"
    Assert.Equal<int list>([ 0; 2 ], lengths table.Rows)
    Assert.Equal("{\"rows\":[]}", written table)

[<Fact>]
let ``a tensor without dimensions is a bare number`` () =
    let single = read<Single> "{\"value\":2.5}"
    Assert.Equal<float list>([ 2.5 ], flat single.Value)
    Assert.Equal("{\"value\":2.5}", written single)
    Assert.Equal<_ list>([ "body.value", "shape" ], faults<Single> "{\"value\":[2.5]}")

[<Fact>]
let ``a tensor of another shape than declared is nobody's to send`` () =
    let wrong = {
        Rows = Tensor.Create<float32>([| 1f; 2f; 3f |], ReadOnlySpan [| 1n; 3n |])
    }

    let problem =
        Assert.Throws<InvalidOperationException>(fun () -> codec.Encode wrong |> ignore)

    Assert.Equal("A tensor of 1 x 3 was given where a tensor of any x 2 is declared.", problem.Message)

// -- objects -----------------------------------------------------------------------------------------

type Search = {
    QueryText: string
    TopK: int
    Filter: string option
}

[<Fact>]
let ``fields are camel case, and snake case is read too`` () =
    travels
        {
            QueryText = "a"
            TopK = 1
            Filter = None
        }
        "{\"queryText\":\"a\",\"topK\":1}"

    Assert.Equal(3, (read<Search> "{\"query_text\":\"a\",\"top_k\":3}").TopK)
    Assert.Equal<_ list>([ "body.topK", "unknown" ], faults<Search> "{\"queryText\":\"a\",\"topK\":1,\"top_k\":2}")
    Assert.Equal<_ list>([ "body.topK", "missing" ], faults<Search> "{\"queryText\":\"a\",\"TopK\":1}")

[<Fact>]
let ``a service that is named in snake case writes it and reads both`` () =
    let codec =
        codecIn<Search> {
            WireRules.defaults with
                Naming = Snake
        }

    Assert.Equal(
        "{\"query_text\":\"a\",\"top_k\":1}",
        Encoding.UTF8.GetString(
            codec.Encode {
                QueryText = "a"
                TopK = 1
                Filter = None
            }
        )
    )

    Assert.True(Result.isOk (codec.Decode(bytes "{\"queryText\":\"a\",\"topK\":1}")))

[<Fact>]
let ``a spelling that names two fields names neither`` () =
    let kind = typeof<{| TopK: int; Top_k: int |}>

    match Codecs.ofType WireRules.defaults "it" kind with
    | Ok codec ->
        match codec.Shape with
        | Shape.Record record -> Assert.All(record.Fields, fun field -> Assert.Equal(None, field.Alias))
        | other -> Assert.Fail $"%A{other}"
    | Error faults -> Assert.Fail $"%A{faults}"

[<Strict>]
type Closed = { Name: string; Search: Search }

[<Fact>]
let ``unknown fields are passed over, but not by a strict type or service`` () =
    let body = "{\"queryText\":\"a\",\"topK\":1,\"topk\":2,\"deep\":{\"a\":[1]}}"
    Assert.Equal(1, (read<Search> body).TopK)

    let strict =
        codecIn<Search> {
            WireRules.defaults with
                Strict = true
        }

    Assert.Equal<_ list>([ "body.topk", "unknown"; "body.deep", "unknown" ], faultsIn strict body)

    Assert.Equal<_ list>([ "body.nam", "unknown" ], faults<Closed> $"{{\"name\":\"a\",\"nam\":1,\"search\":{body}}}")

[<Fact>]
let ``a fault of an unknown field says which one was probably meant`` () =
    match codec<Closed>.Decode(bytes "{\"name\":\"a\",\"serch\":1,\"search\":{\"queryText\":\"\",\"topK\":1}}") with
    | Error [ fault ] -> Assert.Equal("body.serch is not known here; did you mean \"search\"?", fault.Message)
    | other -> Assert.Fail $"%A{other}"

[<Fact>]
let ``unions with fields say their case in type, wherever it stands`` () =
    travels (Either<int, int>.Neither) "{\"type\":\"Neither\"}"
    travels (Either<int, int>.Left 1) "{\"type\":\"Left\",\"item\":1}"
    travels (Either<int, int>.Right(2, None)) "{\"type\":\"Right\",\"weight\":2}"
    travels (Ok 1: Result<int, string>) "{\"type\":\"Ok\",\"resultValue\":1}"
    Assert.Equal(Either<int, int>.Left 1, read "{\"item\":1,\"more\":{\"type\":\"Right\"},\"type\":\"Left\"}")
    Assert.Equal<_ list>([ "body.type", "missing" ], faults<Either<int, int>> "{\"item\":1}")
    Assert.Equal<_ list>([ "body.type", "enum" ], faults<Either<int, int>> "{\"type\":\"Lefty\"}")
    Assert.Equal<_ list>([ "body.type", "type" ], faults<Either<int, int>> "{\"type\":1}")
    Assert.Equal<_ list>([ "body.item", "missing" ], faults<Either<int, int>> "{\"type\":\"Left\"}")

type Defaulted = {
    [<Default(3)>]
    Count: int
    [<Default("PT1M")>]
    Wait: TimeSpan
    [<Default(Colour.Green)>]
    Colour: Colour
    [<Default(5)>]
    Maybe: int option
    [<Default([| 1; 2 |])>]
    Items: int[]
}

[<Fact>]
let ``a field that is absent has its default`` () =
    let value = read<Defaulted> "{}"
    Assert.Equal(3, value.Count)
    Assert.Equal(TimeSpan.FromMinutes 1., value.Wait)
    Assert.Equal(Colour.Green, value.Colour)
    Assert.Equal(Some 5, value.Maybe)
    Assert.Equal<int>([| 1; 2 |], value.Items)
    Assert.NotSame(value.Items, (read<Defaulted> "{}").Items)

    travels
        { value with Maybe = None }
        "{\"count\":3,\"wait\":\"PT1M\",\"colour\":\"Green\",\"maybe\":null,\"items\":[1,2]}"

type Fraction = {
    [<Range(0, 1)>]
    Part: float
}

[<Fact>]
let ``a value that breaks its constraint is nobody's to send`` () =
    Assert.Throws<InvalidOperationException>(fun () -> codec.Encode { Part = 2. } |> ignore)
    |> ignore

[<Fact>]
let ``null where no null is, is nobody's to send`` () =
    let nothing: string = Unchecked.defaultof<string>

    Assert.Throws<InvalidOperationException>(fun () -> codec.Encode [ nothing ] |> ignore)
    |> ignore

    Assert.Throws<InvalidOperationException>(fun () -> codec.Encode Unchecked.defaultof<Search> |> ignore)
    |> ignore

// -- codecs of one's own -----------------------------------------------------------------------------

type Celsius = Celsius of float

let private celsius =
    Codec.ofStrings
        (fun json ->
            match Double.TryParse json with
            | true, degrees when degrees >= -273.15 -> Ok(Celsius degrees)
            | true, _ -> Error "it is colder than cold"
            | _ -> failwith "no number")
        (fun (Celsius degrees) -> string degrees)

let private warm = {
    WireRules.defaults with
        Codecs = [ celsius ]
}

[<Fact>]
let ``a codec made of functions on strings reads and writes its type wherever it stands`` () =
    let codec = codecIn<{| Places: Map<string, Celsius list> |}> warm
    let json = "{\"places\":{\"here\":[20,-3]}}"

    match codec.Decode(bytes json) with
    | Ok value ->
        Assert.Equal<Celsius list>([ Celsius 20.; Celsius -3. ], value.Places["here"])
        Assert.Equal(json, Encoding.UTF8.GetString(codec.Encode value))
    | Error faults -> Assert.Fail $"%A{faults}"

[<Fact>]
let ``what such a codec refuses, or raises on, is a fault in its place`` () =
    let codec = codecIn<Celsius list> warm

    match codec.Decode(bytes "[1,-300,\"a\"]") with
    | Error [ first; second ] ->
        Assert.Equal("body[1]: it is colder than cold", first.Message)
        Assert.Equal("body[2]: it cannot be read (Exception)", second.Message)
    | other -> Assert.Fail $"%A{other}"

[<Fact>]
let ``what such a codec writes must be JSON`` () =
    let broken = Codec.ofStrings (fun _ -> Ok(Celsius 0.)) (fun _ -> "{")

    let codec =
        codecIn<Celsius> {
            WireRules.defaults with
                Codecs = [ broken ]
        }

    Assert.ThrowsAny<Exception>(fun () -> codec.Encode(Celsius 1.) |> ignore)
    |> ignore

[<Theory>]
[<InlineData("2026-01-31T12:00:00")>]
[<InlineData("2026-01-31T12:00")>]
[<InlineData("2026-01-31")>]
let ``a moment without an offset is nobody's`` (text: string) =
    Assert.Equal<_ list>([ "body", "type" ], faults<DateTimeOffset> $"\"{text}\"")
    Assert.Equal(DateTime.Parse text, read<DateTime> $"\"{text}\"")

[<Fact>]
let ``a large body that does not fit has a hundred faults at most, and one that is not JSON its place`` () =
    let large = String.replicate 1_500_000 "\"a\","
    Assert.Equal<_ list>([ for index in 0..99 -> $"body[{index}]", "type" ], faults<int list> $"[{large}1]")
    Assert.Equal<_ list>([ "body", "json" ], faults<int list> $"[{large}")
    Assert.Equal(100, (faults<int list> $"[{large.Substring(0, 4_000_000)}1]").Length)

[<Fact>]
let ``a failure leaves nothing behind for the next answer of its thread`` () =
    Assert.Throws<InvalidOperationException>(fun () -> codec.Encode [ Unchecked.defaultof<string> ] |> ignore)
    |> ignore

    Assert.Equal("[\"a\"]", written [ "a" ])
