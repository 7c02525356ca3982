/// The service as it is served, over connections.
module Generate.Tests.GenerationTests

open System
open System.Collections.Generic
open System.IO
open System.Net
open System.Net.Http
open System.Net.Http.Json
open System.Net.WebSockets
open System.Text
open System.Text.Json
open System.Threading.Tasks
open Xunit
open Bento
open Generate
open Generate.Generation
open Generate.Tests.Model

let private cancellation () = TestContext.Current.CancellationToken

let private fixture =
    ", and I'm going to work with you to make sure that we can do more"

let private serving definition (ask: Server -> HttpClient -> Task<unit>) : Task = task {
    use! server = Serve.start { Serve.options with Port = 0 } definition
    use client = new HttpClient(BaseAddress = Uri server.Address)
    do! ask server client
}

let private served ask = serving generation ask

/// Asks for a stream, and reads it as far as `read` does.
let private asking (client: HttpClient) (accept: string) (prompt: objnull) (read: HttpResponseMessage -> Task<'Read>) =
    task {
        use request =
            new HttpRequestMessage(HttpMethod.Post, "/generate", Content = JsonContent.Create prompt)

        request.Headers.TryAddWithoutValidation("Accept", accept) |> ignore

        use! answer =
            client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation ())

        return! read answer
    }

let private text (answer: HttpResponseMessage) : Task<string> =
    answer.Content.ReadAsStringAsync(cancellation ())

let private refusal (client: HttpClient) (prompt: objnull) : Task<JsonElement> =
    asking client "*/*" prompt (fun answer -> task {
        let! body = text answer
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode)
        return (JsonDocument.Parse body).RootElement
    })

// -- the stream ----------------------------------------------------------------------------------------

[<Fact>]
let ``greedy text is that of the reference`` () =
    served (fun _ client -> task {
        let prompt = {|
            text = "My fellow Americans, tonight"
            temperature = 0
            max_tokens = 100
        |}

        let! text = asking client "*/*" prompt text
        Assert.StartsWith(fixture, text)
    })

[<Fact>]
let ``it comes in events, a few letters each, that make up the text`` () =
    served (fun _ client -> task {
        let prompt = {|
            text = "My fellow Americans, tonight"
            temperature = 0
            max_tokens = 20
        |}

        let! whole = asking client "*/*" prompt text
        let! lines = asking client "application/x-ndjson" prompt text

        let pieces =
            lines.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            |> Array.map (fun line -> JsonSerializer.Deserialize<string> line |> string)

        Assert.InRange(pieces.Length, 2, 20)
        Assert.Equal(whole, String.Join("", pieces))
    })

[<Fact>]
let ``without settings it writes forty tokens at most, the same for the same seed`` () =
    served (fun _ client -> task {
        let! first = asking client "*/*" {| text = "The state of our union is" |} text
        let! second = asking client "*/*" {| text = "The state of our union is" |} text
        Assert.Equal(first, second)

        let! other =
            asking
                client
                "*/*"
                {|
                    text = "The state of our union is"
                    seed = 1
                |}
                text

        Assert.NotEqual<string>(first, other)
        Assert.InRange((tokenizer.Value.Encode first).Length, 1, 60)
    })

[<Fact>]
let ``a prompt longer than the model sees, and settings out of range, are refused before anything is sent`` () =
    served (fun _ client -> task {
        let! problem =
            refusal client {|
                text = String.replicate 200 "freedom "
            |}

        Assert.Contains("longer than the model sees", problem.GetProperty("detail").GetString())
        let! _ = refusal client {| text = String('x', 1_000_000) |}

        let! problem =
            refusal client {|
                text = "We"
                temperature = 9
                max_tokens = 0
            |}

        Assert.Equal(2, problem.GetProperty("errors").GetArrayLength())
    })

[<Fact>]
let ``a prompt that just fits is gone on from`` () =
    served (fun _ client -> task {
        let words = String.replicate 60 " the"
        Assert.True((tokenizer.Value.Encode words).Length < Generator.Context)
        let! text = asking client "*/*" {| text = words; max_tokens = 128 |} text
        Assert.NotEmpty text
    })

// -- who leaves ----------------------------------------------------------------------------------------

/// Writes without an end: what a reader leaves is far from done.
let private endless (generator: Generator) = service {
    name "endless"
    naming Snake
    init (fun (_: Setup<unit>) -> generator)

    stream "generate" (fun (context: Context<Generator>) (prompt: Prompt) ->
        Items.produce (fun emit cancellation -> task {
            while true do
                do! generate context prompt |> Items.iterate cancellation emit
        }))

    socket "chat" (fun (context: Context<Generator>) (turns: IAsyncEnumerable<Prompt>) ->
        Items.produce (fun emit cancellation -> task {
            do!
                turns
                |> Items.iterate cancellation (fun turn -> task {
                    while true do
                        do! generate context turn |> Items.iterate cancellation (Words >> emit)
                })
        }))
}

