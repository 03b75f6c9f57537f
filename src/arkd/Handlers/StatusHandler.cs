using System.Collections;
using Ark.Aws.Calls;
using Ark.Core.Problems;
using Ark.Core.Tokens;
using Ark.Messages;
using Ark.Wire;

namespace Ark.Daemon.Handlers;

/// <summary><c>ark status</c>: the daemon and what it knows of each host.</summary>
internal sealed class StatusHandler(
    TokenCache cache, RefusedHosts refused, AwsClock clock, TimeProvider time, Func<long> faults, string? log)
{
    private readonly long _started = time.GetTimestamp();

    public Reply Report(long requests) => Replies.Json(
        new StatusReport(
            new DaemonStatus(
                Environment.ProcessId,
                Build.Current,
                (long)time.GetElapsedTime(_started).TotalSeconds,
                requests,
                faults(),
                (long?)clock.Skew?.TotalSeconds,
                Entry(clock.Problem),
                log),
            new Entries([.. cache.Snapshot()], [.. refused.All])),
        MessagesJson.Default.StatusReport);

    private static EntryStatus Entry(TokenStatus token) => new(
        token.Host,
        token.Organization,
        token.Source,
        token.Identity,
        Word(token.State),
        token.ExpiresAt,
        token.RefreshAt,
        Word(token.LastFetchReason),
        token.LastError?.Message,
        token.Fetches,
        token.Hits,
        Entry(token.LastError),
        token.Account);

    private static EntryStatus Entry(RefusedHost host) =>
        new(
            host.Host,
            host.Organization,
            Source: "",
            Identity: "",
            Word(TokenState.Failing),
            null,
            null,
            null,
            host.Problem.Message,
            0,
            0,
            Entry(host.Problem));

    private static ProblemEntry? Entry(Problem? problem) =>
        problem is null ? null : new ProblemEntry(problem.Code, problem.Message, problem.Hint);

    private static string Word(TokenState state) => state switch
    {
        TokenState.Fresh => "fresh",
        TokenState.Refreshing => "refreshing",
        TokenState.Expired => "expired",
        TokenState.Failing => "failing",
    };

    /// <summary>Each entry is made when it is written, since ten thousand at once would leave megabytes behind.</summary>
    private sealed class Entries(TokenStatus[] tokens, RefusedHost[] hosts) : IReadOnlyList<EntryStatus>
    {
        public int Count => tokens.Length + hosts.Length;

        public EntryStatus this[int index] => index < tokens.Length ? Entry(tokens[index]) : Entry(hosts[index - tokens.Length]);

        public IEnumerator<EntryStatus> GetEnumerator() => tokens.Select(Entry).Concat(hosts.Select(Entry)).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    private static string Word(FetchReason reason) => reason switch
    {
        FetchReason.FirstUse => "first-use",
        FetchReason.Expired => "expired",
        FetchReason.Proactive => "proactive",
        FetchReason.Forced => "forced",
        FetchReason.Erased => "erased",
        FetchReason.ClockJump => "clock-jump",
    };
}
