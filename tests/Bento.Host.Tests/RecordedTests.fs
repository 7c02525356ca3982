/// What BentoML's own clients sent, replayed to services of the same schema.
module Bento.Hosting.Tests.RecordedTests

open System.IO
open System.Text
open System.Text.Json.Nodes
open System.Text.RegularExpressions
open System.Threading.Tasks
open Xunit
open Bento
open Bento.Hosting.Tests.Wire
open Bento.Hosting.Tests.RecordedServices

/// What is to come of a recorded request.
type Outcome =
    /// The answer holds every value that was sent as JSON.
    | Echoes
    /// The answer is the very text that was sent.
    | Same
    /// The answer is this JSON.
    | Gives of string
    /// The answer is a stream, which is these texts or lines when it has ended.
    | Streams of mediaType: string * body: string
    /// A deliberate fault of the recorder's, which sent it to see what its server would pass over.
    | Refused of status: int * reason: string

type Exchange = {
    Line: int
    Method: string
    Path: string
    Status: int
    Headers: (string * string) list
    Body: string
}

// -- what was recorded ---------------------------------------------------------------------------------

let private folder = Path.Combine(__SOURCE_DIRECTORY__, "recorded")

let private textOf (name: string) (node: JsonNode) = string node[name]

let private exchange (line: int) (text: string) : Exchange =
    let node = nonNull (JsonNode.Parse text)

    {
        Line = line
        Method = textOf "method" node
        Path = textOf "path" node
        Status = int (textOf "status" node)
        Headers = [
            for KeyValue(name, value) in (nonNull node["headers"]).AsObject() -> name, string value
        ]
        Body = textOf "body" node
    }

let private exchanges =
    File.ReadAllLines(Path.Combine(folder, "bentoml-client.jsonl"))
    |> Array.mapi (fun index line -> exchange (index + 1) line)
    |> List.ofArray

let private routes =
    let schema =
        nonNull (JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "schema.json"))))

    [
        for route in (nonNull schema["routes"]).AsArray() -> textOf "name" (nonNull route), nonNull route
    ]
    |> Map.ofList

// -- what is to come of it -----------------------------------------------------------------------------

let private anyTwoRows = [
    "classify"
    "classify_noshape"
    "classify_bare"
    "classify_null"
    "classify_arr"
]

let private aText name bytes =
    $"""{{"name":"{name}","type":"text/plain","bytes":"{bytes}"}}"""

let private textStream = Streams("text/plain; charset=utf-8", "one two")

let private objectStream = Streams("application/x-ndjson", "{\"i\":0}\n{\"i\":1}\n")

