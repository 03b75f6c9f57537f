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

    /// <param name="logger">Writes the log.</param>
    /// <param name="file">Where to, if that is a file.</param>
    /// <param name="isRead">Whether somebody reads standard error in another form than the log's.</param>
    private LogOutput(ILogger logger, LogFile? file, bool isRead)
    {
        Logger = logger;
        _file = file;
        _isRead = isRead;
    }

    public ILogger Logger { get; }

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
            return new LogOutput(new LineLogger(least, time, new StandardErrorSink(journal)), null, isRead);
        }

        var file = new LogFile(path);
        return new LogOutput(new LineLogger(least, time, file), file, isRead: true);
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
