/// Services that run together: their order, and every reason why there is none.
module Bento.Tests.PlanTests

open System.IO
open Xunit
open FsCheck.FSharp
open Bento

type Client = { Echo: string -> string }

let private echo (text: string) = text

let private names plan =
    match plan with
    | Ok plan -> plan.Services |> List.map _.Card.Name
    | Error problems -> failwith $"%A{problems}"

let private problems plan =
    match plan with
    | Ok plan -> failwith $"There is a plan: %A{plan.Services |> List.map _.Card.Name}"
    | Error problems -> problems

let leaf = service { api "echo" echo }

let left = service {
    depends (Dependency.on<Client> leaf)
    api "echo" echo
}

let right = service {
    depends (Dependency.on<Client> leaf)
    api "echo" echo
}

let top = service {
    depends (Dependency.on<Client> left) (Dependency.on<Client> right)
    api "echo" echo
}

[<Fact>]
let ``no services are a plan of none`` () = Assert.Empty(names (Plan.make []))

[<Fact>]
let ``what a service depends on comes with it and before it, once`` () =
    Assert.Equal<string list>([ "leaf"; "left"; "right"; "top" ], names (Plan.make [ top ]))

[<Fact>]
let ``the order of the list does not matter to that`` () =
    Assert.Equal<string list>([ "leaf"; "left"; "right"; "top" ], names (Plan.make [ top; right; leaf; top; left ]))

[<Fact>]
let ``services that do not know each other keep the order of the list`` () =
    let first = service {
        name "first"
        api "echo" echo
    }

    Assert.Equal<string list>([ "first"; "leaf" ], names (Plan.make [ first; leaf ]))

[<Fact>]
let ``a dependency by name is found in the list`` () =
    let caller = service {
        name "caller"
        depends (Dependency.named<Client> "leaf")
        api "echo" echo
    }

    Assert.Equal<string list>([ "leaf"; "caller" ], names (Plan.make [ caller; leaf ]))

[<Fact>]
let ``a name that nobody has is told with those that are there`` () =
    let line = int __LINE__ + 4

    let caller = service {
        name "caller"
        depends (Dependency.named<Client> "leav")
        api "echo" echo
    }

    match problems (Plan.make [ caller; leaf ]) with
    | [ file, UnknownService("leav", [ "caller"; "leaf" ], at) ] ->
        Assert.Equal("PlanTests.fs", Path.GetFileName file)
        Assert.Equal(line, at)
    | other -> Assert.Fail $"%A{other}"

let private ring count =
    let circle number : Definition = service {
        name $"s{number}"
        depends (Dependency.named<Client> $"s{(number + 1) % count}")
        api "echo" echo
    }

    List.init count circle

[<Theory>]
[<InlineData 1>]
[<InlineData 2>]
[<InlineData 5>]
let ``a circle is told once, all the way round`` (count: int) =
    match problems (Plan.make (ring count)) with
    | [ _, Cycle(services, _) ] -> Assert.Equal<string list>([ for n in 0..count -> $"s{n % count}" ], services)
    | other -> Assert.Fail $"%A{other}"

[<Fact>]
let ``what leads to a circle is not part of it`` () =
    let outside = service {
        name "outside"
        depends (Dependency.named<Client> "s1")
        api "echo" echo
    }

    match problems (Plan.make (outside :: ring 2)) with
    | [ _, Cycle(services, _) ] -> Assert.Equal<string list>([ "s1"; "s0"; "s1" ], services)
    | other -> Assert.Fail $"%A{other}"

[<Fact>]
let ``one name for two services is a problem on the later one's line`` () =
    let line = int __LINE__ + 8

    let first = service {
        name "same"
        api "echo" echo
    }

    let second = service {
        name "same"
        api "echo" echo
    }

    match problems (Plan.make [ first; second ]) with
    | [ file, SameService("same", [ one; other ], at) ] ->
        Assert.Equal<string list>([ file; file ], [ one; other ])
        Assert.Equal(line, at)
    | other -> Assert.Fail $"%A{other}"

module Elsewhere =

    let line = int __LINE__ + 2

    let leaf = service { api "echo" echo }

[<Fact>]
let ``a service that is named after its binding is told on its first known line`` () =
    match problems (Plan.make [ leaf; Elsewhere.leaf ]) with
    | [ _, SameService("leaf", _, line) ] -> Assert.Equal(Elsewhere.line, line)
    | other -> Assert.Fail $"%A{other}"

