/// From what is typed to values of the types that a schema wants.
module Bento.Tests.CallArgumentsTests

open System.IO
open System.Text.Json
open Xunit
open Bento.Cli

let private routeOf input = {
    Name = "it"
    Route = "/it"
    Input = input
}

let private fields =
    CallInput.Fields [
        "text", Wanted.Text
        "maxLength", Wanted.Whole
        "score", Wanted.Number
        "deep", Wanted.Flag
        "rows", Wanted.Json
        "any", Wanted.Anything
        "doc", Wanted.File
        "docs", Wanted.Files
        "vectors", Wanted.Tensor
    ]

let private raw (carried: Carried) =
    match carried with
    | Carried.Value value -> value.GetRawText()
    | Carried.Files paths -> "files " + String.concat "," paths

let private read (arguments: string list) =
    match CallArguments.read (routeOf fields) arguments with
    | Sending.Fields given -> [ for name, carried in given -> name, raw carried ]
    | other -> invalidOp $"{other}"

let private refused input (arguments: string list) =
    let problem =
        Assert.Throws<CliException>(fun () -> CallArguments.read (routeOf input) arguments |> ignore)

    problem.Message

[<Theory>]
[<InlineData("text=5", "text", "\"5\"")>]
[<InlineData("text=", "text", "\"\"")>]
[<InlineData("text=a=b", "text", "\"a=b\"")>]
[<InlineData("text=null", "text", "\"null\"")>]
[<InlineData("text:=null", "text", "null")>]
[<InlineData("text=a:=b", "text", "\"a:=b\"")>]
[<InlineData("maxLength=5", "maxLength", "5")>]
[<InlineData("max_length=007", "maxLength", "7")>]
[<InlineData("maxLength=-123456789012345678901234567890", "maxLength", "-123456789012345678901234567890")>]
[<InlineData("maxLength=null", "maxLength", "null")>]
[<InlineData("score=1e-3", "score", "1e-3")>]
[<InlineData("deep=True", "deep", "true")>]
[<InlineData("rows=[[1,2]]", "rows", "[[1,2]]")>]
[<InlineData("any=[1]", "any", "[1]")>]
[<InlineData("any=word", "any", "\"word\"")>]
[<InlineData("maxLength:=\"x\"", "maxLength", "\"x\"")>]
let ``a field is typed by the schema`` (argument: string, name: string, json: string) =
    Assert.Equal<(string * string) list>([ name, json ], read [ argument ])

[<Theory>]
[<InlineData("text", "\"text\" is no field; wanted name=value, name=@path or name:=json.")>]
[<InlineData("=5", "wanted name=value")>]
[<InlineData(":=5", "wanted name=value")>]
[<InlineData("maxLength=5.5", "maxLength is 5.5; wanted a whole number")>]
[<InlineData("score=high", "score is high; wanted a number")>]
[<InlineData("deep=1", "deep is 1; wanted true or false")>]
[<InlineData("rows=[1", "rows: [1 is not JSON")>]
[<InlineData("rows:=", "rows:  is not JSON")>]
[<InlineData("tex=5", "did you mean \"text\"?")>]
[<InlineData("doc=report.pdf", "doc is report.pdf; wanted a file, as doc=@path.")>]
[<InlineData("doc=@nowhere.pdf", "doc: there is no file at nowhere.pdf.")>]
[<InlineData("text=@nowhere.txt", "text: nowhere.txt cannot be read")>]
let ``what does not fit is said with the way out`` (argument: string, message: string) =
    Assert.Contains(message, refused fields [ argument ])

[<Fact>]
let ``files are attached, read as text or read as JSON, by what the field wants`` () =
    let folder = Directory.CreateTempSubdirectory "bento-call-"

    try
        let file = Path.Combine(folder.FullName, "it.json")
        File.WriteAllText(file, "[1]")

        Assert.Equal<(string * string) list>(
            [
                "doc", "files " + file
                "docs", $"files {file},{file}"
                "text", "\"[1]\""
                "rows", "[1]"
            ],
            read [
                $"doc=@{file}"
                $"docs=@{file}"
                $"text=@{file}"
                $"docs=@{file}"
                $"rows=@{file}"
            ]
        )
    finally
        folder.Delete true

[<Fact>]
let ``only files are given several times`` () =
    Assert.Contains("text is given twice", refused fields [ "text=a"; "text=b" ])

