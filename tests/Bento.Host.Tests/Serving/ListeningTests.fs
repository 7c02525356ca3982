/// What the server takes of a connection, over real sockets.
module Bento.Hosting.Tests.ListeningTests

open System
open System.Net
open System.Net.Security
open System.Net.Sockets
open System.Security.Cryptography
open System.Security.Cryptography.X509Certificates
open System.Text
open System.Threading.Tasks
open Xunit
open Bento
open Bento.Hosting.Tests.Configuring
open Bento.Hosting.Tests.Wire

let private limited (change: ServerLimits -> ServerLimits) : Task<Server> =
    Serve.start
        {
            Serve.options with
                Port = 0
                Limits = change Serve.options.Limits
        }
        shouting

/// What the server says to these bytes, the other side of the connection being left open.
let private said (server: Server) (text: string) : Task<string> = task {
    use! socket = connect server.Address
    do! sendText socket text
    let! bytes = readToEnd socket
    return Encoding.UTF8.GetString bytes
}

[<Fact>]
let ``headers that are too large, or too many, are a 431`` () : Task = task {
    use! server =
        limited (fun limits -> {
            limits with
                HeadersSize = Bytes 2_048L
                HeaderCount = 10
        })

    let padding length = "X-Padding: " + String('x', length)
    let! fine = said server (head "GET" "/livez" [ padding 1_000 ])
    Assert.StartsWith("HTTP/1.1 200", fine)
    let! large = said server (head "GET" "/livez" [ padding 2_048 ])
    Assert.StartsWith("HTTP/1.1 431", large)
    let! many = said server (head "GET" "/livez" (List.replicate 11 "X: y"))
    Assert.StartsWith("HTTP/1.1 431", many)
}

[<Fact>]
let ``a first line that is too long is a 414`` () : Task = task {
    use! server =
        limited (fun limits -> {
            limits with
                RequestLine = Bytes 1_024L
        })

    let! fine = said server (head "GET" ("/livez?" + String('x', 900)) [])
    Assert.StartsWith("HTTP/1.1 200", fine)
    let! long = said server (head "GET" ("/livez?" + String('x', 1_024)) [])
    Assert.StartsWith("HTTP/1.1 414", long)
}

[<Fact>]
let ``a head that does not come is a 408`` () : Task = task {
    use! server =
        limited (fun limits -> {
            limits with
                HeadersTimeout = seconds 1
        })

    let! late = said server "GET /livez HTTP/1.1\r\nHost: te"
    Assert.StartsWith("HTTP/1.1 408", late)
}

[<Fact>]
let ``a body that comes too slowly is a problem with status 408`` () : Task = task {
    use! server =
        limited (fun limits -> {
            limits with
                BodyRate = Bytes(1L <<< 20)
                BodyRateGrace = seconds 2
        })

    use! socket = connect server.Address

    do!
        sendText
            socket
            (head "POST" "/shout" [ "Content-Type: text/plain"; "Content-Length: 1000" ]
             + "slow")

    let! answer = readAnswer socket
    problem 408 answer |> ignore
}

[<Fact>]
let ``a connection that nobody uses is closed`` () : Task = task {
    use! server =
        limited (fun limits -> {
            limits with
                KeepAliveTimeout = seconds 1
        })

    let! unused = said server ""
    Assert.Equal("", unused)
    let! kept = said server "GET /livez HTTP/1.1\r\nHost: test\r\n\r\n"
    Assert.StartsWith("HTTP/1.1 200", kept)
}

[<Fact>]
let ``one connection more than there may be is closed as it comes`` () : Task = task {
    use! server = limited (fun limits -> { limits with Connections = 1 })
    use! first = connect server.Address
    do! sendText first "GET /livez HTTP/1.1\r\nHost: test\r\n\r\n"
    let buffer = Array.zeroCreate 12
    let! _ = first.ReceiveAsync(Memory buffer, cancellation ())
    Assert.Equal("HTTP/1.1 200", Encoding.ASCII.GetString buffer)
    let! second = said server ""
    Assert.Equal("", second)
}

