/// Services that are asked without a server.
module Bento.Hosting.Tests.LocalCallsTests

open System
open System.Collections.Generic
open System.Threading
open System.Threading.Tasks
open Xunit
open Bento

type Item = { Text: string; Count: int option }

let private threeOf (text: string) : IAsyncEnumerable<string> =
    Items.produce (fun emit _ -> task {
        for number in 1..3 do
            do! emit $"{text}{number}"
    })

let private asked = service {
    api "repeat" (fun (item: Item) -> String.replicate (defaultArg item.Count 2) item.Text)
    api "length" (fun (text: string) -> text.Length)
    api "nothing" (fun () -> 7)
    api "each" (batched (fun (numbers: int[]) -> Array.map ((*) 2) numbers))
    stream "three" threeOf
    socket "talk" (fun (messages: IAsyncEnumerable<string>) -> messages)
    api "refuse" (fun (_: int) -> raise (BentoException(409, "Not now.")): int)
}

[<Fact>]
let ``a value of the endpoint's own type goes in as it is`` () =
    Assert.Equal("\"abab\"", asked |> Serve.call "repeat" { Text = "ab"; Count = None })
    Assert.Equal("3", asked |> Serve.call "length" "abc")
    Assert.Equal("7", asked |> Serve.call "nothing" ())

[<Fact>]
let ``another type with the same JSON does too, and so does JSON itself`` () =
    Assert.Equal("\"ababab\"", asked |> Serve.call "repeat" {| text = "ab"; count = 3 |})
    Assert.Equal("\"ab\"", asked |> Serve.call "repeat" """{"text": "ab", "count": 1}""")

[<Fact>]
let ``a batched endpoint answers one row, and a stream is a list`` () =
    Assert.Equal("8", asked |> Serve.call "each" 4)
    Assert.Equal("""["a1","a2","a3"]""", asked |> Serve.call "three" "a")

let private refused (call: unit -> string) =
    Assert.ThrowsAny<Exception>(fun () -> call () |> ignore).Message

[<Fact>]
let ``an input that is none is refused with each fault and its place`` () =
    let message =
        refused (fun () -> asked |> Serve.call "repeat" {| text = 1; count = "x" |})

    Assert.Contains("\"repeat\"", message)
    Assert.Contains("body.text", message)
    Assert.Contains("body.count", message)

[<Fact>]
let ``an endpoint that is not there is told with the one that was meant`` () =
    let message = refused (fun () -> asked |> Serve.call "lenght" "abc")
    Assert.Contains("did you mean \"length\"?", message)
    Assert.Contains("socket", refused (fun () -> asked |> Serve.call "talk" "abc"))

[<Fact>]
let ``what a handler raises is raised`` () =
    let problem =
        Assert.Throws<BentoException>(fun () -> asked |> Serve.call "refuse" 1 |> ignore)

    Assert.Equal(409, problem.Status)

[<Fact>]
let ``a definition with problems is refused as a whole`` () =
    let broken = service {
        name "broken"
        threads 0
        api "length" (fun (text: string) -> text.Length)
    }

    Assert.Throws<InvalidServiceException>(fun () -> broken |> Serve.call "length" "abc" |> ignore)
    |> ignore

[<Fact>]
let ``a service is made once, and made again after a failure`` () =
    let mutable made = 0

    let counted = service {
        name "counted"

        init (fun (_: Setup<unit>) ->
            let turn = Interlocked.Increment &made

            if turn = 1 then
                invalidOp "The weights are not there."

            turn)

        api "add" (fun (context: Context<int>) (number: int) -> context.State + number)
    }

    Assert.Contains("The weights are not there.", refused (fun () -> counted |> Serve.call "add" 1))
    Assert.Equal("3", counted |> Serve.call "add" 1)
    Assert.Equal("12", counted |> Serve.call "add" 10)
    Assert.Equal(2, made)
