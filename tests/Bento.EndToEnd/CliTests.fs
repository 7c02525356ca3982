module Bento.EndToEnd.CliTests

open System.IO
open System.Net
open System.Net.Sockets
open System.Threading.Tasks
open Xunit
open Bento.EndToEnd.Programs

let private assertRefused code (expected: string list) (outcome: int * string) =
    let given, output = outcome
    Assert.True((given = code), $"Exit code {given} instead of {code}: {output}")

    for part in expected do
        Assert.Contains(part, output)

    Assert.DoesNotContain("   at ", output)

[<Fact>]
let ``help says how to serve`` () : Task = task {
    let! code, output = runBento [ "--help" ]
    Assert.Equal(0, code)
    Assert.Contains("serve", output)
    let! code, output = runBento [ "serve"; "--help" ]
    Assert.Equal(0, code)

    for word in [ "--host"; "--port"; "3000"; "--reload"; "script" ] do
        Assert.Contains(word, output)
}

[<Fact>]
let ``the version is one line`` () : Task = task {
    let! code, output = runBento [ "--version" ]
    Assert.Equal(0, code)
    Assert.Matches(@"^\d+\.\d+\.\d+\S*$", output.Trim())
}

[<Fact>]
let ``no command, an unknown option and an impossible port are wrong usage`` () : Task = task {
    let! outcome = runBento []
    assertRefused 2 [ "serve" ] outcome
    let! outcome = runBento [ "serve"; summarize; "--prot"; "1" ]
    assertRefused 2 [ "--prot" ] outcome
    let! outcome = runBento [ "serve"; summarize; "--port"; "70000" ]
    assertRefused 2 [ "70000"; "65535" ] outcome
    let! outcome = runBento [ "serve" ]
    assertRefused 2 [] outcome
}

[<Fact>]
let ``a target that is not there is named`` () : Task = task {
    let! outcome = runBento [ "serve"; "samples/nothing" ]
    assertRefused 1 [ "samples/nothing" ] outcome
}

[<Fact>]
let ``a target that is no assembly is named`` () : Task = task {
    let file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".dll")
    File.WriteAllText(file, "not an assembly")

    try
        let! outcome = runBento [ "serve"; file ]
        assertRefused 1 [ file ] outcome
    finally
        File.Delete file
}

[<Fact>]
let ``a folder without a project is named`` () : Task = task {
    let! outcome = runBento [ "serve"; "docs" ]
    assertRefused 1 [ "docs"; ".fsproj" ] outcome
}

[<Fact>]
let ``an assembly without a service is named`` () : Task = task {
    let! outcome = runBento [ "serve"; bento ]
    assertRefused 1 [ bento; "service" ] outcome
}

[<Fact>]
let ``of several services one must be chosen`` () : Task = task {
    let! outcome = runBento [ "serve"; several; "--port"; "0" ]
    assertRefused 1 [ "echo"; "pausing" ] outcome
    let! outcome = runBento [ "serve"; several + ":ecko"; "--port"; "0" ]
    assertRefused 1 [ "ecko"; "echo"; "pausing" ] outcome
    use! server = Server.Start(several + ":echo")
    let! answer = Wire.post server.Address "/echo" """{"text": "chosen"}"""B
    Assert.Equal(200, answer.Status)
    Assert.Equal("""{"text":"chosen"}""", answer.Body)
}

[<Fact>]
let ``a port in use is named`` () : Task = task {
    use listener = new TcpListener(IPAddress.Loopback, 0)
    listener.Start()
    let port = string (listener.LocalEndpoint :?> IPEndPoint).Port
    let! outcome = runBento [ "serve"; summarize; "--port"; port ]
    assertRefused 1 [ port ] outcome
}

[<Fact>]
let ``an address of another machine is named, with the way out`` () : Task = task {
    let! outcome =
        runBento [ "serve"; summarize; "--host"; "192.0.2.1"; "--port"; "3999" ]

    assertRefused 1 [ "Cannot listen on 192.0.2.1:3999"; "--host or --port" ] outcome
}
