/// What is taken from a YAML file, and what is not.
module Bento.Hosting.Tests.ConfigurationFileTests

open System
open System.IO
open System.Text
open FsCheck
open FsCheck.FSharp
open Xunit
open Bento
open Bento.Hosting.Tests.Configuring

[<Fact>]
let ``maps and values are taken, in blocks or in braces, quoted or not`` () =
    let configured =
        yaml
            """
# What production wants.
server:
  port: 0x0 # not a number of ours, see below
"""

    Assert.Contains("server.port 0x0", (refusal configured).Message)

    let configured =
        yaml
            """
server: { port: "3001", 'log': json }
services:
  shouting:
    workers: 4
    traffic:
      timeout: 10s
      body_limit: 2MiB
    endpoints: { whisper: { timeout: 250ms } }
"""
        |> apply

    Assert.Equal(3001, configured.Options.Port)
    Assert.Equal(LogFormat.Json, configured.Options.Log)
    let card = cardOf shouting configured
    Assert.Equal(4, card.Workers)
    Assert.Equal(Some(seconds 10), card.Traffic.Timeout)
    Assert.Equal(Some(Bytes(2L <<< 20)), card.Traffic.BodyLimit)
    Assert.Equal(Some(milliseconds 250), card.Endpoints[1].Timeout)

[<Theory>]
[<InlineData "">]
[<InlineData "# nothing yet\n">]
[<InlineData "---\n...\n">]
[<InlineData "~">]
[<InlineData "{}">]
[<InlineData "server:\nservices:\n  shouting:\n    traffic: {}\n">]
let ``a file that says nothing changes nothing`` (text: string) =
    let configured = apply (yaml text)
    Assert.Equal(Serve.options, configured.Options)
    Assert.Equal<Definition list>(both, configured.Definitions)

[<Theory>]
[<InlineData("server: [1, 2]", 1, "`server` is a list, which no key takes; write keys and values")>]
[<InlineData("server:\n  port: &port 1", 2, "`server.port` has an anchor, &, which is not taken; write the value out")>]
[<InlineData("server:\n  port: *port", 2, "`server.port` has an alias, *, which is not taken; write the value out")>]
[<InlineData("server:\n  port: !!int 1", 2, "`server.port` has a tag, !, which is not taken; write the plain value")>]
[<InlineData("server: !!System.IO.FileInfo {}", 1, "`server` has a tag, !, which is not taken; write the plain value")>]
[<InlineData("server:\n  ? [a]\n  : b", 2, "`server` has a key that is not plain text")>]
[<InlineData("server:\n  port: 1\n  Port: 2", 3, "`server.Port` is given again, first on line 2; keep one")>]
[<InlineData("- server", 1, "the file should have `server:` and `services:` at its top")>]
[<InlineData("words", 1, "the file should have `server:` and `services:` at its top")>]
[<InlineData("server:\n  port: 1\n---\nserver:\n", 3, "the file holds several documents; keep one")>]
let ``what is more than maps and values is refused where it stands`` (text: string, line: int, sentence: string) =
    Assert.Equal((line, sentence), problemIn text)

[<Theory>]
[<InlineData("server:\n  port: 'a", 2)>]
[<InlineData("server:\n\tport: 1", 1)>]
[<InlineData("server: {port: 1", 1)>]
[<InlineData("a: b: c", 1)>]
let ``what is not YAML is refused with a line`` (text: string, line: int) =
    let at, sentence = problemIn text
    Assert.StartsWith("the file is not YAML: ", sentence)
    Assert.InRange(at, line, line + 1)

[<Fact>]
let ``everything that is wrong with a file is told at once`` () =
    Assert.Equal<(int * string) list>(
        [
            2, "`server.port` has a tag, !, which is not taken; write the plain value"
            3, "`server.log` is a list, which no key takes; write keys and values"
            4, "`server.prot` is not a key; in its place stand"
        ],
        problems (yaml "server:\n  port: !x 1\n  log: [text]\n  prot: 2")
        |> List.map (fun (_, line, sentence) -> line, (sentence.Split " \"host\"")[0])
    )

[<Fact>]
let ``a file that is missing, a folder, or not text is named`` () =
    inFolder (fun folder ->
        let refused (path: string) =
            (Configuration.empty |> Configuration.withFile path |> refusal).Message

        let missing = Path.Combine(folder, "missing.yaml")
        Assert.Contains(missing, refused missing)
        Assert.Contains(folder, refused folder)
        let binary = Path.Combine(folder, "binary.yaml")
        File.WriteAllBytes(binary, [| 0xC3uy; 0x28uy |])
        Assert.Contains("is not text in UTF-8", refused binary)
        let large = Path.Combine(folder, "large.yaml")
        File.WriteAllText(large, String('#', (1 <<< 16) + 1))
        Assert.Contains("larger than 64KiB", refused large))

[<Fact>]
let ``only the folder that has settings says something`` () =
    inFolder (fun folder ->
        let configured () =
            Configuration.empty |> Configuration.withFolder folder |> apply

        Assert.Equal(3000, (configured ()).Options.Port)
        File.WriteAllText(Path.Combine(folder, "bento.settings.yaml"), "server: { port: 3001 }")
        Assert.Equal(3001, (configured ()).Options.Port))

[<Theory>]
[<InlineData "[">]
[<InlineData "{a: ">]
[<InlineData "- ">]
[<InlineData "? ">]
[<InlineData "&a ">]
let ``depth is no way to exhaust the server`` (piece: string) =
    let text = StringBuilder().Insert(0, piece, 65_000 / piece.Length).ToString()
    Assert.NotEmpty(problems (yaml text))

[<Fact>]
let ``a file is taken or refused, whatever is in it`` () =
    let pieces = [
        "server:"
        "services:"
        "shouting"
        "port"
        " "
        "  "
        "\n"
        "\n  "
        ": "
        "- "
        "{"
        "}"
        "["
        "]"
        ","
        "'"
        "\""
        "#"
        "&a"
        "*a"
        "!t "
        "|"
        ">"
        "%"
        "---\n"
        "...\n"
        "?"
        "\t"
        "1"
        "\\"
        "\000"
        "\u2028"
        "é"
        "@"
        "`"
    ]

    let texts =
        Gen.elements pieces |> Gen.listOf |> Gen.map String.Concat |> Arb.fromGen

    let isJudged (text: string) =
        try
            apply (yaml text) |> ignore
            true
        with :? InvalidServiceException as refused ->
            InvalidServiceException.problems refused
            |> List.forall (fun (_, problem) -> Problem.describe problem <> "")

    Check.One(Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest 500, Prop.forAll texts isJudged)
