/// A stop as a client of HTTP/2 sees it.
module Bento.Hosting.Tests.DrainHttp2Tests

open System
open System.IO
open System.Net
open System.Net.Http
open System.Net.Security
open System.Net.Sockets
open System.Security.Cryptography
open System.Security.Cryptography.X509Certificates
open System.Threading
open System.Threading.Tasks
open Xunit
open Bento
open Bento.Hosting.Tests.Wire

/// A certificate that vouches for itself, in one file with its key.
let private certificate (folder: string) =
    use key = ECDsa.Create ECCurve.NamedCurves.nistP256
    let request = CertificateRequest("CN=bento.test", key, HashAlgorithmName.SHA256)

    use own =
        request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays -1., DateTimeOffset.UtcNow.AddDays 1.)

    let file = Path.Combine(folder, "own.pem")
    File.WriteAllText(file, own.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem())
    file

/// .NET's own client, which counts the connections that it makes.
[<Sealed>]
type private Client(address: string) =
    let mutable connections = 0

    let connect (place: DnsEndPoint) (cancellation: CancellationToken) : Task<Stream> = task {
        Interlocked.Increment &connections |> ignore
        let socket = new Socket(SocketType.Stream, ProtocolType.Tcp)
        do! socket.ConnectAsync(place, cancellation)
        return new NetworkStream(socket, ownsSocket = true) :> Stream
    }

    let handler =
        new SocketsHttpHandler(
            SslOptions = SslClientAuthenticationOptions(RemoteCertificateValidationCallback = (fun _ _ _ _ -> true)),
            ConnectCallback = fun context cancellation -> ValueTask<Stream>(connect context.DnsEndPoint cancellation)
        )

    let client =
        new HttpClient(
            handler,
            BaseAddress = Uri address,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact
        )

    member _.Connections = Volatile.Read &connections

    member _.Ask(path: string) : Task<string> = task {
        use! response = client.PostAsync(path, new ByteArrayContent([||]), cancellation ())
        Assert.Equal(HttpVersion.Version20, response.Version)
        Assert.Equal(HttpStatusCode.OK, response.StatusCode)
        return! response.Content.ReadAsStringAsync(cancellation ())
    }

    interface IDisposable with
        member _.Dispose() = client.Dispose()

[<Fact>]
let ``while the server drains, a connection of HTTP/2 is told to end, and all that is under way on it is answered``
    ()
    : Task = task {
    let entered =
        TaskCompletionSource TaskCreationOptions.RunContinuationsAsynchronously

    let gate = TaskCompletionSource TaskCreationOptions.RunContinuationsAsynchronously

    let held = service {
        name "held"
        api "ask" (fun () -> 1)

        api "hold" (fun () -> task {
            entered.TrySetResult() |> ignore
            do! gate.Task
            return 2
        })
    }

    let folder = Directory.CreateTempSubdirectory "bento-drain-"

    try
        let options = {
            Serve.options with
                Port = 0
                DrainDelay = seconds 12
                Tls =
                    Some {
                        Certificate = certificate folder.FullName
                        Key = None
                        KeyPassword = None
                    }
        }

        use! server = Serve.start options held
        use client = new Client(server.Address)
        let! _ = client.Ask "/ask"
        let holding = client.Ask "/hold"
        do! within entered.Task
        Assert.Equal(1, client.Connections)

        let stopping = server.Stop CancellationToken.None

        // The first of these tells the connection that it ends; the client makes another as soon as it has read that.
        while client.Connections < 2 do
            Assert.False(stopping.IsCompleted, "The connection was never told to end.")
            let! answer = client.Ask "/ask"
            Assert.Equal("1", answer)

        Assert.False holding.IsCompleted
        gate.SetResult()
        let! held = holding
        Assert.Equal("2", held)
        do! within stopping
        Assert.Equal(0, server.Cancelled)
    finally
        folder.Delete true
}
