/// Flags, and what they say beside files and the environment.
module Bento.Tests.FlagsTests

open System.CommandLine
open System.IO
open Xunit
open Bento
open Bento.Cli

let private shouting = service {
    name "shouting"
    workers 2
    api "shout" (fun (text: string) -> text.ToUpperInvariant())
}

/// The flags of a command belong to it alone, so that there is one command for all that is parsed here.
let private command =
    let command = Command "serve"
    Flags.add command
    command

let private inFolder (test: string -> 'Result) : 'Result =
    let folder = Directory.CreateTempSubdirectory "bento-flags-"

    try
        test folder.FullName
    finally
        folder.Delete true

let private configured folder (words: string list) =
    let parsed = command.Parse(words |> Array.ofList)
    Assert.Empty parsed.Errors
    Configuration.apply (Flags.configuration parsed folder "shouting") Serve.options [ shouting ]

let private errors (words: string list) = [
    for error in (command.Parse(words |> Array.ofList)).Errors -> error.Message
]

[<Fact>]
let ``every flag reaches the server or the service`` () =
    inFolder (fun folder ->
        let configured =
            configured folder [
                "--host"
                "::1"
                "--port"
                "1"
                "--prefix"
                "/v1"
                "--log"
                "json"
                "--grace"
                "1m"
                "--drain-delay"
                "5"
                "--workers"
                "3"
                "--threads"
                "4"
                "--timeout"
                "10s"
                "--concurrency"
                "50"
                "--queue"
                "6"
                "--tls-cert"
                "own.pem"
                "--tls-key"
                "own.key"
            ]

        let options = configured.Options

        Assert.Equal(
            ("::1", 1, "/v1", LogFormat.Json, minutes 1, seconds 5),
            (options.Host, options.Port, options.Prefix, options.Log, options.Grace, options.DrainDelay)
        )

        let tls = options.Tls.Value
        Assert.Equal(("own.pem", Some "own.key"), (tls.Certificate, tls.Key))
        let card = (Definition.require configured.Definitions.Head).Card
        Assert.Equal((3, Some 4), (card.Workers, card.Threads))

        Assert.Equal(
            (Some(seconds 10), Some 50, Some 6),
            (card.Traffic.Timeout, card.Traffic.Concurrency, card.Traffic.Queue)
        ))

[<Fact>]
let ``flags are over files, and a later file is over an earlier one and the folder's own`` () =
    inFolder (fun folder ->
        let write name (text: string) =
            let path = Path.Combine(folder, name)
            File.WriteAllText(path, text)
            path

        write Configuration.FileName "server: { port: 1, grace: 1, drainDelay: 1, log: json }"
        |> ignore

        let first = write "first.yaml" "server: { port: 2, grace: 2, drainDelay: 2 }"
        let second = write "second.yaml" "server: { port: 3, grace: 3 }"

        let options =
            (configured folder [ "--config"; first; "--port"; "4"; "--config"; second ]).Options

        Assert.Equal(
            (4, seconds 3, seconds 2, LogFormat.Json),
            (options.Port, options.Grace, options.DrainDelay, options.Log)
        ))

[<Theory>]
[<InlineData("--port", "70000", "--port 70000: wanted a port from 1 to 65535, or 0 for a free one.")>]
[<InlineData("--log", "xml", "--log xml: wanted text or json.")>]
[<InlineData("--workers", "0", "--workers 0: wanted one or more.")>]
[<InlineData("--timeout",
             "soon",
             "--timeout soon: wanted a span such as 500ms, 10s, 1m or 1h; a number without a unit is seconds.")>]
let ``a value that cannot be is wrong usage`` (flag: string, value: string, sentence: string) =
    Assert.Equal<string list>([ sentence ], errors [ flag; value ])

[<Fact>]
let ``where a password is kept is not told`` () =
    match errors [ "--tls-key-password-file"; "hunter2" ] with
    | [ sentence ] ->
        Assert.StartsWith("--tls-key-password-file: wanted a file", sentence)
        Assert.DoesNotContain("hunter2", sentence)
    | other -> Assert.Fail $"%A{other}"

[<Fact>]
let ``a flag that is given twice is wrong usage`` () =
    Assert.NotEmpty(errors [ "--port"; "1"; "--port"; "2" ])
