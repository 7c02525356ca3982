/// One definition, three interpreters: what a caller is told does not depend on how the service is reached.
module Summarize.Tests.HostedTests

open System.Net.Http
open System.Net.Http.Json
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.TestHost
open Xunit
open Bento
open Summarize.Summarization
open Summarize.Tests.Model

let private token () = TestContext.Current.CancellationToken

let private post (client: HttpClient) (input: Passage) : Task<Summary> = task {
    let! answer = client.PostAsJsonAsync("/summarize", input, token ())
    answer.EnsureSuccessStatusCode() |> ignore

    match! answer.Content.ReadFromJsonAsync<Summary>(token ()) with
    | null -> return failwith "The answer is null."
    | summary -> return summary
}

let private inProcess (input: Passage) : Task<Summary> =
    let worker = Worker.ofState (Service.require summarization) embedder.Value
    worker.Call<Passage, Summary>("summarize", input, CancellationToken.None)

let private throughTestServer input : Task<Summary> = task {
    let builder = WebApplication.CreateEmptyBuilder(WebApplicationOptions())
    builder.WebHost.UseTestServer() |> ignore

    Microsoft.Extensions.DependencyInjection.RoutingServiceCollectionExtensions.AddRouting builder.Services
    |> ignore

    builder.Services.AddBento summarization |> ignore
    use app = builder.Build()
    app.UseRouting() |> ignore
    app.MapBento summarization |> ignore
    do! app.StartAsync(token ())
    use client = app.GetTestClient()
    let! summary = post client input
    do! app.StopAsync(token ())
    return summary
}

let private overASocket input : Task<Summary> = task {
    use! server = Serve.start { Serve.options with Port = 0 } summarization
    use client = new HttpClient(BaseAddress = System.Uri server.Address)
    return! post client input
}

[<Fact>]
let ``in process, through a test server and over a socket the answer is the same`` () : Task = task {
    for input in
        [
            { Text = passage; Sentences = None }
            { Text = passage; Sentences = Some 5 }
            { Text = "word"; Sentences = Some 1 }
        ] do
        let! expected = inProcess input
        let! tested = throughTestServer input
        let! served = overASocket input
        Assert.Equal(expected, tested)
        Assert.Equal(expected, served)
}
