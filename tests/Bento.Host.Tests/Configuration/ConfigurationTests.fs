/// What is said over what: precedence, and everything wrong at once.
module Bento.Hosting.Tests.ConfigurationTests

open System
open System.IO
open System.Net.Http
open System.Threading.Tasks
open FsCheck
open FsCheck.FSharp
open Xunit
open Bento
open Bento.Hosting.Tests.Configuring
open Bento.Hosting.Tests.Wire

// -- precedence --------------------------------------------------------------------------------------

/// The ways to give a timeout, the later the stronger, each with one of its own.
let private layers: (int * (string -> int -> Configuration -> Configuration)) list =
    let inFile name folder seconds configuration =
        let path = Path.Combine(folder, name)

        File.WriteAllText(
            path,
            $"services:\n  shouting:\n    traffic:\n      timeout: {seconds}s\nserver:\n  grace: {seconds}"
        )

        configuration |> Configuration.withFile path

    [
        1, inFile "bento.settings.yaml"
        2, inFile "more.yaml"
        3,
        (fun _ seconds ->
            Configuration.withVariables [
                "BENTO__SERVICES__SHOUTING__TRAFFIC__TIMEOUT", $"{seconds}s"
                "BENTO__SERVER__GRACE", $"{seconds}"
            ])
        4,
        (fun _ seconds configuration ->
            configuration
            |> Configuration.withFlag "--timeout" "services.shouting.traffic.timeout" $"{seconds}s"
            |> Configuration.withFlag "--grace" "server.grace" $"{seconds}")
    ]

[<Fact>]
let ``of all that say something the last is right, whatever the others say`` () =
    inFolder (fun folder ->
        for given in 0..15 do
            let chosen = layers |> List.filter (fun (bit, _) -> given &&& (1 <<< bit - 1) <> 0)

            let configured =
                chosen
                |> List.fold
                    (fun configuration (seconds, add) -> add folder (10 + seconds) configuration)
                    Configuration.empty
                |> apply

            // The definition says five seconds; nobody says anything of the grace but its default.
            let last fallback =
                match chosen with
                | [] -> fallback
                | _ -> seconds (10 + fst (List.last chosen))

            Assert.Equal(Some(last (seconds 5)), (cardOf shouting configured).Traffic.Timeout)
            Assert.Equal(last (seconds 30), configured.Options.Grace))

[<Fact>]
let ``what is not said stays as the definition and the options have it`` () =
    let options = {
        Serve.options with
            Port = 7
            Prefix = "/p"
    }

    let configured =
        Configuration.apply (yaml "services: { shouting: { traffic: { queue: 9 } } }") options [ shouting ]

    Assert.Equal(options, configured.Options)
    let card = cardOf shouting configured

    Assert.Equal(
        {
            (Service.require shouting).Card.Traffic with
                Queue = Some 9
        },
        card.Traffic
    )

    Assert.Equal((Service.require shouting).Card.Endpoints.Head.BodyLimit, card.Endpoints.Head.BodyLimit)

[<Fact>]
let ``each service and each endpoint has settings of its own`` () =
    let configured =
        yaml
            """
services:
  shouting:
    workers: 2
    endpoints:
      shout: { timeout: 1, bodyLimit: 3MiB }
      whisper: { timeout: 2 }
  adding-numbers: { workers: 3, threads: 4, resources: { cpu: 500m, memory: 1Gi, gpu: 1, fallback: Cpu } }
"""
        |> apply

    let first, second = cardOf shouting configured, cardOf adding configured
    Assert.Equal((2, 3), (first.Workers, second.Workers))
    Assert.Equal<TimeSpan option list>([ Some(seconds 1); Some(seconds 2) ], first.Endpoints |> List.map _.Timeout)
    Assert.Equal<Memory option list>([ Some(Bytes(3L <<< 20)); None ], first.Endpoints |> List.map _.BodyLimit)
    Assert.Equal(Some 4, second.Threads)

    Assert.Equal(
        {
            Cpu = Some(Millicores 500L)
            Memory = Some(Bytes(1L <<< 30))
            Gpu = Some 1
            Fallback = Some Fallback.Cpu
        },
        second.Resources
    )