/// Waits until no step is computed any more, which were many a moment before.
let private untilStill (generator: Generator) : Task<unit> = task {
    let giveUp = DateTime.UtcNow.AddSeconds 60.
    let mutable before = -1L

    while before <> generator.Steps do
        Assert.True(DateTime.UtcNow < giveUp, $"It still computes, at step {generator.Steps}.")
        before <- generator.Steps
        do! Task.Delay(1_000, cancellation ())
}

let private load () =
    Generator.Load(Path.Combine(AppContext.BaseDirectory, "model"))

[<Fact>]
let ``when the reader of a stream leaves, the model stops`` () : Task = task {
    let generator = load ()

    do!
        serving (endless generator) (fun _ client -> task {
            let prompt = {| text = "We"; temperature = 0 |}

            do!
                asking client "*/*" prompt (fun answer -> task {
                    use! body = answer.Content.ReadAsStreamAsync(cancellation ())
                    let! _ = body.ReadAsync(Memory(Array.zeroCreate<byte> 1), cancellation ())
                    Assert.True(generator.Steps > 0L)
                })

            do! untilStill generator
        })
}

// -- the chat ------------------------------------------------------------------------------------------

let private talk (server: Server) : Task<ClientWebSocket> = task {
    let socket = new ClientWebSocket()
    do! socket.ConnectAsync(Uri(server.Address.Replace("http://", "ws://") + "/chat"), cancellation ())
    return socket
}

let private say (socket: WebSocket) (turn: objnull) : Task =
    socket.SendAsync(
        ArraySegment(JsonSerializer.SerializeToUtf8Bytes turn),
        WebSocketMessageType.Text,
        true,
        cancellation ()
    )

let private hear (socket: WebSocket) : Task<JsonElement> = task {
    let buffer = Array.zeroCreate<byte> 65_536
    let! part = socket.ReceiveAsync(ArraySegment buffer, cancellation ())
    Assert.Equal(WebSocketMessageType.Text, part.MessageType)
    Assert.True part.EndOfMessage
    return (JsonDocument.Parse(Encoding.UTF8.GetString(buffer, 0, part.Count))).RootElement
}

/// The words of a reply, and of how many tokens it says that they are.
let private reply (socket: WebSocket) : Task<string * int> = task {
    let words = StringBuilder()
    let mutable tokens = None

    while tokens.IsNone do
        let! said = hear socket

        match said.GetProperty("type").GetString() with
        | "Words" -> words.Append(said.GetProperty("text").GetString()) |> ignore
        | _ -> tokens <- Some(said.GetProperty("tokens").GetInt32())

    return words.ToString(), tokens.Value
}

[<Fact>]
let ``a turn of a chat is gone on from, and the next one from all before it`` () =
    served (fun server _ -> task {
        let prompt = "My fellow Americans, tonight"
        use! socket = talk server

        do!
            say socket {|
                text = prompt
                temperature = 0
                max_tokens = 10
            |}

        let! first, tokens = reply socket
        Assert.StartsWith(first, fixture)
        Assert.Equal(10, tokens)

        do!
            say socket {|
                text = " And so"
                temperature = 0
                max_tokens = 12
            |}

        let! second, _ = reply socket

        let go start most =
            generator.Value.Generate(start, most, Sampling.greedy, cancellation ())
            |> Array.ofSeq

        let start = tokenizer.Value.Encode prompt
        let before = Array.append start (go start 10)
        Assert.Equal(textOf (go (Array.append before (tokenizer.Value.Encode " And so")) 12), second)
        do! socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", cancellation ())
    })

[<Fact>]
let ``a chat longer than the model sees goes on from the end of it`` () =
    served (fun server _ -> task {
        use! socket = talk server

        for _ in 1..5 do
            do!
                say socket {|
                    text = " My fellow Americans"
                    temperature = 0
                    max_tokens = 40
                |}

            let! _, tokens = reply socket
            Assert.InRange(tokens, 1, 40)
    })

[<Fact>]
let ``when who chats leaves, the model stops`` () : Task = task {
    let generator = load ()

    do!
        serving (endless generator) (fun server _ -> task {
            let! socket = talk server
            do! say socket {| text = "We"; temperature = 0 |}
            let! _ = hear socket
            socket.Abort()
            do! untilStill generator
        })
}
