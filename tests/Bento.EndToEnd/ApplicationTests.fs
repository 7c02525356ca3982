/// A service inside an application of ASP.NET Core, as a process of its own.
module Bento.EndToEnd.ApplicationTests

open System
open System.IO
open System.Net.Http
open System.Net.Http.Json
open System.Threading.Tasks
open Xunit
open Bento.EndToEnd.Programs

[<Fact>]
let ``the application's own keys guard the service within it, and its probes are open`` () : Task = task {
    use program =
        new Program(
            "dotnet",
            [ sample "aspnet-csharp" "AspNet"; "--urls"; "http://127.0.0.1:0" ],
            [],
            Path.Combine(root, "samples", "aspnet-csharp")
        )

    let! line = program.Heard @"http://127\.0\.0\.1:\d+"
    use client = new HttpClient(BaseAddress = Uri line.Value)

    let text = {|
        text = "The cat sat on the mat. It was warm."
    |}

    use! ready = client.GetAsync "/readyz"
    use! refused = client.PostAsJsonAsync("/texts/read", text)
    client.DefaultRequestHeaders.Add("X-Api-Key", "change-me-before-anybody-else-has-it")
    use! read = client.PostAsJsonAsync("/texts/read", text)
    let! answer = read.Content.ReadAsStringAsync()
    Assert.Equal((200, 401, 200), (int ready.StatusCode, int refused.StatusCode, int read.StatusCode))
    Assert.Contains("\"words\":9", answer)
    program.Signal terminate
    let! code = program.Exit()
    Assert.Equal(0, code)
}
