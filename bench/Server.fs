/// What is measured, each in a process of its own: Bento services, and beside the first a bare Kestrel endpoint.
module Bento.Bench.Server

open System
open System.Buffers
open System.Collections.Generic
open System.Diagnostics
open System.IO
open System.Net
open System.Text.Json
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Hosting
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.DependencyInjection
open Bento

type Message = {
    Text: string
    Count: int
    Tags: string[]
}

let request =
    """{"text":"The council voted on Monday night.","count":3,"tags":["rail","city"]}"""

let private echo = service { api "echo" (fun (message: Message) -> message) }

/// A handler that takes its time and gives way to others.
let private draining = service {
    name "draining"

    api "work" (fun (milliseconds: int) -> task {
        do! Task.Delay milliseconds
        return milliseconds
    })
}

/// Handlers that keep their threads: as many as there may be, and as many again that wait.
let private sleeping = service {
    name "sleeping"
    threads 32

    api "sleep" (fun (milliseconds: int) ->
        Thread.Sleep milliseconds
        milliseconds)
}

/// How many requests the service below has in work at once, and how many wait to be.
let places, waiting = 12, 4

/// Everything that ends a request otherwise than well, beside what does not.
let private soaking = service {
    traffic {
        concurrency places
        queue waiting
    }

    endpoint "late" { timeout (milliseconds 20) }
    name "soaking"
    api "echo" (fun (message: Message) -> message)
    api "fail" (fun (_: Message) -> raise (InvalidOperationException "It was to fail."): Message)

    api "slow" (fun (context: Context<unit>) (message: Message) -> task {
        do! Task.Delay(20, context.Cancellation)
        return message
    })

    api "late" (fun (context: Context<unit>) (message: Message) -> task {
        do! Task.Delay(10_000, context.Cancellation)
        return message
    })

    // It does not look at its token, so that its place is taken for longer than its caller waits.
    api "deaf" (fun (message: Message) -> task {
        do! Task.Delay 30
        return message
    })

    api "hold" (fun (message: Message) -> task {
        do! Task.Delay 1_000
        return message
    })
}

type Wanted = { Count: int }

[<Struct>]
type Piece = { Text: string; Index: int }

/// Pieces of which each takes a turn of the scheduler to make.
let private pieces (wanted: Wanted) : IAsyncEnumerable<Piece> = {
    new IAsyncEnumerable<Piece> with
        member _.GetAsyncEnumerator _ =
            let mutable made = -1

            let next () : Task<bool> = task {
                do! Task.Yield()
                made <- made + 1
                return made < wanted.Count
            }

            {
                new IAsyncEnumerator<Piece> with
                    member _.Current = {
                        Text = "The council voted"
                        Index = made
                    }

                    member _.MoveNextAsync() = ValueTask<bool>(next ())
                    member _.DisposeAsync() = ValueTask.CompletedTask
            }
}

let private streaming = service {
    name "streaming"
    stream "stream" pieces
}

let private bareStream (http: HttpContext) : Task = task {
    let! wanted = http.Request.ReadFromJsonAsync<Wanted>()
    http.Response.ContentType <- "application/x-ndjson"
    let body = http.Response.BodyWriter
    use writer = new Utf8JsonWriter(body)
    use items = (pieces (nonNull wanted)).GetAsyncEnumerator http.RequestAborted
    let! any = items.MoveNextAsync()
    let mutable more = any

    while more do
        JsonSerializer.Serialize(writer, items.Current, JsonSerializerOptions.Web)
        writer.Flush()
        writer.Reset()
        body.Write(ReadOnlySpan "\n"B)
        let! _ = body.FlushAsync http.RequestAborted
        let! next = items.MoveNextAsync()
        more <- next
}

/// Answers a JSON body with what a function makes of it, as an application without a framework would.
let private bareApi (answer: 'In -> 'Out) (http: HttpContext) : Task = task {
    let! input = http.Request.ReadFromJsonAsync<'In>()

    let body =
        JsonSerializer.SerializeToUtf8Bytes(answer (nonNull input), JsonSerializerOptions.Web)

    http.Response.ContentType <- "application/json"
    http.Response.ContentLength <- body.Length
    let! _ = http.Response.BodyWriter.WriteAsync body
    ()
}

