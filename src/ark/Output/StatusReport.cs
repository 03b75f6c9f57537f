using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ark.Cli.Output;

/// <summary>The answer to <c>ark status --json</c>, which is a contract; unknown members of a newer daemon are passed over.</summary>
internal sealed record StatusReport
{
    public static ReadOnlySpan<byte> WithoutDaemon => "{\"daemon\":null,\"entries\":[]}\n"u8;

    public required DaemonStatus? Daemon { get; init; }

    public required IReadOnlyList<EntryStatus> Entries { get; init; }

    /// <exception cref="UserError">It is no such report.</exception>
    public static StatusReport Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, StatusJson.Default.StatusReport) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new UserError("the daemon's status cannot be read", "restart it with ark daemon restart");
        }
    }

    /// <summary>True when another look shows something new, apart from clocks and the count of requests, which this very question moves.</summary>
    public bool DiffersFrom(StatusReport? earlier) =>
        earlier is null || Daemon?.Pid != earlier.Daemon?.Pid || !Entries.SequenceEqual(earlier.Entries);
}

internal sealed record DaemonStatus(int Pid, string Version, long UptimeSeconds, long Requests);

internal sealed record EntryStatus(
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
    long Hits);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(StatusReport))]
internal sealed partial class StatusJson : JsonSerializerContext;
