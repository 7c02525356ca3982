/// Items between a first byte and a last one, read back by readers that others wrote.
module Bento.Hosting.Tests.FramingTests

open System
open System.Collections.Generic
open System.IO
open System.Net.ServerSentEvents
open System.Text
open System.Text.Json.Nodes
open FsCheck
open FsCheck.FSharp
open Microsoft.AspNetCore.Http
open Xunit
open Bento

type Token = {
    Text: string
    Score: float
    After: int option
}

let private none<'Out> (_: Context<unit>) (_: int) : IAsyncEnumerable<'Out> =
    Items.produce (fun _ _ -> Threading.Tasks.Task.CompletedTask)

let private planOf (definition: Definition<unit>) : ItemWriting<'Out> =
    Framing.plan<'Out> (Service.require definition).Card.Endpoints.Head

let private plan<'Out> () : ItemWriting<'Out> =
    planOf (
        service {
            name "it"
            stream "it" none<'Out>
        }
    )

let private texts = plan<string>()
let private tokens = plan<Token>()

let private bytesOf writing framing (items: 'Out list) : byte[] =
    use buffer = new ItemBuffer()
    use all = new MemoryStream()

    for item in items do
        Framing.write writing framing buffer item
        all.Write buffer.Written.Span

    all.ToArray()

let private textOf writing framing items =
    Encoding.UTF8.GetString(bytesOf writing framing items)

let private events (bytes: byte[]) = [
    for event in SseParser.Create(new MemoryStream(bytes)).Enumerate() -> event.EventType, event.Data
]

/// What is left of any text on its way through UTF-8.
let private asSent (text: string) =
    Encoding.UTF8.GetString(Encoding.UTF8.GetBytes text)

let private texty =
    let letters =
        Gen.elements [
            "a"
            "\n"
            "\r"
            "\r\n"
            " "
            ":"
            "data: x"
            "\u00e9"
            "\U0001F600"
            "\u2028"
            "\t"
        ]

    Gen.listOf letters |> Gen.map String.Concat |> Gen.listOf |> Arb.fromGen

let private holds law =
    Check.One(Config.QuickThrowOnFailure.WithQuietOnSuccess true, Prop.forAll texty law)

[<Fact>]
let ``whatever a text is, a reader of events has it again but for how its lines end`` () =
    holds (fun items ->
        let normal (text: string) =
            (asSent text).Replace("\r\n", "\n").Replace('\r', '\n')

        events (bytesOf texts Framing.Events items) = (items |> List.map (fun text -> "message", normal text)))

[<Fact>]
let ``whatever a text is, it is one line of JSON among lines`` () =
    holds (fun items ->
        let lines = (textOf texts Framing.Lines items).Split '\n'

        Array.last lines = ""
        && [
            for line in lines[.. lines.Length - 2] -> (nonNull (JsonNode.Parse line)).GetValue<string>()
        ]
            =
            List.map asSent items)

[<Fact>]
let ``texts one after the other are their text`` () =
    holds (fun items -> textOf texts Framing.Text items = String.Concat(List.map asSent items))

[<Fact>]
let ``values are JSON, in events and in lines`` () =
    let items = [
        {
            Text = "on\ne"
            Score = 0.5
            After = None
        }
        {
            Text = "two"
            Score = nan
            After = Some 2
        }
    ]

    let first, second =
        """{"text":"on\ne","score":0.5}""", """{"text":"two","score":null,"after":2}"""

    Assert.Equal($"{first}\n{second}\n", textOf tokens Framing.Lines items)
    Assert.Equal($"data: {first}\n\ndata: {second}\n\n", textOf tokens Framing.Events items)

[<Fact>]
let ``what JSON has as a string goes out as text`` () =
    let id = Guid.NewGuid()
    let ids = plan<Guid>()
    Assert.Equal<Framing list>([ Framing.Text; Framing.Lines; Framing.Events ], List.ofArray ids.Framings)
    Assert.Equal($"data: {id}\n\n", textOf ids Framing.Events [ id ])
    Assert.Equal($"\"{id}\"\n", textOf ids Framing.Lines [ id ])
    Assert.Equal(string id, textOf ids Framing.Text [ id ])

[<Fact>]
let ``a codec of somebody's own that writes on several lines does not break the frames`` () =
    let spaced =
        Codec.ofStrings (fun _ -> Ok { Text = ""; Score = 0.; After = None }) (fun token ->
            $"{{\r\n  \"is\": \"{token.Text}\"\n}}")

    let writing: ItemWriting<Token> =
        planOf (
            service {
                name "it"
                codec spaced
                stream "it" none<Token>
            }
        )

    let item = { Text = "a"; Score = 0.; After = None }

    Assert.Equal("{    \"is\": \"a\" }\n", textOf writing Framing.Lines [ item ])

    Assert.Equal<(string * string) list>(
        [ "message", "{    \"is\": \"a\" }" ],
        events (bytesOf writing Framing.Events [ item ])
    )

[<Fact>]
let ``an item that is null and must not be is a mistake of its producer`` () =
    let write () =
        bytesOf texts Framing.Lines [ Unchecked.defaultof<string> ] |> ignore

    Assert.Contains("text", Assert.Throws<InvalidOperationException>(write).Message)
    let optional = plan<string option>()
    Assert.Equal("\"a\"\nnull\n", textOf optional Framing.Lines [ Some "a"; None ])

let private chosen (writing: ItemWriting<'Out>) (accept: string) =
    let http = DefaultHttpContext()

    if accept <> "" then
        http.Request.Headers.Accept <- accept

    match Framing.choose writing http with
    | Ok framing -> Some framing
    | Error refusal ->
        Assert.Equal(406, refusal.Status)
        Assert.Contains("application/x-ndjson or text/event-stream", refusal.Detail)
        None

[<Fact>]
let ``Accept decides, with its weights; without a wish text is text and the rest is lines`` () =
    for accept, ofText, ofValue in
        [
            "", Some Framing.Text, Some Framing.Lines
            "*/*", Some Framing.Text, Some Framing.Lines
            "text/event-stream", Some Framing.Events, Some Framing.Events
            "application/x-ndjson", Some Framing.Lines, Some Framing.Lines
            "text/plain", Some Framing.Text, None
            "text/*", Some Framing.Text, Some Framing.Events
            "text/event-stream;q=0.5, application/x-ndjson", Some Framing.Lines, Some Framing.Lines
            "text/event-stream, application/x-ndjson;q=0.9, */*;q=0.1", Some Framing.Events, Some Framing.Events
            "application/*", Some Framing.Lines, Some Framing.Lines
            "application/json", None, None
            "text/event-stream;q=0", None, None
        ] do
        Assert.True((chosen texts accept = ofText), $"text for {accept}")
        Assert.True((chosen tokens accept = ofValue), $"a value for {accept}")

[<Fact>]
let ``the end and a failure are told apart from every item`` () =
    let http = DefaultHttpContext(TraceIdentifier = "the-id")
    let refusal = Refusal.plain 500 "It failed."

    let problem =
        """{"type":"about:blank","title":"Internal Server Error","status":500,"detail":"It failed.","instance":"","requestId":"the-id","error":"It failed."}"""

    let failure framing =
        (Framing.failure framing http refusal).ToArray()

    Assert.Equal<(string * string) list>([ "error", problem ], events (failure Framing.Events))
    Assert.Equal($"{{\"error\":{problem}}}\n", Encoding.UTF8.GetString(failure Framing.Lines))
    Assert.Empty(failure Framing.Text)
    Assert.Equal<(string * string) list>([ "end", "" ], events ((Framing.finish Framing.Events).ToArray()))
    Assert.Empty(events (Framing.heartbeat.ToArray()))
    Assert.True((Framing.finish Framing.Lines).IsEmpty && (Framing.finish Framing.Text).IsEmpty)
