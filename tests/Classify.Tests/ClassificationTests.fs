module Classify.Tests.ClassificationTests

open System.Net
open System.Net.Http
open System.Net.Http.Json
open System.Threading.Tasks
open Xunit
open Bento
open Classify
open Classify.Classification
open Classify.Tests.Model

[<Fact>]
let ``over a socket it names the language, and refuses an empty text`` () : Task = task {
    let token = TestContext.Current.CancellationToken
    use! server = Serve.start { Serve.options with Port = 0 } classification
    use client = new HttpClient(BaseAddress = System.Uri server.Address)

    for case in fixture.Cases do
        let! answer = client.PostAsJsonAsync("/classify", { Source.Text = case.Text }, token)
        let! guess = answer.Content.ReadFromJsonAsync<Guess> token
        Assert.Equal(case.Label, (nonNull (box guess) :?> Guess).Language)

    let! refused = client.PostAsJsonAsync("/classify", { Source.Text = "" }, token)
    Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode)
}
