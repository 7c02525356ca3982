/// The merged truth as it is printed.
module Bento.Tests.ConfigCommandTests

open System.Text.Json.Nodes
open Xunit
open Bento
open Bento.Cli

let private values = [
    {
        Key = "server.port"
        Value = Some "3001"
        Source = ValueSource.File("/etc/bento.settings.yaml", 2)
    }
    {
        Key = "services.a.resources.cpu"
        Value = None
        Source = ValueSource.Default
    }
    {
        Key = "server.log"
        Value = Some "json"
        Source = ValueSource.Variable "BENTO__SERVER__LOG"
    }
    {
        Key = "server.grace"
        Value = Some "1s"
        Source = ValueSource.Flag "--grace"
    }
    {
        Key = "services.a.workers"
        Value = Some "2"
        Source = ValueSource.Definition("/src/A.fs", 7)
    }
]

[<Fact>]
let ``a person reads columns`` () =
    Assert.Equal(
        String.concat "\n" [
            "KEY                       VALUE  FROM"
            "server.port               3001   bento.settings.yaml(2)"
            "services.a.resources.cpu  -      default"
            "server.log                json   BENTO__SERVER__LOG"
            "server.grace              1s     --grace"
            "services.a.workers        2      A.fs(7)"
        ],
        ConfigCommand.table values
    )

[<Fact>]
let ``a program reads JSON with the whole path`` () =
    let expected =
        JsonNode.Parse
            """
{ "values": [
  { "key": "server.port", "value": "3001",
    "source": { "kind": "file", "name": "/etc/bento.settings.yaml", "line": 2 } },
  { "key": "services.a.resources.cpu", "value": null, "source": { "kind": "default" } },
  { "key": "server.log", "value": "json", "source": { "kind": "variable", "name": "BENTO__SERVER__LOG" } },
  { "key": "server.grace", "value": "1s", "source": { "kind": "flag", "name": "--grace" } },
  { "key": "services.a.workers", "value": "2", "source": { "kind": "definition", "name": "/src/A.fs", "line": 7 } } ] }
"""

    Assert.True(JsonNode.DeepEquals(expected, JsonNode.Parse(ConfigCommand.json values)))
