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
    Assert.Equal("{\"text\":\"a\"}\n{\"text\":\"b\"}\n", output)

    let! code, output =
        runBento [ "call"; url "/letters"; "count=9"; "failAfter=2"; "-H"; "X-Request-ID: ink" ]

    Assert.Equal(1, code)
    Assert.StartsWith("ab", output)
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
