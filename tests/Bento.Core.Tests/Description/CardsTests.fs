/// What reaches the card of a service, by value.
module Bento.Tests.CardsTests

open System
open System.Collections.Generic
open System.Threading.Tasks
open Xunit
open Bento

type Text = { Body: string }

let private length (text: Text) = text.Body.Length

let private words (text: Text) : IAsyncEnumerable<string> =
    Items.produce (fun emit _ -> emit text.Body)

let private train (rows: int list) : Task<int> = Task.FromResult rows.Length

let full = service {
    resources {
        cpu 1.5
        memory "500MiB"
        gpu 2
        fallback Cpu
    }

    traffic {
        concurrency 32
        queue 8
        timeout (seconds 10)
        idle (minutes 1)
        heartbeat (seconds 5)
        bodyLimit "1MiB"
    }

    endpoint "length" {
        route "/v1/length"
        timeout (milliseconds 250)
        bodyLimit "2KiB"
    }

    name "summarization"
    description "Makes a long text short."
    version "1.2.0"
    labels [ "team", "search" ]
    labels [ "tier", "gold" ]
    workers 3
    threads 2
    model "iris:latest"
    model "use-lite:1"
    depends (Dependency.named<string -> string> "tokenizer") (Dependency.named<string -> int> "counter")
    api "length" length
    api "lengthAsync" (fun (text: Text) -> task { return length text })
    stream "words" words
    job "train" train
}

let minimal = service { api "length" length }

let private card definition = (Service.require definition).Card

let private travelling kind =
    match Codecs.ofType WireRules.defaults "it" kind with
    | Ok codec -> { Type = kind; Codec = codec }
    | Error faults -> failwith $"%A{faults}"

[<Fact>]
let ``every setting of the service reaches its card`` () =
    let card = card full
    Assert.Equal("summarization", card.Name)
    Assert.Equal(Some "Makes a long text short.", card.Description)
    Assert.Equal(Some "1.2.0", card.Version)
    Assert.Equal<(string * string) list>([ "team", "search"; "tier", "gold" ], card.Labels)

    Assert.Equal(
        {
            Cpu = Some(Millicores 1500L)
            Memory = Some(Bytes(500L <<< 20))
            Gpu = Some 2
            Fallback = Some Cpu
        },
        card.Resources
    )

    Assert.Equal(
        {
            Concurrency = Some 32
            Queue = Some 8
            Timeout = Some(TimeSpan.FromSeconds 10.)
            Idle = Some(TimeSpan.FromMinutes 1.)
            Heartbeat = Some(TimeSpan.FromSeconds 5.)
            BodyLimit = Some(Bytes(1L <<< 20))
        },
        card.Traffic
    )

    Assert.Equal(3, card.Workers)
    Assert.Equal(Some 2, card.Threads)
    Assert.Equal<string list>([ "iris:latest"; "use-lite:1" ], card.Models)
    Assert.Equal<string list>([ "tokenizer"; "counter" ], card.Dependencies)

[<Fact>]
let ``an endpoint's card has its kind, its types and the settings of its block`` () =
    let length = (card full).Endpoints.Head

    Assert.Equal(
        {
            Name = "length"
            Kind = EndpointKind.Api
            Synchronous = true
            Input = travelling typeof<Text>
            Output = travelling typeof<int>
            Route = "/v1/length"
            Timeout = Some(TimeSpan.FromMilliseconds 250.)
            BodyLimit = Some(Bytes 2048L)
            Batch = None
            Method = None
            Line = length.Line
        },
        length
    )

[<Fact>]
let ``endpoints keep their order, their kinds and whether they hold a thread`` () =
    Assert.Equal<(string * EndpointKind * bool * string) list>(
        [
            "length", EndpointKind.Api, true, "/v1/length"
            "lengthAsync", EndpointKind.Api, false, "/lengthAsync"
            "words", EndpointKind.Stream, false, "/words"
            "train", EndpointKind.Job, false, "/train"
        ],
        (card full).Endpoints
        |> List.map (fun endpoint -> endpoint.Name, endpoint.Kind, endpoint.Synchronous, endpoint.Route)
    )

[<Fact>]
let ``a stream's and a job's output is one item and the result`` () =
    let output name =
        (card full).Endpoints
        |> List.find (fun endpoint -> endpoint.Name = name)
        |> _.Output

    Assert.Equal(travelling typeof<string>, output "words")
    Assert.Equal(travelling typeof<int>, output "train")

