module Bento.Hosting.Tests.ServeTests

open System
open System.IO
open System.Net.Http
open System.Net.Sockets
open System.Threading
open System.Threading.Tasks
open Xunit
open Bento
open Bento.Hosting.Tests.Wire

let private anywhere = { Serve.options with Port = 0 }
let private adding = service { api "add" (fun (number: int) -> number + 1) }
let private doubling = service { api "double" (fun (number: int) -> number * 2) }

[<Fact>]
let ``the default is port 3000 of this machine`` () =
    Assert.Equal("127.0.0.1", Serve.options.Host)
    Assert.Equal(3000, Serve.options.Port)
    Assert.Equal(None, Serve.options.Tls)

[<Theory>]
[<InlineData("127.0.0.1", "http://127.0.0.1:")>]
[<InlineData("localhost", "http://127.0.0.1:")>]
[<InlineData("0.0.0.0", "http://0.0.0.0:")>]
let ``port 0 takes a free port and tells which`` (host: string, address: string) : Task = task {
    use! server = Serve.start { anywhere with Host = host } adding
    Assert.StartsWith(address, server.Address)
    Assert.NotEqual(0, Uri(server.Address).Port)

    use client =
        new HttpClient(BaseAddress = Uri $"http://127.0.0.1:{Uri(server.Address).Port}")

    let! answer = postJson client "/add" "1"
    Assert.Equal("2", answer.Body)
    Assert.False(answer.Headers.ContainsKey "server")
}

[<Fact>]
let ``a port in use is an IOException that names it, and the service is ended again`` () : Task = task {
    use! server = Serve.start anywhere adding
    let port = Uri(server.Address).Port
    let ended = TaskCompletionSource()

    let late = service {
        name "late"
        init (fun (_: Setup<unit>) -> Task.FromResult 1)
        onShutdown (fun (_: int) -> ended.SetResult())
        api "add" (fun (number: int) -> number + 1)
    }

    let! problem =
        Assert.ThrowsAsync<IOException>(fun () -> Serve.start { anywhere with Port = port } late :> Task)

    Assert.Contains(string port, problem.Message)
    Assert.True ended.Task.IsCompletedSuccessfully
    let! answer = postOverSocket server.Address "/add" "1"B
    Assert.Equal("2", answer.Body)
}

[<Theory>]
[<InlineData("example.com")>]
[<InlineData("")>]
[<InlineData("localhost:3000")>]
[<InlineData("*")>]
let ``a host that is no address is refused with the way out, before anything starts`` (host: string) : Task = task {
    let untouched = service {
        name "untouched"
        onDeployment (fun () -> Assert.Fail "It was deployed.")
        api "add" (fun (number: int) -> number + 1)
    }

    let! problem =
        Assert.ThrowsAsync<ArgumentException>(fun () -> Serve.start { anywhere with Host = host } untouched :> Task)

    Assert.Contains($"\"{host}\"", problem.Message)
    Assert.Contains("127.0.0.1", problem.Message)
    Assert.Contains("localhost", problem.Message)
}

[<Theory>]
[<InlineData(-1)>]
[<InlineData(65536)>]
let ``a port that is none is refused with the way out`` (port: int) : Task = task {
    let! problem =
        Assert.ThrowsAsync<ArgumentException>(fun () -> Serve.start { anywhere with Port = port } adding :> Task)

    Assert.Contains($"The port \"{port}\"", problem.Message)
    Assert.Contains("65535", problem.Message)
}

[<Fact>]
let ``an unknown route is a 404 and a wrong method a 405 that says which is right`` () : Task = task {
    use! server = Serve.start anywhere adding
    use client = new HttpClient(BaseAddress = Uri server.Address)
    let! unknown = get client "/ad%20d"
    Assert.Equal("There is nothing at /ad%20d.", problem 404 unknown)
    let! root = postJson client "/" "1"
    Assert.Equal("/ does not take POST; use GET, HEAD.", problem 405 root)
    let! wrong = get client "/add"
    Assert.Equal("/add does not take GET; use POST.", problem 405 wrong)
    Assert.Equal("POST", wrong.Headers["allow"])
    use! socket = connect server.Address
    do! sendText socket (head "HEAD" "/nothing" [])
    let! bare = readAnswer socket
    Assert.Equal(404, bare.Status)
    Assert.Empty bare.Bytes
}

