/// The block as people write it: what compiles, and what the compiler says of the usual mistakes.
module Bento.Tests.SurfaceTests

open Xunit

[<Fact>]
let ``every shape of handler, hook and setting compiles`` () =
    Assert.Empty(
        Compiler.errors
            """
let full =
    service {
        resources {
            cpu 2.
            memory "500MiB"
            gpu 1
            fallback Cpu
        }

        traffic {
            timeout (seconds 10)
            concurrency 32
            queue 8
            idle (minutes 1)
            heartbeat (seconds 15)
            bodyLimit "1MiB"
        }

        endpoint "summarize" { route "/v1/summarize"; timeout (seconds 5); bodyLimit "1MiB" }

        endpoint "lengths" {
            maxBatch 32
            maxDelay (milliseconds 5)
            inFlight 2
            retry false
            warmup { Body = "a" }
            warmup { Body = "ab" }
        }

        name "summarization"
        description "Makes a long text short."
        version "1.2.0"
        labels [ "team", "search" ]
        workers 1
        threads 2
        model "iris:latest"
        naming Snake
        strict
        codec (Codec.ofStrings (fun json -> Ok { Body = json }) (fun text -> text.Body))
        onDeployment (fun () -> task { printfn "fetching weights" })
        onDeployment (fun () -> printfn "fetching more")
        init load
        onStartup (fun model -> task { do! model.Summarize "warm" :> Task })
        onStartup (fun model -> ignore (model.Summarize "warm"))
        onShutdown (fun model -> task { model.ToString() |> ignore })
        onShutdown (fun model -> model.ToString() |> ignore)
        onDeployment (fun () -> Task.CompletedTask)
        onStartup warm
        onShutdown (fun model -> warm model)
        onReady (fun model -> not (isNull (box model)))
        onReady (fun model -> task { return true })
        onAlive (fun model -> true)
        onAlive (fun model -> Task.FromResult true)
        api "summarize" summarize
        api "sync" sync
        api "length" length
        api "asyn" asyn
        api "ping" ping
        api "nothing" (fun () -> task { return 1 })
        api "nothing-sync" (fun () -> 1)
        api "nothing-out" (fun (t: Text) -> task { () })
        api "lambda" (fun (t: Text) -> { Short = t.Body })
        api "lambda-task" (fun (t: Text) -> task { return { Short = t.Body } })
        api "lambda-context" (fun context (t: Text) -> task { let! s = context.State.Summarize t.Body in return { Short = s } })
        api "lambda-context-sync" (fun context (t: Text) -> { Short = context.RequestId + t.Body })
        api "lengths" (batched (fun (rows: Text[]) -> rows |> Array.map length))
        api "lengths-task" (batched (fun (rows: Text[]) -> task { return rows |> Array.map length }))
        api "lengths-context" (batched lengths)
        api "lengths-lambda" (batched (fun (batch: BatchContext<Model>) (rows: Text[]) -> task { return rows |> Array.map length }))
        api "lengths-results" (batched (fun (rows: Text[]) -> rows |> Array.map (fun row -> if row.Body = "" then Error "empty" else Ok row.Body.Length)))
        api "lengths-failures" (batched (fun (rows: Text[]) -> rows |> Array.map (fun row -> if row.Body = "" then Error(BentoException(403, "empty")) else Ok 1)))
        api "lengths-keyed" (batched (fun (rows: Text[]) -> rows |> Array.map length) |> Batched.by length)
        api "lengths-rows" (batchedRows (fun (rows: Text[]) -> rows |> Array.map length))
        api "lengths-rows-task" (batchedRows lengthsLater)
        api "lengths-rows-context" (batchedRows lengths)
        api "lengths-rows-results" (batchedRows (fun (rows: Text[]) -> rows |> Array.map (fun row -> if row.Body = "" then Error "empty" else Ok 1)))
        api "lengths-rows-keyed" (batchedRows lengths |> Batched.byRow length)
        stream "generate" generate
        stream "generate-plain" generatePlain
        stream "generate-lambda" (fun context (t: Text) -> context.State.Tokens t.Body)
        socket "chat" chat
        socket "chat-plain" chatPlain
        socket "chat-lambda" (fun context (turns: IAsyncEnumerable<Text>) -> context.State.Tokens(string turns))
        socket "chat-lambda-plain" (fun (turns: IAsyncEnumerable<Text>) -> chatPlain turns)
        job "train" (fun context (rows: int list) -> task { return rows.Length })
        job "train-plain" (fun (rows: int list) -> task { return rows.Length })
        endpoints [ for n in 1..3 -> Endpoint.api $"copy-{n}" (Asynchronous summarize) ]
    }
let typed: Definition<Model> = full
let minimal = service { api "summarize" sync }
let literal = service { resources { cpu 1 }; api "summarize" asyn }
let quantities = service { resources { cpu "200m"; memory "4Gi"; gpu "1" }; api "summarize" asyn }
let synchronousInit = service { init loadNow; api "summarize" summarize }
let lambdaInit = service { init (fun setup -> setup.Worker.Index + 1); api "add" (fun context (n: int) -> context.State + n) }
let lambdaTaskInit = service { init (fun _ -> task { return 1 }); api "add" (fun context (n: int) -> context.State + n) }
let batchesLast = service { api "lengths" (batched (fun (rows: Text[]) -> rows |> Array.map length)); endpoint "lengths" { maxBatch 8 } }
let blocksLast = service { init load; api "summarize" summarize; resources { cpu 1 } ; traffic { concurrency 2 } }
let withDependency =
    service {
        depends summarizer
        init (fun setup -> task { return setup.Clients.Summarize })
        api "report" (fun context (t: Text) -> context.State t)
    }
let withTwo =
    service {
        depends summarizer summarizer
        init (fun setup -> task { let a, b = setup.Clients in return {| A = a.Summarize; B = b.Summarize |} })
        api "report" (fun context (t: Text) -> context.State.A t)
    }
let withFour = service { depends summarizer summarizer summarizer summarizer; api "sync" sync }
let dependenciesAreTheState =
    service {
        depends (Dependency.on<Client> minimal)
        api "report" (fun context (t: Text) -> context.State.Summarize t)
    }
let all: Definition list = [ full; minimal; withFour ]
"""
    )

