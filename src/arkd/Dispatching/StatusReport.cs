using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Ark.Core.Tokens;
using Ark.Wire;

namespace Ark.Daemon.Dispatching;

/// <summary>The JSON of <c>ark status --json</c>. It is a contract: names are added, never changed, and none holds a secret.</summary>
internal static class StatusReport
{
    public static byte[] Write(DaemonFacts daemon, IEnumerable<TokenStatus> tokens, IEnumerable<RefusedHost> refused)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("daemon");
            json.WriteNumber("pid", daemon.Pid);
            json.WriteString("version", Build.Current);
            json.WriteNumber("uptimeSeconds", (long)daemon.Uptime.TotalSeconds);
            json.WriteNumber("requests", daemon.Requests);
            json.WriteEndObject();
            json.WriteStartArray("entries");
            foreach (TokenStatus token in tokens)
            {
                WriteEntry(json, token);
            }

            foreach (RefusedHost host in refused)
            {
                WriteEntry(json, host);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteEntry(Utf8JsonWriter json, TokenStatus token)
    {
        json.WriteStartObject();
        json.WriteString("host", token.Host);
        json.WriteString("organization", token.Organization);
        json.WriteString("source", token.Source);
        json.WriteString("identity", token.Identity);
        json.WriteString("state", Word(token.State));
        json.WriteString("expiresAt", Time(token.ExpiresAt));
        json.WriteString("refreshAt", Time(token.RefreshAt));
        json.WriteString("lastFetchReason", Word(token.LastFetchReason));
        json.WriteString("lastError", token.LastError?.Message);
        json.WriteNumber("fetches", token.Fetches);
        json.WriteNumber("hits", token.Hits);
        json.WriteEndObject();
    }

    private static void WriteEntry(Utf8JsonWriter json, RefusedHost host)
    {
        json.WriteStartObject();
        json.WriteString("host", host.Host);
        json.WriteString("organization", host.Organization);
        json.WriteString("source", "");
        json.WriteString("identity", "");
        json.WriteString("state", Word(TokenState.Failing));
        json.WriteNull("expiresAt");
        json.WriteNull("refreshAt");
        json.WriteNull("lastFetchReason");
        json.WriteString("lastError", host.Problem.Message);
        json.WriteNumber("fetches", 0);
        json.WriteNumber("hits", 0);
        json.WriteEndObject();
    }

    private static string Word(TokenState state) => state switch
    {
        TokenState.Fresh => "fresh",
        TokenState.Refreshing => "refreshing",
        TokenState.Expired => "expired",
        TokenState.Failing => "failing",
    };

    private static string Word(FetchReason reason) => reason switch
    {
        FetchReason.FirstUse => "first-use",
        FetchReason.Expired => "expired",
        FetchReason.Proactive => "proactive",
        FetchReason.Forced => "forced",
        FetchReason.Erased => "erased",
        FetchReason.ClockJump => "clock-jump",
    };

    private static string? Time(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

/// <summary>What the daemon knows of itself.</summary>
internal readonly record struct DaemonFacts(int Pid, TimeSpan Uptime, long Requests);
