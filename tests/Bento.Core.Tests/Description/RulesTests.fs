/// Every rule that a definition must keep, by the problems it gives.
module Bento.Tests.RulesTests

open System
open System.Collections.Generic
open Xunit
open Bento

let private echo (text: string) = text

/// The problems of a definition but that of its name: inside a test it is named after the test.
let private problems (definition: Definition<'State>) =
    match definition.Checked with
    | Ok _ -> []
    | Error problems ->
        problems
        |> List.filter (fun problem ->
            match problem with
            | BadName("service", name, _) when not (isNull (box name)) -> not (name.Contains ' ')
            | _ -> true)

/// The setting and the text of every value that is refused.
let private badValues definition =
    problems definition
    |> List.map (fun problem ->
        match problem with
        | BadValue(setting, given, _, _) -> setting, given
        | other -> failwith $"%A{other}")

let private badValue definition = badValues definition |> List.exactlyOne

[<Fact>]
let ``a setting is given once`` () =
    let line = int __LINE__ + 3

    let it = service {
        workers 1
        workers 1
        threads 2
        version "1"
        version "2"
        version "3"
        api "echo" echo
    }

    Assert.Equal<Problem list>(
        [
            Repeated("workers", [ line; line + 1 ])
            Repeated("version", [ line + 3; line + 4; line + 5 ])
        ],
        problems it
    )

[<Fact>]
let ``a block is opened once, and a setting in two of them is given twice`` () =
    let line = int __LINE__ + 3

    let it = service {
        resources { cpu 1 }
        resources { cpu 2 }
        traffic { queue 1 }
        api "echo" echo
    }

    Assert.Equal<Problem list>(
        [
            Repeated("resources", [ line; line + 1 ])
            Repeated("cpu", [ line; line + 1 ])
        ],
        problems it
    )

[<Fact>]
let ``an endpoint's block is opened once`` () =
    let line = int __LINE__ + 3

    let it = service {
        endpoint "echo" { route "/v1" }
        endpoint "echo" { timeout (seconds 1) }
        api "echo" echo
    }

    Assert.Equal<Problem list>([ Repeated("endpoint \"echo\"", [ line; line + 1 ]) ], problems it)

[<Fact>]
let ``the same setting of two endpoints, or of an endpoint and its service, is not a repetition`` () =
    let it = service {
        traffic { timeout (seconds 9) }
        endpoint "a" { timeout (seconds 1) }
        endpoint "b" { timeout (seconds 2) }
        api "a" echo
        api "b" echo
    }

    Assert.Empty(problems it)

[<Fact>]
let ``a label's key and a model's tag are given once`` () =
    let line = int __LINE__ + 3

    let it = service {
        labels [ "team", "search"; "tier", "gold"; "team", "ads" ]
        labels [ "stage", "test" ]
        model "iris:1"
        model "iris:2"
        model "iris:1"
        api "echo" echo
    }

    Assert.Equal<Problem list>(
        [
            Repeated("label \"team\"", [ line; line ])
            Repeated("model \"iris:1\"", [ line + 2; line + 4 ])
        ],
        problems it
    )

/// A service with that block and nothing else to complain of.
let private holding (block: Block) = service {
    block
    api "echo" echo
}

/// Each block and the one value in it that is refused, as the message shows it.
let private refused: (Block * (string * string)) list = [
    resources { memory "500MB1" }, ("memory", "\"500MB1\"")
    resources { cpu "two" }, ("cpu", "\"two\"")
    resources { cpu 0 }, ("cpu", "0")
    resources { cpu -1.5 }, ("cpu", "-1.5")
    resources { cpu nan }, ("cpu", "NaN")
    resources { cpu infinity }, ("cpu", "Infinity")
    resources { gpu -1 }, ("gpu", "-1")
    resources { gpu "+1" }, ("gpu", "\"+1\"")
    resources { gpu " 1" }, ("gpu", "\" 1\"")
    resources { gpu "1.0" }, ("gpu", "\"1.0\"")
    resources { gpu "one" }, ("gpu", "\"one\"")
    resources { gpu "99999999999" }, ("gpu", "\"99999999999\"")
    traffic { concurrency 0 }, ("concurrency", "0")
    traffic { queue -1 }, ("queue", "-1")
    traffic { timeout TimeSpan.Zero }, ("timeout", "(00:00:00)")
    traffic { idle (seconds -1) }, ("idle", "(-00:00:01)")
    traffic { heartbeat (seconds 0) }, ("heartbeat", "(00:00:00)")
    traffic { bodyLimit "" }, ("bodyLimit", "\"\"")
    endpoint "echo" { timeout (seconds 0) }, ("timeout", "(00:00:00)")
    endpoint "echo" { bodyLimit "1X" }, ("bodyLimit", "\"1X\"")
]

[<Fact>]
let ``quantities, counts and spans are what they should be`` () =
    for block, value in refused do
        Assert.Equal(value, badValue (holding block))

[<Fact>]
let ``zero is a queue and a number of GPUs`` () =
    Assert.Empty(problems (holding (traffic { queue 0 })))
    Assert.Empty(problems (holding (resources { gpu 0 })))

[<Fact>]
let ``a fallback stands beside the gpu that it is for`` () =
    let wanted = "`gpu` beside it, as in: resources { gpu 1; fallback Cpu }"
    let line = int __LINE__ + 2

    let alone = holding (resources { fallback Cpu })

    Assert.Equal<Problem list>([ BadValue("fallback", "Cpu", wanted, line) ], problems alone)

    for block in
        [
            resources {
                gpu 1
                fallback Cpu
            }
            resources {
                fallback Cpu
                gpu "0"
            }
        ] do
        Assert.Empty(problems (holding block))

[<Fact>]
let ``a fallback is given once`` () =
    let line = int __LINE__ + 5

    let twice =
        resources {
            gpu 1
            fallback Cpu
            fallback Cpu
        }
        |> holding

    Assert.Equal<Problem list>([ Repeated("fallback", [ line; line + 1 ]) ], problems twice)

[<Fact>]
let ``workers and threads are one or more`` () =
    let it = service {
        workers 0
        threads -2
        api "echo" echo
    }

    Assert.Equal<(string * string) list>([ "workers", "0"; "threads", "-2" ], badValues it)

[<Theory>]
[<InlineData "">]
[<InlineData "/">]
[<InlineData "v1/echo">]
[<InlineData "//echo">]
[<InlineData "/v1//echo">]
[<InlineData "/v1/../echo">]
[<InlineData "/./echo">]
[<InlineData "/{name}">]
[<InlineData "/a b">]
[<InlineData "/a?b">]
[<InlineData "/écho">]
[<InlineData "http://host/echo">]
let ``a route is a plain path`` (path: string) =
    Assert.Equal(("route", $"\"{path}\""), badValue (holding (endpoint "echo" { route path })))

[<Theory>]
[<InlineData "/v1/echo">]
[<InlineData "/v1.0/echo-all_of~it">]
[<InlineData "/v1/echo/">]
let ``a plain path is a route`` (path: string) =
    Assert.Empty(problems (holding (endpoint "echo" { route path })))

[<Theory>]
[<InlineData "">]
[<InlineData "9lives">]
[<InlineData "-a">]
[<InlineData "a.b">]
[<InlineData "a/b">]
[<InlineData "é">]
let ``names begin with a letter and stay plain`` (bad: string) =
    let line = int __LINE__ + 3

    let it = service {
        name bad
        api bad echo
    }

    Assert.Equal<Problem list>([ BadName("service", bad, line); BadName("endpoint", bad, line + 1) ], problems it)

[<Fact>]
let ``endpoints have names of their own`` () =
    let line = int __LINE__ + 3

    let it = service {
        api "echo" echo
        job "train" (fun (rows: int list) -> task { return rows.Length })
        api "echo" echo
    }

    Assert.Equal<Problem list>([ SameName("echo", [ line; line + 2 ]) ], problems it)

[<Fact>]
let ``endpoints have routes of their own`` () =
    let line = int __LINE__ + 5

    let it = service {
        endpoint "a" { route "/v1/x" }
        endpoint "b" { route "/v1/x" }
        api "a" echo
        api "b" echo
    }

    Assert.Equal<Problem list>([ SameRoute("/v1/x", [ "a"; "b" ], [ line; line + 1 ]) ], problems it)

[<Theory>]
[<InlineData "/readyz">]
[<InlineData "/Metrics/">]
[<InlineData "/page/run.js">]
let ``a socket may not be where the host answers itself`` (taken: string) =
    let talk (words: IAsyncEnumerable<string>) = words

    let it = service {
        endpoint "chat" { route taken }
        socket "chat" talk
    }

    match problems it with
    | [ BadValue("route", given, _, _) ] -> Assert.Equal($"\"{taken}\"", given)
    | other -> Assert.Fail $"%A{other}"

[<Fact>]
let ``a route may not be the name of another endpoint`` () =
    let it = service {
        endpoint "a" { route "/b" }
        api "a" echo
        api "b" echo
    }

    match problems it with
    | [ SameRoute("/b", [ "a"; "b" ], _) ] -> ()
    | other -> Assert.Fail $"%A{other}"

[<Fact>]
let ``routes that differ in case or in a last slash are one, as a server takes them`` () =
    let it = service {
        endpoint "b" { route "/A/" }
        api "a" echo
        api "b" echo
        api "A" echo
    }

    match problems it with
    | [ SameRoute("/a", [ "a"; "b"; "A" ], _) ] -> ()
    | other -> Assert.Fail $"%A{other}"

[<Fact>]
let ``a shared route is told though an endpoint's types cannot travel`` () =
    let it = service {
        endpoint "a" { route "/b" }
        api "a" (fun (link: Version) -> link.ToString())
        api "b" echo
    }

    match problems it with
    | [ CannotTravel("a", "input", "input", _, _); SameRoute("/b", [ "a"; "b" ], _) ] -> ()
    | other -> Assert.Fail $"%A{other}"

[<Fact>]
let ``a block names an endpoint that is there`` () =
    let line = int __LINE__ + 3

    let it = service {
        endpoint "ehco" { route "/v1" }
        api "echo" echo
        api "embed" echo
    }

    Assert.Equal<Problem list>([ UnknownEndpoint("ehco", [ "echo"; "embed" ], line) ], problems it)

[<Fact>]
let ``an input of no known type is one problem, and an output's are told beside it`` () =
    let line = int __LINE__ + 3

    let it = service {
        api "id" (fun value -> value)
        api "link" (fun _ -> task { return Version "1.0" })
        api "count" (fun _ -> 1)
    }

    match problems it with
    | [ UntypedInput("id", first)
        UntypedInput("link", second)
        CannotTravel("link", "output", "output", _, _)
        UntypedInput("count", third) ] -> Assert.Equal<int list>([ line; line + 1; line + 2 ], [ first; second; third ])
    | other -> Assert.Fail $"%A{other}"

[<Fact>]
let ``types that cannot travel are told with their paths`` () =
    let line = int __LINE__ + 2

    let it = service { api "link" (fun (links: {| First: Version; Second: Lazy<int> |}) -> [ links.First ]) }

    let told =
        problems it
        |> List.map (fun problem ->
            match problem with
            | CannotTravel(endpoint, direction, path, _, line) -> endpoint, direction, path, line
            | other -> failwith $"%A{other}")

    Assert.Equal<(string * string * string * int) list>(
        [
            "link", "input", "input.first", line
            "link", "input", "input.second", line
            "link", "output", "output[]", line
        ],
        told
    )

[<Fact>]
let ``there is an endpoint`` () =
    let line = int __LINE__ + 2

    let it = service { workers 1 }

    Assert.Equal<Problem list>([ NoEndpoint line ], problems it)

[<Fact>]
let ``null in place of text is a problem and no exception`` () =
    let nothing = Unchecked.defaultof<string>

    let it = service {
        resources {
            cpu nothing
            memory nothing
            gpu nothing
        }

        endpoint "echo" { route nothing }
        name nothing
        api nothing echo
        api "echo" echo
    }

    let told =
        problems it
        |> List.map (fun problem ->
            match problem with
            | BadValue(setting, _, _, _) -> setting
            | BadName(what, _, _) -> what
            | other -> failwith $"%A{other}")

    Assert.Equal<string list>([ "cpu"; "memory"; "gpu"; "route"; "service"; "endpoint" ], told)

// -- batches -----------------------------------------------------------------------------------------

let private lengths (rows: string[]) = rows |> Array.map String.length

[<Fact>]
let ``a batch has one row or more, waits for no less than nothing, and one or more run at once`` () =
    Assert.Equal<(string * string) list>(
        [ "maxBatch", "0"; "maxDelay", "(-00:00:00.0010000)"; "inFlight", "-1" ],
        badValues (
            service {
                endpoint "lengths" {
                    maxBatch 0
                    maxDelay (milliseconds -1)
                    inFlight -1
                }

                api "lengths" (batched lengths)
            }
        )
    )

[<Fact>]
let ``settings of batches are for batched endpoints`` () =
    let it = service {
        endpoint "echo" {
            maxBatch 8
            maxDelay (milliseconds 5)
            inFlight 2
            retry false
        }

        api "echo" echo
        api "lengths" (batched lengths)
    }

    Assert.Equal<(string * string) list>(
        [
            "maxBatch", "8"
            "maxDelay", "(00:00:00.0050000)"
            "inFlight", "2"
            "retry", "false"
        ],
        badValues it
    )

    Assert.Contains("whose handler is `batched`", problems it |> List.head |> Problem.describe)

[<Fact>]
let ``an endpoint is warmed with what it takes, as often as one likes`` () =
    Assert.Empty(
        problems (
            service {
                endpoint "echo" {
                    warmup "a"
                    warmup "b"
                }

                endpoint "lengths" { warmup "c" }
                api "echo" echo
                api "lengths" (batched lengths)
            }
        )
    )

    let it = service {
        endpoint "echo" { warmup 1 }
        api "echo" echo
    }

    Assert.Equal<string list>(
        [ "`warmup (int)`: wanted what \"echo\" takes, string" ],
        problems it |> List.map Problem.describe
    )

[<Fact>]
let ``only what answers at once is warmed`` () =
    let it = service {
        endpoint "words" { warmup "a b" }
        stream "words" (fun (text: string) -> Items.produce (fun emit _ -> emit text))
    }

    Assert.Equal<string list>(
        [ "`warmup (string)`: wanted an `api`, which \"words\" is not" ],
        problems it |> List.map Problem.describe
    )
