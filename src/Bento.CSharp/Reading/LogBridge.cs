using Microsoft.Extensions.Logging;

namespace Bento.CSharp.Reading;

/// <summary>A logger of ASP.NET Core's kind that writes to the log of a worker without an application.</summary>
/// <typeparam name="TService">What writes.</typeparam>
internal sealed class LogBridge<TService>(Log log) : ILogger<TService>
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(Microsoft.Extensions.Logging.LogLevel logLevel) =>
        logLevel is > Microsoft.Extensions.Logging.LogLevel.Trace and < Microsoft.Extensions.Logging.LogLevel.None;

    public void Log<TState>(
        Microsoft.Extensions.Logging.LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            log.Write(Level(logLevel), formatter(state, exception), exception);
        }
    }

    private static LogLevel Level(Microsoft.Extensions.Logging.LogLevel level) => level switch
    {
        Microsoft.Extensions.Logging.LogLevel.Debug => LogLevel.Debug,
        Microsoft.Extensions.Logging.LogLevel.Information => LogLevel.Information,
        Microsoft.Extensions.Logging.LogLevel.Warning => LogLevel.Warning,
        _ => LogLevel.Error,
    };
}
