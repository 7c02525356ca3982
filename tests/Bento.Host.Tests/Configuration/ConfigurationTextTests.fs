/// How the text of a value is read.
module Bento.Hosting.Tests.ConfigurationTextTests

open System
open Xunit
open Bento
open Bento.Hosting.Tests.Configuring

let private graceOf (text: string) =
    (Configuration.empty
     |> Configuration.withFlag "--grace" "server.grace" text
     |> apply)
        .Options.Grace

[<Theory>]
[<InlineData("10", 10_000.)>]
[<InlineData("10s", 10_000.)>]
[<InlineData("10 s", 10_000.)>]
[<InlineData("0.5", 500.)>]
[<InlineData("1.5m", 90_000.)>]
[<InlineData("500ms", 500.)>]
[<InlineData("2h", 7_200_000.)>]
[<InlineData("0", 0.)>]
let ``a span has a unit, or is in seconds`` (text: string, expected: float) =
    Assert.Equal(TimeSpan.FromMilliseconds expected, graceOf text)

[<Theory>]
[<InlineData "">]
[<InlineData "s">]
[<InlineData "ten">]
[<InlineData "-1s">]
[<InlineData "1e3">]
[<InlineData "1,5s">]
[<InlineData "00:00:10">]
[<InlineData "10S">]
[<InlineData "1d">]
[<InlineData "99999999999999999999999999999999h">]
let ``a span that is none is refused with examples`` (text: string) =
    match Configuration.judge "server.grace" text with
    | Ok() -> Assert.Fail "It was taken."
    | Error sentence -> Assert.Contains("500ms, 10s, 1m or 1h", sentence)

[<Theory>]
[<InlineData("server.port", "70000", "a port from 1 to 65535, or 0 for a free one")>]
[<InlineData("server.port", "3000.0", "a whole number")>]
[<InlineData("server.port", "٣", "a whole number")>]
[<InlineData("server.host", "example.com", "an IP address such as 127.0.0.1")>]
[<InlineData("server.prefix", "v1", "a path such as \"/v1\"")>]
[<InlineData("server.prefix", "/v1/", "a path such as \"/v1\"")>]
[<InlineData("server.prefix", "/{x}", "a path such as \"/v1\"")>]
[<InlineData("server.page", "yes", "true or false")>]
[<InlineData("server.log", "xml", "text or json")>]
[<InlineData("server.grace", "2000h", "a span from 0 s to a day")>]
[<InlineData("server.limits.requestLine", "2MiB", "up to 1MiB")>]
[<InlineData("server.limits.headersSize", "lots", "whole bytes above zero")>]
[<InlineData("server.limits.headerCount", "0", "one or more")>]
[<InlineData("server.limits.bodyRateGrace", "1s", "a span from 2 s to a day")>]
[<InlineData("services.<service>.workers", "0", "one or more")>]
[<InlineData("services.<service>.workers", "many", "a whole number, one or more")>]
[<InlineData("services.<service>.traffic.queue", "-1", "zero or more")>]
[<InlineData("services.<service>.traffic.timeout", "0s", "a span above zero")>]
[<InlineData("services.<service>.traffic.bodyLimit", "1.5B", "whole bytes above zero")>]
[<InlineData("services.<service>.resources.cpu", "two", "cores above zero")>]
[<InlineData("services.<service>.resources.fallback", "gpu", "cpu")>]
[<InlineData("services.<service>.url", "http://there", "cannot host it yet")>]
[<InlineData("services.<service>.endpoints.<endpoint>.timeout", "soon", "a span such as")>]
let ``a value says what is wanted in its place`` (key: string, text: string, wanted: string) =
    match Configuration.judge key text with
    | Ok() -> Assert.Fail "It was taken."
    | Error sentence -> Assert.Contains(wanted, sentence)

[<Fact>]
let ``a value that may be of any length is cut in messages`` () =
    let text = String('x', 1_000) + "\\nserver:"
    let _, sentence = problemIn $"server: {{ host: \"{text}\" }}"
    Assert.DoesNotContain("\n", sentence)
    Assert.InRange(sentence.Length, 80, 300)

[<Fact>]
let ``only keys that are there can be judged`` () =
    let raised =
        Assert.Throws<ArgumentException>(fun () -> Configuration.judge "server.prot" "1" |> ignore)

    Assert.Contains("server.prot", raised.Message)
