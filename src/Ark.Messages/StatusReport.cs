namespace Ark.Messages;

/// <summary>The answer to <c>ark status --json</c>. It is a contract: names are added, never changed, and none holds a secret.</summary>
/// <param name="Daemon">The daemon that answers; null where none is running.</param>
/// <param name="Entries">
/// One for each host that a token has served, and one for each host that was refused before a token could be asked for.
/// </param>
public sealed record StatusReport(DaemonStatus? Daemon, IReadOnlyList<EntryStatus> Entries);

/// <summary>What the daemon knows of itself.</summary>
/// <param name="Pid">Its process.</param>
/// <param name="Version">Its build, such as <c>0.1.0</c>.</param>
/// <param name="UptimeSeconds">Since when it serves.</param>
/// <param name="Requests">How many it has been asked, this one among them.</param>
/// <param name="Faults">
/// How often something failed that should not have: a bug, or a connection that could not be accepted. The log has each kind once.
/// </param>
/// <param name="ClockSkewSeconds">This machine's clock minus AWS's, by AWS's last answer; null while there was none.</param>
/// <param name="Problem">What concerns every host: a clock that is off, whether anything fails yet or not.</param>
/// <param name="Log">The path of its log, or <see cref="Journal"/>; null where it writes to the terminal that runs it.</param>
public sealed record DaemonStatus(
    int Pid,
    string Version,
    long UptimeSeconds,
    long Requests,
    long Faults = 0,
    long? ClockSkewSeconds = null,
    ProblemEntry? Problem = null,
    string? Log = null)
{
    /// <summary>The log of a daemon that systemd runs: <c>journalctl --user --unit arkd.service</c>.</summary>
    public const string Journal = "journal";
}

/// <summary>
/// A host, and how it stands with its token. The last error is the problem's message; the account is that of whoever asked AWS, which need
/// not own the registry.
/// </summary>
public sealed record EntryStatus(
    string Host,
    string? Organization,
    string Source,
    string Identity,
    string State,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? RefreshAt,
    string? LastFetchReason,
    string? LastError,
    long Fetches,
    long Hits,
    ProblemEntry? Problem = null,
    string? Account = null);

/// <summary>A problem as every JSON of ours shows it, in a member <c>problem</c>, or <c>error</c> where it is all there is.</summary>
/// <param name="Code">
/// What src/docs/problems.md explains; null where a command could not do what it was asked for, such as a wrong name.
/// </param>
/// <param name="Message">What went wrong.</param>
/// <param name="Hint">What to do, with the exact command.</param>
public sealed record ProblemEntry(string? Code, string Message, string? Hint);

/// <summary>What a command prints for programs when it fails.</summary>
public sealed record ErrorReport(ProblemEntry Error);
