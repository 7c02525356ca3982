namespace Bento

open System
open System.Threading
open System.Threading.Tasks

/// A service on the air.
[<Interface>]
type Server =
    inherit IAsyncDisposable

    /// Where it listens, as in "http://127.0.0.1:3000".
    abstract Address: string

    /// Ends when the process was asked to end, the last request is answered and `onShutdown` has run.
    abstract Completion: Task

    /// Withdraws readiness, stops listening, lets requests finish, runs `onShutdown`. The token only ends the waiting.
    abstract Stop: CancellationToken -> Task

    /// Starts a definition beside the one that answers, workers and all, and then has it answer instead: same port, same
    /// connections, and no request is lost. What was let in before is answered by the old one, whose `onShutdown` runs
    /// after its last request; sockets are told to come again. When the new one cannot start, the old one goes on, and
    /// this raises what `Serve.start` would.
    abstract Replace: Definition -> Task

    /// Asks an endpoint as any caller would, with an input as `Serve.call` takes it: the answer as JSON, that of a stream as
    /// a list. Raises `BentoException` with the status of an answer that is none.
    abstract Call: endpoint: string * input: 'Input -> string

    /// How many requests a stop has broken off, as they had not ended within the grace.
    abstract Cancelled: int

/// A server of ours, with what only hosts of scripts and projects ask of it.
[<Sealed>]
type internal RunningServer
    (
        address: string,
        prefix: string,
        completion: Task,
        editions: Editions,
        stop: unit -> Task,
        dispose: unit -> Task<unit>
    ) =

    /// Why a new definition has not taken the place of the one that answers, for `/readyz`.
    member _.Notice
        with set (notice: string option) = editions.Notice <- notice

    interface Server with
        member _.Address = address
        member _.Completion = completion
        member _.Cancelled = editions.Cancelled
        member _.Stop cancellation = stop().WaitAsync cancellation
        member _.Replace definition = editions.Replace definition

        member _.Call(endpoint, input) =
            let service = editions.Card

            let card =
                LocalCalls.find service.Name endpoint (fun (card: EndpointCard) -> card.Name) service.Endpoints

            (OwnCalls.ask address prefix card (LocalCalls.json card input)).GetAwaiter().GetResult()

        member _.DisposeAsync() = ValueTask(dispose ())
