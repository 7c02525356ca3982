module Bento.EndToEnd.ShutdownTests

open System
open System.Diagnostics
open System.IO
open System.Net.Sockets
open System.Text.RegularExpressions
open System.Threading.Tasks
open Xunit
open Bento.EndToEnd.Programs

let private pause = """{"milliseconds": 1500}"""B

/// Waits until a request is in work.
let private untilInWork (server: Server) : Task = task {
    let clock = Stopwatch.StartNew()
    let mutable isInWork = false

    while not isInWork do
        Assert.True(clock.Elapsed < TimeSpan.FromMinutes 1., "No request came into work.")
        let! figures = server.Client.GetStringAsync "/metrics"
        isInWork <- Regex.IsMatch(figures, @"^bento_requests_in_progress\{.*\} 1$", RegexOptions.Multiline)
}

/// A request in flight when the signal comes is answered; then the server ends, and says that all is well.
let private endsWell signal : Task = task {
    use! server = Server.Start(several + ":pausing")
    let! _ = Wire.post server.Address "/pause" """{"milliseconds": 0}"""B
    let inFlight = Wire.post server.Address "/pause" pause
    do! untilInWork server
    server.Program.Signal signal
    let! answer = inFlight
    Assert.Equal(200, answer.Status)
    let! code = server.Program.Exit()
    Assert.True((code = 0), $"Exit code {code}: {server.Program.Output}")
}

[<Fact>]
let ``SIGTERM lets the request in flight finish and exits with 0`` () = endsWell terminate

[<Fact>]
let ``SIGINT lets the request in flight finish and exits with 0`` () = endsWell interrupt

[<Fact>]
let ``after a kill it starts again on the same port`` () : Task = task {
    use! first = Server.Start(several + ":echo")
    first.Program.Kill()
    let! _ = first.Program.Exit()

    use second =
        new Program("dotnet", [ bento; "serve"; several + ":echo"; "--port"; string first.Address.Port ])

    let! _ = second.Heard $":{first.Address.Port}"
    let! answer = Wire.post first.Address "/echo" """{"text": "again"}"""B
    Assert.Equal(200, answer.Status)
}

/// A second signal does not wait for the request in flight, nor for `onShutdown`.
let private endsAtOnce signal code : Task = task {
    use! server = Server.Start(several + ":stubborn")
    use! socket = Wire.connect server.Address

    let! _ =
        socket.SendAsync(
            "POST /pause HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: 23\r\n\r\n{\"milliseconds\": 60000}"B
        )

    do! untilInWork server
    server.Program.Signal signal
    let! _ = server.Program.Heard "Stopping; requests under way: 1"
    let clock = Stopwatch.StartNew()
    server.Program.Signal signal
    let! ended = server.Program.Exit()
    Assert.Equal(code, ended)
    Assert.True(clock.Elapsed < TimeSpan.FromSeconds 20., $"It took {clock.Elapsed}")
}

[<Fact>]
let ``a second SIGTERM ends at once, as a shell knows it`` () = endsAtOnce terminate 143

[<Fact>]
let ``a second SIGINT ends at once, as a shell knows it`` () = endsAtOnce interrupt 130

/// Asks until nobody takes the connection: how often it was answered, and how often not though somebody took it.
let private askUntilRefused address : Task<int * int> = task {
    let mutable answered, lost, refused = 0, 0, false

    while not refused do
        try
            let! answer = Wire.post address "/pause" """{"milliseconds": 5}"""B
            Assert.Equal(200, answer.Status)
            answered <- answered + 1
        with
        | :? SocketException as problem when problem.SocketErrorCode = SocketError.ConnectionRefused -> refused <- true
        | _ -> lost <- lost + 1

    return answered, lost
}

let private losesNothing signal : Task = task {
    use! server = Server.Start(several + ":pausing")
    let calling = [ for _ in 1..50 -> askUntilRefused server.Address ]
    do! Task.Delay 1_000
    server.Program.Signal signal
    let! code = server.Program.Exit()
    Assert.True((code = 0), $"Exit code {code}: {server.Program.Output}")
    let! all = Task.WhenAll calling
    Assert.Equal(0, all |> Array.sumBy snd)
    Assert.True(all |> Array.sumBy fst > 50)
}

[<Fact>]
let ``SIGTERM under load loses no request`` () = losesNothing terminate

[<Fact>]
let ``SIGINT under load loses no request`` () = losesNothing interrupt

[<Fact>]
let ``a start that fails names the step and what it raised, and exits with 1`` () : Task = task {
    let! code, output = runBento [ "serve"; several + ":failing"; "--port"; "0" ]
    Assert.True((code = 1), $"Exit code {code}: {output}")
    Assert.Contains("`onStartup` of \"failing\" raised InvalidOperationException: The weights are not there.", output)
    Assert.DoesNotContain("Serving on", output)
}

[<Fact>]
let ``a model that takes no batches is refused in one line that says which, why and what to do`` () : Task =
    within (fun folder -> task {
        let model = Path.Combine(folder, "rigid.onnx")

        let file, arguments =
            bentoWith [ $"RIGID_MODEL={model}" ] [ "serve"; several + ":rigid"; "--port"; "0" ]

        let! code, output = run file arguments
        Assert.True((code = 1), $"Exit code {code}: {output}")

        Assert.Contains(
            "bento: `init` of \"rigid\" raised ArgumentException: The input x: Float[1] of the model "
            + $"'{model}' has a first dimension that is always 1, so rows cannot share a run; wanted one that is free, as "
            + "in Float[batch, …]. Export the model with a free batch dimension, or run it row by row.",
            output.Split '\n'
        )

        Assert.DoesNotContain("Serving on", output)
    })

[<Fact>]
let ``a signal after the server's stop ends the program that goes on`` () : Task =
    within (fun folder -> task {
        let script =
            write
                folder
                "outliving.fsx"
                "open Bento\nopen System.Threading\nlet greeter = service { api \"greet\" (fun (name: string) -> name) }\nlet server = (Serve.start { Serve.options with Port = 0 } greeter).Result\nserver.Stop(CancellationToken.None).Wait()\nprintfn \"It goes on.\"\nThread.Sleep Timeout.Infinite\n"

        let file, arguments = bentoWith [ $"BENTO_HOME={folder}" ] [ "serve"; script ]

        use program = new Program(file, arguments)
        let! _ = program.Heard "It goes on"
        program.Signal terminate
        let! code = program.Exit()
        Assert.Equal(143, code)
    })