/// Each line with the entries that it is sent to, and what comes of it.
let private replays: (int * string * Outcome) list = [
    for line in [ 2; 3; 4; 5; 8; 67; 147; 150; 151 ] do
        line, "summarize", Echoes

    6, "summarize", Refused(400, "text is given for what every entry of that path says is a whole number")
    7, "summarize_json", Echoes
    68, "summarize_json", Echoes

    for line in [ 9..20 ] @ [ 22; 24; 25; 152 ] do
        for entry in anyTwoRows do
            line, entry, Echoes

    for entry in [ "classify"; "classify_bool" ] do
        21, entry, Echoes

    for entry in "classify_int64" :: anyTwoRows do
        23, entry, Echoes

    for line in [ 26; 27; 28 ] do
        for entry in "classify_fixed" :: anyTwoRows do
            line, entry, Echoes

    29, "nan_in", Gives """{"input":[null,null,1]}"""
    31, "nan_in", Gives """{"input":[1,0]}"""
    32, "noprops", Echoes
    33, "root_str", Same
    34, "root_what", Gives "null"
    35, "root_what", Gives "\"hé\""
    36, "root_file", Gives """{"name":"","type":"application/json","bytes":"5"}"""
    37, "root_what", Gives "\"ab\""
    38, "root_bytes", Gives """{"name":"","type":"text/plain","bytes":"\u0000ÿ"}"""
    39, "root_list", Echoes
    40, "root_listwhat", Echoes
    41, "root_listwhat", Echoes
    // Byte for byte the request of line 37, whatever it was sent for.
    42, "root_what", Gives "\"ab\""
    43, "root_int", Echoes
    44, "root_tensor", Echoes
    45, "root_obj", Echoes
    46, "any_root", Gives "null"
    47, "root_file", Gives(aText "" "hello a")
    48, "root_file", Gives """{"name":"","type":"application/json","bytes":"\u0000ÿraw"}"""
    49, "root_image", Gives """{"type":"image/png"}"""
    50, "root_file", Gives(aText "" "hello a")
    52, "root_file", Gives """{"name":""}"""
    53, "root_image", Gives """{"type":"image/png"}"""
    54, "root_fileobj", Gives $"""{{"a":1,"f":{aText "a.txt" "hello a"}}}"""
    69, "nested", Echoes
    70, "nested", Echoes
    71, "nullable", Gives """{"b":["x"]}"""
    72, "tensor_nullable", Gives """{"t":[null]}"""
    73, "kebab", Echoes

    for line, name in
        [
            [ 79; 93; 163 ], [ "text"; "flagroute" ]
            [ 80; 164 ], [ "fast" ]
            [ 81 ], [ "noflush" ]
            [ 82 ], [ "writer" ]
            [ 83 ], [ "sse" ]
            [ 84 ], [ "big" ]
            [ 85; 174 ], [ "split" ]
            [ 87; 88; 165 ], [ "json_as_text" ]
        ]
        |> List.collect (fun (lines, names) -> List.allPairs lines names) do
        line, "stream_" + name, textStream

    for lines, name in [ [ 87; 88; 165 ], "json"; [ 91; 167 ], "json1"; [ 92 ], "json_big" ] do
        for line in lines do
            line, "stream_" + name, objectStream

    for line in [ 89; 166 ] do
        line, "stream_bytes", Streams("text/plain; charset=utf-8", "AP8=")

    94, "upload", Gives $"""{{"doc":{aText "a.txt" "hello a"},"meta":{{"k":[1,"é"]}},"text":"s","n":2}}"""
    95, "upload", Gives """{"doc":{"name":"b.csv","type":"text/csv","bytes":"x,y"}}"""
    96, "upload", Gives """{"doc":{"type":"text/plain","bytes":"u"}}"""
    97, "upload", Gives """{"doc":{"name":"noext","type":"application/octet-stream","bytes":"\u0000ÿraw"}}"""
    99, "upload_img", Gives """{"img":{"name":"i.png","type":"image/png"},"meta":{"a":1}}"""
    100, "upload_img", Gives """{"img":{"name":"upload-image.jpeg","type":"image/jpeg"}}"""
    101, "upload_img", Gives """{"img":{"name":"i.jpg","type":"image/jpeg"}}"""
    102,
    "upload_many",
    Gives $"""{{"n":3,"docs":[{aText "a.txt" "hello a"},{{"name":"b.csv","type":"text/csv","bytes":"x,y"}}]}}"""
    105, "upload_anyof", Gives "{}"
    106, "upload_opt", Gives """{"text":"a b&c"}"""
    107, "upload_opt", Gives "{}"
    109, "upload_opt", Gives $"""{{"text":"q","doc":{aText "a.txt" "hello a"}}}"""
    110, "upload_tensor", Gives $"""{{"t":[1,2],"doc":{aText "a.txt" "hello a"}}}"""

    153, "root_str", Same
    154, "root_list", Echoes
    156, "root_int", Echoes
    157, "root_what", Gives "null"
    158, "upload", Gives $"""{{"meta":{{"a":1}},"n":1,"doc":{aText "a.txt" "hello a"}}}"""
    159, "upload_img", Gives """{"img":{"name":"i.png","type":"image/png"}}"""
    207, "slow", Echoes
]

/// Why a line is not replayed.
let private reason (exchange: Exchange) =
    let path = (exchange.Path.Split '?')[0]
    let isOf pattern = Regex.IsMatch(path, pattern)

    if path.EndsWith "/schema.json" then
        Some "reads the schema"
    elif isOf "^/slow.*/" then
        Some "is about a job's task, and jobs are described but not hosted"
    elif isOf "^/err" then
        Some "is the recorder's own fault: it answers with that status"
    elif isOf "_evil$" then
        Some "is the recorder's own fault: its answer has an evil name"
    elif isOf "_abort$" then
        Some "is the recorder's own fault: its answer breaks off"
    elif exchange.Body.Contains "127.0.0.1" || exchange.Body.Contains "127.0.0.1%3A" then
        Some "sends a URL in place of a file, which no service here allows"
    elif exchange.Status >= 300 then
        Some $"was answered {exchange.Status} when it was recorded"
    else
        None

/// The entries at the path of a request that has no field to send.
let private entriesWithoutFields (path: string) = [
    for KeyValue(name, route) in routes do
        if textOf "route" route = path && not (isWrittenOut name) then
            name
]

let private outcomesOf (exchange: Exchange) = [
    for line, entry, outcome in replays do
        if line = exchange.Line then
            entry, outcome

    if exchange.Body = "{}" && exchange.Method = "POST" then
        for entry in entriesWithoutFields exchange.Path do
            entry, Gives "null"
]

// -- how it is replayed --------------------------------------------------------------------------------