[<Fact>]
let ``where nothing is said, defaults hold or nothing is there`` () =
    let card = card minimal

    Assert.Equal(
        {
            Name = "minimal"
            Description = None
            Version = None
            Labels = []
            Resources = {
                Cpu = None
                Memory = None
                Gpu = None
                Fallback = None
            }
            Traffic = {
                Concurrency = None
                Queue = None
                Timeout = None
                Idle = None
                Heartbeat = None
                BodyLimit = None
            }
            Workers = 1
            Threads = None
            Dependencies = []
            Models = []
            Endpoints = card.Endpoints
        },
        card
    )

    Assert.Equal("/length", card.Endpoints.Head.Route)
    Assert.Equal(None, card.Endpoints.Head.Timeout)

[<Fact>]
let ``numbers and text give the same quantities`` () =
    let read definition = (card definition).Resources

    Assert.Equal(
        read (
            service {
                resources {
                    cpu 2
                    gpu 1
                }

                name "it"
                api "length" length
            }
        ),
        read (
            service {
                resources {
                    cpu "2000m"
                    gpu "1"
                }

                name "it"
                api "length" length
            }
        )
    )

    Assert.Equal(
        read (
            service {
                resources { cpu 0.25 }
                name "it"
                api "length" length
            }
        ),
        read (
            service {
                resources { cpu "250m" }
                name "it"
                api "length" length
            }
        )
    )

[<Fact>]
let ``endpoints made in a list are as those written one by one`` () =
    let add (context: Context<int>) (number: int) = context.State + number

    let count (context: Context<int>) (number: int) =
        Items.produce (fun emit _ -> emit (add context number))

    let sum (context: Context<int>) (number: int) = Task.FromResult(add context number)

    let it = service {
        name "it"
        init (fun _ -> 1)

        endpoints [
            for number in 1..2 do
                Endpoint.api $"add{number}" (Synchronous add)

            Endpoint.api "sum" (Asynchronous sum)
            Endpoint.stream "count" count
            Endpoint.job "later" sum
            Endpoint.socket "echo" (fun (_: Context<int>) (numbers: IAsyncEnumerable<int>) -> numbers)
        ]
    }

    Assert.Equal<(string * EndpointKind * bool) list>(
        [
            "add1", EndpointKind.Api, true
            "add2", EndpointKind.Api, true
            "sum", EndpointKind.Api, false
            "count", EndpointKind.Stream, false
            "later", EndpointKind.Job, false
            "echo", EndpointKind.Socket, false
        ],
        (card it).Endpoints
        |> List.map (fun endpoint -> endpoint.Name, endpoint.Kind, endpoint.Synchronous)
    )

[<Fact>]
let ``blocks after the operations count as those before`` () =
    let it = service {
        name "it"
        api "length" length
        resources { cpu 2 }
        endpoint "length" { route "/v2" }
    }

    Assert.Equal(Some(Millicores 2000L), (card it).Resources.Cpu)
    Assert.Equal("/v2", (card it).Endpoints.Head.Route)

[<Fact>]
let ``a batched endpoint is an api, and its card has what is said of its batches`` () =
    let it = service {
        endpoint "quick" {
            maxBatch 8
            maxDelay (milliseconds 5)
            inFlight 2
            retry false
        }

        name "it"
        api "quick" (batched (fun (rows: int[]) -> rows))
        api "usual" (batchedRows (fun (rows: int[]) -> task { return rows }))
    }

    match (card it).Endpoints with
    | [ quick; usual ] ->
        Assert.Equal(
            Some {
                MaxBatch = Some 8
                MaxDelay = Some(TimeSpan.FromMilliseconds 5.)
                InFlight = Some 2
                Retry = Some false
            },
            quick.Batch
        )

        Assert.Equal((EndpointKind.Api, true, typeof<int>), (quick.Kind, quick.Synchronous, quick.Input.Type))

        Assert.Equal(
            Some {
                MaxBatch = None
                MaxDelay = None
                InFlight = None
                Retry = None
            },
            usual.Batch
        )

        Assert.Equal((false, typeof<int[]>), (usual.Synchronous, usual.Output.Type))
    | other -> Assert.Fail $"%A{other}"