[<Fact>]
let ``an endpoint that takes one value is given it without a name`` () =
    let read input argument =
        match CallArguments.read (routeOf (CallInput.Root input)) [ argument ] with
        | Sending.Root carried -> raw carried
        | other -> invalidOp $"{other}"

    Assert.Equal("\"a=b\"", read Wanted.Text "a=b")
    Assert.Equal("7", read Wanted.Whole "7")
    Assert.Equal("[1]", read Wanted.Json "[1]")
    Assert.Equal("\"7\"", read Wanted.Whole ":=\"7\"")
    Assert.Contains("takes one value and was given 2", refused (CallInput.Root Wanted.Text) [ "a"; "b" ])

[<Fact>]
let ``an endpoint without fields takes none`` () =
    Assert.Equal(Sending.Nothing, CallArguments.read (routeOf (CallInput.Fields [])) [])
    Assert.Contains("it takes none", refused (CallInput.Fields []) [ "a=1" ])

// -- schemas -----------------------------------------------------------------------------------------

let private routesOf (schema: string) =
    use document = JsonDocument.Parse schema
    CallSchema.routes document.RootElement

[<Fact>]
let ``a schema tells what each endpoint takes`` () =
    let schema =
        """{"routes":[
          {"name":"a","route":"/v1/a","input":{"type":"object","properties":{
            "t":{"type":"string"},"n":{"type":"integer"},"x":{"type":"number"},"b":{"type":"boolean"},
            "f":{"type":"file"},"fs":{"type":"array","items":{"type":"file"}},"l":{"type":"array","items":{}},"u":{}}}},
          {"name":"b","route":"/b","input":{"type":"string","root_input":true}},
          {"name":"c","route":"/c","input":{"type":"object"}},
          {"name":"broken"} ]}"""

    let fields =
        CallInput.Fields [
            "t", Wanted.Text
            "n", Wanted.Whole
            "x", Wanted.Number
            "b", Wanted.Flag
            "f", Wanted.File
            "fs", Wanted.Files
            "l", Wanted.Json
            "u", Wanted.Anything
        ]

    let routes = Option.get (routesOf schema)

    Assert.Equal<CallInput list>(
        [ fields; CallInput.Root Wanted.Text; CallInput.Fields [] ],
        routes |> List.map _.Input
    )

    for path in [ "/v1/a"; "/a"; "/V1/A/" ] do
        Assert.Equal(Ok routes.Head, CallSchema.find path routes)

    match CallSchema.find "/v1/b" routes with
    | Error message -> Assert.Contains("no endpoint at /v1/b; it has /v1/a, /b, /c", message)
    | Ok route -> Assert.Fail $"{route}"

[<Theory>]
[<InlineData "{}">]
[<InlineData "[]">]
[<InlineData "5">]
[<InlineData """{"routes":{}}""">]
let ``what is no schema of a service has no routes`` (json: string) = Assert.Equal(None, routesOf json)

[<Fact>]
let ``a tensor is JSON, or numpy's file`` () =
    let file = Path.GetTempFileName() + ".npy"
    File.WriteAllBytes(file, [| 0x93uy |])
    let json = file + ".json"
    File.WriteAllText(json, "[[1]]")

    try
        Assert.Equal<(string * string) list>([ "vectors", "[1,2]" ], read [ "vectors=[1,2]" ])
        Assert.Equal<(string * string) list>([ "vectors", "files " + file ], read [ $"vectors=@{file}" ])
        Assert.Equal<(string * string) list>([ "vectors", "[[1]]" ], read [ $"vectors=@{json}" ])
        Assert.Contains("vectors: there is no file at none.npy", refused fields [ "vectors=@none.npy" ])
    finally
        File.Delete file
        File.Delete json

[<Fact>]
let ``standard input is attached by its name, and read once`` () =
    Assert.Equal<(string * string) list>([ "doc", "files -" ], read [ "doc=@-" ])
    Assert.Contains("is there to be read once", refused fields [ "doc=@-"; "text=@-" ])

// -- answers -----------------------------------------------------------------------------------------

[<Fact>]
let ``a problem is told with each fault at its path`` () =
    let problem =
        """{"status":400,"detail":"The body has 2 faults; see errors.","requestId":"abc","errors":[
            {"loc":["rows",0,"x"],"type":"type","msg":"wanted a number"},
            {"loc":["text"],"type":"missing","msg":"text is missing; wanted text"}]}"""

    Assert.Equal(
        "400: The body has 2 faults; see errors.\n  rows[0].x: wanted a number\n  text is missing; wanted text\n  request id: abc",
        CallAnswer.describe 400 problem
    )

[<Theory>]
[<InlineData("""{"error":"no"}""", "500: no")>]
[<InlineData("oops", "500: oops")>]
[<InlineData("[1]", "500: [1]")>]
[<InlineData("", "500: ")>]
let ``a failure that is no problem is told as it is`` (body: string, said: string) =
    Assert.Equal(said, CallAnswer.describe 500 body)