[<Fact>]
let ``batches have settings where there are batches, and nowhere else`` () =
    let read text =
        try
            let configured =
                Configuration.apply (yaml text) Serve.options [ counting; shouting ]

            Ok (cardOf counting configured).Endpoints.Head.Batch
        with :? InvalidServiceException as refused ->
            Error [
                for _, problem in InvalidServiceException.problems refused -> Problem.describe problem
            ]

    Assert.Equal(
        Ok(
            Some {
                MaxBatch = Some 8
                MaxDelay = Some(TimeSpan.FromMilliseconds 2.)
                InFlight = Some 3
                Retry = Some false
            }
        ),
        read
            "services: { counting: { endpoints: { count: { maxBatch: 8, maxDelay: 2ms, inFlight: 3, retry: false } } } }"
    )

    Assert.Equal(
        Error [ "`services.counting.endpoints.count.maxBatch 0`: wanted one or more" ],
        read "services: { counting: { endpoints: { count: { maxBatch: 0 } } } }"
    )

    Assert.Equal(
        Error [
            "`services.shouting.endpoints.shout.retry true`: wanted an endpoint whose handler is `batched`, as in: api \"classify\" (batched classify)"
        ],
        read "services: { shouting: { endpoints: { shout: { retry: true } } } }"
    )

// -- what is wrong -----------------------------------------------------------------------------------

[<Theory>]
[<InlineData("sever: {}", "`sever` is not a key; in its place stand \"server\", \"services\"; did you mean \"server\"?")>]
[<InlineData("services: { shoutin: { workers: 1 } }",
             "`services.shoutin` is not a key; in its place stand \"shouting\", \"adding-numbers\"; did you mean \"shouting\"?")>]
[<InlineData("services: { shouting: { endpoints: { wisper: { timeout: 1 } } } }",
             "`services.shouting.endpoints.wisper` is not a key; in its place stand \"shout\", \"whisper\"; did you mean \"whisper\"?")>]
[<InlineData("services: { shouting: { traffic: { timeuot: 1 } } }",
             "`services.shouting.traffic.timeuot` is not a key; in its place stand \"concurrency\", \"queue\", \"timeout\", \"idle\", \"heartbeat\", \"bodyLimit\"; did you mean \"timeout\"?")>]
[<InlineData("server: 3000",
             "`server` takes no value but keys: host, port, prefix, page, log, grace, drainDelay, limits, tls")>]
[<InlineData("server: { port: { is: 3000 } }", "`server.port` takes a value and no keys")>]
[<InlineData("server: { port: }", "`server.port \"\"`: wanted a whole number")>]
[<InlineData("services: { shouting: { url: 'http://x' } }",
             "`services.shouting.url` is understood, but this version of Bento cannot host it yet; take it away to start")>]
let ``what no key can mean is refused with what could be meant`` (text: string, sentence: string) =
    Assert.Equal((1, sentence), problemIn text)

[<Fact>]
let ``all that is wrong in all places is told at once, each with its place`` () =
    let configuration =
        yaml "server:\n  port: no\n  hots: x\nservices:\n  shouting:\n    workers: 0\n    traffic: { timeout: soon }"
        |> Configuration.withVariables [ "BENTO__SERVER__LOG", "xml" ]
        |> Configuration.withFlag "--queue" "services.shouting.traffic.queue" "-1"

    Assert.Equal<(string * int) list>(
        [
            "--queue", 0
            Configuration.FileName, 2
            Configuration.FileName, 3
            Configuration.FileName, 6
            Configuration.FileName, 7
            "BENTO__SERVER__LOG", 0
        ],
        problems configuration |> List.map (fun (file, line, _) -> file, line)
    )

    let message = (refusal configuration).Message
    Assert.Contains("\n  bento.settings.yaml(6): `services.shouting.workers 0`: wanted one or more", message)
    Assert.Contains("\n  --queue: `services.shouting.traffic.queue -1`: wanted zero or more", message)

