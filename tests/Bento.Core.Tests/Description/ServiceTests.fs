/// Dependencies, and the two exceptions that are ours.
module Bento.Tests.ServiceTests

open System
open Xunit
open Bento

let private problems = [
    "/src/Two.fs", NoEndpoint 9
    "/src/One.fs", BadName("endpoint", "9x", 12)
    "/src/One.fs", Repeated("workers", [ 4; 5 ])
]

[<Fact>]
let ``an invalid service tells every problem by file and line`` () =
    let wanted =
        String.concat "\n" [
            "The service \"summarization\" cannot be used:"
            "  One.fs(5): `workers` is given again, first on line 4; keep one"
            "  One.fs(12): the endpoint name \"9x\" is not usable; begin with a letter and use letters, digits, '-' and '_'"
            "  Two.fs(9): there is no endpoint; add an `api`, `stream`, `job` or `socket`"
        ]

    Assert.Equal(wanted, InvalidServiceException("summarization", problems).Message)

[<Fact>]
let ``a problem of what has no lines is shown without one`` () =
    let raised =
        InvalidServiceException("it", [ "BENTO__SERVER__PORT", Misconfigured("is no port", 0) ])

    Assert.EndsWith("\n  BENTO__SERVER__PORT: is no port", raised.Message)

[<Fact>]
let ``an invalid service has its problems as values in the same order`` () =
    let raised = InvalidServiceException("summarization", problems)

    Assert.Equal<(string * Problem) list>(
        [ problems[2]; problems[1]; problems[0] ],
        InvalidServiceException.problems raised
    )

[<Theory>]
[<InlineData 400>]
[<InlineData 422>]
[<InlineData 599>]
let ``a handler's own failure keeps its status and message`` (status: int) =
    let raised = BentoException(status, "no such model")
    Assert.Equal(status, raised.Status)
    Assert.Equal("no such model", raised.Message)

[<Theory>]
[<InlineData 200>]
[<InlineData 399>]
[<InlineData 600>]
let ``a status that is no failure is refused`` (status: int) =
    let raised =
        Assert.Throws<ArgumentException>(fun () -> BentoException(status, "fine") |> ignore)

    Assert.Contains($"{status}", raised.Message)

let private callee = service { api "echo" (fun (text: string) -> text) }

[<Fact>]
let ``a dependency on a definition knows it and its name`` () =
    let dependency = Dependency.on<string -> string> callee
    Assert.Equal("callee", dependency.Service)

    match dependency.Definition with
    | Some definition -> Assert.Same(callee, definition)
    | None -> Assert.Fail "The definition is lost."

[<Fact>]
let ``a dependency by name knows no definition`` () =
    let dependency = Dependency.named<string -> string> "elsewhere"
    Assert.Equal("elsewhere", dependency.Service)
    Assert.True dependency.Definition.IsNone
