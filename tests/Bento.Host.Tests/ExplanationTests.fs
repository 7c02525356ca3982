module Bento.Hosting.Tests.ExplanationTests

open System
open System.Collections.Generic
open System.Text.Json.Nodes
open System.Threading.Tasks
open Xunit
open Bento
open Bento.Hosting.Tests.Wire

type Leaf = { Name: string; Weight: float option }

type Tree = {
    Count: int
    Leaf: Leaf
    Leaves: Leaf list
    Names: Map<string, Leaf>
    Grid: int[][]
}

[<CLIMutable>]
type Loose = { First: int; Second: string option }

[<Struct>]
type Pair = { Left: int; Right: string }

let private inputs = service {
    api "bool" (fun (value: bool) -> value)
    api "byte" (fun (value: byte) -> value)
    api "int" (fun (value: int) -> value)
    api "int64" (fun (value: int64) -> value)
    api "uint64" (fun (value: uint64) -> value)
    api "float32" (fun (value: float32) -> value)
    api "float" (fun (value: float) -> value)
    api "decimal" (fun (value: decimal) -> value)
    api "string" (fun (value: string) -> value)
    api "guid" (fun (value: Guid) -> value)
    api "date" (fun (value: DateTime) -> value)
    api "moment" (fun (value: DateTimeOffset) -> value)
    api "option" (fun (value: int option) -> value)
    api "ints" (fun (value: int list) -> value)
    api "strings" (fun (value: string[]) -> value)
    api "options" (fun (value: string option list) -> value)
    api "map" (fun (value: Map<string, string>) -> value)
    api "dictionary" (fun (value: IReadOnlyDictionary<string, int list>) -> value)
    api "leaf" (fun (value: Leaf) -> value)
    api "loose" (fun (value: Loose) -> value)
    api "pair" (fun (value: Pair) -> value)
    api "tree" (fun (value: Tree) -> value)
}

let private app = lazy (App.hosting [ inputs ])

let private ask endpoint body : Task<Answer> = task {
    let! app = app.Value
    return! postJson app.Client ("/" + endpoint) body
}

[<Theory>]
[<InlineData("bool", "1")>]
[<InlineData("bool", "\"true\"")>]
[<InlineData("int", "\"3\"")>]
[<InlineData("int", "1.0")>]
[<InlineData("int", "1e2")>]
[<InlineData("int", "true")>]
[<InlineData("int", "[1]")>]
[<InlineData("int", "{}")>]
[<InlineData("float", "\"3.5\"")>]
[<InlineData("float", "\"NaN\"")>]
[<InlineData("decimal", "\"1\"")>]
[<InlineData("string", "3")>]
[<InlineData("string", "[]")>]
[<InlineData("guid", "\"no guid\"")>]
[<InlineData("guid", "3")>]
[<InlineData("date", "\"yesterday\"")>]
[<InlineData("date", "\"2024-02-30T00:00:00\"")>]
[<InlineData("moment", "\"12:00\"")>]
[<InlineData("option", "\"3\"")>]
[<InlineData("ints", "{}")>]
[<InlineData("ints", "1")>]
[<InlineData("map", "[]")>]
[<InlineData("leaf", "[]")>]
[<InlineData("leaf", "\"name\"")>]
let ``a value of another type is a fault of type`` (endpoint: string, body: string) : Task = task {
    let! answer = ask endpoint body
    Assert.Equal<_ list>([ "[]", "type" ], faults answer)
}

[<Theory>]
[<InlineData("byte", "256")>]
[<InlineData("byte", "-1")>]
[<InlineData("int", "2147483648")>]
[<InlineData("int", "-2147483649")>]
[<InlineData("int", "99999999999999999999999999999999999999")>]
[<InlineData("int64", "9223372036854775808")>]
[<InlineData("uint64", "18446744073709551616")>]
[<InlineData("uint64", "-1")>]
[<InlineData("float32", "1e39")>]
[<InlineData("float", "1e400")>]
[<InlineData("float", "-1e400")>]
[<InlineData("decimal", "1e30")>]
[<InlineData("option", "2147483648")>]
let ``a number that does not fit is a fault of range`` (endpoint: string, body: string) : Task = task {
    let! answer = ask endpoint body
    Assert.Equal<_ list>([ "[]", "range" ], faults answer)
}

[<Theory>]
[<InlineData("byte", "255")>]
[<InlineData("int", "-2147483648")>]
[<InlineData("int64", "-9223372036854775808")>]
[<InlineData("uint64", "18446744073709551615")>]
[<InlineData("float", "1")>]
[<InlineData("float", "1.5E+300")>]
[<InlineData("decimal", "79228162514264337593543950335")>]
[<InlineData("option", "null")>]
[<InlineData("options", "[null,\"a\"]")>]
[<InlineData("strings", "[\"null\"]")>]
[<InlineData("loose", "{\"first\":1}")>]
[<InlineData("pair", "{\"left\":1,\"right\":\"b\"}")>]
[<InlineData("leaf", "{\"name\":\"null\"}")>]
[<InlineData("ints", " [ 1 , 2 ]\r\n\t")>]
let ``what fits is taken`` (endpoint: string, body: string) : Task = task {
    let! answer = ask endpoint body
    Assert.True((answer.Status = 200), answer.Body)
}

