module Bento.Hosting.Tests.RefusalTests

open System.Threading.Tasks
open Xunit
open Bento
open Bento.Hosting.Tests.Wire

type Point = { X: int; Y: int }

let private refusing = service {
    endpoint "refuse" { route "/v1/refuse" }
    api "refuse" (fun (status: int) -> raise (BentoException(status, $"refused \"with\" {status}")): string)
    api "point" (fun (point: Point) -> point)
}

[<Theory>]
[<InlineData(400, "Bad Request")>]
[<InlineData(401, "Unauthorized")>]
[<InlineData(403, "Forbidden")>]
[<InlineData(409, "Conflict")>]
[<InlineData(422, "Unprocessable Entity")>]
[<InlineData(429, "Too Many Requests")>]
[<InlineData(460, "Client Error")>]
[<InlineData(500, "Internal Server Error")>]
[<InlineData(503, "Service Unavailable")>]
[<InlineData(599, "Server Error")>]
let ``a handler's refusal is a whole problem with its status and message`` (status: int, title: string) : Task = task {
    use! app = App.hosting [ refusing ]
    let! answer = postJson app.Client "/v1/refuse" (string status)
    Assert.Equal($"refused \"with\" {status}", problem status answer)
    Assert.Equal(title, asText (field "title" answer))
    Assert.Equal("/v1/refuse", asText (field "instance" answer))
    Assert.Null(field "errors" answer)
    Assert.Empty(app.Lines |> List.filter (fun line -> line.Category = "Bento.refusing"))
}

[<Fact>]
let ``one fault is the detail, several are counted`` () : Task = task {
    use! app = App.hosting [ refusing ]
    let! one = postJson app.Client "/point" """{"x":1}"""
    Assert.Equal("body.y is missing; wanted a whole number", problem 400 one)
    let! two = postJson app.Client "/point" "{}"
    Assert.Equal("The body has 2 faults; see errors.", problem 400 two)
    Assert.Equal<_ list>([ """["x"]""", "missing"; """["y"]""", "missing" ], faults two)
}

[<Fact>]
let ``the instance is the path as it was asked for`` () : Task = task {
    let! server, client = App.serving refusing
    use _ = client
    use _ = server
    let! answer = get client "/no%20such/thing%C3%A9?query=1"
    problem 404 answer |> ignore
    Assert.Equal("/no%20such/thing%C3%A9", asText (field "instance" answer))
}