[<Fact>]
let ``the problems of several services are one report, each with its file`` () =
    let one: Definition = service {
        name "one"
        workers 0
        api "echo" echo
    }

    let elsewhere: Definition = {
        new Definition with
            member _.Name = "two"
            // Before any folder that these tests may lie in.
            member _.File = "!elsewhere/Two.fs"
            member _.Checked = Error [ NoEndpoint 9; Repeated("workers", [ 3; 4 ]) ]
    }

    let caller: Definition = service {
        name "caller"
        depends (Dependency.named<Client> "three")
        api "echo" echo
    }

    match problems (Plan.make [ one; caller; elsewhere ]) with
    | [ "!elsewhere/Two.fs", Repeated("workers", [ 3; 4 ])
        "!elsewhere/Two.fs", NoEndpoint 9
        here, BadValue("workers", "0", _, _)
        there, UnknownService("three", [ "one"; "caller"; "two" ], _) ] ->
        Assert.Equal<string list>([ one.File; caller.File ], [ here; there ])
    | other -> Assert.Fail $"%A{other}"

/// A definition that depends on others by number, as no block could be written for any graph.
let private numbered (dependencies: int list) (number: int) : Definition =
    let hosted = {
        new Hosted with
            member _.Card = {
                (Service.require leaf).Card with
                    Name = $"s{number}"
            }

            member _.Settings = []

            member _.Requirements = [
                for dependency in dependencies ->
                    {
                        Service = $"s{dependency}"
                        Definition = None
                        Client = typeof<Client>
                        Line = dependency
                    }
            ]

            member _.OnDeployment = []

            member _.Accept _ =
                invalidOp "Only the plan looks at this one."
    }

    {
        new Definition with
            member _.Name = $"s{number}"
            member _.File = "Graph.fs"
            member _.Checked = Ok hosted
    }

/// The numbers that each number depends on.
let private graphs (mayDependOn: int -> int -> bool) =
    gen {
        let! count = Gen.choose (1, 12)
        let! edges = Gen.listOfLength (count * count) (Gen.elements [ true; false; false ])

        return [
            for from in 0 .. count - 1 ->
                [
                    for towards in 0 .. count - 1 do
                        if edges[from * count + towards] && mayDependOn from towards then
                            towards
                ]
        ]
    }
    |> Arb.fromGen

let private definitions graph =
    graph |> List.mapi (fun number dependencies -> numbered dependencies number)

/// Whether something leads back to itself, by the closure of the edges.
let private hasCircle (graph: int list list) =
    let reach =
        Array2D.init graph.Length graph.Length (fun from towards -> List.contains towards graph[from])

    for middle in 0 .. graph.Length - 1 do
        for from in 0 .. graph.Length - 1 do
            for towards in 0 .. graph.Length - 1 do
                if reach[from, middle] && reach[middle, towards] then
                    reach[from, towards] <- true

    Seq.exists (fun number -> reach[number, number]) (seq { 0 .. graph.Length - 1 })

let private inOrder graph plan =
    let order = names plan

    let place number =
        order |> List.findIndex (fun name -> name = $"s{number}")

    order.Length = List.length graph
    && graph
       |> List.indexed
       |> List.forall (fun (number, dependencies) ->
           dependencies |> List.forall (fun dependency -> place dependency < place number))

[<Fact>]
let ``a graph without a circle is put in order, each service once`` () =
    Laws.holdsFor (graphs (fun from towards -> towards < from)) (fun graph ->
        inOrder graph (Plan.make (definitions graph))
        && inOrder graph (Plan.make (List.rev (definitions graph))))

[<Fact>]
let ``a graph is refused exactly when it has a circle, and the circle is one`` () =
    Laws.holdsFor (graphs (fun _ _ -> true)) (fun graph ->
        let isCircle services =
            List.length services > 1
            && List.head services = List.last services
            && services
               |> List.map (fun (name: string) -> int (name.Substring 1))
               |> List.pairwise
               |> List.forall (fun (from, towards) -> List.contains towards graph[from])

        match Plan.make (definitions graph) with
        | Ok _ as plan -> not (hasCircle graph) && inOrder graph plan
        | Error problems ->
            hasCircle graph
            && problems
               |> List.forall (fun (_, problem) ->
                   match problem with
                   | Cycle(services, _) -> isCircle services
                   | _ -> false))

[<Fact>]
let ``two hundred services, each on all before it, are put in order`` () =
    let graph = [ for number in 0..199 -> [ 0 .. number - 1 ] ]
    Assert.True(inOrder graph (Plan.make (List.rev (definitions graph))))

[<Fact>]
let ``two hundred services, each on all others, are refused`` () =
    let graph = [ for number in 0..199 -> [ 0..199 ] |> List.except [ number ] ]
    Assert.NotEmpty(problems (Plan.make (definitions graph)))
