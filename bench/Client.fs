/// HTTP over a socket, as cheaply as a client can speak it and still understand every answer.
module Bento.Bench.Client

open System
open System.Globalization
open System.Net.Sockets
open System.Text
open System.Threading
open System.Threading.Tasks

let private headEnd = "\r\n\r\n"B
let private contentLength = "\r\nContent-Length: "B
let private connectionClose = "\r\nConnection: close"B

let request method (path: string) (headers: string) (body: string) =
    $"%s{method} %s{path} HTTP/1.1\r\nHost: bench\r\n%s{headers}Content-Type: application/json\r\nContent-Length: %d{Encoding.UTF8.GetByteCount body}\r\n\r\n%s{body}"
    |> Encoding.UTF8.GetBytes

let post path body = request "POST" path "" body

/// What became of a request.
[<Struct; NoComparison>]
type Outcome =
    /// Nobody took the connection.
    | Refused
    /// The connection was taken, and ended without a whole answer.
    | Lost
    /// A whole answer, and whether it was the last one on its connection.
    | Answered of status: int * isLast: bool

/// One caller, who keeps its connection for as long as the server does.
[<Sealed>]
type Caller(address: Uri) =
    let buffer = Array.zeroCreate<byte> 65_536
    let mutable socket: Socket option = None

    let numberAt (start: int) =
        let digits = buffer.AsSpan(start)
        let length = digits.IndexOf(byte '\r')
        Int32.Parse(digits.Slice(0, length), NumberStyles.None, CultureInfo.InvariantCulture)

    /// The length of the answer at the start of the buffer, once its head is there.
    let lengthOf received =
        match buffer.AsSpan(0, received).IndexOf headEnd with
        | -1 -> None
        | head ->
            match buffer.AsSpan(0, head).IndexOf contentLength with
            | -1 -> Some(head + headEnd.Length)
            | field -> Some(head + headEnd.Length + numberAt (field + contentLength.Length))

    let close () =
        socket |> Option.iter _.Dispose()
        socket <- None

    let connect () : Task<Socket option> = task {
        match socket with
        | Some _ -> return socket
        | None ->
            let fresh = new Socket(SocketType.Stream, ProtocolType.Tcp, NoDelay = true)

            try
                do! fresh.ConnectAsync(address.Host, address.Port)
                socket <- Some fresh
            with :? SocketException ->
                fresh.Dispose()

            return socket
    }

    /// The status of the answer and whether it is the last one; nothing where there is no whole answer.
    let receive (socket: Socket) : Task<Outcome> = task {
        let mutable received = 0
        let mutable whole = None
        let mutable ended = false

        while not ended && (whole.IsNone || received < whole.Value) do
            let! count = socket.ReceiveAsync(buffer.AsMemory received)
            ended <- count = 0
            received <- received + count

            if whole.IsNone then
                whole <- lengthOf received

        if ended then
            return Lost
        else
            let isLast = buffer.AsSpan(0, received).IndexOf connectionClose >= 0
            return Answered(int (Encoding.ASCII.GetString(buffer, 9, 3)), isLast)
    }

    /// Sends a request and waits for its answer.
    member _.Ask(request: byte[]) : Task<Outcome> = task {
        match! connect () with
        | None -> return Refused
        | Some socket ->
            let mutable outcome = Lost

            try
                let! _ = socket.SendAsync request
                let! got = receive socket
                outcome <- got
            with :? SocketException ->
                ()

            match outcome with
            | Answered(_, false) -> ()
            | _ -> close ()

            return outcome
    }

    /// Sends a part of a request, or a whole one, waits a moment and leaves.
    member _.Leave(part: byte[], after: TimeSpan) : Task<unit> = task {
        match! connect () with
        | None -> ()
        | Some socket ->
            let! _ = socket.SendAsync part
            do! Task.Delay after
            close ()
    }

    /// The body of the last answer.
    member _.Body =
        let head = buffer.AsSpan().IndexOf headEnd
        let start = head + headEnd.Length
        let length = (lengthOf buffer.Length |> Option.defaultValue start) - start
        Encoding.UTF8.GetString(buffer, start, length)

    interface IDisposable with
        member _.Dispose() = close ()

/// Waits for what must come soon.
let within (work: Task) = work.WaitAsync(TimeSpan.FromMinutes 1.)
