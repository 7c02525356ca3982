module Classify.Tests.ClassificationTests

open System.Net
open System.Net.Http
open System.Net.Http.Json
open System.Text.RegularExpressions
open System.Threading.Tasks
open Xunit
open Bento
open Classify
open Classify.Classification
open Classify.Tests.Model

let private guessOf (client: HttpClient) (text: string) : Task<Guess> = task {
    let token = TestContext.Current.CancellationToken
    use! answer = client.PostAsJsonAsync("/classify", { Source.Text = text }, token)
    Assert.Equal(HttpStatusCode.OK, answer.StatusCode)
    let! guess = answer.Content.ReadFromJsonAsync<Guess> token
    return (nonNull (box guess) :?> Guess)
}

[<Fact>]
let ``over a socket it names the language, and refuses an empty text`` () : Task = task {
    let token = TestContext.Current.CancellationToken
    use! server = Serve.start { Serve.options with Port = 0 } classification
    use client = new HttpClient(BaseAddress = System.Uri server.Address)

    for case in fixture.Cases do
        let! guess = guessOf client case.Text
        Assert.Equal(case.Label, guess.Language)

    let! refused = client.PostAsJsonAsync("/classify", { Source.Text = "" }, token)
    Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode)
}

[<Fact>]
let ``many callers at once are each told of their own text, beside those who send none`` () : Task = task {
    let token = TestContext.Current.CancellationToken
    use! server = Serve.start { Serve.options with Port = 0 } classification
    use client = new HttpClient(BaseAddress = System.Uri server.Address)

    let innocent () =
        fixture.Cases
        |> Array.map (fun case -> task {
            let! guess = guessOf client case.Text
            Assert.Equal(case.Label, guess.Language)
            Assert.Equal(case.Confidence, guess.Confidence, 1e-4)
        })

    let empty () : Task<unit> = task {
        use! refused = client.PostAsJsonAsync("/classify", { Source.Text = "" }, token)
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode)
    }

    let! _ =
        Task.WhenAll [|
            for _ in 1..20 do
                yield! innocent ()
                empty ()
        |]

    let! page = client.GetStringAsync("/metrics", token)

    let sum =
        Regex.Match(page, @"(?m)^bento_batch_rows_sum\{[^}]*\} (\S+)$").Groups[1].Value

    Assert.Equal(20 * (fixture.Cases.Length + 1), int sum)
}
