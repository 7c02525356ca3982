module Bento.Hosting.Tests.HealthTests

open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Hosting
open Microsoft.AspNetCore.TestHost
open Microsoft.Extensions.DependencyInjection
open Microsoft.Extensions.Hosting
open Xunit
open Bento
open Bento.Hosting.Tests.Wire

let private first = service { api "one" (fun () -> 1) }
let private second = service { api "two" (fun () -> 2) }

[<Theory>]
[<InlineData("/livez", """{"status":"alive"}""")>]
[<InlineData("/healthz", """{"status":"alive"}""")>]
[<InlineData("/readyz", """{"status":"ready","services":{"first":"ready","second":"ready"}}""")>]
let ``probes answer JSON`` (path: string, body: string) : Task = task {
    use! app = App.hosting [ first; second ]
    let! answer = get app.Client path
    Assert.Equal(200, answer.Status)
    Assert.Equal("application/json", answer.Headers["content-type"])
    Assert.Equal(body, answer.Body)
    Assert.False(answer.Headers.ContainsKey "retry-after")
}

[<Theory>]
[<InlineData("/livez")>]
[<InlineData("/healthz")>]
[<InlineData("/readyz")>]
let ``probes answer HEAD with the head of GET, and nothing else`` (path: string) : Task = task {
    let! server, client = App.serving first
    use _ = client
    use _ = server
    let! whole = get client path
    use! socket = connect server.Address
    do! sendText socket (head "HEAD" path [])
    let! answer = readAnswer socket
    Assert.Equal(200, answer.Status)
    Assert.Empty answer.Bytes
    Assert.Equal(whole.Headers["content-length"], answer.Headers["content-length"])
    Assert.Equal(whole.Headers["content-type"], answer.Headers["content-type"])

    for method in [ "POST"; "PUT"; "DELETE" ] do
        let! wrong = sendWith client method path [] "" [||]
        problem 405 wrong |> ignore
        Assert.Equal("GET, HEAD", wrong.Headers["allow"])
}

/// An application whose server listens before its services have started.
let private early (definitions: Definition list) : Task<IHost> = task {
    let host =
        HostBuilder()
            .ConfigureWebHost(fun web ->
                web
                    .UseTestServer()
                    .Configure(fun (app: IApplicationBuilder) ->
                        app.UseRouting() |> ignore

                        app.UseEndpoints(fun routes ->
                            for definition in definitions do
                                routes.MapBento definition |> ignore

                            routes.MapBentoHealth() |> ignore)
                        |> ignore)
                |> ignore)
            .ConfigureServices(fun services ->
                services.AddRouting() |> ignore

                for definition in definitions do
                    services.AddBento definition |> ignore)
            .Build()

    return host
}

[<Fact>]
let ``until a service is ready its requests and readiness are 503, and the process is alive`` () : Task = task {
    let entered = TaskCompletionSource()
    let gate = TaskCompletionSource<int>()

    let slow = service {
        name "slow"

        init (fun (_: Setup<unit>) ->
            entered.SetResult()
            gate.Task)

        api "state" (fun (context: Context<int>) () -> Task.FromResult context.State)
    }

    use! host = early [ first; slow ]
    let starting = host.StartAsync(cancellation ())
    do! within entered.Task
    use client = host.GetTestClient()

    let! notReady = get client "/readyz"
    Assert.Equal(503, notReady.Status)
    Assert.Equal("1", notReady.Headers["retry-after"])

    Assert.Equal(
        """{"status":"not ready","services":{"first":"ready","slow":"starting"},"reasons":[{"service":"slow","worker":0,"reason":"is starting"}]}""",
        notReady.Body
    )

    let! refused = post client "/state" "" [||]
    Assert.Equal("\"slow\" is not ready.", problem 503 refused)
    Assert.Equal("1", refused.Headers["retry-after"])
    let! answered = post client "/one" "" [||]
    Assert.Equal("1", answered.Body)
    let! alive = get client "/livez"
    Assert.Equal(200, alive.Status)

    gate.SetResult 5
    do! starting
    let! ready = get client "/readyz"
    Assert.Equal(200, ready.Status)
    let! answered = post client "/state" "" [||]
    Assert.Equal("5", answered.Body)
    do! host.StopAsync CancellationToken.None
}

[<Fact>]
let ``a stop that comes during the start is not undone by the end of the start`` () : Task = task {
    let entered = TaskCompletionSource()
    let gate = TaskCompletionSource<int>()

    let slow = service {
        name "slow"

        init (fun (_: Setup<unit>) ->
            entered.SetResult()
            gate.Task)

        api "state" (fun (context: Context<int>) () -> Task.FromResult context.State)
    }

    use! host = early [ slow ]
    let starting = host.StartAsync(cancellation ())
    do! within entered.Task
    host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication()
    gate.SetResult 5
    do! starting
    use client = host.GetTestClient()
    let! answer = get client "/readyz"

    Assert.Equal(
        """{"status":"not ready","services":{"slow":"stopping"},"reasons":[{"service":"slow","reason":"is stopping"}]}""",
        answer.Body
    )

    do! host.StopAsync CancellationToken.None
}

[<Fact>]
let ``readiness is withdrawn when the application begins to stop, and requests are still answered`` () : Task = task {
    use! app = App.hosting [ first; second ]
    app.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication()
    let! notReady = get app.Client "/readyz"
    Assert.Equal(503, notReady.Status)

    Assert.Equal(
        """{"status":"not ready","services":{"first":"stopping","second":"stopping"},"reasons":[{"service":"first","reason":"is stopping"},{"service":"second","reason":"is stopping"}]}""",
        notReady.Body
    )

    let! alive = get app.Client "/livez"
    Assert.Equal(200, alive.Status)
    let! answered = post app.Client "/one" "" [||]
    Assert.Equal("1", answered.Body)
}
