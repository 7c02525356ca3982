namespace Bento

open System
open System.Collections.Concurrent
open System.Net
open System.Net.Sockets
open System.Runtime.InteropServices
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Connections
open Microsoft.AspNetCore.Connections.Features
open Microsoft.AspNetCore.Http
open Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets

/// Closes a listening socket without losing anybody who has been let in. Closing it at once would reset the connections
/// that the system has made and the server has not taken yet, and with them requests that are on their way.
module private Listener =

    /// Linux' number for a program that decides which packets a socket gets.
    [<Literal>]
    let private attachFilter = 26

    [<Literal>]
    let private socketLevel = 1

    /// For classic BPF, at the header of TCP: keep everything but what has SYN and not ACK among its flags.
    let private noNewcomers = [|
        // code, where to when true, where to when false, operand
        struct (0x30us, 0uy, 0uy, 13u)
        struct (0x54us, 0uy, 0uy, 0x12u)
        struct (0x15us, 0uy, 1uy, 0x02u)
        struct (0x06us, 0uy, 0uy, 0u)
        struct (0x06us, 0uy, 0uy, UInt32.MaxValue)
    |]

    /// The instructions as `struct sock_filter` has them.
    let private program () = [|
        for struct (code, ifTrue, ifFalse, operand) in noNewcomers do
            yield! BitConverter.GetBytes code
            ifTrue
            ifFalse
            yield! BitConverter.GetBytes operand
    |]

    /// Keeps newcomers out without a word, so that they try again in a second, and lets those in who are on the doorstep.
    let private refuseNewcomers (socket: Socket) =
        let code = program ()
        let pinned = GCHandle.Alloc(code, GCHandleType.Pinned)

        try
            // `struct sock_fprog`: how many instructions, and where they are, each in eight bytes.
            let filter = Array.zeroCreate<byte> 16
            BitConverter.GetBytes(uint16 noNewcomers.Length).CopyTo(filter, 0)
            BitConverter.GetBytes(int64 (pinned.AddrOfPinnedObject())).CopyTo(filter, 8)

            // Where the system has no such thing, the socket is closed as it is.
            try
                socket.SetRawSocketOption(socketLevel, attachFilter, ReadOnlySpan filter)
            with :? SocketException ->
                ()
        finally
            pinned.Free()

    let private hasWaiting (socket: Socket) =
        socket.Poll(TimeSpan.Zero, SelectMode.SelectRead)

    /// Closes the socket when everybody on the doorstep has been let in.
    let close (socket: Socket) : Task<unit> = task {
        if OperatingSystem.IsLinux() && Environment.Is64BitProcess then
            refuseNewcomers socket

        // Long enough for the last step of a handshake that has begun; where newcomers still come, not for ever.
        let mutable looks = 0
        let mutable quiet = 0

        while quiet < 5 && looks < 100 do
            do! Task.Delay 20
            looks <- looks + 1
            quiet <- if hasWaiting socket then 0 else quiet + 1

        socket.Dispose()
    }

/// The connections and requests of one server, so that a stop can wait for them and lose none.
[<Sealed>]
type internal Connections() =

    let listeners = ConcurrentBag<Socket>()
    let opened = ConcurrentDictionary<ConnectionContext, unit>(HashIdentity.Reference)

    [<VolatileField>]
    let mutable draining = false

    let mutable requests = 0
    let mutable moves = 0L

    /// Makes a socket that listens, as Kestrel would.
    member _.Listen(endpoint: EndPoint) : Socket =
        let socket = SocketTransportOptions.CreateDefaultBoundListenSocket endpoint
        listeners.Add socket
        socket

    /// A step of each connection that knows of it while it is open.
    member _.Track (next: ConnectionDelegate) (connection: ConnectionContext) : Task =
        let run: Task<unit> = task {
            opened[connection] <- ()

            try
                do! next.Invoke connection
            finally
                opened.TryRemove connection |> ignore
        }

        run

    /// A request has come. While the server drains, its answer is the last one on its connection.
    member _.Begin(http: HttpContext) =
        Interlocked.Increment &requests |> ignore

        if draining then
            Interlocked.Increment &moves |> ignore

            if HttpProtocol.IsHttp2 http.Request.Protocol then
                match http.Features.Get<IConnectionLifetimeNotificationFeature>() with
                | null -> ()
                | connection -> connection.RequestClose()
            else
                http.Response.Headers.Connection <- "close"

    /// A request has got its answer.
    member _.End() =
        Interlocked.Decrement &requests |> ignore

        if draining then
            Interlocked.Increment &moves |> ignore

    /// From now on each answer is the last one on its connection.
    member _.Drain() = draining <- true

    member _.Requests = Volatile.Read &requests
    member _.Open = opened.Count

    /// How many requests have come or got their answer since the drain began.
    member _.Moves = Volatile.Read &moves

    /// Lets nobody else in.
    member _.CloseListeners() : Task =
        Task.WhenAll [ for socket in listeners -> Listener.close socket ]

    /// Breaks off whatever is still open.
    member _.Abort() =
        for connection in opened.Keys do
            connection.Abort(ConnectionAbortedException "The server stops, and its grace has run out.")
