/// Servers that are asked by the process which has them.
module Bento.Hosting.Tests.OwnCallsTests

open System
open System.Collections.Generic
open System.Threading.Tasks
open Xunit
open Bento

type Item = { Text: string; Count: int option }

let private threeOf (text: string) : IAsyncEnumerable<string> =
    Items.produce (fun emit _ -> task {
        for number in 1..3 do
            if text = "fail" && number = 2 then
                failwith "no more"

            do! emit $"{text}{number}"
    })

let private asked = service {
    api "repeat" (fun (item: Item) -> String.replicate (defaultArg item.Count 2) item.Text)
    api "nothing" (fun () -> 7)
    api "refuse" (fun (_: int) -> raise (BentoException(409, "Not now.")): int)
    stream "three" threeOf
    socket "talk" (fun (messages: IAsyncEnumerable<string>) -> messages)
}

let private serving (act: Server -> unit) : Task = task {
    use! server =
        Serve.start
            {
                Serve.options with
                    Port = 0
                    Host = "0.0.0.0"
                    Prefix = "/v1"
            }
            asked

    // The server must be free to answer while this waits.
    do! Task.Run(fun () -> act server)
}

[<Fact>]
let ``values of any type with the right JSON go in, and JSON comes out`` () : Task =
    serving (fun server ->
        Assert.Equal("\"abab\"", server.Call("repeat", { Text = "ab"; Count = None }))
        Assert.Equal("\"ab\"", server.Call("repeat", {| text = "ab"; count = 1 |}))
        Assert.Equal("\"ab\"", server.Call("repeat", """{"text":"ab","count":1}"""))
        Assert.Equal("7", server.Call("nothing", ()))
        Assert.Equal("""["a1","a2","a3"]""", server.Call("three", "a")))

[<Fact>]
let ``refusals come with their status and all faults`` () : Task =
    serving (fun server ->
        let faulty =
            Assert.Throws<BentoException>(fun () -> server.Call("repeat", {| text = 1; count = "x" |}) |> ignore)

        Assert.Equal(400, faulty.Status)
        Assert.Contains("body.text: ", faulty.Message)
        Assert.Contains("body.count: ", faulty.Message)

        let refused =
            Assert.Throws<BentoException>(fun () -> server.Call("refuse", 1) |> ignore)

        Assert.Equal((409, "Not now."), (refused.Status, refused.Message)))

[<Fact>]
let ``a stream that fails is no list`` () : Task =
    serving (fun server ->
        Assert.ThrowsAny<Exception>(fun () -> server.Call("three", "fail") |> ignore)
        |> ignore)

[<Fact>]
let ``what is not there, or is a socket, is told`` () : Task =
    serving (fun server ->
        let unknown =
            Assert.Throws<ArgumentException>(fun () -> server.Call("repaet", 1) |> ignore)

        Assert.Contains("did you mean \"repeat\"?", unknown.Message)

        let socket =
            Assert.Throws<InvalidOperationException>(fun () -> server.Call("talk", 1) |> ignore)

        Assert.Contains("is a socket", socket.Message))
