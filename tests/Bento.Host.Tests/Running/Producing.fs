/// Producers that can be watched, held up and made to fail, and readers who take a stream piece by piece.
module Bento.Hosting.Tests.Producing

open System
open System.Collections.Concurrent
open System.Collections.Generic
open System.IO
open System.Net
open System.Net.Http
open System.Text
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Hosting
open Microsoft.AspNetCore.Server.Kestrel.Core
open Microsoft.Extensions.DependencyInjection
open Bento
open Bento.Hosting.Tests.Holding
open Bento.Hosting.Tests.Wire

/// What has become of producers, each under a number of its own.
[<Sealed>]
type Watch(now: unit -> TimeSpan) =
    let stopped = ConcurrentDictionary<int, TimeSpan>()
    let cancelled = ConcurrentDictionary<int, unit>()
    let mutable items = 0L

    /// Without a need to know when they stopped.
    new() = Watch(fun () -> TimeSpan.Zero)

    /// Items that were asked for and made.
    member _.Items = Volatile.Read &items
    member _.Made() = Interlocked.Increment &items |> ignore

    /// When a producer's enumerator was disposed of.
    member _.Stopped = stopped

    /// Those whose token had fired by then.
    member _.Cancelled = cancelled.Count

    member _.Stop(number: int, token: CancellationToken) =
        if token.IsCancellationRequested then
            cancelled[number] <- ()

        stopped[number] <- now ()

    member this.UntilStopped(count: int) : Task<unit> =
        eventually $"the end of {count} producers" (fun () -> Task.FromResult(stopped.Count >= count))

/// A producer that makes an item each time it is asked to, by a function of how many there were.
let producer (watch: Watch) number (make: int -> CancellationToken -> ValueTask<'T voption>) : IAsyncEnumerable<'T> = {
    new IAsyncEnumerable<'T> with
        member _.GetAsyncEnumerator token =
            let mutable current = Unchecked.defaultof<'T>
            let mutable count = 0

            let next () : Task<bool> = task {
                match! make count token with
                | ValueSome item ->
                    current <- item
                    count <- count + 1
                    watch.Made()
                    return true
                | ValueNone -> return false
            }

            {
                new IAsyncEnumerator<'T> with
                    member _.Current = current
                    member _.MoveNextAsync() = ValueTask<bool>(next ())

                    member _.DisposeAsync() =
                        watch.Stop(number, token)
                        ValueTask.CompletedTask
            }
}

/// One that never has to wait for its next item.
let ready watch number (make: int -> 'T) =
    producer watch number (fun count _ -> ValueTask<'T voption>(ValueSome(make count)))

/// Asks for a stream, and gives its answer as soon as that begins.
let openWith (client: HttpClient) (version: Version) (accept: string) (path: string) (json: string) = task {
    use request =
        new HttpRequestMessage(
            HttpMethod.Post,
            path,
            Content = new StringContent(json, Encoding.UTF8, "application/json"),
            Version = version,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact
        )

    if accept <> "" then
        request.Headers.Add("Accept", accept)

    return! client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation ())
}

let openStream client accept path json =
    openWith client (Version(1, 1)) accept path json

/// What there is of a body before its end, and what ended it: nothing where that was a clean end.
let readBroken (response: HttpResponseMessage) : Task<string * exn option> = task {
    use patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation ())
    patience.CancelAfter Holding.patience
    use! body = response.Content.ReadAsStreamAsync patience.Token
    use got = new MemoryStream()
    let buffer = Array.zeroCreate 4096
    let mutable count = 1
    let mutable ended = None

    while count > 0 do
        try
            let! read = body.ReadAsync(Memory buffer, patience.Token)
            count <- read
            got.Write(buffer, 0, read)
        with :? IOException as problem ->
            count <- 0
            ended <- Some(problem :> exn)

    return Encoding.UTF8.GetString(got.ToArray()), ended
}

/// So many items, made one after the other.
let upTo (count: int) (make: int -> 'T) : IAsyncEnumerable<'T> =
    Items.produce (fun emit _ -> task {
        for index in 0 .. count - 1 do
            do! emit (make index)
    })

/// A stream, taken to its end.
let read client accept path json : Task<Answer> = task {
    use! response = openStream client accept path json
    return! answerOf response
}

/// HTTP/2 without TLS, which Serve does not offer.
let overHttp2 (definition: Definition<'State>) : Task<WebApplication * HttpClient> = task {
    let builder = WebApplication.CreateEmptyBuilder(WebApplicationOptions())

    builder.WebHost
        .UseKestrelCore()
        .ConfigureKestrel(fun kestrel ->
            kestrel.Listen(IPAddress.Loopback, 0, (fun listen -> listen.Protocols <- HttpProtocols.Http2)))
    |> ignore

    builder.Services.AddRoutingCore().AddBento definition |> ignore
    let app = builder.Build()
    app.UseRouting() |> ignore
    app.MapBento definition |> ignore
    app.MapBentoMetrics() |> ignore
    do! app.StartAsync()

    let client =
        new HttpClient(
            BaseAddress = Uri(Seq.head app.Urls),
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact
        )

    return app, client
}

/// A request by hand, whose input is the number of its producer.
let request path (number: int) accept =
    let body = string number

    head "POST" path [
        "Content-Type: application/json"
        $"Content-Length: {body.Length}"
        $"Accept: {accept}"
    ]
    + body
