/// The page of a service in a browser: what a person does there, and what the browser asks for meanwhile.
module Bento.EndToEnd.PageTests

open System
open System.IO
open System.Net.Http
open System.Text.Json
open System.Text.Json.Nodes
open System.Threading.Tasks
open Xunit
open Bento.EndToEnd.Browser
open Bento.EndToEnd.Programs

/// One endpoint as the page has it, opened.
type private Operation = {
    Browser: Browser
    Place: string
} with

    member this.Within selector = $"{this.Place} {selector}"

    member this.Execute() =
        this.Browser.Click(this.Within ".execute")

    member this.Write(body: string) =
        this.Browser.Fill(this.Within ".body-param__text", body)

    /// The status and the body of the answer, as the page shows them.
    member this.Answer() : Task<string * string> = task {
        let answer = this.Within ".live-responses-table "
        let! status = this.Browser.Text(answer + ".response .response-col_status")
        let! body = this.Browser.Text(answer + ".response-col_description pre")
        return status.Trim(), body
    }

let private unfold (browser: Browser) service endpoint : Task<Operation> = task {
    let place = $"#operations-{service}-{endpoint}"
    do! browser.Click(place + " .opblock-summary-control")
    return { Browser = browser; Place = place }
}

/// Nothing but the server was asked for anything, and nothing went wrong but what should have.
let private isClean (server: Server) (expected: string list) (report: Report) =
    let isOurs (request: string) =
        request.StartsWith(string server.Address, StringComparison.Ordinal)
        || request.StartsWith("data:", StringComparison.Ordinal)
        || request.StartsWith("blob:" + string server.Address, StringComparison.Ordinal)

    Assert.NotEmpty report.Requests
    Assert.Empty(report.Requests |> List.filter (isOurs >> not))

    for complaint in report.Failures @ report.Complaints do
        Assert.True(expected |> List.exists complaint.Contains, complaint)

let private at (path: string) (json: string) =
    path.Split ' '
    |> Array.fold
        (fun (node: JsonNode | null) step ->
            match nonNull node with
            | :? JsonArray as items -> items[int step]
            | one -> one[step])
        (JsonNode.Parse json)
    |> string

[<Fact>]
let ``a person summarizes a text, and sees why one that is none is refused`` () : Task = task {
    use! server = Server.Start summarize
    use browser = Browser.Start()
    let! title = browser.Open server.Address
    Assert.Equal("summarization", title)
    let! summarize = unfold browser "summarization" "summarize"
    do! browser.Picture "summarize-opened"
    do! summarize.Write(JsonSerializer.Serialize {| text = passage; sentences = 3 |})
    do! summarize.Execute()
    let! status, body = summarize.Answer()
    Assert.Equal("200", status)
    Assert.Equal("0", at "sentences 0 index" body)
    Assert.Equal("3", at "sentences 1 index" body)
    Assert.Equal("6", at "sentences 2 index" body)
    do! browser.Picture "summarize-answered"
    do! browser.Click(summarize.Within ".btn-clear")
    do! summarize.Write """{"text": 7, "sentences": "three"}"""
    do! summarize.Execute()
    let! status, body = summarize.Answer()
    Assert.Equal("400", status)

    Assert.Equal(
        "2 faults",
        if at "detail" body = "The body has 2 faults; see errors." then
            "2 faults"
        else
            body
    )

    Assert.Equal("text", at "errors 0 loc 0" body)
    Assert.Equal("sentences", at "errors 1 loc 0" body)
    do! browser.Picture "summarize-refused"
    let! report = browser.Report()
    isClean server [ "status of 400" ] report
}

[<Fact>]
let ``a person uploads a file with a title`` () : Task = task {
    use! server = Server.Start(several + ":album")
    use browser = Browser.Start()
    let! _ = browser.Open server.Address
    let! store = unfold browser "album" "store"
    let file = Path.Combine(AppContext.BaseDirectory, "a note.txt")
    File.WriteAllText(file, "Grüße aus der Datei")
    do! browser.Fill(store.Within "[data-property-name=title] input", "A title")
    do! browser.Upload(store.Within "[data-property-name=note] input", file)
    do! browser.Picture "album-filled"
    do! store.Execute()
    let! status, body = store.Answer()
    Assert.Equal("200", status)
    Assert.Equal("A title", at "title" body)
    Assert.Equal("a note.txt", at "name" body)
    Assert.Equal("Grüße aus der Datei", at "text" body)
    do! browser.Picture "album-stored"
    let! report = browser.Report()
    isClean server [] report
}

let private isEnd = ".bento-stream-state:not([data-state=running])"

/// Each text goes on from the one before.
let private grew (seen: string list) =
    Assert.True(seen.Length > 2, $"It was seen {seen.Length} times only: {seen}")

    for earlier, later in List.pairwise seen do
        Assert.StartsWith(earlier, later)

