module Bento.Tests.PortTests

open System.Net
open System.Net.Sockets
open Xunit
open Bento.Cli

[<Fact>]
let ``a port that is listened on is a fault with a way out, and a free one is well`` () =
    use listener = new TcpListener(IPAddress.Loopback, 0)
    listener.Start()
    let port = (listener.LocalEndpoint :?> IPEndPoint).Port
    let taken = Port.here port
    Assert.Equal(Condition.Fault, taken.Condition)
    Assert.StartsWith($"{port} cannot be listened on: ", taken.Sentence)
    Assert.Contains("--port", string taken.Mend)
    listener.Stop()
    Assert.Equal(Finding.ok "port" $"{port} is free.", Port.here port)

[<Fact>]
let ``port 0 stands for a free one`` () =
    Assert.Equal(Condition.Ok, (Port.here 0).Condition)