[<Fact>]
let ``two servers in one process do not know of each other`` () : Task = task {
    use! first = Serve.start anywhere adding
    use! second = Serve.start anywhere doubling
    Assert.NotEqual<string>(first.Address, second.Address)
    let! added = postOverSocket first.Address "/add" "5"B
    Assert.Equal("6", added.Body)
    let! doubled = postOverSocket second.Address "/double" "5"B
    Assert.Equal("10", doubled.Body)
    let! nothing = postOverSocket second.Address "/add" "5"B
    problem 404 nothing |> ignore
    do! first.Stop CancellationToken.None
    let! doubled = postOverSocket second.Address "/double" "6"B
    Assert.Equal("12", doubled.Body)
}

[<Fact>]
let ``one definition may be served twice`` () : Task = task {
    use! first = Serve.start anywhere adding
    use! second = Serve.start anywhere adding
    do! first.Stop CancellationToken.None
    let! answer = postOverSocket second.Address "/add" "5"B
    Assert.Equal("6", answer.Body)
}

let private isRefused (address: string) : Task<bool> = task {
    try
        use! socket = connect address
        let! bytes = readToEnd socket
        return bytes.Length = 0
    with :? SocketException as problem ->
        return problem.SocketErrorCode = SocketError.ConnectionRefused
}

[<Fact>]
let ``a stop answers what has begun, takes nothing new, and ends the service after that`` () : Task = task {
    let entered = TaskCompletionSource()
    let gate = TaskCompletionSource<string>()
    let ended = TaskCompletionSource()

    let slow = service {
        name "slow"
        init (fun (_: Setup<unit>) -> Task.FromResult 1)
        onShutdown (fun (_: int) -> ended.SetResult())

        api "wait" (fun (context: Context<int>) () -> task {
            entered.SetResult()
            let! answer = gate.Task

            return
                $"{answer}, ended: {ended.Task.IsCompleted}, cancelled: {context.Cancellation.IsCancellationRequested}"
        })
    }

    use! server = Serve.start anywhere slow
    let asked = postOverSocket server.Address "/wait" [||]
    do! within entered.Task
    let stopping = server.Stop CancellationToken.None
    let mutable refused = false

    while not refused do
        let! now = isRefused server.Address
        refused <- now

    Assert.False stopping.IsCompleted
    Assert.False server.Completion.IsCompleted
    gate.SetResult "answered"
    let! answer = asked
    Assert.Equal("answered, ended: False, cancelled: False", answer.Body)
    do! within stopping
    Assert.True ended.Task.IsCompleted
    do! within server.Completion
}

[<Fact>]
let ``a server may be stopped twice, and told where it listened`` () : Task = task {
    let! server = Serve.start anywhere adding
    let address = server.Address
    do! Task.WhenAll(server.Stop CancellationToken.None, server.Stop CancellationToken.None)
    do! server.DisposeAsync()
    do! server.DisposeAsync()
    Assert.Equal(address, server.Address)
    do! server.Completion
}

[<Fact>]
let ``a server that is disposed ends its service and its port is free`` () : Task = task {
    let ended = TaskCompletionSource()

    let short = service {
        name "short"
        init (fun (_: Setup<unit>) -> Task.FromResult 1)
        onShutdown (fun (_: int) -> ended.SetResult())
        api "add" (fun (number: int) -> number + 1)
    }

    let! server = Serve.start anywhere short
    do! server.DisposeAsync()
    Assert.True ended.Task.IsCompletedSuccessfully

    use! again =
        Serve.start
            {
                anywhere with
                    Port = Uri(server.Address).Port
            }
            adding

    Assert.Equal(server.Address, again.Address)
}

[<Fact>]
let ``IPv6 is an address too`` () : Task = task {
    Assert.SkipUnless(Socket.OSSupportsIPv6, "This machine has no IPv6.")
    use! server = Serve.start { anywhere with Host = "::1" } adding
    let! answer = postOverSocket server.Address "/add" "1"B
    Assert.Equal("2", answer.Body)
}
