/// Sockets from the caller's side: through a client, and frame by frame.
module Bento.Hosting.Tests.Talking

open System
open System.Buffers.Binary
open System.IO
open System.Net.Sockets
open System.Net.WebSockets
open System.Text
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Hosting.Server
open Microsoft.AspNetCore.TestHost
open Microsoft.Extensions.DependencyInjection
open Bento
open Bento.Hosting.Tests.Wire

/// What comes over a socket.
type Said =
    | Text of string
    | Binary of byte[]
    | Closed of status: int * reason: string

// -- through a client ----------------------------------------------------------------------------------

let addressOf (server: Server) (path: string) =
    Uri(server.Address.Replace("http://", "ws://") + path)

let talkWith (headers: (string * string) list) (server: Server) path : Task<ClientWebSocket> = task {
    let socket = new ClientWebSocket()

    for name, value in headers do
        socket.Options.SetRequestHeader(name, value)

    do! within (socket.ConnectAsync(addressOf server path, cancellation ()))
    return socket
}

let talk server path = talkWith [] server path

/// The same with an application of one's own, without a port.
let talkWithin (app: App.App) (path: string) : Task<WebSocket> =
    (app.Services.GetRequiredService<IServer>() :?> TestServer)
        .CreateWebSocketClient()
        .ConnectAsync(Uri("ws://localhost" + path), cancellation ())

let say (socket: WebSocket) (text: string) : Task =
    socket.SendAsync(ArraySegment(Encoding.UTF8.GetBytes text), WebSocketMessageType.Text, true, cancellation ())
    |> within

let sayBytes (socket: WebSocket) (bytes: byte[]) : Task =
    socket.SendAsync(ArraySegment bytes, WebSocketMessageType.Binary, true, cancellation ())
    |> within

/// The next whole message.
let hear (socket: WebSocket) : Task<Said> = task {
    use patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation ())
    patience.CancelAfter Holding.patience
    use whole = new MemoryStream()
    let buffer = Array.zeroCreate<byte> 65_536
    let mutable said = None

    while said.IsNone do
        let! part = socket.ReceiveAsync(ArraySegment buffer, patience.Token)
        whole.Write(buffer, 0, part.Count)

        if part.MessageType = WebSocketMessageType.Close then
            let reason = socket.CloseStatusDescription |> Option.ofObj |> Option.defaultValue ""
            said <- Some(Closed(int socket.CloseStatus.Value, reason))
        elif part.EndOfMessage && part.MessageType = WebSocketMessageType.Text then
            said <- Some(Text(Encoding.UTF8.GetString(whole.ToArray())))
        elif part.EndOfMessage then
            said <- Some(Binary(whole.ToArray()))

    return said.Value
}

/// Everything up to the close.
let hearAll (socket: WebSocket) : Task<Said list> = task {
    let all = ResizeArray<Said>()
    let mutable more = true

    while more do
        let! said = hear socket
        all.Add said
        more <- not said.IsClosed

    return List.ofSeq all
}

// -- frame by frame ------------------------------------------------------------------------------------

module Opcode =
    let continuation = 0uy
    let text = 1uy
    let binary = 2uy
    let close = 8uy
    let ping = 9uy
    let pong = 10uy

/// The length of a payload as a head has it, above the bit that says whether it is masked.
let private lengthOf (mask: byte) (length: uint64) =
    if length < 126UL then
        [| mask ||| byte length |]
    elif length <= 65_535UL then
        let bytes = Array.zeroCreate<byte> 3
        bytes[0] <- mask ||| 126uy
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan 1, uint16 length)
        bytes
    else
        let bytes = Array.zeroCreate<byte> 9
        bytes[0] <- mask ||| 127uy
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan 1, length)
        bytes

let private key = [| 1uy; 2uy; 3uy; 4uy |]

let masked (payload: byte[]) =
    payload |> Array.mapi (fun index letter -> letter ^^^ key[index % 4])

/// The head of a frame whose payload is to come, masked.
let frameHead isLast opcode length = [|
    (if isLast then 0x80uy else 0uy) ||| opcode
    yield! lengthOf 0x80uy length
    yield! key
|]

/// A frame as a caller has to send it.
let frame isLast opcode (payload: byte[]) =
    Array.append (frameHead isLast opcode (uint64 payload.Length)) (masked payload)

/// A frame that breaks the rule: callers mask.
let unmaskedFrame opcode (payload: byte[]) = [|
    0x80uy ||| opcode
    yield! lengthOf 0uy (uint64 payload.Length)
    yield! payload
|]

/// The head of a request for an upgrade, by a version of the protocol; 13 is the only one there is.
let upgradeHeadOf (version: int) (path: string) (headers: string list) =
    String.Join(
        "\r\n",
        [
            $"GET {path} HTTP/1.1"
            "Host: test"
            "Connection: Upgrade"
            "Upgrade: websocket"
            $"Sec-WebSocket-Version: {version}"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
        ]
        @ headers
    )
    + "\r\n\r\n"

let upgradeHead path headers = upgradeHeadOf 13 path headers

/// A connection that has become a socket.
[<Sealed>]
type RawSocket(socket: Socket) =
    let stream = new NetworkStream(socket, ownsSocket = true)

    static member Open (server: Server) path : Task<RawSocket> = task {
        let! socket = connect server.Address
        do! sendText socket (upgradeHead path [])
        let raw = new RawSocket(socket)
        let! head = raw.Head()
        Xunit.Assert.StartsWith("HTTP/1.1 101 ", head)
        return raw
    }

    member private _.Take(count: int) : Task<byte[]> = task {
        use patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation ())
        patience.CancelAfter Holding.patience
        let bytes = Array.zeroCreate<byte> count
        do! stream.ReadExactlyAsync(Memory bytes, patience.Token)
        return bytes
    }

    member private this.Head() : Task<string> = task {
        let head = StringBuilder()

        while not (head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal)) do
            let! letter = this.Take 1
            head.Append(char letter[0]) |> ignore

        return head.ToString()
    }

    member _.Send(bytes: byte[]) : Task =
        stream.WriteAsync(bytes, cancellation ()).AsTask() |> within

    /// The next frame: its opcode and its payload.
    member this.Next() : Task<struct (byte * byte[])> = task {
        let! head = this.Take 2

        let! length =
            match head[1] &&& 0x7Fuy with
            | 126uy -> task {
                let! bytes = this.Take 2
                return int (BinaryPrimitives.ReadUInt16BigEndian(ReadOnlySpan bytes))
              }
            | 127uy -> task {
                let! bytes = this.Take 8
                return int (BinaryPrimitives.ReadUInt64BigEndian(ReadOnlySpan bytes))
              }
            | short -> Task.FromResult(int short)

        let! payload = this.Take length
        return struct (head[0] &&& 0x0Fuy, payload)
    }

    /// The status of the close frame that comes next among others, or none where the connection just ends.
    member this.Close() : Task<int option> = task {
        let mutable status = None
        let mutable more = true

        while more do
            try
                let! struct (opcode, payload) = this.Next()

                if opcode = Opcode.close then
                    status <- Some(int (BinaryPrimitives.ReadUInt16BigEndian(ReadOnlySpan payload)))
                    more <- false
            with
            | :? EndOfStreamException
            | :? IOException -> more <- false

        return status
    }

    /// Leaves without a word: the other side finds a connection that is reset.
    member _.Vanish() =
        socket.LingerState <- LingerOption(true, 0)
        socket.Dispose()

    interface IDisposable with
        member _.Dispose() = stream.Dispose()
