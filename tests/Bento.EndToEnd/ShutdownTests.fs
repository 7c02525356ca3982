module Bento.EndToEnd.ShutdownTests

open System.Threading.Tasks
open Xunit
open Bento.EndToEnd.Programs

let private pause = """{"milliseconds": 1500}"""B

/// A request in flight when the signal comes is answered; then the server ends, and says that all is well.
let private endsWell signal : Task = task {
    use! server = Server.Start(several + ":pausing")
    let! _ = Wire.post server.Address "/pause" """{"milliseconds": 0}"""B
    let inFlight = Wire.post server.Address "/pause" pause
    do! Task.Delay 500
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