// -- HTTP/2 ------------------------------------------------------------------------------------------

/// An empty SETTINGS frame behind the words that begin every connection of HTTP/2.
let private preface =
    Array.append "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"B [| 0uy; 0uy; 0uy; 4uy; 0uy; 0uy; 0uy; 0uy; 0uy |]

/// The settings in the server's first frame, by their numbers.
let private settings (stream: SslStream) : Task<Map<int, int>> = task {
    let frame: byte[] = Array.zeroCreate 9
    do! stream.ReadExactlyAsync(Memory frame, cancellation ())
    Assert.Equal(4uy, frame[3])
    let payload: byte[] = Array.zeroCreate (int frame[1] * 256 + int frame[2])
    do! stream.ReadExactlyAsync(Memory payload, cancellation ())

    return
        payload
        |> Array.chunkBySize 6
        |> Array.map (fun setting -> int setting[0] * 256 + int setting[1], int setting[4] * 256 + int setting[5])
        |> Map.ofArray
}

[<Fact>]
let ``a connection of HTTP/2 is told how many requests it may have at once`` () : Task = task {
    use key = ECDsa.Create ECCurve.NamedCurves.nistP256
    let request = CertificateRequest("CN=bento.test", key, HashAlgorithmName.SHA256)

    use own =
        request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays -1., DateTimeOffset.UtcNow.AddDays 1.)

    let tls =
        inFolder (fun folder ->
            let file = IO.Path.Combine(folder, "own.pem")
            IO.File.WriteAllText(file, own.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem())

            Serve.start
                {
                    Serve.options with
                        Port = 0
                        Tls =
                            Some {
                                Certificate = file
                                Key = None
                                KeyPassword = None
                            }
                        Limits = {
                            Serve.options.Limits with
                                Streams = 7
                        }
                }
                shouting
            |> _.GetAwaiter().GetResult())

    use! server = Task.FromResult tls
    use! socket = connect server.Address
    use network = new NetworkStream(socket)
    use stream = new SslStream(network, false, (fun _ _ _ _ -> true))

    do!
        stream.AuthenticateAsClientAsync(
            SslClientAuthenticationOptions(
                TargetHost = "localhost",
                ApplicationProtocols = ResizeArray [ SslApplicationProtocol.Http2 ]
            ),
            cancellation ()
        )

    Assert.Equal(SslApplicationProtocol.Http2, stream.NegotiatedApplicationProtocol)
    do! stream.WriteAsync(preface, cancellation ())
    let! told = settings stream
    Assert.Equal(7, told[3])
}

// -- options that cannot be kept ---------------------------------------------------------------------

[<Fact>]
let ``options that cannot be kept are told all at once`` () : Task = task {
    let options = {
        Serve.options with
            Prefix = "v1/"
            Grace = TimeSpan.FromDays 2.
            Limits = {
                Connections = 0
                RequestLine = Bytes(2L <<< 20)
                HeadersSize = Bytes 0L
                HeaderCount = -1
                HeadersTimeout = TimeSpan.Zero
                KeepAliveTimeout = milliseconds 10
                BodyRate = Bytes 0L
                BodyRateGrace = seconds 1
                Streams = 0
            }
    }

    let! raised =
        Assert.ThrowsAsync<ArgumentException>(fun () -> Serve.start options shouting :> Task)

    for part in
        [
            "The prefix \"v1/\": wanted a path such as \"/v1\""
            "The grace \"2.00:00:00\": wanted a span from 0 s to a day."
            "The limit of connections \"0\": wanted one or more."
            "The limit of the request line \"2MiB\": wanted bytes above zero, up to 1MiB."
            "The limit of the headers' size \"0\""
            "The limit of the headers' count \"-1\""
            "The timeout of headers \"00:00:00\": wanted a span from 1 s to a day."
            "The timeout of an idle connection"
            "The rate of a body \"0\": wanted bytes a second, above zero."
            "The grace of a body's rate \"00:00:01\": wanted a span from 2 s to a day."
            "The limit of streams \"0\""
        ] do
        Assert.Contains(part, raised.Message)
}
