namespace Bento

open System
open System.Collections.Generic
open System.Threading

/// What a worker is made with, on a server or without one.
[<RequireQualifiedAccess>]
module internal WorkerSetup =

    /// What `init` of the worker at a place is given.
    let make (log: Log) (application: IServiceProvider) grant (cancellation: CancellationToken) place : Setup<unit> = {
        Clients = ()
        Models = Dictionary<string, string>()
        Device = Devices.ofWorker grant place
        Worker = place
        Application = application
        Cancellation = cancellation
        Log = log
    }

    /// There are no clients of other services; whoever asks for one is told by these words.
    let noClients (words: string -> string) : Resolver = {
        new Resolver with
            member _.Resolve dependency =
                invalidOp (words $"\"{dependency.Service}\"")
    }
