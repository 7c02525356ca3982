namespace Bento.Cli

open System
open System.Threading

/// How long is waited for each thing that is to come, whose time does not run while nothing is waited for.
[<Sealed>]
type internal Patience(seconds: float, cancellation: CancellationToken) =
    let deadline = CancellationTokenSource.CreateLinkedTokenSource cancellation

    do deadline.CancelAfter(TimeSpan.FromSeconds seconds)

    /// Fires when the time is over, or when nobody wants to wait any more.
    member _.Token = deadline.Token

    /// Stops the time, until it is renewed.
    member _.Rest() =
        deadline.CancelAfter Timeout.InfiniteTimeSpan

    /// Gives the whole time again.
    member _.Renew() =
        deadline.CancelAfter(TimeSpan.FromSeconds seconds)

    interface IDisposable with
        member _.Dispose() = deadline.Dispose()
