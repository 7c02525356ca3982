/// What a server meets on an open network. After each, it answers as it did before.
module Bento.EndToEnd.HostileTests

open System
open System.Diagnostics
open System.Net.Http
open System.Net.Http.Headers
open System.Text
open System.Text.Json
open System.Threading.Tasks
open Xunit
open Bento.EndToEnd.Programs

/// One summarizing server for all tests of this file.
[<Sealed>]
type Summarizer() =
    let mutable server: Server option = None
    member _.Server = server.Value

    interface IAsyncLifetime with
        member _.InitializeAsync() =
            task {
                let! started = Server.Start summarize
                server <- Some started
            }
            |> ValueTask

        member _.DisposeAsync() =
            server |> Option.iter (fun server -> (server :> IDisposable).Dispose())
            ValueTask.CompletedTask

[<assembly: AssemblyFixture(typeof<Summarizer>)>]
do ()

let private summarizer () : Task<Server> = task {
    let! fixture = TestContext.Current.GetFixture<Summarizer>()
    return (nonNull fixture).Server
}

let private passageBody =
    JsonSerializer.SerializeToUtf8Bytes {| text = passage; sentences = 3 |}

let private picked (answer: Wire.Answer) =
    Assert.True((answer.Status = 200), answer.Body)
    use summary = JsonDocument.Parse answer.Body

    [
        for sentence in summary.RootElement.GetProperty("sentences").EnumerateArray() do
            sentence.GetProperty("index").GetInt32()
    ]

let private answersAsBefore (server: Server) : Task<unit> = task {
    let! answer = Wire.post server.Address "/summarize" passageBody
    Assert.Equal<int list>([ 0; 3; 6 ], picked answer)
    Assert.NotEmpty answer.Headers["x-request-id"]
}

let private refusesBytes status (body: byte[]) : Task = task {
    let! server = summarizer ()
    let! answer = Wire.post server.Address "/summarize" body
    Wire.assertProblem status answer
    do! answersAsBefore server
}

let private refuses status (body: string) =
    refusesBytes status (Encoding.UTF8.GetBytes body)

[<Theory>]
[<InlineData("")>]
[<InlineData("   ")>]
[<InlineData("""{"text": "cut off""")>]
[<InlineData("""{"text": "two values"} {}""")>]
[<InlineData("""{"sentences": 3}""")>]
[<InlineData("""{"text": null}""")>]
[<InlineData("""{"text": 7}""")>]
[<InlineData("""{"text": "One. Two.", "sentences": "3"}""")>]
[<InlineData("""{"text": "One. Two.", "sentences": 1.5}""")>]
[<InlineData("""{"text": "One. Two.", "sentences": 99999999999}""")>]
[<InlineData("""{"text": "One. Two.", "sentences": 0}""")>]
[<InlineData("""{"text": ""}""")>]
[<InlineData("""["text"]""")>]
[<InlineData("null")>]
[<InlineData("text")>]
let ``a body that is no passage is a 400`` (body: string) = refuses 400 body

[<Fact>]
let ``ten thousand levels of nesting are a 400`` () =
    refuses 400 (String('[', 10_000) + String(']', 10_000))

[<Fact>]
let ``ten thousand levels within a field are a 400`` () =
    refuses 400 ("""{"text": """ + String('[', 10_000) + String(']', 10_000) + "}")

[<Fact>]
let ``bytes that are not UTF-8 are a 400`` () =
    refusesBytes 400 (Array.concat [ """{"text": "One """B; [| 0xC3uy; 0x28uy; 0xFFuy |]; """ two."}"""B ])

[<Fact>]
let ``a text of one word is its own summary`` () : Task = task {
    let! server = summarizer ()
    let! answer = Wire.post server.Address "/summarize" """{"text": "Word"}"""B
    Assert.Equal<int list>([ 0 ], picked answer)
    do! answersAsBefore server
}

let private megabytes count =
    Array.create (count * 1024 * 1024) (byte 'a')

let private json (body: byte[]) =
    let content = new ByteArrayContent(body)
    content.Headers.ContentType <- MediaTypeHeaderValue "application/json"
    content

[<Fact>]
let ``a plain client sees that 100 MB are too large`` () : Task = task {
    let! server = summarizer ()
    let! response = server.Client.PostAsync("/summarize", json (megabytes 100))
    let! answer = Wire.answerOf response
    Wire.assertProblem 413 answer
    do! answersAsBefore server
}

[<Fact>]
let ``100 MB that do not say their length are too large`` () : Task = task {
    let! server = summarizer ()

    use request =
        new HttpRequestMessage(HttpMethod.Post, "/summarize", Content = json (megabytes 100))

    request.Headers.TransferEncodingChunked <- true
    let! response = server.Client.SendAsync request
    let! answer = Wire.answerOf response
    Wire.assertProblem 413 answer
    do! answersAsBefore server
}

[<Fact>]
let ``an unknown route is a 404`` () : Task = task {
    let! server = summarizer ()
    let! answer = Wire.post server.Address "/sumarize" passageBody
    Wire.assertProblem 404 answer
    do! answersAsBefore server
}

[<Fact>]
let ``a wrong method is a 405 that says which is right`` () : Task = task {
    let! server = summarizer ()
    let! response = server.Client.GetAsync "/summarize"
    let! answer = Wire.answerOf response
    Wire.assertProblem 405 answer
    Assert.Equal("POST", answer.Headers["allow"])
    do! answersAsBefore server
}

[<Fact>]
let ``another media type is a 415`` () : Task = task {
    let! server = summarizer ()

    let! response =
        server.Client.PostAsync("/summarize", new StringContent("text", Encoding.UTF8, "application/xml"))

    let! answer = Wire.answerOf response
    Wire.assertProblem 415 answer
    do! answersAsBefore server
}

[<Fact>]
let ``slow senders hold up nobody else and are given up`` () : Task = task {
    let! server = summarizer ()

    let! sockets =
        Task.WhenAll [ for _ in 1..50 -> Wire.stall server.Address "/summarize" ]

    try
        let clock = Stopwatch.StartNew()
        do! answersAsBefore server
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds 5., $"It took {clock.Elapsed}")
        let! answer = Wire.readToEnd sockets[0]
        Wire.assertProblem 408 answer
        do! answersAsBefore server
    finally
        for socket in sockets do
            socket.Dispose()
}

[<Fact>]
let ``callers that leave in the middle of a body leave nothing behind`` () : Task = task {
    let! server = summarizer ()

    for _ in 1..50 do
        let! socket = Wire.stall server.Address "/summarize"
        socket.Dispose()

    do! answersAsBefore server
}

[<Fact>]
let ``what is not HTTP at all disturbs nobody`` () : Task = task {
    let! server = summarizer ()
    use! socket = Wire.connect server.Address
    let! _ = socket.SendAsync(Array.init 4096 (fun index -> byte (index * 7)))
    do! answersAsBefore server
}

[<Fact>]
let ``every answer has an id, the caller's own where it is sane`` () : Task = task {
    let! server = summarizer ()

    for path in [ "/livez"; "/healthz"; "/readyz"; "/nothing" ] do
        let! response = server.Client.GetAsync(path)
        let! answer = Wire.answerOf response
        Assert.NotEmpty answer.Headers["x-request-id"]

    use request = new HttpRequestMessage(HttpMethod.Get, "/livez")
    request.Headers.Add("X-Request-ID", "from-the-caller-1")
    let! response = server.Client.SendAsync request
    let! answer = Wire.answerOf response
    Assert.Equal(200, answer.Status)
    Assert.Equal("from-the-caller-1", answer.Headers["x-request-id"])
}