/// The recorder kept 900 bytes: where a form was cut, its end is put back.
let private bytesOf (exchange: Exchange) =
    let boundary =
        exchange.Headers
        |> List.tryPick (fun (_, value) ->
            match Regex.Match(value, "boundary=(.+)") with
            | found when found.Success -> Some found.Groups[1].Value
            | _ -> None)

    match boundary with
    | Some boundary when not (exchange.Body.EndsWith $"--{boundary}--\r\n") ->
        Encoding.Latin1.GetBytes $"{exchange.Body}\r\n--{boundary}--\r\n"
    | _ -> Encoding.Latin1.GetBytes exchange.Body

let private replay (exchange: Exchange) (entry: string) : Task<Answer> = task {
    let definition = service' entry exchange.Path
    use! app = App.hosting [ definition ]

    let mediaType =
        exchange.Headers
        |> List.tryPick (fun (name, value) -> if name = "Content-Type" then Some value else None)
        |> Option.defaultValue ""

    let headers =
        exchange.Headers
        |> List.filter (fun (name, _) -> name.StartsWith "Accept" || name = "Authorization")

    return! sendWith app.Client exchange.Method exchange.Path headers mediaType (bytesOf exchange)
}

/// Python writes numbers that JSON has not; they are read as null where null is a number that is not finite.
let private parse (text: string) =
    JsonNode.Parse(Regex.Replace(text, @"-?\b(NaN|Infinity)\b", "null"))

/// Whether each value of one document is in the other, which may have more: an absent field is as good as null, and true
/// as good as 1 where numbers are.
let rec private holds (sent: JsonNode | null) (given: JsonNode | null) : bool =
    match sent, given with
    | null, null -> true
    | (:? JsonObject as sent), (:? JsonObject as given) ->
        sent |> Seq.forall (fun (KeyValue(name, value)) -> holds value given[name])
    | (:? JsonArray as sent), (:? JsonArray as given) -> sent.Count = given.Count && Seq.forall2 holds sent given
    | (:? JsonValue as sent), (:? JsonValue as given) ->
        let plainly (value: JsonValue) =
            match value.ToJsonString() with
            | "true" -> "1"
            | "false" -> "0"
            | text ->
                match System.Double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture) with
                | true, number -> string number
                | _ -> text

        plainly sent = plainly given
    | _ -> false

let private isAsWanted (exchange: Exchange) outcome (answer: Answer) =
    match outcome with
    | Refused(status, _) -> answer.Status = status
    | _ when answer.Status <> 200 -> false
    | Echoes -> holds (parse exchange.Body) (JsonNode.Parse answer.Body)
    | Same -> answer.Bytes = bytesOf exchange
    | Streams(mediaType, body) -> answer.Headers["content-type"] = mediaType && answer.Body = body
    | Gives wanted -> holds (JsonNode.Parse wanted) (JsonNode.Parse answer.Body)

[<Fact>]
let ``what BentoML's clients sent is read as what they meant`` () : Task = task {
    let failures = ResizeArray<string>()
    let log = ResizeArray<string>()

    for exchange in exchanges do
        match reason exchange, outcomesOf exchange with
        | Some reason, _ -> log.Add $"{exchange.Line} {exchange.Method} {exchange.Path}: not replayed, as it {reason}"
        | None, [] ->
            failures.Add $"{exchange.Line} {exchange.Method} {exchange.Path}: no entry of the schema is known for it"
        | None, outcomes ->
            for entry, outcome in outcomes do
                let! answer = replay exchange entry

                match outcome with
                | Refused(status, reason) ->
                    log.Add
                        $"{exchange.Line} {exchange.Method} {exchange.Path} to {entry}: refused with {status}, a deliberate fault of the recorder's: {reason}"
                | _ -> ()

                if not (isAsWanted exchange outcome answer) then
                    failures.Add
                        $"{exchange.Line} {exchange.Path} to {entry}: wanted {outcome}, given {answer.Status} {answer.Body}"

    for line in log do
        TestContext.Current.TestOutputHelper
        |> Option.ofObj
        |> Option.iter _.WriteLine(line)

    Assert.True(failures.Count = 0, String.concat "\n" failures)
}

/// What is refused here and was not when it was recorded, and nothing else: all other lines decode to the values sent.
[<Fact>]
let ``every request that was answered 200 is replayed, and only the recorder's own fault is refused`` () =
    let refused =
        replays
        |> List.choose (fun (line, _, outcome) ->
            match outcome with
            | Refused _ -> Some line
            | _ -> None)

    Assert.Equal<int list>([ 6 ], refused)

    for exchange in exchanges do
        if exchange.Status = 200 && (reason exchange).IsNone then
            Assert.True((not (outcomesOf exchange).IsEmpty), $"Line {exchange.Line} is not replayed.")

