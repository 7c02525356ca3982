namespace Bento.Cli

open System
open System.Runtime.InteropServices
open System.Threading

/// SIGINT, SIGTERM and SIGQUIT as a token: the first of them cancels it, a second one does to the process what it does to any.
[<Sealed>]
type internal Interruption() =

    let stop = new CancellationTokenSource()

    let hear (context: PosixSignalContext) =
        if not stop.IsCancellationRequested then
            context.Cancel <- true
            stop.CancelAsync() |> ignore

    let heard =
        [ PosixSignal.SIGINT; PosixSignal.SIGTERM; PosixSignal.SIGQUIT ]
        |> List.map (fun signal -> PosixSignalRegistration.Create(signal, hear))

    member _.Token = stop.Token

    interface IDisposable with
        member _.Dispose() = heard |> List.iter _.Dispose()
