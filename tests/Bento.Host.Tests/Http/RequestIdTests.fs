module Bento.Hosting.Tests.RequestIdTests

open System
open System.Net.Http
open System.Text
open System.Threading.Tasks
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.Primitives
open Xunit
open Bento
open Bento.Hosting.Tests.Wire

let private ids = service {
    endpoint "length" { bodyLimit "10" }
    api "length" (fun (text: string) -> text.Length)
    api "id" (fun (context: Context<unit>) () -> Task.FromResult context.RequestId)
    api "fail" (fun () -> failwith "secret": string)
}

let private asked (client: HttpClient) id =
    sendWith client "POST" "/id" [ "X-Request-ID", id ] "" [||]

let saneIds =
    TheoryData<string>(
        "a",
        "0123456789",
        "from-the-caller_1.2:3/4+5=6@7",
        "3fa85f64-5717-4562-b3fc-2c963f66afa6",
        String('x', 128)
    )

[<Theory; MemberData(nameof saneIds)>]
let ``a sane id is kept, on the answer and in the context`` (id: string) : Task = task {
    use! app = App.hosting [ ids ]
    let! answer = asked app.Client id
    Assert.Equal(id, answer.Headers["x-request-id"])
    Assert.Equal(id, answer.Body)
}

let insaneIds =
    TheoryData<string>(
        "",
        " ",
        "two words",
        "tab\tbed",
        "bell\a",
        "nul\000",
        "délà",
        "a,b",
        "\"quoted\"",
        "<script>",
        "semi;colon",
        String('x', 129)
    )

[<Theory; MemberData(nameof insaneIds)>]
let ``an insane id is replaced by one of 32 letters and digits`` (id: string) : Task = task {
    use! app = App.hosting [ ids ]
    let! answer = asked app.Client id
    Assert.Matches("^[0-9a-f]{32}$", answer.Headers["x-request-id"])
    Assert.Equal(answer.Headers["x-request-id"], answer.Body)
}

[<Fact>]
let ``two ids are none`` () : Task = task {
    use! app = App.hosting [ ids ]

    let! answer =
        sendWith app.Client "POST" "/id" [ "X-Request-ID", "a"; "X-Request-ID", "b" ] "" [||]

    Assert.Matches("^[0-9a-f]{32}$", answer.Headers["x-request-id"])
}

[<Fact>]
let ``requests without an id are given different ones`` () : Task = task {
    use! app = App.hosting [ ids ]
    let! first = post app.Client "/id" "" [||]
    let! second = post app.Client "/id" "" [||]
    Assert.NotEqual<string>(first.Body, second.Body)
}

/// Every kind of answer that a server of its own gives.
let requests =
    TheoryData<int, string, string, string>(
        struct (200, "POST", "/id", ""),
        struct (400, "POST", "/length", "{"),
        struct (404, "GET", "/nothing", ""),
        struct (405, "GET", "/id", ""),
        struct (413, "POST", "/length", "\"more than ten bytes\""),
        struct (500, "POST", "/fail", ""),
        struct (200, "GET", "/livez", ""),
        struct (200, "GET", "/healthz", ""),
        struct (200, "GET", "/readyz", ""),
        struct (405, "POST", "/readyz", "")
    )

[<Theory; MemberData(nameof requests)>]
let ``every answer of a server carries the id`` (status: int, method: string, path: string, body: string) : Task = task {
    let! server, client = App.serving ids
    use _ = client
    use _ = server
    let headers = [ "X-Request-ID", "mine" ]

    let! answer =
        sendWith client method path headers "application/json" (Encoding.UTF8.GetBytes body)

    Assert.Equal("mine", answer.Headers["x-request-id"])

    if status = 200 then
        Assert.Equal(200, answer.Status)
    else
        problem status answer |> ignore
}

[<Fact>]
let ``a 415 carries the id`` () : Task = task {
    use! app = App.hosting [ ids ]

    let! answer =
        sendWith app.Client "POST" "/length" [ "X-Request-ID", "mine" ] "image/png" [||]

    problem 415 answer |> ignore
    Assert.Equal("mine", answer.Headers["x-request-id"])
}

[<Fact>]
let ``an id that the application has put on the answer is the request's`` () : Task = task {
    use! app =
        App.start (fun services -> services.AddBento ids |> ignore) (fun app ->
            app.Use(fun (http: HttpContext) (next: RequestDelegate) ->
                http.Response.Headers["X-Request-ID"] <- StringValues "the-application's"
                next.Invoke http)
            |> ignore

            app.UseRouting() |> ignore
            app.MapBento ids |> ignore)

    let! answer = asked app.Client "the-caller's"
    Assert.Equal("the-application's", answer.Headers["x-request-id"])
    Assert.Equal("the-application's", answer.Body)
    let! refused = post app.Client "/fail" "" [||]
    problem 500 refused |> ignore
}
