/// A service on a terminal, to the letter.
module Bento.Tests.ReportTests

open Xunit
open Bento

let private text definition =
    Report.text (Service.require definition).Card

[<Fact>]
let ``a service with every setting`` () =
    let wanted =
        """summarization 1.2.0
  Makes a long text short.
  labels: team=search, tier=gold
  resources: cpu 1500m, memory 500MiB, gpu 2, fallback Cpu
  traffic: concurrency 32, queue 8, timeout 10 s, idle 60 s, heartbeat 5 s, bodyLimit 1MiB
  workers: 3, threads 2
  depends on: tokenizer, counter
  models: iris:latest, use-lite:1
  api /v1/length: an object with body -> a whole number, timeout 250 ms, bodyLimit 2KiB
  api /lengthAsync: an object with body -> a whole number
  stream /words: an object with body -> text
  job /train: a list of a whole number -> a whole number"""

    Assert.Equal(wanted.ReplaceLineEndings "\n", text CardsTests.full)

[<Fact>]
let ``a service with one endpoint and nothing else`` () =
    Assert.Equal("minimal\n  api /length: an object with body -> a whole number", text CardsTests.minimal)

[<Fact>]
let ``threads are shown where workers are not given`` () =
    let it = service {
        name "it"
        threads 4
        api "echo" (fun (text: string) -> text)
    }

    Assert.Equal("it\n  workers: 1, threads 4\n  api /echo: text -> text", text it)
