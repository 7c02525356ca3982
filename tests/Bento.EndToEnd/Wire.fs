/// HTTP by hand, for requests that no decent client would send.
module Bento.EndToEnd.Wire

open System
open System.IO
open System.Net.Http
open System.Net.Sockets
open System.Text
open System.Text.Json
open System.Threading
open System.Threading.Tasks
open Xunit

type Answer = {
    Status: int
    Headers: Map<string, string>
    Body: string
}

/// Reads the head and body of an answer as text, headers by their names in lower case.
let private read (text: string) =
    let ends = text.IndexOf "\r\n\r\n"
    Assert.True(ends > 0, $"This is no answer: {text}")
    let head = text.Substring(0, ends).Split "\r\n"

    let headers =
        head
        |> Seq.skip 1
        |> Seq.map (fun line ->
            let colon = line.IndexOf ':'
            line.Substring(0, colon).ToLowerInvariant(), line.Substring(colon + 1).Trim())
        |> Map.ofSeq

    {
        Status = int (head[0].Split(' ')[1])
        Headers = headers
        Body = text.Substring(ends + 4)
    }

let connect (address: Uri) : Task<Socket> = task {
    let socket = new Socket(SocketType.Stream, ProtocolType.Tcp)
    do! socket.ConnectAsync(address.Host, address.Port)
    return socket
}

/// What the other side says until it closes the connection.
let readToEnd (socket: Socket) : Task<Answer> = task {
    use patience = new CancellationTokenSource(TimeSpan.FromSeconds 60.)
    use stream = new NetworkStream(socket)
    use copy = new MemoryStream()
    do! stream.CopyToAsync(copy, patience.Token)
    return read (Encoding.UTF8.GetString(copy.ToArray()))
}

let private head (path: string) (length: int) =
    $"POST {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"

/// Posts bytes as JSON over a connection of their own.
let post (address: Uri) path (body: byte[]) : Task<Answer> = task {
    use! socket = connect address
    let! _ = socket.SendAsync(Encoding.ASCII.GetBytes(head path body.Length))
    let! _ = socket.SendAsync body
    return! readToEnd socket
}

/// Opens a request whose body of 1,000 bytes never comes.
let stall (address: Uri) path : Task<Socket> = task {
    let! socket = connect address
    let! _ = socket.SendAsync(Encoding.ASCII.GetBytes(head path 1_000 + "{"))
    return socket
}

let answerOf (response: HttpResponseMessage) : Task<Answer> = task {
    let! body = response.Content.ReadAsStringAsync()

    return {
        Status = int response.StatusCode
        Headers =
            Seq.append response.Headers response.Content.Headers
            |> Seq.map (fun header -> header.Key.ToLowerInvariant(), String.Join(", ", header.Value))
            |> Map.ofSeq
        Body = body
    }
}

/// A refusal as every refusal is: problem+json with its fields, the request's id on it and in it.
let assertProblem status (answer: Answer) =
    Assert.True((answer.Status = status), $"{answer.Status} instead of {status}: {answer.Body}")
    Assert.StartsWith("application/problem+json", answer.Headers["content-type"])
    use problem = JsonDocument.Parse answer.Body
    let field (name: string) = problem.RootElement.GetProperty name
    Assert.Equal(status, (field "status").GetInt32())
    Assert.Equal(answer.Headers["x-request-id"], (field "requestId").GetString())
    Assert.NotEmpty((field "title").GetString() |> string)
    Assert.NotEmpty((field "detail").GetString() |> string)
    Assert.Equal((field "detail").GetString(), (field "error").GetString())
    Assert.Equal("about:blank", (field "type").GetString())
    Assert.Equal(JsonValueKind.String, (field "instance").ValueKind)
