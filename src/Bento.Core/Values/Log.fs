namespace Bento

/// How much a line of the log matters.
type LogLevel =
    | Debug = 0
    | Information = 1
    | Warning = 2
    | Error = 3

/// Where a service writes what happens to it. A host gives one that writes to its own log.
[<Interface>]
type Log =
    abstract Write: level: LogLevel * message: string * cause: exn | null -> unit

[<RequireQualifiedAccess>]
module Log =

    /// A log that keeps nothing.
    let none = {
        new Log with
            member _.Write(_, _, _) = ()
    }

    /// Writes a line that only helps to find faults.
    let debug message (log: Log) =
        log.Write(LogLevel.Debug, message, null)

    /// Writes a line about the usual course of things.
    let information message (log: Log) =
        log.Write(LogLevel.Information, message, null)

    /// Writes a line about something that should be looked at.
    let warning message (log: Log) =
        log.Write(LogLevel.Warning, message, null)

    /// Writes a failure and what caused it.
    let error message (cause: exn) (log: Log) =
        log.Write(LogLevel.Error, message, cause)
