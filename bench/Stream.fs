/// `bench stream`: what a stream costs a Bento service, beside the same items flushed by a bare Kestrel endpoint in the
/// same run.
module Bento.Bench.Stream

open System
open System.Diagnostics
open System.Net.Sockets
open System.Text
open System.Text.Json
open System.Threading
open System.Threading.Tasks
open Bento.Bench.Child

let private connections = 16
let private success = "HTTP/1.1 200"B
let private lastChunk = "\r\n0\r\n\r\n"B

/// What one round of streams cost a server, a stream, and how soon it said anything.
type private Cost = {
    CpuMicroseconds: float
    Bytes: float
    FirstMilliseconds: float
    AllMilliseconds: float
}

/// Takes one stream to its end; gives the times to its first bytes and to its last.
let private take (socket: Socket) (request: byte[]) (buffer: byte[]) items : Task<struct (float * float)> = task {
    let sent = Stopwatch.GetTimestamp()
    let! _ = socket.SendAsync request
    let mutable length = 0
    let mutable first = 0.

    while length < lastChunk.Length
          || not (buffer.AsSpan(0, length).EndsWith(ReadOnlySpan lastChunk)) do
        let! received = socket.ReceiveAsync(buffer.AsMemory length)

        if length = 0 then
            first <- Stopwatch.GetElapsedTime(sent).TotalMilliseconds

        if received = 0 then
            invalidOp $"The server closed the connection: {Encoding.UTF8.GetString(buffer, 0, length)}"

        length <- length + received

    let answer = buffer.AsSpan(0, length)

    if
        not (answer.StartsWith(ReadOnlySpan success))
        || answer.Count(ReadOnlySpan "\"index\""B) <> items
    then
        invalidOp $"Not {items} items: {Encoding.UTF8.GetString answer}"

    return struct (first, Stopwatch.GetElapsedTime(sent).TotalMilliseconds)
}

/// Takes that many streams from a server.
let private round (server: Child) (streams: int) (items: int) : Task<Cost> = task {
    let request = Client.post "/stream" $"{{\"count\":%d{items}}}"
    let firsts = Array.zeroCreate<float> streams
    let alls = Array.zeroCreate<float> streams
    let mutable next = -1

    let connection () : Task = task {
        use socket = new Socket(SocketType.Stream, ProtocolType.Tcp, NoDelay = true)
        do! socket.ConnectAsync(server.Address.Host, server.Address.Port)
        let buffer = Array.zeroCreate<byte>(4096 + 256 * items)
        let mutable index = Interlocked.Increment &next

        while index < streams do
            let! struct (first, all) = take socket request buffer items
            firsts[index] <- first
            alls[index] <- all
            index <- Interlocked.Increment &next
    }

    let cpuBefore, bytesBefore = server.Used()
    do! Task.WhenAll [ for _ in 1..connections -> connection () ]
    let cpuAfter, bytesAfter = server.Used()

    return {
        CpuMicroseconds = (cpuAfter - cpuBefore) / float streams
        Bytes = (bytesAfter - bytesBefore) / float streams
        FirstMilliseconds = Results.median firsts
        AllMilliseconds = Results.median alls
    }
}

let private row name (costs: Cost list) =
    let of' figure =
        costs |> List.map figure |> Results.median

    $"| %s{name} | %.1f{of' _.CpuMicroseconds} | %.0f{of' _.Bytes} | %.3f{of' _.FirstMilliseconds} | %.3f{of' _.AllMilliseconds} |"

let private table (rounds: (Cost * Cost) list) = [
    "| server | CPU, µs a stream | allocated, bytes a stream | p50 to the first item, ms | p50 to the end, ms |"
    "| --- | ---: | ---: | ---: | ---: |"
    row "bare Kestrel" (List.map fst rounds)
    row "Bento" (List.map snd rounds)
]

let private summary (rounds: (Cost * Cost) list) =
    JsonSerializer.Serialize {|
        cpuRatio = Turns.pairwise 3 rounds (fun (bare, ours) -> ours.CpuMicroseconds / bare.CpuMicroseconds)
        firstItemOverBareMilliseconds =
            Turns.pairwise 3 rounds (fun (bare, ours) -> ours.FirstMilliseconds - bare.FirstMilliseconds)
    |}

/// Rounds of streams from the one server and from the other, by turns.
let run (rounds: int) (streams: int) (items: int) saved : Task<int> = task {
    use bare = new Child "bare"
    use bento = new Child "stream"
    let! _ = round bare (2 * streams) items
    let! _ = round bento (2 * streams) items

    let! costs =
        Turns.rounds rounds [ for server in [ bare; bento ] -> fun () -> round server streams items ]

    let costs = costs |> List.map (fun costs -> costs[0], costs[1])

    Results.tell
        "stream"
        $"Streams of %d{items} small JSON records as lines, each flushed, from one and the same producer: %d{rounds} rounds of %d{streams} streams each, %d{connections} connections, client on the same machine."
        (table costs)
        (summary costs)
        saved

    return 0
}
