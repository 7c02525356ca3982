/// A log that keeps what is written to it.
module Bento.Hosting.Tests.Logs

open System
open System.Collections.Concurrent
open Microsoft.Extensions.Logging

type Line = {
    Category: string
    Level: LogLevel
    Message: string
    Cause: exn | null
}

[<Sealed>]
type Logs() =
    let lines = ConcurrentQueue<Line>()

    member _.Lines = List.ofSeq lines

    interface ILoggerProvider with
        member _.CreateLogger category = {
            new ILogger with
                member _.BeginScope _ = null
                member _.IsEnabled _ = true

                member _.Log(level, _, state, cause, format) =
                    lines.Enqueue {
                        Category = category
                        Level = level
                        Message = format.Invoke(state, cause)
                        Cause = cause
                    }
        }

    interface IDisposable with
        member _.Dispose() = ()
