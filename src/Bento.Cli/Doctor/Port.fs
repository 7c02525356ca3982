namespace Bento.Cli

open System.Net
open System.Net.Sockets

/// Whether a service can listen.
[<RequireQualifiedAccess>]
module internal Port =

    /// Listens for a moment on this machine's own address, as `bento serve` does.
    let here (port: int) : Finding =
        try
            use listener = new TcpListener(IPAddress.Loopback, port)
            listener.Start()

            if port = 0 then
                Finding.ok "port" "A free port can be had."
            else
                Finding.ok "port" $"{port} is free."
        with :? SocketException as problem ->
            Finding.fault
                "port"
                $"{port} cannot be listened on: {problem.Message}."
                "End what listens there, or choose another with --port."