[<Theory; InlineData "text/plain"; InlineData "application/x-ndjson"; InlineData "text/event-stream">]
let ``a stream is seen as it arrives, to its end or to its failure`` (mediaType: string) : Task = task {
    use! server = Server.Start(several + ":speaking")
    use browser = Browser.Start()
    let! _ = browser.Open server.Address
    let! speak = unfold browser "speaking" "speak"
    do! browser.Choose(speak.Within ".responses-wrapper .content-type", mediaType)
    do! speak.Write """{"words": 30}"""
    do! speak.Execute()
    let! seen = browser.Watch(speak.Within ".bento-stream pre", speak.Within isEnd)
    grew seen
    let whole = String.Join("", [ for word in 1..30 -> $"word{word} " ])
    Assert.Equal(whole, List.last seen)
    let! state = browser.Text(speak.Within ".bento-stream-state")
    // Plain text has no items: its pieces are what came at once.
    let counted count =
        if mediaType = "text/plain" then "[0-9]+" else string count

    Assert.Matches($"^ended: {counted 30} pieces in ", state)
    let! status, body = speak.Answer()
    Assert.Equal("200", status)
    Assert.Contains("word30", body)
    do! browser.Picture("stream-ended-" + mediaType.Replace('/', '-'))
    do! browser.Click(speak.Within ".btn-clear")
    do! speak.Write """{"words": 30, "failAt": 11}"""
    do! speak.Execute()
    let! seen = browser.Watch(speak.Within ".bento-stream pre", speak.Within isEnd)
    Assert.EndsWith("word10 ", List.last seen)
    let! state = browser.Text(speak.Within ".bento-stream-state")
    Assert.Matches($"^failed after {counted 10} pieces in ", state)

    // A connection that is broken off may take the last event with it, and then says no more than that it was.
    if mediaType <> "text/plain" then
        Assert.Matches("The voice is gone.|network error", state)

    do! browser.Picture("stream-failed-" + mediaType.Replace('/', '-'))
    let! report = browser.Report()
    isClean server [ "INCOMPLETE_CHUNKED_ENCODING" ] report
}

[<Fact>]
let ``a stream that is refused is no stream: its faults are shown, and the next one arrives as ever`` () : Task = task {
    use! server = Server.Start(several + ":speaking")
    use browser = Browser.Start()
    let! _ = browser.Open server.Address
    let! speak = unfold browser "speaking" "speak"
    do! speak.Write """{"words": "many"}"""
    do! speak.Execute()
    let! status, body = speak.Answer()
    Assert.Equal("400", status)
    Assert.Equal("words", at "errors 0 loc 0" body)
    Assert.Equal("type", at "errors 0 type" body)
    // There is nothing that would be seen as a stream, running or ended.
    let! _ = browser.Text(speak.Within ".responses-inner:not(:has(.bento-stream))")
    do! browser.Picture "stream-refused"
    do! browser.Click(speak.Within ".btn-clear")
    do! speak.Write """{"words": 3}"""
    do! speak.Execute()
    let! seen = browser.Watch(speak.Within ".bento-stream pre", speak.Within isEnd)
    Assert.Equal("word1 word2 word3 ", List.last seen)
    let! report = browser.Report()
    isClean server [ "status of 400" ] report
}

[<Fact>]
let ``who stops a stream leaves it, and the service sees that`` () : Task = task {
    use! server = Server.Start(several + ":speaking")
    use browser = Browser.Start()
    let! _ = browser.Open server.Address
    let! speak = unfold browser "speaking" "speak"
    do! speak.Write """{"words": 1000000}"""
    do! speak.Execute()
    let! first = browser.Text(speak.Within ".bento-stream button")
    Assert.Equal("Stop", first)

    let! seen =
        browser.Watch(speak.Within ".bento-stream pre", speak.Within ".bento-stream pre:has-text('word9 ')")

    grew seen
    do! browser.Picture "stream-running"
    do! browser.Click(speak.Within ".bento-stream button")
    let! _ = browser.Watch(speak.Within ".bento-stream pre", speak.Within isEnd)
    let! state = browser.Text(speak.Within ".bento-stream-state")
    Assert.StartsWith("stopped after", state)
    let! line = server.Program.Heard @" POST /speak 499 "
    Assert.True line.Success
    do! browser.Picture "stream-stopped"
    let! report = browser.Report()
    isClean server [ "ERR_ABORTED" ] report
}

[<Fact>]
let ``a text is seen while a model writes it, and is the one that others get`` () : Task = task {
    use! server = Server.Start(sample "generate" "Generate")
    use browser = Browser.Start()
    let! _ = browser.Open server.Address
    let! generate = unfold browser "generation" "generate"

    let body =
        """{"text": "The Congress of the United States", "max_tokens": 100, "temperature": 0}"""

    do! generate.Write body
    do! generate.Execute()
    let! seen = browser.Watch(generate.Within ".bento-stream pre", generate.Within isEnd)
    grew seen
    do! browser.Picture "generate"

    let! others =
        server.Client.PostAsync("/generate", new StringContent(body, Text.Encoding.UTF8, "application/json"))

    let! text = others.Content.ReadAsStringAsync()
    Assert.NotEmpty text
    Assert.Equal(text, List.last seen)
    let! report = browser.Report()
    isClean server [] report
}

[<Fact>]
let ``every endpoint of the samples answers the example that its page gives`` () : Task = task {
    for target, service, endpoints in
        [
            summarize, "summarization", [ "summarize"; "embed" ]
            sample "classify" "Classify", "classification", [ "classify" ]
            sample "generate" "Generate", "generation", [ "generate" ]
            nearest, "nearest", [ "search"; "device" ]
        ] do
        use! server = Server.Start target
        use browser = Browser.Start()
        let! _ = browser.Open server.Address

        for endpoint in endpoints do
            let! operation = unfold browser service endpoint
            do! operation.Execute()
            let! status, body = operation.Answer()
            Assert.True((status = "200"), $"{endpoint}: {status} {body}")

        do! browser.Picture $"sample-{service}"
        let! report = browser.Report()
        isClean server [] report
}
