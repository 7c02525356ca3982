/// `bento call` against a service that `bento serve` serves.
module Bento.EndToEnd.CallTests

open System
open System.IO
open System.Net
open System.Net.Sockets
open System.Text.Json.Nodes
open System.Threading.Tasks
open Xunit
open Bento.EndToEnd.Programs

let private assertFails (expected: string) (outcome: int * string) =
    let code, output = outcome
    Assert.True((code = 1), output)
    Assert.Contains(expected, output)
    Assert.DoesNotContain("   at ", output)

[<Fact>]
let ``a call types its values and prints the answer`` () : Task = task {
    use! server = Server.Start summarize
    let url = string (Uri(server.Address, "/summarize"))
    let passage = Path.Combine(root, "samples/summarize/passage.txt")
    let! code, output = runBento [ "call"; url; $"text=@{passage}"; "sentences=2" ]
    Assert.True((code = 0), output)
    let answer = nonNull (JsonNode.Parse output)
    Assert.Equal(2, (nonNull answer["sentences"]).AsArray().Count)

    let! outcome = runBento [ "call"; url; "tex=a" ]
    assertFails "did you mean \"text\"?" outcome
    let! outcome = runBento [ "call"; url; "text=a"; "sentences=many" ]
    assertFails "sentences is many; wanted a whole number" outcome
    let! outcome = runBento [ "call"; url; "text:=5" ]
    assertFails "bento: 400: " outcome
    let! outcome = runBento [ "call"; url; "text= " ]
    assertFails "bento: 400: \"text\" is empty" outcome
    let! outcome = runBento [ "call"; url + "s" ]
    assertFails "no endpoint at /summarizes; it has /summarize, /embed; did you mean \"/summarize\"?" outcome
}

[<Fact>]
let ``an answer goes to a file, and headers to the service`` () : Task = task {
    use! server = Server.Start(several + ":echo")
    let url = string (Uri(server.Address, "/echo"))
    let file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName())

    try
        let! code, output = runBento [ "call"; url; "text=hé"; "--output"; file ]
        Assert.True((code = 0), output)
        Assert.Equal("""{"text":"hé"}""", File.ReadAllText file)
    finally
        File.Delete file

    let! outcome =
        runBento [ "call"; url; "text:=1"; "--header"; "X-Request-ID: from-a-test" ]

    assertFails "request id: from-a-test" outcome
    let! outcome = runBento [ "call"; url; "text=a"; "--header"; "nonsense" ]
    assertFails "\"nonsense\" is no header of a request" outcome
}

[<Fact>]
let ``a stream is shown item by item, for as long as it goes on, and one that breaks off is a failure`` () : Task = task {
    use! server = Server.Start(several + ":writing")
    let url (name: string) = string (Uri(server.Address, name))
    // In all it takes longer than the time that is given to each item.
    let! code, output = runBento [ "call"; url "/letters"; "count=12"; "--timeout"; "2" ]
    Assert.True((code = 0), output)
    Assert.Equal("abcdefghijkl", output)
    let! code, output = runBento [ "call"; url "/messages"; "count=2" ]
    Assert.True((code = 0), output)
    Assert.Equal("{\"text\":\"a\"}\n{\"text\":\"b\"}", output)

    let! code, output =
        runBento [ "call"; url "/letters"; "count=9"; "failAfter=2"; "-H"; "X-Request-ID: ink" ]

    Assert.Equal(1, code)
    Assert.Contains("ab", output.Split '\n')
    Assert.Contains("The answer broke off after 2 bytes", output)
    Assert.Contains("under request id ink.", output)
    Assert.DoesNotContain("The ink has run out", output)
    let! outcome = runBento [ "call"; url "/letters"; "count=9"; "failAfter=0" ]
    assertFails "bento: 500: " outcome
}

[<Fact>]
let ``a service that is slow, absent or none is told in one sentence`` () : Task = task {
    use! server = Server.Start(several + ":pausing")
    let url = string (Uri(server.Address, "/pause"))
    let! outcome = runBento [ "call"; url; "milliseconds=60000"; "--timeout"; "0.5" ]
    assertFails "gave no answer within 0.5 s" outcome

    use listener = new TcpListener(IPAddress.Loopback, 0)
    listener.Start()
    let port = (listener.LocalEndpoint :?> IPEndPoint).Port
    listener.Stop()
    let! outcome = runBento [ "call"; $"http://127.0.0.1:{port}/pause" ]
    assertFails $"http://127.0.0.1:{port}/pause cannot be reached" outcome
    let! outcome = runBento [ "call"; "pause"; "milliseconds=1" ]
    assertFails "\"pause\" is not where an endpoint is" outcome
    let! code, output = runBento [ "call"; url; "--timeout"; "0" ]
    Assert.True((code = 2), output)
}

