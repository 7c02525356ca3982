/// The text of `/metrics`, read by the rules of its format and not by a comparison with what was written.
module Bento.Hosting.Tests.ExpositionTests

open System
open System.Globalization
open System.Net.Http
open System.Text.RegularExpressions
open System.Threading.Tasks
open Xunit
open Bento
open Bento.Hosting.Tests.Wire

type Figure = {
    Name: string
    Labels: Map<string, string>
    Value: float
}

let private line =
    Regex """^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\n"])*",?)*)\})? (\S+)$"""

let private label = Regex """([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"(?:,|$)"""

let private unescaped (text: string) =
    Regex.Replace(text, @"\\(.)", (fun (found: Match) -> if found.Value = @"\n" then "\n" else found.Groups[1].Value))

let private number text =
    match text with
    | "+Inf" -> Double.PositiveInfinity
    | text -> Double.Parse(text, CultureInfo.InvariantCulture)

let private figure (text: string) =
    let found = line.Match text
    Assert.True(found.Success, $"This is no sample: {text}")

    {
        Name = found.Groups[1].Value
        Labels =
            label.Matches found.Groups[2].Value
            |> Seq.map (fun pair -> pair.Groups[1].Value, unescaped pair.Groups[2].Value)
            |> Map.ofSeq
        Value = number found.Groups[3].Value
    }

/// The figures of a page, every line of which is a comment or a sample.
let figures (page: string) = [
    for text in page.Split('\n', StringSplitOptions.RemoveEmptyEntries) do
        if not (text.StartsWith '#') then
            figure text
]

let scrape (client: HttpClient) : Task<Figure list> = task {
    let! answer = get client "/metrics"
    Assert.Equal(200, answer.Status)
    return figures answer.Body
}

/// The sum of the figures of a name that have these labels.
let value (name: string) (labels: (string * string) list) (figures: Figure list) =
    figures
    |> List.filter (fun figure ->
        figure.Name = name
        && labels
           |> List.forall (fun (key, wanted) -> figure.Labels |> Map.tryFind key = Some wanted))
    |> List.sumBy _.Value

let private pathy = service {
    endpoint "one" { route "/v1/one" }
    api "one" (fun () -> 1)
}

[<Fact>]
let ``the page says its format, and each family has its help, its type and then its samples`` () : Task = task {
    let! server, client = App.serving pathy
    use _ = client
    use _ = server
    let! _ = post client "/v1/one" "" [||]
    let! answer = get client "/metrics"
    Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Headers["content-type"])
    Assert.NotEmpty answer.Headers["x-request-id"]
    Assert.EndsWith("\n", answer.Body)
    let mutable family = ""

    for text in answer.Body.Split('\n', StringSplitOptions.RemoveEmptyEntries) do
        match text.Split(' ', 4) with
        | [| "#"; "HELP"; name; help |] ->
            Assert.NotEmpty help
            Assert.Single(Regex.Matches(answer.Body, $"(?m)^# HELP {name} ")) |> ignore
            family <- name
        | [| "#"; "TYPE"; name; kind |] ->
            Assert.Equal(family, name)
            Assert.Contains(kind, [ "counter"; "gauge"; "histogram" ])
            Assert.Equal((kind = "counter"), name.EndsWith "_total")
        | _ -> Assert.StartsWith(family, (figure text).Name)
}

[<Fact>]
let ``metrics answer HEAD without a body and refuse POST`` () : Task = task {
    let! server, client = App.serving pathy
    use _ = client
    use _ = server
    use! socket = connect server.Address
    do! sendText socket (head "HEAD" "/metrics" [])
    let! answer = readAnswer socket
    Assert.Equal(200, answer.Status)
    Assert.Empty answer.Bytes
    let! wrong = post client "/metrics" "" [||]
    problem 405 wrong |> ignore
    Assert.Equal("GET, HEAD", wrong.Headers["allow"])
}
