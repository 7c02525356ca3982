/// What `bento call` sends, and to whom.
module Bento.Tests.CallCommandTests

open System
open System.Net
open System.Net.Sockets
open System.CommandLine
open System.Text
open System.Threading.Tasks
open Xunit
open Bento.Cli

let private routeAt path = {
    Name = "it"
    Route = path
    Input = CallInput.Fields []
}

[<Fact>]
let ``a route is below the root that its schema was found at, with the query that was given`` () =
    let place =
        CallCommand.placeOf (Uri "http://127.0.0.1:3000/a/it?x=1") "/a" (routeAt "/it")

    Assert.Equal("http://127.0.0.1:3000/a/it?x=1", string place)

[<Theory>]
[<InlineData("//other.example/x")>]
[<InlineData("//127.0.0.1:3001/x")>]
[<InlineData("https://127.0.0.1:3000/x")>]
let ``a route that would send the call elsewhere is refused`` (path: string) =
    let refused =
        Assert.Throws<CliException>(fun () ->
            CallCommand.placeOf (Uri "http://127.0.0.1:3000/it") "" (routeAt path) |> ignore)

    Assert.Contains("which is not on 127.0.0.1:3000", refused.Message)

let private freePort () =
    use listener = new TcpListener(IPAddress.Loopback, 0)
    listener.Start()
    (listener.LocalEndpoint :?> IPEndPoint).Port

[<Fact>]
let ``the headers are sent for the schema too`` () : Task = task {
    let port = freePort ()
    use listener = new HttpListener()
    listener.Prefixes.Add $"http://127.0.0.1:{port}/"
    listener.Start()

    let answer (body: string) = task {
        let! context = listener.GetContextAsync()
        let bytes = Encoding.UTF8.GetBytes body
        do! context.Response.OutputStream.WriteAsync(ReadOnlyMemory bytes)
        context.Response.Close()
        let request = context.Request
        let authorization = request.Headers["Authorization"]
        return $"{request.HttpMethod} {request.RawUrl} {authorization}"
    }

    let arguments = [| $"http://127.0.0.1:{port}/it"; "--header"; "Authorization: Bearer abc" |]

    let calling =
        CallCommand.command.Parse(arguments).InvokeAsync(null, TestContext.Current.CancellationToken)

    let! first =
        answer """{"routes":[{"name":"it","route":"/it","input":{"type":"object","properties":{}}}]}"""

    let! second = answer "\"done\""
    let! code = calling
    Assert.Equal(0, code)
    Assert.Equal("GET /schema.json Bearer abc", first)
    Assert.Equal("POST /it Bearer abc", second)
}

/// Says these things, one to each connection, whatever it is asked, and closes.
let private saying (listener: TcpListener) (answers: string list) : Task<unit> = task {
    for answer in answers do
        use! connection =
            listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken)

        use stream = connection.GetStream()

        let! _ =
            stream.ReadAsync(Memory(Array.zeroCreate 4096), TestContext.Current.CancellationToken)

        do! stream.WriteAsync(Encoding.UTF8.GetBytes answer, TestContext.Current.CancellationToken)
}

let private answer length (body: string) =
    $"HTTP/1.1 200 OK\r\nX-Request-ID: ink\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"

let private emptySchema =
    """{"routes":[{"name":"it","route":"/it","input":{"type":"object","properties":{}}}]}"""

let broken: TheoryData<string list, string> =
    let schema = answer emptySchema.Length emptySchema
    let closed = "/it broke its answer off: "

    TheoryData<string list, string>(
        [
            struct ([ answer 999 "{" ], "The answer broke off: ")
            struct ([ schema; answer 999 "[1,2" ], "The answer broke off after 4 bytes: ")
            struct ([ schema; (answer 999 "{").Replace("200 OK", "500 Oh") ], "The answer broke off: ")
            struct ([ schema; "" ], closed)
            struct ([ schema; "HTTP/1.1 200 OK\r\nContent-" ], closed)
            struct ([ schema; "220 mail.example\r\n\r\n" ], closed)
        ]
    )

[<Theory; MemberData(nameof broken)>]
let ``an answer that breaks off is told as that, and not as nobody's being there``
    (answers: string list, told: string)
    : Task = task {
    use listener = new TcpListener(IPAddress.Loopback, 0)
    listener.Start()
    let talking = saying listener answers
    let url = $"http://{listener.LocalEndpoint}/it"
    let plainly = InvocationConfiguration(EnableDefaultExceptionHandler = false)

    let! problem =
        Assert.ThrowsAsync<CliException>(fun () ->
            CallCommand.command.Parse([| url |]).InvokeAsync(plainly, TestContext.Current.CancellationToken))

    do! talking
    Assert.Contains(told, problem.Message)
    Assert.DoesNotContain("reached", problem.Message)
}

let private callAt (listener: TcpListener) : Task<CliException> =
    let plainly = InvocationConfiguration(EnableDefaultExceptionHandler = false)
    let arguments = [| $"http://{listener.LocalEndpoint}/it"; "--header"; "X-Api-Key: abc" |]

    Assert.ThrowsAsync<CliException>(fun () ->
        CallCommand.command.Parse(arguments).InvokeAsync(plainly, TestContext.Current.CancellationToken))

[<Fact>]
let ``a schema without end is none`` () : Task = task {
    use listener = new TcpListener(IPAddress.Loopback, 0)
    listener.Start()

    let head =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"

    let talking: Task<unit> = task {
        try
            do! saying listener [ head + emptySchema + String(' ', 17 <<< 20) ]
        with :? IO.IOException ->
            ()
    }

    let! problem = callAt listener
    do! talking
    Assert.Contains("has no /schema.json on the way to /it", problem.Message)
}

[<Fact>]
let ``a call is not sent on to where a server points, and that place is told`` () : Task = task {
    use other = new TcpListener(IPAddress.Loopback, 0)
    other.Start()

    let elsewhere =
        $"HTTP/1.1 307 Oh\r\nLocation: http://{other.LocalEndpoint}/it\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

    for answers in [ [ answer emptySchema.Length emptySchema; elsewhere ]; [ elsewhere ] ] do
        use listener = new TcpListener(IPAddress.Loopback, 0)
        listener.Start()
        let talking = saying listener answers
        let! problem = callAt listener
        do! talking
        Assert.Contains($"sends on to http://{other.LocalEndpoint}/it", problem.Message)

    Assert.False(other.Pending(), "Something was sent on.")
}