// -- schemas -------------------------------------------------------------------------------------------

/// Where the schema's entry has a field of any name, or stands for several, the service is its own.
let private ownWay =
    Set.ofList [ "root_obj"; "root_fileobj"; "kebab"; "any_root"; "noprops" ]

/// The fields of an object's schema, and those that must be given.
let private fieldsOf (schema: JsonNode) =
    let names =
        match schema["properties"] with
        | :? JsonObject as properties -> properties |> Seq.map _.Key |> Set.ofSeq
        | _ -> Set.empty

    let required =
        match schema["required"] with
        | :? JsonArray as required -> required |> Seq.map string |> Set.ofSeq
        | _ -> Set.empty

    names, required

[<Fact>]
let ``the services that it is replayed to have the fields of the schema's entries`` () =

    for entry in replays |> List.map (fun (_, entry, _) -> entry) |> List.distinct do
        if not (ownWay.Contains entry) then
            let wanted = nonNull (routes[entry]["input"])
            let published = nonNull (JsonNode.Parse(Documents.schema (service' entry "/it")))
            let given = nonNull ((nonNull ((nonNull published["routes"])[0]))["input"])
            Assert.Equal((entry, fieldsOf wanted), (entry, fieldsOf given))
            Assert.Equal((entry, isNull wanted["root_input"]), (entry, isNull given["root_input"]))

/// The schema without what says that null may be there, which clients make nothing of.
let rec private withoutNull (schema: JsonNode | null) : JsonObject =
    match schema with
    | :? JsonObject as schema ->
        match schema["anyOf"] with
        | :? JsonArray as alternatives ->
            alternatives
            |> Seq.map withoutNull
            |> Seq.find (fun one -> string one["type"] <> "null")
        | _ -> schema
    | _ -> JsonObject()

let private typeOf (schema: JsonObject) =
    match schema["type"] with
    | :? JsonArray as names -> names |> Seq.map string |> Seq.find (fun name -> name <> "null")
    | name -> string name

/// A length that is any is null or -1.
let private shapeOf (schema: JsonObject) =
    match schema["shape"] with
    | :? JsonArray as lengths ->
        lengths
        |> Seq.map (fun length -> if isNull length then "-1" else string length)
        |> String.concat ","
    | _ -> ""

/// What a schema says of each place in it: types, formats, and the elements and lengths of tensors.
let rec private told place (schema: JsonNode | null) : (string * string * string) list =
    let schema = withoutNull schema

    [
        place, "type", typeOf schema
        place, "format", string schema["format"]
        place, "dtype", string schema["dtype"]
        place, "shape", shapeOf schema
        place, "default", string schema["default"]

        match schema["properties"] with
        | :? JsonObject as properties ->
            for KeyValue(name, property) in properties do
                yield! told $"{place}.{name}" property
        | _ -> ()

        for name in [ "items"; "additionalProperties" ] do
            match schema[name] with
            | :? JsonObject as inner -> yield! told $"{place}.{name}" inner
            | _ -> ()
    ]
    |> List.filter (fun (_, _, value) -> value <> "")

/// What an entry says and our service does not, and why that is well.
let private otherwise =
    Map.ofList [
        ("root_bytes", "it", "type"), "a raw body is a file here"
        ("root_tensor", "it", "shape"), "an input without a field has no attribute that would declare its lengths"
        ("upload", "it.meta", "type"), "it is JSON of any kind here, by a codec of its own"
        ("upload_img", "it.meta", "type"), "it is JSON of any kind here, by a codec of its own"
    ]

[<Fact>]
let ``the services' schemas say the types, formats, elements, lengths and defaults that the recorded ones say`` () =
    let used = System.Collections.Generic.HashSet()

    for entry in replays |> List.map (fun (_, entry, _) -> entry) |> List.distinct do
        if not (ownWay.Contains entry) then
            let published = nonNull (JsonNode.Parse(Documents.schema (service' entry "/it")))
            let route = nonNull ((nonNull published["routes"])[0])
            let given = told "it" route["input"]

            for place, keyword, value in told "it" (routes[entry]["input"]) do
                let ours =
                    given
                    |> List.tryPick (fun (one, other, value) ->
                        if one = place && other = keyword then Some value else None)
                    |> Option.defaultValue ""

                if otherwise.ContainsKey(entry, place, keyword) then
                    used.Add(entry, place, keyword) |> ignore
                    Assert.NotEqual<string>(value, ours)
                else
                    Assert.Equal((entry, place, keyword, value), (entry, place, keyword, ours))

    Assert.Equal<_ seq>(otherwise |> Map.keys |> Seq.sort, used |> Seq.sort)