[<Fact>]
let ``a wrong value is told of even where a later one is right`` () =
    let configuration =
        yaml "server: { port: no }" |> Configuration.withFlag "--port" "server.port" "1"

    Assert.Equal(1, (problems configuration).Length)

[<Fact>]
let ``settings that are wrong beside each other are told where they are given`` () =
    Assert.Equal(
        (3,
         "`services.shouting.resources.fallback cpu`: wanted `gpu` beside it, as in: resources { gpu 1; fallback Cpu }"),
        problemIn "services:\n  shouting:\n    resources: { fallback: cpu }"
    )

[<Fact>]
let ``a service with problems of its own does not hide those of the others, and is not judged`` () =
    let broken: Definition = service {
        name "broken"
        workers 0
        api "add" (fun (number: int) -> number + 1)
    }

    let apply text =
        Configuration.apply (yaml text) Serve.options [ broken; shouting ]

    let configured =
        apply "services: { broken: { anything: 1 }, shouting: { workers: 2 } }"

    Assert.Same(broken, configured.Definitions.Head)
    Assert.Equal(2, (cardOf shouting configured).Workers)

    Assert.Throws<InvalidServiceException>(fun () -> apply "services: { brokn: { workers: 1 } }" |> ignore)
    |> ignore

// -- secrets -----------------------------------------------------------------------------------------

[<Theory>]
[<InlineData "server: { tls: { keyPassword: hunter2, certificate: [x] } }">]
[<InlineData "server: { tls: { keyPassword: hunter2 } }">]
[<InlineData "server: { tls: { key: hunter2 } }">]
[<InlineData "server: { tls: { key: hunter2 }, port: x }">]
[<InlineData "server: { tls: { keyPasswordFile: hunter2 } }">]
[<InlineData "server: { tls: { keyPassword: { hunter2: x } } }">]
[<InlineData "server: { tls: { keyPasword: hunter2 } }">]
[<InlineData "server: { apiToken: hunter2 }">]
let ``a secret is in no message, right or wrong, in its place or not`` (text: string) =
    let message = (refusal (yaml text)).Message
    Assert.DoesNotContain("hunter2", message.Replace("keyPassword.hunter2", ""))

[<Fact>]
let ``a secret shows itself nowhere`` () =
    let secret = Secret.Of "hunter2"
    Assert.Equal("(secret)", string secret)
    Assert.DoesNotContain("hunter2", $"%A{secret}")

    let options = {
        Serve.options with
            Tls =
                Some {
                    Certificate = "c"
                    Key = None
                    KeyPassword = Some secret
                }
    }

    Assert.DoesNotContain("hunter2", $"%A{options}")

[<Fact>]
let ``what a configuration says is not shown before it is applied`` () =
    let configuration =
        Configuration.empty
        |> Configuration.withVariables [ "BENTO__SERVER__TLS__KEY_PASSWORD", "hunter2" ]

    for shown in [ string configuration; $"%A{configuration}"; $"%+A{configuration}" ] do
        Assert.Equal("(configuration of 1 values)", shown)

// -- a law -------------------------------------------------------------------------------------------

