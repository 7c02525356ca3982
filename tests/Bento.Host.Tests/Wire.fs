/// Requests and answers, through a client and by hand over a socket.
module Bento.Hosting.Tests.Wire

open System
open System.IO
open System.Net.Http
open System.Net.Http.Headers
open System.Net.Sockets
open System.Text
open System.Text.Json.Nodes
open System.Threading
open System.Threading.Tasks
open Xunit

type Answer = {
    Status: int
    /// By their names in lower case.
    Headers: Map<string, string>
    Bytes: byte[]
} with

    member this.Body = Encoding.UTF8.GetString this.Bytes
    member this.Json = JsonNode.Parse this.Body

let cancellation () = TestContext.Current.CancellationToken

/// Nothing here takes that long, unless it never ends.
let within (work: Task) =
    work.WaitAsync(TimeSpan.FromSeconds 30., cancellation ())

// -- through a client ----------------------------------------------------------------------------------

let answerOf (response: HttpResponseMessage) : Task<Answer> = task {
    let! bytes = response.Content.ReadAsByteArrayAsync(cancellation ())

    return {
        Status = int response.StatusCode
        Headers =
            Seq.append response.Headers response.Content.Headers
            |> Seq.map (fun header -> header.Key.ToLowerInvariant(), String.Join(", ", header.Value))
            |> Map.ofSeq
        Bytes = bytes
    }
}

/// Sends with headers that are not judged on the way; an empty media type is none at all.
let sendWith (client: HttpClient) method (path: string) headers mediaType (body: byte[]) : Task<Answer> = task {
    use content = new ByteArrayContent(body)

    if mediaType <> "" then
        content.Headers.TryAddWithoutValidation("Content-Type", (mediaType: string))
        |> ignore

    use request = new HttpRequestMessage(HttpMethod method, path, Content = content)

    for name: string, value: string in headers do
        if not (request.Headers.TryAddWithoutValidation(name, value)) then
            content.Headers.TryAddWithoutValidation(name, value) |> ignore

    use! response = client.SendAsync(request, cancellation ())
    return! answerOf response
}

let post client path mediaType body =
    sendWith client "POST" path [] mediaType body

let postJson client path (json: string) =
    post client path "application/json" (Encoding.UTF8.GetBytes json)

let get (client: HttpClient) (path: string) : Task<Answer> = task {
    use! response = client.GetAsync(path, cancellation ())
    return! answerOf response
}

/// A body whose length is not told before it ends.
[<Sealed>]
type Chunked(pieces: byte[] seq) =
    inherit HttpContent()

    override _.TryComputeLength _ = false

    override _.SerializeToStreamAsync(stream, _) = task {
        for piece in pieces do
            do! stream.WriteAsync piece
            do! stream.FlushAsync()
    }

let postChunks (client: HttpClient) (path: string) (pieces: byte[] seq) : Task<Answer> = task {
    use content = new Chunked(pieces)
    content.Headers.ContentType <- MediaTypeHeaderValue "application/json"
    use request = new HttpRequestMessage(HttpMethod.Post, path, Content = content)
    request.Headers.TransferEncodingChunked <- true
    use! response = client.SendAsync(request, cancellation ())
    return! answerOf response
}

// -- by hand -------------------------------------------------------------------------------------------

let connect (address: string) : Task<Socket> = task {
    let address = Uri address
    let socket = new Socket(SocketType.Stream, ProtocolType.Tcp)
    do! socket.ConnectAsync(address.DnsSafeHost, address.Port, cancellation ())
    return socket
}

let sendBytes (socket: Socket) (bytes: byte[]) : Task<unit> = task {
    use stream = new NetworkStream(socket, ownsSocket = false)
    do! stream.WriteAsync(bytes, cancellation ())
}

let sendText socket (text: string) =
    sendBytes socket (Encoding.UTF8.GetBytes text)

