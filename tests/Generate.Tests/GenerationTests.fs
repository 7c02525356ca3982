module Generate.Tests.GenerationTests

open System
open System.Net
open System.Net.Http
open System.Net.Http.Json
open System.Text.Json
open System.Threading.Tasks
open Xunit
open Bento
open Generate.Generation
open Generate.Tests.Model

let private token () = TestContext.Current.CancellationToken

let private served (ask: HttpClient -> Task<unit>) : Task = task {
    use! server = Serve.start { Serve.options with Port = 0 } generation
    use client = new HttpClient(BaseAddress = Uri server.Address)
    do! ask client
}

let private post (client: HttpClient) (prompt: objnull) : Task<HttpStatusCode * JsonElement> = task {
    use! answer = client.PostAsJsonAsync("/generate", prompt, token ())
    let! body = answer.Content.ReadAsStringAsync(token ())
    return answer.StatusCode, (JsonDocument.Parse body).RootElement
}

[<Fact>]
let ``over a socket, greedy text is that of the reference`` () =
    served (fun client -> task {
        let! status, answer =
            post client {|
                text = "My fellow Americans, tonight"
                temperature = 0
                maxTokens = 30
            |}

        Assert.Equal(HttpStatusCode.OK, status)
        Assert.StartsWith(", and I'm going to work with you to make sure", answer.GetProperty("text").GetString())
        Assert.Equal(30, answer.GetProperty("tokens").GetInt32())
    })

[<Fact>]
let ``without settings it writes forty tokens, the same for the same seed`` () =
    served (fun client -> task {
        let! _, first = post client {| text = "The state of our union is" |}
        let! _, second = post client {| text = "The state of our union is" |}
        Assert.Equal(first.GetProperty("text").GetString(), second.GetProperty("text").GetString())
        Assert.InRange(first.GetProperty("tokens").GetInt32(), 1, 40)
    })

[<Fact>]
let ``a prompt longer than the model sees, and settings out of range, are refused`` () =
    served (fun client -> task {
        let tooLong = String.replicate 200 "freedom "
        let! status, _ = post client {| text = tooLong |}
        Assert.Equal(HttpStatusCode.BadRequest, status)
        let! status, _ = post client {| text = String('x', 1_000_000) |}
        Assert.Equal(HttpStatusCode.BadRequest, status)

        let! status, problem =
            post client {|
                text = "We"
                temperature = 9
                maxTokens = 0
            |}

        Assert.Equal(HttpStatusCode.BadRequest, status)
        Assert.Equal(2, problem.GetProperty("errors").GetArrayLength())
    })

[<Fact>]
let ``a prompt that just fits is gone on from`` () =
    served (fun client -> task {
        let words = String.replicate 60 " the"
        Assert.True((tokenizer.Value.Encode words).Length < Generate.Generator.Context)
        let! status, answer = post client {| text = words; maxTokens = 128 |}
        Assert.Equal(HttpStatusCode.OK, status)
        Assert.InRange(answer.GetProperty("tokens").GetInt32(), 1, Generate.Generator.Context - 60)
    })
