/// What tools read of every sample, judged by tools of others.
module Bento.EndToEnd.OpenApiTests

open System
open System.IO
open System.Threading.Tasks
open Xunit
open Bento.EndToEnd.Programs

let private redocly =
    Path.Combine(testTools, "node_modules", "@redocly", "cli", "bin", "cli.js")

let private lint (document: string) : Task<int * string> =
    // Nothing is sent to whoever made the tool.
    runWith [ "REDOCLY_TELEMETRY", "off"; "REDOCLY_SUPPRESS_UPDATE_NOTICE", "true" ] "node" [
        redocly
        "lint"
        document
    ]

/// The assembly of each sample that has a project.
let samples: TheoryData<string> =
    let data = TheoryData<string>()

    for folder in Directory.GetDirectories(Path.Combine(root, "samples")) |> Array.sort do
        for project in Directory.GetFiles(folder, "*.*sproj") do
            let name = string (Path.GetFileNameWithoutExtension project)
            data.Add(Path.Combine(folder, "bin", "Release", "net10.0", name + ".dll"))

    data

let private inFolder (work: string -> Task<unit>) : Task = task {
    let folder = Directory.CreateTempSubdirectory "bento-openapi-"

    try
        do! work folder.FullName
    finally
        folder.Delete true
}

[<Theory; MemberData(nameof samples)>]
let ``Redocly's lint passes on a sample's document`` (assembly: string) =
    inFolder (fun folder -> task {
        let document = Path.Combine(folder, "docs.json")
        let! code, output = runBento [ "openapi"; assembly; "--output"; document ]
        Assert.True((code = 0), output)
        let! code, output = lint document
        Assert.True((code = 0), output)
    })

[<Fact>]
let ``Redocly's lint fails on what is not a document`` () =
    inFolder (fun folder -> task {
        let document = Path.Combine(folder, "docs.json")
        File.WriteAllText(document, """{"openapi":"3.1.0","paths":{}}""")
        let! code, output = lint document
        Assert.True((code = 1), output)
        Assert.Contains("info", output)
    })

[<Fact>]
let ``the document on the disk is the one that is served, and passes too`` () =
    inFolder (fun folder -> task {
        use! server = Server.Start(several + ":echo")
        let document = Path.Combine(folder, "docs.json")

        let! served =
            server.Client.GetStringAsync("/docs.json", TestContext.Current.CancellationToken)

        let! code, written = runBento [ "openapi"; several + ":echo" ]
        Assert.Equal(0, code)

        let plainly text =
            (nonNull (System.Text.Json.Nodes.JsonNode.Parse(text: string))).ToJsonString()

        Assert.Equal(plainly served, plainly written)
        File.WriteAllText(document, served)
        let! code, output = lint document
        Assert.True((code = 0), output)
    })

[<Fact>]
let ``a document that cannot be written is said so`` () : Task = task {
    let file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName(), "docs.json")
    let! code, output = runBento [ "openapi"; several + ":echo"; "--output"; file ]
    Assert.Equal(1, code)
    Assert.Contains($"{file} cannot be written", output)
    let! code, output = runBento [ "openapi"; several ]
    Assert.Equal(1, code)
    Assert.Contains("has several services", output)
}
