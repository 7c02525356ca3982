namespace Bento.Cli

open System.IO
open System.Net.Sockets
open System.Threading
open System.Threading.Tasks
open Bento

/// A configured service on the air.
[<RequireQualifiedAccess>]
module internal ServedTarget =

    let private listen (cancellation: CancellationToken) (target: ConfiguredTarget) : Task<Server> = task {
        try
            return! Serve.startUnless cancellation target.Options target.Definition
        with (:? IOException | :? SocketException) as problem ->
            let sentence =
                Foreground.cannotListen target.Options "Choose another with --host or --port." problem

            return raise (CliException sentence)
    }

    /// Starts its server, and says where it is; a port that it cannot have is told with the way out.
    let start (cancellation: CancellationToken) (target: ConfiguredTarget) : Task<Server> = task {
        let! server = listen cancellation target
        Foreground.announce (Definition.require target.Definition).Card server.Address target.Options
        return server
    }
