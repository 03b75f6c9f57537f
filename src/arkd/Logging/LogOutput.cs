using System.Globalization;
using Ark.Messages;
using Ark.Wire;
using Microsoft.Extensions.Logging;

namespace Ark.Daemon.Logging;

/// <summary>
/// Decides where the log goes: to the journal when systemd runs us, to the terminal when a person does, else to a file, since a
/// daemon that a helper started has no other place.
/// </summary>
internal sealed class LogOutput : IDisposable
{
    private readonly LogFile? _file;

    private readonly bool _isRead;

    private LogOutput(ILogger logger, LogFile? file, string? place, bool isRead)
    {
        Logger = logger;
        Place = place;
        _file = file;
        _isRead = isRead;
    }

    public ILogger Logger { get; }

    /// <summary>What <see cref="DaemonStatus.Log"/> says of it.</summary>
    public string? Place { get; }

    public static LogOutput Choose(Func<string, string?> environment, TimeProvider time)
    {
        LogLevel least = environment("ARK_LOG") switch
        {
            "error" => LogLevel.Error,
            "warn" => LogLevel.Warning,
            "debug" => LogLevel.Debug,
            _ => LogLevel.Information,
        };

        bool journal = !OperatingSystem.IsWindows() && IsJournal(environment("JOURNAL_STREAM"));
        if (journal || !Console.IsErrorRedirected || Locate(environment) is not { } path)
        {
            bool isRead = !journal && Console.IsErrorRedirected;
            var lines = new LineLogger(least, time, new StandardErrorSink(journal));
            return new LogOutput(lines, null, journal ? DaemonStatus.Journal : null, isRead);
        }

        var file = new LogFile(path);
        return new LogOutput(new LineLogger(least, time, file), file, path, isRead: true);
    }

    /// <summary>Says why there will be no daemon, in the log and to whoever started it by hand; the exit code.</summary>
    public int CannotStart(string message, string hint)
    {
        Logger.CannotStart(message, hint);
        if (_isRead)
        {
            new StandardErrorSink(journal: false).Write(LogLevel.Error, $"ark: error: {message}\nark: hint: {hint}");
        }

        return 1;
    }

    public void Dispose() => _file?.Dispose();

    /// <summary>
    /// The variable names the journal's stream as <c>device:inode</c>, and children of a service inherit it, whatever their own
    /// standard error is.
    /// </summary>
    private static bool IsJournal(string? stream) =>
        stream?.Split(':') is [_, var inode] && ulong.TryParse(inode, out ulong number) && FileIdentity.OfDescriptor(2)?.Inode == number;

    /// <summary>The user's directory for logs and the like; null when there is none.</summary>
    private static string? Locate(Func<string, string?> environment)
    {
        string? directory = OperatingSystem.IsWindows()
            ? environment("LOCALAPPDATA")
            : Ownership.XdgDirectory(environment, "XDG_STATE_HOME", Path.Join(".local", "state"));
        return string.IsNullOrEmpty(directory) ? null : Path.Combine(directory, "ark", "arkd.log");
    }
}

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

/// <summary>Standard error. Under journald each line begins with its priority, which the journal takes off again.</summary>
internal sealed class StandardErrorSink(bool journal) : ILineSink
{
    public void Write(LogLevel level, string line)
    {
        try
        {
            Console.Error.WriteLine(journal ? $"<{Priority(level)}>{line}" : line);
        }
        catch (IOException)
        {
            // Closed or full: there is nobody left to tell.
        }
    }

    /// <summary>syslog's numbers.</summary>
    private static int Priority(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => 7,
        LogLevel.Warning => 4,
        LogLevel.Error or LogLevel.Critical => 3,
        _ => 6,
    };
}
