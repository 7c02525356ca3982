/// The echo that is measured, by a Bento service and by a bare Kestrel endpoint, each in a process of its own.
module Bento.Bench.Server

open System
open System.Net
open System.Text.Json
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

let private startBento () : Task<string> = task {
    let! server = Serve.start { Serve.options with Port = 0 } echo
    return server.Address
}

let private bareEcho (http: HttpContext) : Task = task {
    let! message = http.Request.ReadFromJsonAsync<Message>()
    let body = JsonSerializer.SerializeToUtf8Bytes(message, JsonSerializerOptions.Web)
    http.Response.ContentType <- "application/json"
    http.Response.ContentLength <- body.Length
    let! _ = http.Response.BodyWriter.WriteAsync body
    ()
}

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
    app.MapPost("/echo", RequestDelegate bareEcho) |> ignore
    do! app.StartAsync()
    return Seq.head app.Urls
}

/// What this process has used: microseconds of CPU and bytes allocated.
let private used () =
    let cpu = Environment.CpuUsage.TotalTime.TotalMicroseconds
    $"%.0f{cpu} %d{GC.GetTotalAllocatedBytes true}"

/// Serves until standard input ends, so never longer than whoever started it. Each line asks for what was used so far.
let run role : Task<int> = task {
    let! address = if role = "bare" then startBare () else startBento ()
    printfn $"%s{address}"

    while not (isNull (Console.ReadLine())) do
        printfn $"%s{used ()}"

    return 0
}
