using Ark.Core.Problems;
using Ark.Wire;
using Microsoft.Extensions.Logging;

namespace Ark.Daemon.Logging;

/// <summary>
/// Every line that the daemon logs. None has a parameter that could hold a secret; values are words, hosts and numbers, or quoted.
/// </summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "started version={Version} pid={Pid} address={Address}")]
    public static partial void Started(this ILogger log, string version, int pid, string address);

    [LoggerMessage(2, LogLevel.Information, "stopped reason={Reason} requests={Requests}")]
    public static partial void Stopped(this ILogger log, string reason, long requests);

    [LoggerMessage(3, LogLevel.Error, "cannot start: {Message}; {Hint}")]
    public static partial void CannotStart(this ILogger log, string message, string hint);

    [LoggerMessage(4, LogLevel.Information, "another daemon serves this user already address={Address}")]
    public static partial void AlreadyRunning(this ILogger log, string address);

    [LoggerMessage(10, LogLevel.Information, "served host={Host} organization={Organization}")]
    public static partial void Answered(this ILogger log, string host, string organization);

    [LoggerMessage(11, LogLevel.Warning, "failed host={Host} organization={Organization} problem={Kind} message={Message}")]
    public static partial void Failed(this ILogger log, string host, string organization, ProblemKind kind, Quoted message);

    [LoggerMessage(12, LogLevel.Debug, "not ours verb={Verb}")]
    public static partial void NotOurs(this ILogger log, Verb verb);

    [LoggerMessage(13, LogLevel.Error, "fault while={Doing} type={Type} at={At}")]
    public static partial void Fault(this ILogger log, Quoted doing, string type, Quoted at);

    [LoggerMessage(14, LogLevel.Debug, "relayed verb={Verb} exit={ExitCode}")]
    public static partial void Relayed(this ILogger log, string verb, int exitCode);

    [LoggerMessage(15, LogLevel.Warning, "not relayed verb={Verb} problem={Kind} message={Message}")]
    public static partial void NotRelayed(this ILogger log, string verb, ProblemKind kind, Quoted message);

    [LoggerMessage(20, LogLevel.Information, "fetched principal={Identity} service={Service} region={Region} expires={Expires}")]
    public static partial void Fetched(this ILogger log, Quoted identity, string service, string region, string expires);

    [LoggerMessage(
        21, LogLevel.Warning, "fetch failed principal={Identity} service={Service} region={Region} problem={Kind} message={Message}")]
    public static partial void FetchFailed(
        this ILogger log, Quoted identity, string service, string region, ProblemKind kind, Quoted message);

    [LoggerMessage(22, LogLevel.Debug, "files passed over principal={Identity} message={Message}")]
    public static partial void PassedOver(this ILogger log, Quoted identity, Quoted message);

    [LoggerMessage(23, LogLevel.Warning, "fetched, but principal={Identity} message={Message}")]
    public static partial void FetchWarning(this ILogger log, Quoted identity, Quoted message);

    [LoggerMessage(30, LogLevel.Warning, "configuration not used message={Message}")]
    public static partial void BadConfiguration(this ILogger log, Quoted message);

    [LoggerMessage(31, LogLevel.Information, "configuration loaded path={Path} hosts={Hosts}")]
    public static partial void ConfigurationLoaded(this ILogger log, Quoted path, int hosts);

    [LoggerMessage(32, LogLevel.Information, "repository {Change} url={Url} organization={Organization}")]
    public static partial void RepositoryChanged(this ILogger log, string change, string url, string organization);

    [LoggerMessage(41, LogLevel.Debug, "connection without request end={End}")]
    public static partial void BadConnection(this ILogger log, string end);

    [LoggerMessage(42, LogLevel.Information, "client disconnected before its answer")]
    public static partial void ClientDisconnected(this ILogger log);
}

/// <summary>
/// Free text as the value of a log line: in quotes, with a backslash before each quote and backslash of its own, so that it cannot end
/// its value and begin another.
/// </summary>
internal readonly record struct Quoted(string Text)
{
    public static implicit operator Quoted(string text) => new(text);

    public override string ToString()
    {
        string escaped = Text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        return $"\"{escaped}\"";
    }
}

/// <summary>
/// What failed that should not have: bugs, and connections that could not be accepted. Each kind is logged once, so that one which comes
/// back every second does not push everything else out of the log; all are counted, for status.
/// </summary>
internal sealed class Faults(ILogger log)
{
    private readonly HashSet<(string, Type)> _known = [];
    private readonly Lock _gate = new();
    private long _count;

    public long Count => Interlocked.Read(ref _count);

    /// <param name="doing">What was being done, in a word or two.</param>
    /// <param name="exception">Of it the type and the place are logged: its text may quote what it choked on.</param>
    public void Add(string doing, Exception exception)
    {
        Interlocked.Increment(ref _count);
        lock (_gate)
        {
            if (!_known.Add((doing, exception.GetType())))
            {
                return;
            }
        }

        log.Fault(doing, exception.GetType().Name, exception.StackTrace?.Split('\n')[0].Trim() ?? "");
    }
}
