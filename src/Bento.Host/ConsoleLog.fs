namespace Bento

open System.Text.Encodings.Web
open System.Text.Json
open Microsoft.Extensions.DependencyInjection
open Microsoft.Extensions.Logging
open Microsoft.Extensions.Logging.Console

/// The log of a server on standard error, where it does not mix with what a command prints.
[<RequireQualifiedAccess>]
module internal ConsoleLog =

    /// Writes what happens in the format asked for.
    let add (format: LogFormat) (logging: ILoggingBuilder) =
        match format with
        | LogFormat.Text -> logging.AddSimpleConsole(fun console -> console.SingleLine <- true)
        | LogFormat.Json ->
            logging.AddJsonConsole(fun console ->
                console.UseUtcTimestamp <- true
                console.TimestampFormat <- "yyyy-MM-ddTHH:mm:ss.fffZ"
                console.JsonWriterOptions <- JsonWriterOptions(Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping))
        |> _.AddFilter("Microsoft", LogLevel.Warning)
        // Each failure of the server itself is told once, by whoever started it.
        |> _.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None)
        |> ignore

        logging.Services.Configure<ConsoleLoggerOptions>(fun (console: ConsoleLoggerOptions) ->
            console.LogToStandardErrorThreshold <- LogLevel.Trace)
        |> ignore
