/// Every key with its value, and who gave it.
module Bento.Hosting.Tests.ConfigurationTruthTests

open System.IO
open Xunit
open Bento
open Bento.Hosting.Tests.Configuring

let private valueOf key (configured: Configured) =
    let value = configured.Values |> List.find (fun value -> value.Key = key)
    value.Value, string value.Source

[<Fact>]
let ``with nothing said, each value is the definition's or a default`` () =
    let configured = apply Configuration.empty
    Assert.Equal((Some "3000", "default"), valueOf "server.port" configured)
    Assert.Equal((None, "default"), valueOf "server.tls.certificate" configured)
    Assert.Equal((None, "default"), valueOf "server.tls.keyPassword" configured)
    Assert.Equal((Some "1000", "default"), valueOf "services.shouting.traffic.concurrency" configured)
    Assert.Equal((Some "64MiB", "default"), valueOf "services.shouting.traffic.bodyLimit" configured)
    Assert.Equal((Some "5s", "Configuring.fs(10)"), valueOf "services.shouting.traffic.timeout" configured)
    Assert.Equal((Some "60s", "default"), valueOf "services.adding-numbers.traffic.timeout" configured)
    Assert.Equal((None, "default"), valueOf "services.adding-numbers.resources.memory" configured)

[<Fact>]
let ``what an endpoint does not say is what its service has, from where the service has it`` () =
    let configured =
        apply (
            yaml "services:\n  shouting:\n    traffic: { bodyLimit: 9MiB }\n    endpoints: { whisper: { timeout: 1 } }"
        )

    Assert.Equal((Some "1MiB", "Configuring.fs(14)"), valueOf "services.shouting.endpoints.shout.bodyLimit" configured)

    Assert.Equal(
        (Some "9MiB", "bento.settings.yaml(3)"),
        valueOf "services.shouting.endpoints.whisper.bodyLimit" configured
    )

    Assert.Equal((Some "5s", "Configuring.fs(10)"), valueOf "services.shouting.endpoints.shout.timeout" configured)

    Assert.Equal(
        (Some "1s", "bento.settings.yaml(4)"),
        valueOf "services.shouting.endpoints.whisper.timeout" configured
    )

[<Fact>]
let ``every way to say something is named`` () =
    let configured =
        yaml "server:\n  port: 1\n  grace: 1\n  log: json"
        |> Configuration.withVariables [ "BENTO__SERVER__GRACE", "2"; "BENTO__SERVER__LOG", "text" ]
        |> Configuration.withFlag "--log" "server.log" "json"
        |> apply

    Assert.Equal((Some "1", "bento.settings.yaml(2)"), valueOf "server.port" configured)
    Assert.Equal((Some "2s", "BENTO__SERVER__GRACE"), valueOf "server.grace" configured)
    Assert.Equal((Some "json", "--log"), valueOf "server.log" configured)

[<Fact>]
let ``a secret is there without being told`` () =
    inFolder (fun folder ->
        File.WriteAllText(Path.Combine(folder, "password"), "hunter2\n")

        let configured =
            yaml "server: { tls: { certificate: cert.pem, key: key.pem } }"
            |> Configuration.withVariables [ "BENTO__SERVER__TLS__KEY_PASSWORD", "hunter1" ]
            |> Configuration.withFlag
                "--tls-key-password-file"
                "server.tls.keyPasswordFile"
                (Path.Combine(folder, "password"))
            |> apply

        Assert.Equal((Some "(secret)", "bento.settings.yaml(1)"), valueOf "server.tls.key" configured)

        Assert.Equal(
            (Some "(secret)", "BENTO__SERVER__TLS__KEY_PASSWORD"),
            valueOf "server.tls.keyPassword" configured
        )

        Assert.Equal((Some "(secret)", "--tls-key-password-file"), valueOf "server.tls.keyPasswordFile" configured)
        Assert.DoesNotContain("hunter", $"%A{configured.Values}")
        let certificate, _ = valueOf "server.tls.certificate" configured
        Assert.EndsWith("/cert.pem", certificate.Value.Replace('\\', '/'))
        Assert.True(Path.IsPathRooted certificate.Value))

[<Fact>]
let ``no key is told twice, and each service has the same ones`` () =
    let keys = (apply Configuration.empty).Values |> List.map _.Key
    Assert.Equal<string list>(List.distinct keys, keys)

    let ofService (name: string) =
        let start = $"services.{name}."

        keys
        |> List.filter (fun key -> key.StartsWith start && not (key.Contains ".endpoints."))
        |> List.map (fun key -> key.Substring start.Length)

    Assert.NotEmpty(ofService "shouting")
    Assert.Equal<string list>(ofService "shouting", ofService "adding-numbers")

/// Where the table of keys for people is.
let private page =
    let rec above (folder: string) =
        match Path.GetDirectoryName folder with
        | _ when File.Exists(Path.Combine(folder, "Bento.slnx")) -> Path.Combine(folder, "docs", "configuration.md")
        | null -> failwith "There is no Bento.slnx above the tests."
        | parent -> above parent

    above System.AppContext.BaseDirectory

[<Fact>]
let ``every key has its row on the page, with its default`` () =
    let rows = File.ReadAllLines page |> Array.filter _.StartsWith("| `")
    let bare: Definition = service { api "echo" (fun (text: string) -> text) }
    let configured = Configuration.apply Configuration.empty Serve.options [ bare ]

    for value in configured.Values do
        let name =
            value.Key
                .Replace("server.", "")
                .Replace("services.bare.", "")
                .Replace("endpoints.echo.", "endpoints.<endpoint>.")

        match rows |> Array.filter (fun row -> row.StartsWith $"| `{name}` |") with
        | [| row |] ->
            let cells = row.Split '|'
            let shown = cells[3].Trim([| ' '; '`' |])

            match value.Value with
            | Some text when text <> "" && name <> "threads" && not (name.StartsWith "endpoints.") ->
                Assert.Equal(text, shown)
            | _ -> Assert.NotEmpty shown
        | rows -> Assert.Fail $"{name} has {rows.Length} rows."
