/// A service that is configured from outside, as a process.
module Bento.EndToEnd.ConfigTests

open System
open System.IO
open System.Net
open System.Net.Http
open System.Security.Cryptography
open System.Security.Cryptography.X509Certificates
open System.Text.Json
open System.Threading.Tasks
open Xunit
open Bento.EndToEnd.Programs

let private echo = several + ":echo"

[<Fact>]
let ``the merged truth names what gave each value`` () : Task =
    within (fun folder -> task {
        let file =
            write
                folder
                "more.yaml"
                "server: { grace: 7s }\nservices: { echo: { workers: 2 }, pausing: { workers: 3 } }"

        let! code, output =
            runBento [ "config"; echo; "--json"; "--config"; file; "--queue"; "9" ]

        Assert.Equal(0, code)
        use document = JsonDocument.Parse output

        let text (name: string) (element: JsonElement) =
            string (element.GetProperty(name).GetString())

        let told =
            document.RootElement.GetProperty("values").EnumerateArray()
            |> Seq.map (fun value -> text "key" value, (text "value" value, text "kind" (value.GetProperty "source")))
            |> Map.ofSeq

        Assert.Equal(("7s", "file"), told["server.grace"])
        Assert.Equal(("2", "file"), told["services.echo.workers"])
        Assert.Equal(("9", "flag"), told["services.echo.traffic.queue"])
        Assert.Equal(("60s", "default"), told["services.echo.traffic.timeout"])
        Assert.False(told.ContainsKey "services.pausing.workers")
        let! code, output = runBento [ "config"; echo ]
        Assert.Equal(0, code)
        Assert.Contains("server.port", output)
    })

[<Fact>]
let ``a configuration that cannot be stops the start with all its mistakes`` () : Task =
    within (fun folder -> task {
        let file =
            write folder "more.yaml" "server:\n  prot: 1\nservices:\n  ecko: { workers: 1 }\n  echo: { workers: none }"

        let! code, output = runBento [ "serve"; echo; "--port"; "0"; "--config"; file ]
        Assert.Equal(1, code)

        for part in
            [
                "more.yaml(2): `server.prot`"
                "did you mean \"port\"?"
                "more.yaml(4): `services.ecko`"
                "did you mean \"echo\"?"
                "more.yaml(5): `services.echo.workers none`: wanted a whole number, one or more"
            ] do
            Assert.Contains(part, output)

        Assert.DoesNotContain("   at ", output)

        let! code, output =
            runBento [ "serve"; echo; "--config"; Path.Combine(folder, "missing.yaml") ]

        Assert.Equal(1, code)
        Assert.Contains("missing.yaml", output)
        let! code, output = runBento [ "serve"; echo; "--timeout"; "soon" ]
        Assert.Equal(2, code)
        Assert.Contains("--timeout soon: wanted a span", output)
    })

[<Fact>]
let ``a prefix moves every route`` () : Task = task {
    use! server = Server.Start(echo, "--prefix", "/v1")
    let! answer = Wire.post server.Address "/v1/echo" """{"text": "moved"}"""B
    Assert.Equal(200, answer.Status)
    let! outside = Wire.post server.Address "/echo" """{"text": "moved"}"""B
    Wire.assertProblem 404 outside
}

[<Fact>]
let ``a certificate makes it HTTPS with HTTP/2, and its password is told nowhere`` () : Task =
    within (fun folder -> task {
        use key = ECDsa.Create ECCurve.NamedCurves.nistP256
        let request = CertificateRequest("CN=bento.test", key, HashAlgorithmName.SHA256)

        use own =
            request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays -1., DateTimeOffset.UtcNow.AddDays 1.)

        let locked =
            key.ExportEncryptedPkcs8PrivateKeyPem(
                "hunter2",
                PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 10_000)
            )

        let flags = [
            "--tls-cert"
            write folder "own.pem" (own.ExportCertificatePem())
            "--tls-key"
            write folder "own.key" locked
            "--tls-key-password-file"
            write folder "password" "hunter2\n"
        ]

        let! code, told = runBento ([ "config"; echo ] @ flags)
        Assert.Equal(0, code)
        Assert.Contains("(secret)", told)
        Assert.DoesNotContain("hunter2", told)
        use program = new Program("dotnet", [ bento; "serve"; echo; "--port"; "0" ] @ flags)
        let! line = program.Heard @"https://127\.0\.0\.1:\d+"

        use handler =
            new HttpClientHandler(
                ServerCertificateCustomValidationCallback =
                    fun _ shown _ _ ->
                        match shown with
                        | null -> false
                        | shown -> shown.Thumbprint = own.Thumbprint
            )

        use client = new HttpClient(handler)

        use request =
            new HttpRequestMessage(
                HttpMethod.Post,
                line.Value + "/echo",
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = new StringContent("""{"text":"hidden"}""", Text.Encoding.UTF8, "application/json")
            )

        use! response = client.SendAsync request
        let! body = response.Content.ReadAsStringAsync()
        Assert.Equal("""{"text":"hidden"}""", body)
        Assert.Equal(HttpVersion.Version20, response.Version)
        Assert.DoesNotContain("hunter2", program.Output)
        let! code, output = runBento ([ "serve"; echo; "--port"; "0" ] @ List.take 2 flags)
        Assert.Equal(1, code)
        Assert.Contains("bento: TLS: ", output)
        Assert.DoesNotContain("   at ", output)
    })

[<Fact>]
let ``the settings beside the target are its own, under the environment's`` () : Task =
    within (fun folder -> task {
        for file in Directory.GetFiles(Path.GetDirectoryName several |> string) do
            File.Copy(file, Path.Combine(folder, string (Path.GetFileName file)))

        write folder "bento.settings.yaml" "server: { prefix: /beside }\nservices: { echo: { traffic: { queue: 5 } } }"
        |> ignore

        let target = Path.Combine(folder, string (Path.GetFileName several)) + ":echo"
        let! code, output = runBento [ "config"; target ]
        Assert.Equal(0, code)
        Assert.Matches(@"server\.prefix +/beside +bento\.settings\.yaml\(1\)", output)
        Assert.Matches(@"services\.echo\.traffic\.queue +5 +bento\.settings\.yaml\(2\)", output)
        let variables = [ "BENTO__SERVICES__ECHO__TRAFFIC__QUEUE=6"; "dotnet"; bento ]
        let! code, output = run "env" (variables @ [ "config"; target ])
        Assert.Equal(0, code)
        Assert.Matches(@"services\.echo\.traffic\.queue +6 +BENTO__SERVICES__ECHO__TRAFFIC__QUEUE", output)
    })