/// Runs the command in a shell, which may give it something to read.
let private inShell (line: string) = run "sh" [ "-c"; line ]

[<Fact>]
let ``tensors go as numpy's files, by themselves and among fields, and come back so`` () : Task = task {
    use! server = Server.Start(several + ":arithmetic")
    let url (path: string) = string (Uri(server.Address, path))
    let folder = Directory.CreateTempSubdirectory "bento-call-"
    let rows = Path.Combine(folder.FullName, "rows.npy")

    try
        let! code, output =
            runBento [
                "call"
                url "/same"
                "[[1,2],[3,4]]"
                "--header"
                "Accept: application/x-npy"
                "--output"
                rows
            ]

        Assert.True((code = 0), output)
        Assert.Equal(0x93uy, (File.ReadAllBytes rows)[0])
        let! code, output = runBento [ "call"; url "/same"; $"@{rows}" ]
        Assert.Equal((0, "[[1,2],[3,4]]"), (code, output.Trim()))
        let! code, output = runBento [ "call"; url "/shift"; $"rows=@{rows}"; "by=0.5" ]
        Assert.Equal((0, "[[1.5,2.5],[3.5,4.5]]"), (code, output.Trim()))
    finally
        folder.Delete true
}

[<Fact>]
let ``standard input is a field's value, and an answer that was sent small is shown whole`` () : Task = task {
    use! server = Server.Start(several + ":arithmetic")
    let url (path: string) = string (Uri(server.Address, path))
    let call = $"dotnet {bento} call"
    let same, repeat, shift = url "/same", url "/repeat", url "/shift"
    let! code, output = inShell $"printf '[[1]]' | {call} {same} @-"
    Assert.Equal((0, "[[1]]"), (code, output.Trim()))
    let! code, output = inShell $"printf 'hé' | {call} {repeat} text=@-"
    Assert.Equal(0, code)
    let answer = nonNull (JsonNode.Parse output)
    Assert.Equal(String.replicate 10_000 "hé", string answer["text"])
    let! outcome = inShell $"printf 1 | {call} {shift} rows=@- by=@-"
    assertFails "is there to be read once" outcome
}

[<Fact>]
let ``whoever reads an answer slowly takes none of the time that it has to come`` () : Task = task {
    use! server = Server.Start(several + ":arithmetic")
    // More than a pipe holds, so that the command has to wait for its reader.
    let call =
        $"""dotnet {bento} call {Uri(server.Address, "/repeat")} text={String('a', 100)} --timeout 5"""

    let! code, output = inShell $"{call} | (sleep 12; wc -c)"
    Assert.Equal((0, string (10_000 * 100 + """{"text":""}""".Length)), (code, output.Trim()))
}

let rec private at (path: string list) (node: JsonNode) : JsonNode =
    match path with
    | [] -> node
    | name :: rest -> at rest (nonNull node[name])

[<Theory>]
[<InlineData("summarize", "Summarize.dll")>]
[<InlineData("classify", "Classify.dll")>]
[<InlineData("classify-csharp", "ClassifyCSharp.dll")>]
[<InlineData("iris-csharp", "Iris.dll")>]
let ``every endpoint of a sample takes the example of its document`` (folder: string, assembly: string) : Task = task {
    use! server =
        Server.Start(Path.Combine(root, "samples", folder, "bin", "Release", "net10.0", assembly))

    let! document =
        server.Client.GetStringAsync("/docs.json", TestContext.Current.CancellationToken)

    let paths = (at [ "paths" ] (nonNull (JsonNode.Parse document))).AsObject()
    Assert.NotEmpty paths

    for KeyValue(path, operation) in paths do
        let values =
            match at [ "post"; "requestBody"; "content"; "application/json"; "example" ] (nonNull operation) with
            | :? JsonObject as fields -> [
                for KeyValue(name, value) in fields -> $"{name}:={(nonNull value).ToJsonString()}"
              ]
            | value -> [ ":=" + value.ToJsonString() ]

        let! code, output =
            runBento ([ "call"; string (Uri(server.Address, path)) ] @ values)

        Assert.True((code = 0), output)
        Assert.NotNull(JsonNode.Parse output)
}

[<Fact>]
let ``a picture that is uploaded to the OCR sample comes back as its text`` () : Task = task {
    let page = Path.Combine(root, "tests", "Ocr.Tests", "page.png")

    use! server =
        Server.Start(Path.Combine(root, "samples", "ocr-csharp", "bin", "Release", "net10.0", "Ocr.dll"))

    let! code, output =
        runBento [ "call"; string (Uri(server.Address, "/read")); $"@{page}" ]

    Assert.True((code = 0), output)
    let text = string (at [ "text" ] (nonNull (JsonNode.Parse output)))
    Assert.Contains("20481", text)
    Assert.Contains("oranges", text)
}
