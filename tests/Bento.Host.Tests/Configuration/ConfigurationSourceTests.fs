/// What the environment says, and how its names are read.
module Bento.Hosting.Tests.ConfigurationSourceTests

open System
open Xunit
open Bento
open Bento.Hosting.Tests.Configuring

let private variables given =
    Configuration.empty |> Configuration.withVariables given

[<Theory>]
[<InlineData "BENTO__SERVICES__ADDING_NUMBERS__TRAFFIC__BODY_LIMIT">]
[<InlineData "BENTO__SERVICES__ADDINGNUMBERS__TRAFFIC__BODYLIMIT">]
[<InlineData "bento__services__adding-numbers__traffic__bodyLimit">]
[<InlineData "Bento__Services__Adding_Numbers__Traffic__body-limit">]
let ``a variable's case, underscores and hyphens are not looked at`` (name: string) =
    let card = apply (variables [ name, "2MiB" ]) |> cardOf adding
    Assert.Equal(Some(Bytes(2L <<< 20)), card.Traffic.BodyLimit)

[<Fact>]
let ``other variables are passed over`` () =
    let configured =
        variables [
            "BENTO_HOME", "/x"
            "PATH", "/bin"
            "XBENTO__SERVER__PORT", "x"
            "BENTO", "y"
        ]
        |> apply

    Assert.Equal(Serve.options, configured.Options)
    Assert.All(configured.Definitions, (fun definition -> Assert.True definition.Checked.IsOk))

[<Fact>]
let ``two variables for one key are told of, since nobody knows which is meant`` () =
    Assert.Equal<(string * int * string) list>(
        [
            "BENTO__SERVER__DRAINDELAY",
            0,
            "BENTO__SERVER__DRAINDELAY and BENTO__SERVER__DRAIN_DELAY give one key; keep one of them"
        ],
        problems (variables [ "BENTO__SERVER__DRAIN_DELAY", "1s"; "BENTO__SERVER__DRAINDELAY", "1s" ])
    )

[<Theory>]
[<InlineData("BENTO__", "``")>]
[<InlineData("BENTO__SERVER__", "`server.`")>]
[<InlineData("BENTO____PORT", "``")>]
[<InlineData("BENTO__SERVER__PORT__X", "`server.port` takes a value")>]
let ``a variable that leads nowhere is named`` (name: string, shown: string) =
    match problems (variables [ name, "1" ]) with
    | [ file, 0, sentence ] ->
        Assert.Equal(name, file)
        Assert.StartsWith(shown, sentence)
    | other -> Assert.Fail $"%A{other}"

[<Fact>]
let ``the process's own environment is read`` () =
    let name = "BENTO__SERVER__GRACE"
    Environment.SetEnvironmentVariable(name, "7s")

    try
        let configured = Configuration.empty |> Configuration.withEnvironment |> apply
        Assert.Equal(seconds 7, configured.Options.Grace)
    finally
        Environment.SetEnvironmentVariable(name, null)