/// The work of each bare endpoint but for the model's.
let private bareEndpoints: (string * RequestDelegate) list =
    let guess: Classify.Guess = {
        Language = "sql"
        Confidence = 0.5436
    }

    let answer = Array.init Batches.mlpOutput (fun place -> float32 place / 7f)

    [
        "/echo", RequestDelegate(bareApi (id<Message>))
        "/stream", RequestDelegate bareStream
        "/classify", RequestDelegate(bareApi (fun (_: Batches.Source) -> guess))
        "/run", RequestDelegate(bareApi (fun (_: float32[]) -> answer))
    ]

let private startBare () : Task<string> = task {
    let builder = WebApplication.CreateEmptyBuilder(WebApplicationOptions())

    builder.WebHost
        .UseKestrelCore()
        .ConfigureKestrel(fun kestrel ->
            kestrel.AddServerHeader <- false
            kestrel.Listen(IPAddress.Loopback, 0))
    |> ignore

    builder.Services.AddRoutingCore() |> ignore
    let app = builder.Build()
    app.UseRouting() |> ignore

    for path, answer in bareEndpoints do
        app.MapPost(path, answer) |> ignore

    do! app.StartAsync()
    return Seq.head app.Urls
}

/// What this process has used: microseconds of CPU and bytes allocated.
let private used () =
    let cpu = Environment.CpuUsage.TotalTime.TotalMicroseconds
    $"%.0f{cpu} %d{GC.GetTotalAllocatedBytes true}"

/// What this process holds when nothing is left to be collected: bytes in memory, and open files.
let private held () =
    for _ in 1..3 do
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking = true, compacting = true)
        GC.WaitForPendingFinalizers()

    use current = Process.GetCurrentProcess()
    let files = Directory.EnumerateFileSystemEntries "/proc/self/fd" |> Seq.length
    $"%d{current.WorkingSet64} %d{files}"

/// What the runtime's compiler has taken so far: microseconds.
let private compiled () =
    $"%.0f{System.Runtime.JitInfo.GetCompilationTime(false).TotalMicroseconds}"

/// Answers what the parent asks until it says no more, or until the server has ended.
let private talk (ended: Task) : Task<unit> = task {
    let talking: Task =
        Task.Run(fun () ->
            let mutable line = Console.ReadLine()

            while not (isNull line) do
                let answer =
                    match line with
                    | "held" -> held ()
                    | "compiled" -> compiled ()
                    | _ -> used ()

                printfn "%s" answer
                line <- Console.ReadLine())

    let! _ = Task.WhenAny(talking, ended)
    ()
}

let private serve definition : Task<int> = task {
    let! server = Serve.start { Serve.options with Port = 0 } definition
    printfn $"%s{server.Address}"
    do! talk server.Completion
    do! server.DisposeAsync()
    return if server.Cancelled = 0 then 0 else 1
}

/// Serves until standard input ends, so never longer than whoever started it, or until a signal.
let run role : Task<int> = task {
    match role with
    | "bare" ->
        let! address = startBare ()
        printfn $"%s{address}"
        do! talk (TaskCompletionSource()).Task
        return 0
    | "csharp" -> return! serve (Bento.CSharp.BentoService.Of<Bento.Bench.CSharp.EchoService>()).Definition
    | "drain" -> return! serve draining
    | "health" -> return! serve sleeping
    | "soak" -> return! serve soaking
    | "stream" -> return! serve streaming
    | "guesslang" -> return! serve Batches.guesslang
    | "guesslang-alone" -> return! serve Batches.guesslangAlone
    | "mlp" -> return! serve Batches.mlp
    | "mlp-alone" -> return! serve Batches.mlpAlone
    | "poison" -> return! serve Batches.poison
    | _ -> return! serve echo
}