/// Keys with values that are right for them.
let private good: Gen<(string * string) list> =
    let number low high =
        Gen.choose (low, high) |> Gen.map string

    let span = Gen.elements [ "1s"; "2.5s"; "750ms"; "3"; "2m"; "1h"; "1001ms" ]
    let size = Gen.elements [ "1"; "4096"; "64KiB"; "1MiB"; "1000k"; "0.5MB" ]
    let longSpan = Gen.elements [ "2s"; "2500ms"; "3"; "2m"; "1h" ]

    [
        "server.host", Gen.elements [ "127.0.0.1"; "::"; "localhost" ]
        "server.port", number 0 65535
        "server.prefix", Gen.elements [ ""; "/v1"; "/a/b.c" ]
        "server.page", Gen.elements [ "true"; "False" ]
        "server.log", Gen.elements [ "text"; "JSON" ]
        "server.grace", span
        "server.drainDelay", span
        "server.limits.connections", number 1 10_000
        "server.limits.requestLine", size
        "server.limits.headersSize", size
        "server.limits.headerCount", number 1 1_000
        "server.limits.headersTimeout", longSpan
        "server.limits.keepAliveTimeout", longSpan
        "server.limits.bodyRate", size
        "server.limits.bodyRateGrace", longSpan
        "server.limits.streams", number 1 1_000
        "services.shouting.workers", number 1 9
        "services.shouting.threads", number 1 9
        "services.shouting.resources.cpu", Gen.elements [ "2"; "0.5"; "250m" ]
        "services.shouting.resources.memory", size
        "services.shouting.resources.gpu", number 0 9
        "services.shouting.traffic.concurrency", number 1 9_999
        "services.shouting.traffic.queue", number 0 9_999
        "services.shouting.traffic.timeout", span
        "services.shouting.traffic.idle", span
        "services.shouting.traffic.heartbeat", span
        "services.adding-numbers.traffic.bodyLimit", size
        "services.shouting.endpoints.shout.timeout", span
        "services.shouting.endpoints.whisper.bodyLimit", size
    ]
    |> List.map (fun (key, values) ->
        Gen.oneof [ Gen.constant None; values |> Gen.map (fun value -> Some(key, value)) ])
    |> Gen.sequenceToList
    |> Gen.map (List.choose id)

let private flags given =
    given
    |> List.fold
        (fun configuration (key, value) -> Configuration.withFlag "--x" key value configuration)
        Configuration.empty

[<Fact>]
let ``the merged truth, said again, is the same truth`` () =
    let isKept given =
        let first = apply (flags given)

        let second =
            first.Values
            |> List.choose (fun value -> value.Value |> Option.map (fun text -> value.Key, text))
            |> flags
            |> apply

        let truth (configured: Configured) =
            configured.Values |> List.map (fun value -> value.Key, value.Value)

        truth first = truth second && first.Options = second.Options

    Check.One(Config.QuickThrowOnFailure.WithQuietOnSuccess true, Prop.forAll (Arb.fromGen good) isKept)

// -- on the air --------------------------------------------------------------------------------------

[<Fact>]
let ``a server is as its configuration says, in every route and in its limits`` () : Task = task {
    let configuration =
        yaml "server: { prefix: /v1, port: 0 }\nservices: { shouting: { endpoints: { whisper: { bodyLimit: 8 } } } }"

    use! server = Serve.startWith configuration Serve.options shouting
    use client = new HttpClient(BaseAddress = Uri server.Address)
    let! answer = post client "/v1/shout" "text/plain" "quiet, please"B
    Assert.Equal("QUIET, PLEASE", answer.Body)
    let! answer = post client "/v1/whisper" "text/plain" "QUIET, PLEASE"B
    problem 413 answer |> ignore
    let! live = get client "/v1/livez"
    Assert.Equal(200, live.Status)

    for path in [ "/shout"; "/livez"; "/readyz"; "/healthz" ] do
        let! outside = get client path
        Assert.Equal($"There is nothing at {path}.", problem 404 outside)
}

[<Fact>]
let ``nothing starts where the configuration cannot be`` () : Task = task {
    let untouched = service {
        name "untouched"
        onDeployment (fun () -> Assert.Fail "It was deployed.")
        api "add" (fun (number: int) -> number + 1)
    }

    let! refused =
        Assert.ThrowsAsync<InvalidServiceException>(fun () ->
            Serve.startWith (yaml "server: { prot: 1 }") Serve.options untouched :> Task)

    Assert.Contains("did you mean \"port\"?", refused.Message)
}
