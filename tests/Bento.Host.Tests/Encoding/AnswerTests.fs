module Bento.Hosting.Tests.AnswerTests

open System
open System.Collections
open System.Collections.Generic
open System.Threading.Tasks
open Xunit
open Bento
open Bento.Hosting.Tests.Wire

type Optional = {
    Text: string option
    Struct: int voption
    Nullable: Nullable<int>
    Last: int
}

type Box = {
    Width: int
    Height: int
} with

    member this.Area = this.Width * this.Height

type Named = { Name: string }

type Rated = {
    [<Bento.Range(0, 1)>]
    Score: float
}

/// A map that fails when half of it is written.
let private treacherous: IReadOnlyDictionary<string, int> = {
    new IReadOnlyDictionary<string, int> with
        member _.Count = 2
        member _.Keys = [ "first"; "second" ]
        member _.Values = [ 1; 2 ]
        member _.ContainsKey _ = false

        member _.Item
            with get _ = 0

        member _.TryGetValue(_, _) = false

        member _.GetEnumerator() : IEnumerator<KeyValuePair<string, int>> =
            (seq {
                KeyValuePair("first", 1)
                failwith "secret"
            })
                .GetEnumerator()

        member this.GetEnumerator() : IEnumerator = this.GetEnumerator()
}

let private outputs = service {
    api "text" (fun () -> "größer \"als\" <b> €")
    api "empty" (fun () -> "")
    api "surrogate" (fun () -> "a\ud800b")
    api "nothing" (fun () -> ())
    api "nothingLater" (fun (_: Context<unit>) () -> Task.FromResult(()))
    api "none" (fun () -> (None: int option))

    api "optional" (fun (full: bool) ->
        if full then
            {
                Text = Some ""
                Struct = ValueSome 0
                Nullable = Nullable 0
                Last = 1
            }
        else
            {
                Text = None
                Struct = ValueNone
                Nullable = Nullable()
                Last = 1
            })

    api "floats" (fun () -> [ 1.5; nan; infinity; -infinity; 1e300 ])
    api "singles" (fun () -> [| 1.5f; nanf; infinityf |])
    api "named" (fun () -> Map [ "größer", "<&'\">+"; "€", "é" ])
    api "box" (fun (box: Box) -> box)
    api "treacherous" (fun () -> treacherous)
    api "nullText" (fun () -> Unchecked.defaultof<string>)
    api "nullRecord" (fun () -> Unchecked.defaultof<Named>)
    api "outOfRange" (fun () -> { Score = 1.5 })
    api "nullField" (fun () -> { Name = Unchecked.defaultof<string> })
    api "large" (fun (length: int) -> Array.create length 7)
}

let private app = lazy (App.hosting [ outputs ])

let private ask endpoint body : Task<Answer> = task {
    let! app = app.Value
    return! postJson app.Client ("/" + endpoint) body
}

let private askFor (accept: string) : Task<Answer> = task {
    let! app = app.Value
    return! sendWith app.Client "POST" "/text" [ "Accept", accept ] "" [||]
}

[<Theory>]
[<InlineData("*/*")>]
[<InlineData("text/plain")>]
[<InlineData("text/*")>]
[<InlineData("text/plain, application/json")>]
[<InlineData("application/json;q=0.5, text/plain")>]
[<InlineData("application/json;q=0.5, */*")>]
[<InlineData("application/*, text/plain;q=1.0")>]
[<InlineData("application/json, */*")>]
[<InlineData("text/plain;charset=utf-8, application/json;q=0.9")>]
[<InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")>]
[<InlineData("garbage")>]
[<InlineData(";;;")>]
[<InlineData(",")>]
[<InlineData("")>]
[<InlineData("application/json;q=nonsense;;")>]
let ``a string is plain text unless JSON is preferred`` (accept: string) : Task = task {
    let! answer = askFor accept
    Assert.Equal(200, answer.Status)
    Assert.Equal("text/plain; charset=utf-8", answer.Headers["content-type"])
    Assert.Equal("größer \"als\" <b> €", answer.Body)
    Assert.Equal(string answer.Bytes.Length, answer.Headers["content-length"])
}

[<Theory>]
[<InlineData("application/json")>]
[<InlineData("APPLICATION/JSON")>]
[<InlineData("application/*")>]
[<InlineData("application/json; charset=utf-8")>]
[<InlineData("application/json, text/plain;q=0.9")>]
[<InlineData("text/plain;q=0.1, */*")>]
[<InlineData("text/*;q=0.5, */*;q=0.8")>]
[<InlineData("garbage, application/json")>]
let ``a string is JSON where that is preferred`` (accept: string) : Task = task {
    let! answer = askFor accept
    Assert.Equal("application/json", answer.Headers["content-type"])
    Assert.Equal("\"größer \\\"als\\\" <b> €\"", answer.Body)
    Assert.Equal(string answer.Bytes.Length, answer.Headers["content-length"])
}

[<Fact>]
let ``without Accept a string is plain text`` () : Task = task {
    let! answer = ask "text" ""
    Assert.Equal("text/plain; charset=utf-8", answer.Headers["content-type"])
    let! empty = ask "empty" ""
    Assert.Equal("", empty.Body)
    Assert.Equal("0", empty.Headers["content-length"])
    let! broken = ask "surrogate" ""
    Assert.Equal("a\uFFFDb", broken.Body)
}

[<Theory>]
[<InlineData("nothing", "", "null")>]
[<InlineData("nothingLater", "", "null")>]
[<InlineData("none", "", "null")>]
[<InlineData("optional", "false", """{"last":1}""")>]
[<InlineData("optional", "true", """{"text":"","struct":0,"nullable":0,"last":1}""")>]
[<InlineData("floats", "", "[1.5,null,null,null,1E+300]")>]
[<InlineData("singles", "", "[1.5,null,null]")>]
[<InlineData("named", "", """{"größer":"<&'\">+","€":"é"}""")>]
[<InlineData("box", """{"width":2,"height":3}""", """{"width":2,"height":3}""")>]
let ``other values are JSON`` (endpoint: string, body: string, expected: string) : Task = task {
    let! answer = ask endpoint body
    Assert.Equal(200, answer.Status)
    Assert.Equal("application/json", answer.Headers["content-type"])
    Assert.Equal(string answer.Bytes.Length, answer.Headers["content-length"])
    Assert.Equal(expected, answer.Body)
}

[<Theory>]
[<InlineData("treacherous")>]
[<InlineData("nullText")>]
[<InlineData("nullRecord")>]
[<InlineData("nullField")>]
[<InlineData("outOfRange")>]
let ``an output that breaks its type is our fault, and nothing of it is sent`` (endpoint: string) : Task = task {
    let! answer = ask endpoint ""
    Assert.DoesNotContain("first", answer.Body)
    Assert.DoesNotContain("secret", answer.Body)
    Assert.Equal("The handler failed; the log has it under the request id.", problem 500 answer)
}

[<Fact>]
let ``a large answer tells its length over a socket`` () : Task = task {
    let! server, client = App.serving outputs
    use _ = client
    use _ = server
    let! answer = postOverSocket server.Address "/large" "3000000"B
    Assert.Equal(200, answer.Status)
    Assert.Equal("6000001", answer.Headers["content-length"])
    Assert.Equal(6_000_001, answer.Bytes.Length)
}
