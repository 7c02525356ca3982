/// Definitions as a whole: their names, their lines, and that defining one never raises.
module Bento.Tests.CheckTests

open System
open System.IO
open Xunit
open Bento

let private echo (text: string) = text

let namedByBinding = service { api "echo" echo }

let namedByWord = service {
    name "echoing"
    api "echo" echo
}

let private firstLine = int __LINE__ + 2

let broken = service {
    resources {
        memory "500MB1"
        cpu 2.
        cpu 3.
    }

    endpoint "ehco" { route "v1" }

    workers 0
    api "echo" echo
    api "echo" (fun (link: Version) -> link.ToString())
    api "9lives" (fun value -> value)
}

[<Fact>]
let ``a service is named after its binding`` () =
    Assert.Equal("namedByBinding", namedByBinding.Name)
    Assert.Equal("namedByBinding", (Service.require namedByBinding).Card.Name)

[<Fact>]
let ``a name that is given wins`` () =
    Assert.Equal("echoing", namedByWord.Name)

[<Fact>]
let ``a service without its binding's name is named after the member around it`` () =
    let definitions: Definition list = [ service { api "echo" echo } ]

    match definitions.Head.Checked with
    | Error [ BadName("service", name, _) ] -> Assert.StartsWith("a service without", name)
    | other -> Assert.Fail $"%A{other}"

[<Fact>]
let ``a definition knows its file`` () =
    Assert.Equal("CheckTests.fs", Path.GetFileName broken.File)

[<Fact>]
let ``all problems of a definition are told together, by line`` () =
    let at offset = firstLine + offset

    let lines =
        match broken.Checked with
        | Ok _ -> []
        | Error problems -> problems |> List.map (fun problem -> problem, Problem.line problem - firstLine)

    match lines |> List.map fst with
    | [ BadValue("memory", "\"500MB1\"", _, _)
        Repeated("cpu", cpuLines)
        BadValue("route", "\"v1\"", _, _)
        UnknownEndpoint("ehco", [ "echo"; "echo"; "9lives" ], _)
        BadValue("workers", "0", _, _)
        SameName("echo", echoLines)
        CannotTravel("echo", "input", "input", _, _)
        BadName("endpoint", "9lives", _)
        UntypedInput("9lives", _) ] ->
        Assert.Equal<int list>([ at 3; at 4 ], cpuLines)
        Assert.Equal<int list>([ at 10; at 11 ], echoLines)
    | other -> Assert.Fail $"%A{other}"

    Assert.Equal<int list>([ 2; 4; 7; 7; 9; 11; 11; 12; 12 ], lines |> List.map snd)

[<Fact>]
let ``requiring an invalid service raises all its problems with their file`` () =
    let raised =
        Assert.Throws<InvalidServiceException>(fun () -> Service.require broken |> ignore)

    let wanted =
        match broken.Checked with
        | Ok _ -> []
        | Error problems -> problems |> List.map (fun problem -> broken.File, problem)

    Assert.Equal<(string * Problem) list>(wanted, InvalidServiceException.problems raised)
    Assert.StartsWith("The service \"broken\" cannot be used:\n  CheckTests.fs(", raised.Message)

[<Fact>]
let ``requiring a valid service gives it`` () =
    let required = Service.require namedByBinding

    match namedByBinding.Checked with
    | Ok it -> Assert.Same(it, required)
    | Error problems -> Assert.Fail $"%A{problems}"

[<Fact>]
let ``a definition of hidden state has the same name, file and problems`` () =
    let hidden: Definition = broken
    Assert.Equal(broken.Name, hidden.Name)
    Assert.Equal(broken.File, hidden.File)

    match hidden.Checked, broken.Checked with
    | Error first, Error second -> Assert.Equal<Problem list>(second, first)
    | _ -> Assert.Fail "A broken service was taken for a good one."

[<Fact>]
let ``a service is visited at its own state type`` () =
    let it: Definition = service {
        name "it"
        init (fun _ -> "state")
        api "echo" echo
    }

    let visitor = {
        new HostedVisitor<Type> with
            member _.Visit(_: Service<'State>) = typeof<'State>
    }

    match it.Checked with
    | Ok hosted -> Assert.Equal(typeof<string>, hosted.Accept visitor)
    | Error problems -> Assert.Fail $"%A{problems}"

[<Fact>]
let ``hosts see every setting with its line and its endpoint`` () =
    let line = int __LINE__ + 3

    let it: Definition = service {
        endpoint "echo" { route "/v1" }
        name "it"
        workers 2
        api "echo" echo
    }

    match it.Checked with
    | Error problems -> Assert.Fail $"%A{problems}"
    | Ok hosted ->
        Assert.Equal<(Setting * string option * int) list>(
            [
                Setting.Block "endpoint \"echo\"", Some "echo", line
                Setting.Route "/v1", Some "echo", line
                Setting.Name "it", None, line + 1
                Setting.Workers 2, None, line + 2
            ],
            hosted.Settings
            |> List.map (fun given -> given.Setting, given.Endpoint, given.Line)
        )

// -- settings from outside ---------------------------------------------------------------------------

let private configurable = service {
    traffic {
        timeout (seconds 5)
        queue 3
    }

    endpoint "echo" { bodyLimit "1MiB" }
    name "configurable"
    workers 2
    api "echo" echo
}

let private said setting = Setting.given 0 setting

[<Fact>]
let ``a further setting takes the place of the service's own, and the rest stays`` () =
    let configured =
        configurable
        |> Service.configure [
            said (Setting.Timeout(seconds 9))
            said (Setting.Threads 4)
            {
                said (Setting.BodyLimit(Written "2MiB")) with
                    Endpoint = Some "echo"
            }
        ]

    let card = (Service.require configured).Card
    Assert.Equal("configurable", card.Name)
    Assert.Equal(Some(seconds 9), card.Traffic.Timeout)
    Assert.Equal(Some 3, card.Traffic.Queue)
    Assert.Equal(None, card.Traffic.BodyLimit)
    Assert.Equal(2, card.Workers)
    Assert.Equal(Some 4, card.Threads)
    Assert.Equal(Some(Bytes(2L <<< 20)), card.Endpoints.Head.BodyLimit)
    Assert.Equal(Some(seconds 5), (Service.require configurable).Card.Traffic.Timeout)

[<Fact>]
let ``a further setting keeps the rules of the block, alone and beside the others`` () =
    Assert.Equal<Problem list>(
        [ BadValue("workers", "0", "one or more", 7) ],
        Definition.judge (Setting.given 7 (Setting.Workers 0))
    )

    Assert.Empty(Definition.judge (said (Setting.Workers 1)))

    match (configurable |> Definition.configure [ said (Setting.Fallback Cpu) ]).Checked with
    | Ok _ -> Assert.Fail "A fallback without GPUs was taken."
    | Error problems ->
        match problems with
        | [ BadValue("fallback", _, _, 0) ] -> ()
        | other -> Assert.Fail $"%A{other}"

[<Fact>]
let ``a service that is named after its binding keeps that name when it is configured`` () =
    let configured =
        (namedByBinding :> Definition)
        |> Definition.configure [ said (Setting.Workers 3) ]

    Assert.Equal("namedByBinding", configured.Name)
    Assert.Equal(namedByBinding.File, configured.File)
    Assert.Equal(3, (Definition.require configured).Card.Workers)

[<Fact>]
let ``a broken definition keeps its problems when it is configured`` () =
    let configured = broken |> Service.configure [ said (Setting.Workers 3) ]
    Assert.Same(broken, configured)