/// The head of a request; the connection ends with its answer.
let head method (path: string) (headers: string list) =
    let lines =
        [ $"{method} {path} HTTP/1.1"; "Host: test"; "Connection: close" ] @ headers

    String.Join("\r\n", lines) + "\r\n\r\n"

let private parse (bytes: byte[]) =
    let ends = bytes.AsSpan().IndexOf("\r\n\r\n"B)
    Assert.True(ends > 0, $"This is no answer: {Encoding.UTF8.GetString bytes}")
    let lines = Encoding.UTF8.GetString(bytes, 0, ends).Split "\r\n"

    {
        Status = int (lines[0].Split(' ')[1])
        Headers =
            lines
            |> Seq.skip 1
            |> Seq.map (fun line ->
                let colon = line.IndexOf ':'
                line.Substring(0, colon).ToLowerInvariant(), line.Substring(colon + 1).Trim())
            |> Map.ofSeq
        Bytes = bytes[ends + 4 ..]
    }

/// Everything that the other side says before it closes the connection, gently or not.
let readToEnd (socket: Socket) : Task<byte[]> = task {
    use patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation ())
    patience.CancelAfter(TimeSpan.FromSeconds 60.)
    use said = new MemoryStream()
    let buffer = Array.zeroCreate 65_536
    let mutable more = true

    while more do
        try
            let! count = socket.ReceiveAsync(Memory buffer, patience.Token)
            said.Write(buffer, 0, count)
            more <- count > 0
        with :? SocketException ->
            more <- false

    return said.ToArray()
}

let readAnswer socket : Task<Answer> = task {
    let! bytes = readToEnd socket
    return parse bytes
}

let exchange address (request: byte[]) : Task<Answer> = task {
    use! socket = connect address
    do! sendBytes socket request
    return! readAnswer socket
}

let postOverSocket address path (body: byte[]) =
    let head =
        head "POST" path [ "Content-Type: application/json"; $"Content-Length: {body.Length}" ]

    exchange address (Array.append (Encoding.UTF8.GetBytes head) body)

// -- what every refusal is -----------------------------------------------------------------------------

let asText (node: JsonNode | null) =
    match node with
    | null -> "null"
    | node -> node.GetValue<string>()

let field (name: string) (answer: Answer) = (nonNull answer.Json)[name]

/// Checks that an answer is a whole problem, and gives its detail.
let problem status (answer: Answer) =
    Assert.True((answer.Status = status), $"{answer.Status} instead of {status}: {answer.Body}")
    Assert.Equal("application/problem+json", answer.Headers["content-type"])
    Assert.Equal(string answer.Bytes.Length, answer.Headers["content-length"])
    let members = (nonNull answer.Json).AsObject() |> Seq.map _.Key |> List.ofSeq

    Assert.Equal<string list>(
        [ "type"; "title"; "status"; "detail"; "instance"; "requestId"; "error" ],
        members |> List.filter (fun name -> name <> "errors")
    )

    Assert.Equal("about:blank", asText (field "type" answer))
    Assert.NotEmpty(asText (field "title" answer))
    Assert.Equal(status, (nonNull (field "status" answer)).GetValue<int>())
    Assert.Equal(answer.Headers["x-request-id"], asText (field "requestId" answer))
    let detail = asText (field "detail" answer)
    Assert.NotEmpty detail
    Assert.Equal(detail, asText (field "error" answer))
    detail

let private errors (answer: Answer) =
    problem 400 answer |> ignore
    [ for fault in (nonNull (field "errors" answer)).AsArray() -> nonNull fault ]

/// The faults of a refused body: where, as JSON, and of what kind.
let faults (answer: Answer) = [
    for fault in errors answer -> (nonNull fault["loc"]).ToJsonString(), asText fault["type"]
]

/// What the faults of a refused body say to a person.
let messages (answer: Answer) = [ for fault in errors answer -> asText fault["msg"] ]
