module Bento.Tests.FindingTests

open System.Text.Json.Nodes
open Xunit
open Bento.Cli

let private ok = Finding.ok "port" "3000 is free."
let private warning = Finding.warning "memory" "128 MiB." "Give it more."

let private fault =
    Finding.fault "ONNX Runtime" "It said \"no\" & <left>." "Put it there."

[<Fact>]
let ``only a fault fails`` () =
    Assert.Equal(0, Finding.exitCode [])
    Assert.Equal(0, Finding.exitCode [ ok ])
    Assert.Equal(0, Finding.exitCode [ warning; ok ])
    Assert.Equal(1, Finding.exitCode [ ok; fault; warning ])

[<Fact>]
let ``the worst finding is the condition of all`` () =
    Assert.Equal(Condition.Ok, Finding.worst [])
    Assert.Equal(Condition.Warning, Finding.worst [ warning; ok ])
    Assert.Equal(Condition.Fault, Finding.worst [ warning; fault; ok ])

[<Fact>]
let ``on a terminal each finding is a line, with what to do below`` () =
    let wanted =
        """ok       port          3000 is free.
warning  memory        128 MiB.
                       Give it more.
fault    ONNX Runtime  It said "no" & <left>.
                       Put it there.

Services cannot be served; faults: 1, warnings: 1."""

    Assert.Equal(wanted.ReplaceLineEndings "\n", Finding.text [ ok; warning; fault ])
    Assert.EndsWith("\n\nAll is well.", Finding.text [ ok ])
    Assert.EndsWith("\n\nServices can be served; warnings: 1.", Finding.text [ ok; warning ])

[<Fact>]
let ``as JSON each finding is an object that says the same`` () =
    let root = nonNull (JsonNode.Parse(Finding.json [ ok; fault ]))
    Assert.Equal("fault", (nonNull root["condition"]).GetValue<string>())
    let findings = (nonNull root["findings"]).AsArray()
    Assert.Equal(2, findings.Count)

    Assert.Equal(
        """{"what":"port","condition":"ok","sentence":"3000 is free.","mend":null}""",
        (nonNull findings[0]).ToJsonString()
    )

    let said = nonNull findings[1]
    Assert.Equal(fault.Sentence, (nonNull said["sentence"]).GetValue<string>())
    Assert.Equal("Put it there.", (nonNull said["mend"]).GetValue<string>())
