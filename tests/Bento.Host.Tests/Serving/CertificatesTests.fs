/// HTTPS over real sockets, with certificates that are made here.
module Bento.Hosting.Tests.CertificatesTests

open System
open System.IO
open System.Net
open System.Net.Http
open System.Net.Security
open System.Security.Cryptography
open System.Security.Cryptography.X509Certificates
open System.Threading.Tasks
open Xunit
open Bento
open Bento.Hosting.Tests.Configuring
open Bento.Hosting.Tests.Wire

let private request (name: string) (key: ECDsa) =
    let request = CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256)
    let names = SubjectAlternativeNameBuilder()
    names.AddDnsName "localhost"
    names.AddIpAddress IPAddress.Loopback
    request.CertificateExtensions.Add(names.Build())
    request

/// One that vouches for others.
let private authority name key =
    let request = request name key
    request.CertificateExtensions.Add(X509BasicConstraintsExtension(true, false, 0, true))
    request

let private days (count: float) = DateTimeOffset.UtcNow.AddDays count

/// A certificate that vouches for itself, from so many days ago to so many ahead.
let private selfSigned (since: float) (until: float) : X509Certificate2 =
    use key = ECDsa.Create ECCurve.NamedCurves.nistP256
    (request "bento.test" key).CreateSelfSigned(days since, days until)

let private keyOf (certificate: X509Certificate2) =
    nonNull (certificate.GetECDsaPrivateKey())

let private write folder name (text: string) =
    let path = Path.Combine(folder, name)
    File.WriteAllText(path, text)
    path

let private writePair folder name (certificate: X509Certificate2) =
    write folder (name + ".pem") (certificate.ExportCertificatePem()),
    write folder (name + ".key") ((keyOf certificate).ExportPkcs8PrivateKeyPem())

let private encrypted (password: string) (certificate: X509Certificate2) =
    (keyOf certificate)
        .ExportEncryptedPkcs8PrivateKeyPem(
            password,
            PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 10_000)
        )

let private pair (certificate, key) = {
    Certificate = certificate
    Key = Some key
    KeyPassword = None
}

let private overTls tls = {
    Serve.options with
        Port = 0
        Tls = Some tls
}

/// Asks in one version of HTTP and no other; gives the answer, its version, and the chain that the server showed.
let private ask (version: Version) (address: string) : Task<string * Version * string list> = task {
    let mutable shown = []

    let see (_: HttpRequestMessage) (_: X509Certificate2 | null) (chain: X509Chain | null) (_: SslPolicyErrors) =
        match chain with
        | null -> ()
        | chain -> shown <- [ for certificate in chain.ChainPolicy.ExtraStore -> certificate.Thumbprint ]

        true

    use handler = new HttpClientHandler(ServerCertificateCustomValidationCallback = see)
    use client = new HttpClient(handler, BaseAddress = Uri address)

    use request =
        new HttpRequestMessage(
            HttpMethod.Post,
            "/shout",
            Version = version,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new StringContent("quiet")
        )

    use! response = client.SendAsync(request, cancellation ())
    let! body = response.Content.ReadAsStringAsync(cancellation ())
    return body, response.Version, shown
}

let private isServed tls : Task = task {
    use! server = Serve.start (overTls tls) shouting
    Assert.StartsWith("https://127.0.0.1:", server.Address)
    let! shouted = Task.Run(fun () -> server.Call("shout", "ab"))
    Assert.Equal("\"AB\"", shouted)

    for version in [ HttpVersion.Version11; HttpVersion.Version20 ] do
        let! body, spoken, _ = ask version server.Address
        Assert.Equal("QUIET", body)
        Assert.Equal(version, spoken)
}

/// The sentence that refuses it, before anything starts.
let private refused tls : Task<string> = task {
    let untouched = service {
        name "untouched"
        onDeployment (fun () -> Assert.Fail "It was deployed.")
        api "add" (fun (number: int) -> number + 1)
    }

    let! raised =
        Assert.ThrowsAsync<ArgumentException>(fun () -> Serve.start (overTls tls) untouched :> Task)

    Assert.DoesNotContain("\n", raised.Message)
    Assert.StartsWith("TLS: ", raised.Message)
    return raised.Message
}

/// As `inFolder`, for what takes its time.
let private within (test: string -> Task) : Task = task {
    let folder = Directory.CreateTempSubdirectory "bento-certificates-"

    try
        do! test folder.FullName
    finally
        folder.Delete true
}

[<Fact>]
let ``a PEM certificate and its key serve HTTP/1.1 and HTTP/2`` () : Task =
    within (fun folder -> isServed (pair (writePair folder "own" (selfSigned -1. 1.))))

[<Fact>]
let ``the key may stand in the certificate's file`` () : Task =
    within (fun folder ->
        use own = selfSigned -1. 1.

        let both =
            own.ExportCertificatePem() + "\n" + (keyOf own).ExportPkcs8PrivateKeyPem()

        isServed {
            Certificate = write folder "both.pem" both
            Key = None
            KeyPassword = None
        })