[<Theory>]
[<InlineData("bool", "null", "[]")>]
[<InlineData("int", "null", "[]")>]
[<InlineData("string", "null", "[]")>]
[<InlineData("leaf", "null", "[]")>]
[<InlineData("strings", " null ", "[]")>]
[<InlineData("ints", "[1,null]", "[1]")>]
[<InlineData("strings", "[\"a\",null]", "[1]")>]
[<InlineData("map", "{\"a\":null}", "[\"a\"]")>]
[<InlineData("dictionary", "{\"a\":[1],\"b\":null}", "[\"b\"]")>]
[<InlineData("dictionary", "{\"a\":[1,null]}", "[\"a\",1]")>]
[<InlineData("leaf", "{\"name\":null}", "[\"name\"]")>]
[<InlineData("loose", "{\"first\":null}", "[\"first\"]")>]
[<InlineData("pair", "{\"left\":1,\"right\":null}", "[\"right\"]")>]
let ``null where nothing may be absent is a fault of null`` (endpoint: string, body: string, location: string) : Task =
    task {
        let! answer = ask endpoint body
        Assert.Equal<_ list>([ location, "null" ], faults answer)
    }

[<Theory>]
[<InlineData("leaf", "{}", "[\"name\"]")>]
[<InlineData("leaf", "{\"Name\":\"x\"}", "[\"name\"]")>]
[<InlineData("loose", "{}", "[\"first\"]")>]
[<InlineData("pair", "{\"left\":1}", "[\"right\"]")>]
let ``a field that is not there is a fault of missing`` (endpoint: string, body: string, location: string) : Task = task {
    let! answer = ask endpoint body
    Assert.Equal<_ list>([ location, "missing" ], faults answer)
}

[<Fact>]
let ``all faults of a body are told at once, each with its path`` () : Task = task {
    let! answer =
        ask
            "tree"
            """{
                "count": 1.5,
                "leaf": { "weight": "heavy" },
                "leaves": [ { "name": "a" }, null, { "name": 7, "weight": 1e999 } ],
                "names": { "first one": { "name": null } },
                "grid": [ [ 1, 2 ], [ 3, "4", 5000000000 ], 6 ]
            }"""

    Assert.Equal<_ list>(
        [
            """["count"]""", "type"
            """["leaf","name"]""", "missing"
            """["leaf","weight"]""", "type"
            """["leaves",1]""", "null"
            """["leaves",2,"name"]""", "type"
            """["leaves",2,"weight"]""", "range"
            """["names","first one","name"]""", "null"
            """["grid",1,1]""", "type"
            """["grid",1,2]""", "range"
            """["grid",2]""", "type"
        ],
        faults answer
    )
}

[<Fact>]
let ``a fault says where, what was wanted and what was given`` () : Task = task {
    let! answer =
        ask "tree" """{"count":"3","leaf":{"name":""},"leaves":[],"names":{},"grid":[[70000000000]]}"""

    Assert.Equal<string list>(
        [
            "body.count: wanted a whole number, given text"
            "body.grid[0][0]: 70000000000 is out of range; wanted -2147483648 to 2147483647"
        ],
        messages answer
    )
}

[<Fact>]
let ``a long number is not repeated in full`` () : Task = task {
    let! answer = ask "int" (String('9', 100_000))
    Assert.Equal<_ list>([ "[]", "range" ], faults answer)
    Assert.InRange(answer.Bytes.Length, 1, 2_000)
}

[<Fact>]
let ``a long name is not repeated in full by each fault below it`` () : Task = task {
    let name = String('n', 1_000_000)
    let items = String.Join(",", Seq.replicate 100 "\"x\"")
    let! answer = ask "dictionary" $"{{\"{name}\":[{items}]}}"
    let found = faults answer
    Assert.Equal(100, found.Length)
    Assert.Equal($"[\"{name.Substring(0, 60)}…\",99]", Text.RegularExpressions.Regex.Unescape(fst (List.last found)))
    Assert.InRange(answer.Bytes.Length, 1, 100_000)
}

[<Theory>]
[<InlineData("ints", "[", "\"x\"", "]")>]
[<InlineData("strings", "[", "null", "]")>]
[<InlineData("map", "{", "\"NAME\":null", "}")>]
let ``of many faults a hundred are told`` (endpoint: string, opens: string, item: string, closes: string) : Task = task {
    let items = Seq.init 100_000 (fun index -> item.Replace("NAME", string index))
    let! answer = ask endpoint (opens + String.Join(",", items) + closes)
    Assert.Equal(100, (faults answer).Length)
}

[<Theory>]
[<InlineData("")>]
[<InlineData("   ")>]
[<InlineData("{")>]
[<InlineData("{\"count\"")>]
[<InlineData("{\"count\": 1")>]
[<InlineData("{\"count\": 1,}")>]
[<InlineData("{count: 1}")>]
[<InlineData("{'count': 1}")>]
[<InlineData("// comment\n{}")>]
[<InlineData("{} {}")>]
[<InlineData("{}x")>]
[<InlineData("NaN")>]
[<InlineData("nul")>]
[<InlineData("01")>]
[<InlineData("\"open")>]
[<InlineData("\"\\x\"")>]
[<InlineData("\"line\nbreak\"")>]
let ``what is not JSON is one fault of the whole body`` (body: string) : Task = task {
    let! answer = ask "tree" body
    Assert.Equal<_ list>([ "[]", "json" ], faults answer)
}

[<Theory>]
[<InlineData("leaf", "{\"name\":\"a\",\"name\":\"b\"}", "name")>]
[<InlineData("leaf", "{\"name\":\"a\",\"weight\":1,\"weight\":2}", "weight")>]
[<InlineData("map", "{\"a\":\"1\",\"a\":\"2\"}", "a")>]
let ``a name given twice is a fault`` (endpoint: string, body: string, name: string) : Task = task {
    let! answer = ask endpoint body
    Assert.Equal<_ list>([ $"[\"{name}\"]", "json" ], faults answer)
}

[<Fact>]
let ``fields that nobody asked for are ignored`` () : Task = task {
    let! answer = ask "leaf" """{"name":"a","colour":{"deep":[1,2,null]},"size":null}"""
    Assert.Equal("""{"name":"a"}""", answer.Body)
}
