namespace Bento

open Microsoft.Extensions.Logging

/// Writes what a service logs to the host's log.
[<Sealed>]
type internal HostLog(logger: ILogger) =

    /// A level in ASP.NET's words.
    static member Level(level: Bento.LogLevel) =
        match level with
        | Bento.LogLevel.Debug -> LogLevel.Debug
        | Bento.LogLevel.Information -> LogLevel.Information
        | Bento.LogLevel.Warning -> LogLevel.Warning
        | _ -> LogLevel.Error

    interface Log with
        member _.Write(level, message, cause) =
            logger.Log(HostLog.Level level, cause, "{Message}", message)