[<Fact>]
let ``an encrypted key is opened by its password`` () : Task =
    within (fun folder -> task {
        use own = selfSigned -1. 1.
        let certificate, _ = writePair folder "own" own

        let tls password = {
            Certificate = certificate
            Key = Some(write folder "locked.key" (encrypted "hunter2" own))
            KeyPassword = password |> Option.map Secret.Of
        }

        do! isServed (tls (Some "hunter2"))
        let! wrong = refused (tls (Some "hunter3"))
        Assert.Contains("the password does not open the file of its key", wrong)
        Assert.DoesNotContain("hunter", wrong)
        let! none = refused (tls None)
        Assert.Contains("encrypted", none)
    })

[<Theory>]
[<InlineData "">]
[<InlineData "hunter2">]
let ``a PFX file has both`` (password: string) : Task =
    within (fun folder -> task {
        use own = selfSigned -1. 1.
        let path = Path.Combine(folder, "own.pfx")
        File.WriteAllBytes(path, own.Export(X509ContentType.Pfx, password))

        let tls password = {
            Certificate = path
            Key = None
            KeyPassword = password
        }

        do! isServed (tls (if password = "" then None else Some(Secret.Of password)))
        let! wrong = refused (tls (Some(Secret.Of "hunter3")))
        Assert.Contains("the password does not open its key in the same file", wrong)
    })

[<Fact>]
let ``those that vouch for the certificate are shown with it`` () : Task =
    within (fun folder -> task {
        use rootKey = ECDsa.Create ECCurve.NamedCurves.nistP256
        use root = (authority "root" rootKey).CreateSelfSigned(days -3., days 3.)
        use between = ECDsa.Create ECCurve.NamedCurves.nistP256

        use issued =
            (authority "between" between).Create(root, days -2., days 2., [| 1uy |])

        use intermediate = issued.CopyWithPrivateKey between
        use key = ECDsa.Create ECCurve.NamedCurves.nistP256
        use own = (request "own" key).Create(intermediate, days -1., days 1., [| 2uy |])

        let tls = {
            Certificate = write folder "chain.pem" (own.ExportCertificatePem() + "\n" + issued.ExportCertificatePem())
            Key = Some(write folder "own.key" (key.ExportPkcs8PrivateKeyPem()))
            KeyPassword = None
        }

        use! server = Serve.start (overTls tls) shouting
        let! body, _, shown = ask HttpVersion.Version20 server.Address
        Assert.Equal("QUIET", body)
        Assert.Contains(issued.Thumbprint, shown)
    })

[<Fact>]
let ``files that are missing are told apart, and a key's place is not told`` () : Task =
    within (fun folder -> task {
        let certificate, key = writePair folder "own" (selfSigned -1. 1.)
        let missing = Path.Combine(folder, "missing")
        let! noCertificate = refused (pair (missing, key))
        Assert.Contains($"there is no certificate at \"{missing}\"", noCertificate)
        let! noKey = refused (pair (certificate, missing))
        Assert.Contains($"there is no file where the key of {certificate} should be", noKey)
        Assert.DoesNotContain(missing, noKey)
    })

[<Fact>]
let ``a key of another certificate and files that are none are refused`` () : Task =
    within (fun folder -> task {
        let certificate, key = writePair folder "own" (selfSigned -1. 1.)
        let _, other = writePair folder "other" (selfSigned -1. 1.)
        let! mismatched = refused (pair (certificate, other))
        Assert.Contains("do not belong together", mismatched)
        let! swapped = refused (pair (key, certificate))
        Assert.Contains("has no PEM certificate", swapped)
        let! garbage = refused (pair (certificate, write folder "garbage" "hunter2"))
        Assert.DoesNotContain("hunter2", garbage)
        let! noPfx = refused (pair (write folder "no.pfx" "hunter2", key))
        Assert.Contains("no.pfx", noPfx)
    })

[<Fact>]
let ``a certificate that is no longer valid, or not yet, is refused with the day`` () : Task =
    within (fun folder -> task {
        let! expired = refused (pair (writePair folder "old" (selfSigned -10. -3.)))
        Assert.Contains("expired on " + (days -3.).ToString "yyyy-MM-dd", expired)
        let! early = refused (pair (writePair folder "new" (selfSigned 3. 10.)))
        Assert.Contains("is not valid before " + (days 3.).ToString "yyyy-MM-dd", early)
    })

[<Fact>]
let ``a configuration gives certificates beside its own file`` () : Task =
    within (fun folder -> task {
        use own = selfSigned -1. 1.
        write folder "own.pem" (own.ExportCertificatePem()) |> ignore
        write folder "own.key" (encrypted "hunter2" own) |> ignore
        write folder "password" "hunter2\n" |> ignore

        let file =
            write
                folder
                "settings.yaml"
                "server:\n  port: 0\n  tls: { certificate: own.pem, key: own.key, keyPasswordFile: password }"

        use! server =
            Serve.startWith (Configuration.empty |> Configuration.withFile file) Serve.options shouting

        let! body, version, _ = ask HttpVersion.Version20 server.Address
        Assert.Equal("QUIET", body)
        Assert.Equal(HttpVersion.Version20, version)
    })

[<Fact>]
let ``a key without a certificate is refused`` () =
    Assert.Equal(
        (1, "`server.tls.key` is given without `server.tls.certificate`; give both"),
        problemIn "server: { tls: { key: own.key } }"
    )