/// A mistake, and the first error: its line in the block, its number, and what it says.
let mistakes: TheoryData<string, int, int, string> =
    TheoryData<string, int, int, string>(
        [
            struct ("workres 1\napi \"a\" sync", 1, 39, "Maybe you want one of the following")
            struct ("resources { cpus 2. }\napi \"a\" sync", 1, 39, "cpu")
            struct ("resources { fallback Gpu }\napi \"a\" sync", 1, 39, "Gpu")
            struct ("resources { fallback \"cpu\" }\napi \"a\" sync", 1, 1, "Fallback")
            struct ("resources { cpu true }\napi \"a\" sync", 1, 41, "string")
            struct ("api \"a\"", 1, 9011, "`api` takes a name and a handler, as in: api \"summarize\" summarize")
            struct ("api sync", 1, 9011, "`api` takes a name and a handler")
            struct ("api \"a\" generatePlain", 1, 9005, "write `stream` in place of `api`")
            struct ("init load\napi \"a\" generate", 2, 9005, "write `stream` in place of `api`")
            struct ("api \"a\" (fun (t: Text) -> async { return 1 })", 1, 9006, "not an Async")
            struct ("api \"a\" (fun (t: Text) -> ValueTask<int>(1))", 1, 9006, "not a ValueTask")
            struct ("api \"a\" (fun (a: int) (b: int) -> Task.FromResult 1)", 1, 1, "Context<unit>")
            struct ("api \"a\" 42", 1, 9011, "`api` takes a name and a handler")
            struct ("init (fun _ -> task { return 1 })\napi \"a\" summarize",
                    2,
                    9007,
                    "where 'State is what `init` makes")
            struct ("api \"a\" summarize", 1, 9007, "This handler does not fit")
            struct ("api \"a\" (batched length)", 1, 41, "'In array -> 'Out array")
            struct ("api \"a\" (batched lengths)", 1, 9007, "or `batched` and a function of 'In[]")
            struct ("init load\ninit load\napi \"a\" summarize", 2, 9003, "`init` is written once")
            struct ("init load\ninit loadNow\napi \"a\" summarize", 2, 9003, "`init` is written once")
            struct ("api \"a\" sync\ninit load", 2, 9004, "`init` comes before the first `api`")
            struct ("init load\ndepends summarizer\napi \"a\" sync", 2, 9008, "`depends` is written once, before `init`")
            struct ("depends summarizer\ninit load\napi \"a\" sync",
                    2,
                    9013,
                    "where 'Clients are the clients of `depends`")
            struct ("workers 1\nresources { cpu 1. }\napi \"a\" sync", 1, 9001, "before the first operation")
            struct ("init load\nendpoint \"a\" { route \"/b\" }\napi \"a\" summarize", 1, 9001, "or after the last")
            struct ("resources { cpu 1. }", 0, 9002, "at least one `api`, `stream`, `job` or `socket`")
            struct ("if true then api \"a\" sync", 1, 193, "Draft<Declaring,unit>")
            struct ("for n in [ \"a\" ] do api n sync", 1, 9010, "A service holds no loop")
            struct ("let n = \"a\"\napi n sync", 1, 9009, "Write `let`, and anything else, before it")
            struct ("match 1 with\n| 1 -> api \"a\" sync\n| _ -> ()", 2, 3086, "custom operation")
            struct ("api \"a\" (fun (t: Text) -> name + t.Body)", 1, 3095, "'name' is not used correctly")
            struct ("init load\napi \"a\" (fun context (t: Text) -> context.State.Summarise t.Body)", 2, 39, "Summarize")
            struct ("init (Model())\napi \"a\" summarize", 1, 9013, "`init` takes a function from Setup<'Clients>")
            struct ("init (fun () -> Model())\napi \"a\" summarize", 1, 1, "Setup<unit>")
            struct ("init (fun _ -> async { return Model() })\napi \"a\" summarize", 1, 9006, "not an Async")
            struct ("init (fun (_: Setup<unit>) -> ValueTask<Model>(Model()))\napi \"a\" summarize",
                    1,
                    9006,
                    "not a ValueTask")
            struct ("init init\napi \"a\" sync", 1, 3095, "'init' is not used correctly")
            struct ("depends summarizer\ndepends summarizer\napi \"a\" sync", 2, 9008, "`depends` is written once")
            struct ("depends summarizer summarizer summarizer summarizer summarizer\napi \"a\" sync",
                    1,
                    9008,
                    "up to four services")
            struct ("depends \"summarizer\"\napi \"a\" sync", 1, 9012, "depends (Dependency.on<Client> other)")
            struct ("onDeployment (printfn \"x\")\napi \"a\" sync", 1, 9014, "onDeployment (fun () -> task")
            struct ("onDeployment (task { return () })\napi \"a\" sync", 1, 9014, "`onDeployment` takes a function")
            struct ("init load\nonStartup (load)\napi \"a\" summarize",
                    2,
                    9014,
                    "`onStartup` takes a function of what `init` makes")
            struct ("init load\nonStartup (fun (n: int) -> ())\napi \"a\" summarize", 2, 1, "Model")
            struct ("init load\nonShutdown (fun model -> model.Summarize \"x\")\napi \"a\" summarize",
                    2,
                    9014,
                    "`onShutdown` takes a function of what `init` makes")
            struct ("init load\nonReady (fun model -> model.Summarize \"x\")\napi \"a\" summarize",
                    2,
                    9014,
                    "`onReady` takes a function of what `init` makes, 'State -> bool")
            struct ("init load\nonAlive true\napi \"a\" summarize", 2, 9014, "`onAlive` takes a function")
            struct ("onReady (fun () -> true)\ninit load\napi \"a\" summarize", 2, 9004, "hook of a worker")
            struct ("api sync \"a\"", 1, 9011, "`api` takes a name and a handler")
            struct ("stream generatePlain \"a\"", 1, 9011, "stream \"generate\" generate")
            struct ("job asyn \"a\"", 1, 9011, "job \"train\" train")
            struct ("stream \"a\"", 1, 9011, "`stream` takes a name and a handler")
            struct ("job \"a\"", 1, 9011, "`job` takes a name and a handler")
            struct ("api (\"a\", sync)", 1, 9011, "`api` takes a name and a handler")
            struct ("api \"a\" (fun (t: Text) -> Task.CompletedTask)", 1, 9006, "not a Task without a result")
            struct ("stream \"a\" sync", 1, 9007, "`Items.produce` makes such a sequence")
            struct ("stream \"a\" asyn", 1, 9007, "A stream's is")
            struct ("stream \"a\" generate", 1, 9007, "where 'State is what `init` makes")
            struct ("init load\nstream \"a\" summarize", 2, 9007, "A stream's is")
            struct ("init load\nsocket \"a\" generate", 2, 9007, "A socket's is")
            struct ("socket \"a\" sync", 1, 9007, "A socket's is")
            struct ("socket \"a\" chat", 1, 9007, "where 'State is what `init` makes")
            struct ("socket \"a\" (fun (turns: IAsyncEnumerable<Text>) -> task { return 1 })", 1, 9007, "A socket's is")
            struct ("socket \"a\"", 1, 9011, "`socket` takes a name and a handler, as in: socket \"chat\" chat")
            struct ("socket chatPlain \"a\"", 1, 9011, "`socket` takes a name and a handler")
            struct ("api \"a\" chatPlain", 1, 9005, "write `stream` in place of `api`")
            struct ("job \"a\" sync", 1, 9007, "A job's is")
            struct ("job \"a\" summarize", 1, 9007, "A job's is")
            struct ("job \"a\" generatePlain", 1, 9007, "A job's is")
            struct ("job \"a\" (fun (t: Text) -> async { return 1 })", 1, 9007, "A job's is")
            struct ("labels [ \"team\" ]\napi \"a\" sync", 1, 1, "string * string")
            struct ("labels [ \"team\", 1 ]\napi \"a\" sync", 1, 1, "string")
            struct ("workers \"2\"\napi \"a\" sync", 1, 1, "int")
            struct ("naming \"snake\"\napi \"a\" sync", 1, 1, "Naming")
            struct ("strict true\napi \"a\" sync", 1, 1, "int")
            struct ("codec (Error, id)\napi \"a\" sync", 1, 1, "Codec")
            struct ("traffic { timeout 10 }\napi \"a\" sync", 1, 1, "TimeSpan")
            struct ("endpoint \"a\" { timeout 5 }\napi \"a\" sync", 1, 1, "TimeSpan")
            struct ("endpoint \"a\" { cpu 1 }\napi \"a\" sync", 1, 39, "'cpu' is not defined")
            struct ("endpoint \"a\" { workers 1 }\napi \"a\" sync", 1, 3095, "'workers' is not used correctly")
            struct ("endpoint \"a\"\napi \"a\" sync", 1, 9009, "A service holds operations and blocks only")
            struct ("\"hello\"\napi \"a\" sync", 1, 9009, "A service holds operations and blocks only")
            struct ("endpoints [ sync ]", 1, 1, "Endpoint<unit>")
            struct ("workers 1\nlet n = \"a\"\napi n sync", 1, 9001, "write `let` before the service")
            struct ("workers 1\nlet n = \"a\"\napi n sync", 2, 9009, "Write `let`, and anything else, before it")
            struct ("let! model = asyn\napi \"a\" sync", 1, 9009, "Write `let`, and anything else, before it")
            struct ("do! Task.CompletedTask\napi \"a\" sync", 2, 9009, "Write `let`, and anything else, before it")
            struct ("api \"a\" sync\nreturn ()", 2, 9009, "A service holds operations and blocks only")
            struct ("if true then api \"a\" sync else api \"b\" sync", 1, 3086, "custom operation")
            struct ("api \"a\" (fun (context: Context) (t: Text) -> t)", 1, 1, "Context<unit>")
        ]
    )

[<Theory; MemberData(nameof mistakes)>]
let ``a mistake gets an error that names the way out`` (body: string, line: int, code: int, text: string) =
    let indented =
        body.Split '\n' |> Array.map (fun line -> "    " + line) |> String.concat "\n"

    let messages = Compiler.errors ("let it =\n  service {\n" + indented + "\n  }\n")

    let found =
        messages
        |> List.exists (fun message -> message.Line - 2 = line && message.Code = code && message.Text.Contains text)

    Assert.True(found, $"%A{messages}")
