namespace Bento

open System
open System.Buffers
open Microsoft.Extensions.DependencyInjection
open Microsoft.Extensions.Logging

/// The log of one category.
[<Sealed>]
type private ConsoleLogger(category: string, format: LogFormat, sink: LogSink) =

    [<ThreadStatic; DefaultValue>]
    static val mutable private line: ArrayBufferWriter<byte> | null

    let write level (message: string) (state: objnull) (cause: exn | null) =
        let line =
            match ConsoleLogger.line with
            | null ->
                let line = ArrayBufferWriter<byte>()
                ConsoleLogger.line <- line
                line
            | line -> line

        let now = DateTime.UtcNow

        match format with
        | LogFormat.Text -> LogLine.writeText line now level category message cause
        | LogFormat.Json -> LogLine.writeJson line now level category message state cause

        sink.Write(line.WrittenSpan, isUrgent = true)
        line.ResetWrittenCount()

    interface ILogger with
        member _.BeginScope _ = null
        member _.IsEnabled level = level <> LogLevel.None

        member _.Log(level, _, state, cause, describe) =
            match cause with
            // The server tells of it too, and knows less.
            | :? AnswerBrokenOff -> ()
            | cause -> write level (describe.Invoke(state, cause)) (box state) cause

[<Sealed>]
type private ConsoleProvider(format, sink: LogSink) =
    interface ILoggerProvider with
        member _.CreateLogger category = ConsoleLogger(category, format, sink)
        member _.Dispose() = sink.Flush(TimeSpan.FromSeconds 5.)

/// The log of a server on standard error, where it does not mix with what a command prints.
[<RequireQualifiedAccess>]
module internal ConsoleLog =

    /// Writes what happens in the format asked for.
    let add (format: LogFormat) (sink: LogSink) (logging: ILoggingBuilder) =
        logging.Services.AddSingleton<ILoggerProvider>(fun _ -> new ConsoleProvider(format, sink) :> ILoggerProvider)
        |> ignore

        logging
            .AddFilter("Microsoft", LogLevel.Warning)
            // Each failure of the server itself is told once, by whoever started it.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None)
        |> ignore
