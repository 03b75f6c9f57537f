using System.Globalization;
using Ark.Wire;
using Microsoft.Extensions.Logging;

namespace Ark.Daemon.Logging;

/// <summary>
/// Writes one line an event: time, level, event, then <c>name=value</c>. Control characters are escaped, so that nothing a client
/// sends can end a line or color a terminal.
/// </summary>
internal sealed class LineLogger(LogLevel least, TimeProvider time, ILineSink sink) : ILogger
{
    public bool IsEnabled(LogLevel logLevel) => logLevel >= least;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            string when = time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
            string text = string.Create(CultureInfo.InvariantCulture, $"{when} {Word(logLevel)} {formatter(state, exception)}");
            sink.Write(logLevel, TextSanitizer.Line(text));
        }
    }

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "debug",
        LogLevel.Warning => "warn",
        LogLevel.Error or LogLevel.Critical => "error",
        _ => "info",
    };
}

/// <summary>Where log lines go. A sink that cannot write drops the line: logging never stops an answer.</summary>
internal interface ILineSink
{
    void Write(LogLevel level, string line);
}
