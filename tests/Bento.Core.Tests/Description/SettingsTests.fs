/// What was written, before anything is judged.
module Bento.Tests.SettingsTests

open Xunit
open Bento

[<Theory>]
[<InlineData(2.0, "2")>]
[<InlineData(0.5, "0.5")>]
[<InlineData(-1.0, "-1")>]
[<InlineData(System.Double.NaN, "NaN")>]
let ``a number is shown as it is written in the source`` (number: float, text: string) =
    Assert.Equal(text, string (Number number))
    Assert.Equal(text, (Number number).Text)

[<Fact>]
let ``text is shown in quotes and parsed without`` () =
    Assert.Equal("\"4Gi\"", string (Written "4Gi"))
    Assert.Equal("4Gi", (Written "4Gi").Text)

[<Fact>]
let ``every setting has the word that gives it`` () =
    let words = [
        Setting.Name "x", "name"
        Setting.Description "x", "description"
        Setting.Version "x", "version"
        Setting.Label("team", "x"), "label \"team\""
        Setting.Cpu(Number 1.), "cpu"
        Setting.Memory(Written "1"), "memory"
        Setting.Gpu(Number 1.), "gpu"
        Setting.Fallback Cpu, "fallback"
        Setting.Workers 1, "workers"
        Setting.Threads 1, "threads"
        Setting.Concurrency 1, "concurrency"
        Setting.Queue 1, "queue"
        Setting.Timeout(seconds 1), "timeout"
        Setting.Idle(seconds 1), "idle"
        Setting.Heartbeat(seconds 1), "heartbeat"
        Setting.BodyLimit(Written "1"), "bodyLimit"
        Setting.Route "/x", "route"
        Setting.MaxBatch 1, "maxBatch"
        Setting.MaxDelay(seconds 1), "maxDelay"
        Setting.InFlight 1, "inFlight"
        Setting.Retry true, "retry"
        Setting.Warmup { Type = typeof<int>; Input = 1 }, "warmup"
        Setting.Model "iris:latest", "model \"iris:latest\""
        Setting.Naming Snake, "naming"
        Setting.Strict, "strict"
        Setting.Codec(Codec.ofStrings Error id), "codec string"
        Setting.Block "resources", "resources"
    ]

    for setting, word in words do
        Assert.Equal(word, Setting.word setting)

    Assert.Equal(Reflection.FSharpType.GetUnionCases typeof<Setting> |> Array.length, words.Length)

[<Fact>]
let ``a setting of the service belongs to no endpoint`` () =
    let given = Setting.given 7 (Setting.Workers 2)

    Assert.Equal(
        {
            Setting = Setting.Workers 2
            Endpoint = None
            Line = 7
        },
        given
    )
