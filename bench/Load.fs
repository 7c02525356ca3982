/// Requests over kept-alive connections to 127.0.0.1, as cheaply as a client can make them.
module Bento.Bench.Load

open System
open System.Diagnostics
open System.Net.Sockets
open System.Text
open System.Threading
open System.Threading.Tasks

let private success = "HTTP/1.1 200"B
let private patience = TimeSpan.FromSeconds 30.

let private connect (address: Uri) : Task<Socket> = task {
    let socket = new Socket(SocketType.Stream, ProtocolType.Tcp, NoDelay = true)
    do! socket.ConnectAsync(address.Host, address.Port)
    return socket
}

let private check (buffer: byte[]) length =
    if
        length < success.Length
        || not (buffer.AsSpan(0, success.Length).SequenceEqual success)
    then
        invalidOp $"Not a 200: {Encoding.UTF8.GetString(buffer, 0, length)}"

/// The length of an answer: that of all answers, as none of their headers varies in length.
let private measure (address: Uri) (request: byte[]) : Task<int> = task {
    use! socket = connect address
    let! _ = socket.SendAsync request
    do! Task.Delay 500
    let buffer = Array.zeroCreate<byte> 65_536
    let! length = socket.ReceiveAsync buffer
    check buffer length
    return length
}

let private exchange (socket: Socket) (request: byte[]) (buffer: byte[]) answer : Task<unit> = task {
    let! _ = socket.SendAsync request
    let mutable length = 0

    while length < answer do
        let! received = socket.ReceiveAsync(buffer.AsMemory length)

        if received = 0 then
            invalidOp "The server closed the connection."

        length <- length + received

    check buffer length
}

let private postOf (address: Uri) (path: string) (body: string) =
    $"POST {path} HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"
    |> Encoding.ASCII.GetBytes

/// Posts the body so many times over so many connections; the microseconds that each took, in order.
let run (address: Uri) path body connections requests : Task<float[]> = task {
    let request = postOf address path body
    let! answer = measure address request
    let latencies = Array.zeroCreate<float> requests
    let mutable next = -1

    let connection () : Task = task {
        use! socket = connect address
        socket.ReceiveTimeout <- int patience.TotalMilliseconds
        let buffer = Array.zeroCreate<byte>(answer * 2)
        let mutable index = Interlocked.Increment &next

        while index < requests do
            let sent = Stopwatch.GetTimestamp()
            do! exchange socket request buffer answer
            latencies[index] <- Stopwatch.GetElapsedTime(sent).TotalMicroseconds
            index <- Interlocked.Increment &next
    }

    do! Task.WhenAll [ for _ in 1..connections -> connection () ]
    return Array.sort latencies
}
