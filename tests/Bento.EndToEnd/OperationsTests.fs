/// What somebody who runs a server sees of it: its log, and its figures as others judge them.
module Bento.EndToEnd.OperationsTests

open System
open System.Diagnostics
open System.IO
open System.Threading.Tasks
open Xunit
open Bento.EndToEnd.Programs

[<Fact>]
let ``each request has a line in the log, probes have none, and a caller's mistake is no stack trace`` () : Task = task {
    use! server = Server.Start(several + ":echo")
    let! _ = Wire.post server.Address "/echo" """{"text": "one"}"""B
    let! _ = Wire.post server.Address "/echo" """{"text": """B

    let! _ =
        Wire.post server.Address "/no%0A2026-11-24T00:00:00.000Z%20info%20forged" "{}"B

    let! response = server.Client.GetAsync "/readyz"
    Assert.Equal(200, int response.StatusCode)

    let! line =
        server.Program.Heard @"^\S+Z info POST /echo 200 \d+\.\d{3} ms, in 15, out 14, echo\.echo, [0-9a-f]{32}$"

    Assert.True line.Success

    let! _ =
        server.Program.Heard @"^\S+Z info POST /echo 400 .*, echo\.echo, [0-9a-f]{32}$"

    let! _ =
        server.Program.Heard @"^\S+Z info POST /no\\n2026-11-24T00:00:00\.000Z%20info%20forged 404 "

    Assert.DoesNotContain("/readyz", server.Program.Output)
    Assert.DoesNotContain("   at ", server.Program.Output)
}

[<Fact>]
let ``with --log json every line of the log is an object for a program`` () : Task = task {
    use! server = Server.Start(several + ":echo", "--log", "json")
    let! _ = Wire.post server.Address "/echo" """{"text": "one"}"""B
    let! _ = server.Program.Heard "POST.*/echo"
    server.Program.Signal terminate
    let! code = server.Program.Exit()
    Assert.Equal(0, code)

    let lines =
        server.Program.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        |> Array.filter _.StartsWith('{')
        |> Array.map (fun line -> nonNull (System.Text.Json.Nodes.JsonNode.Parse line))

    for line in lines do
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$", string line["time"])
        Assert.Equal("info", string line["level"])
        Assert.NotEmpty(string line["category"])

    let request = lines |> Array.find (fun line -> string line["path"] = "/echo")
    Assert.Equal("POST", string request["method"])
    Assert.Equal("200", string request["status"])
    Assert.Equal("echo", string request["service"])
    Assert.Matches("^[0-9a-f]{32}$", string request["requestId"])
    Assert.Contains(lines, (fun line -> (string line["message"]).StartsWith "Stopping; requests under way: 0"))
}

/// Prometheus' own tool, which `build.fsx e2e` gets from Debian.
let private promtool =
    Path.Combine(
        match Environment.GetEnvironmentVariable "BENTO_HOME" with
        | null
        | "" -> Path.Combine(Environment.GetFolderPath Environment.SpecialFolder.UserProfile, ".bento")
        | home -> home
        , "prometheus"
        , "usr"
        , "bin"
        , "promtool"
    )

[<Fact>]
let ``promtool finds nothing wrong with the page of metrics`` () : Task = task {
    Assert.SkipUnless(File.Exists promtool, "There is no promtool here; `build.fsx e2e` gets it on Debian.")
    use! server = Server.Start(several + ":echo")
    let! _ = Wire.post server.Address "/echo" """{"text": "one"}"""B
    let! _ = Wire.post server.Address "/nothing" "{}"B
    let! page = server.Client.GetStringAsync "/metrics"
    Assert.Contains("bento_requests_total{service=\"echo\",endpoint=\"/echo\",status=\"200\"} 1\n", page)

    use judge =
        Process.Start(
            ProcessStartInfo(
                promtool,
                [ "check"; "metrics" ],
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true
            )
        )
        |> nonNull

    do! judge.StandardInput.WriteAsync page
    judge.StandardInput.Close()
    let! said = judge.StandardOutput.ReadToEndAsync()
    let! complaints = judge.StandardError.ReadToEndAsync()
    do! judge.WaitForExitAsync()
    Assert.True((judge.ExitCode = 0), said + complaints)
    Assert.Empty(said + complaints)
}
