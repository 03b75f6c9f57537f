using System.Text.Json;
using Ark.Aws.Calls;
using Ark.Core.Problems;
using Ark.Wire.Registries;

namespace Ark.Aws.Credentials;

/// <summary>
/// The keys of one metadata endpoint, which AWS renews: kept until five minutes before they end, and wiped when others take their place.
/// One request at a time asks for new ones; whoever has waited for it shares what it came to. Safe from any thread.
/// </summary>
/// <param name="time">The clock of their end.</param>
/// <param name="gate">Lets one request at a time through.</param>
internal sealed class KeptKeys(TimeProvider time, SemaphoreSlim gate)
{
    public static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    /// <summary>The longest session of a role. Keys that promise more are looked at again.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromHours(12);

    private readonly Lock _lock = new();
    private AwsKeys? _keys;
    private DateTimeOffset _ends;
    private DateTimeOffset _until;
    private Problem? _failure;
    private long _answeredAt = long.MinValue;

    /// <summary>A copy of keys that need not be renewed yet.</summary>
    public AwsKeys? Current
    {
        get
        {
            lock (_lock)
            {
                return time.GetUtcNow() < _until ? _keys?.Copy() : null;
            }
        }
    }

    /// <summary>A copy of keys that have not ended, for when they cannot be renewed.</summary>
    public AwsKeys? Unexpired
    {
        get
        {
            lock (_lock)
            {
                return time.GetUtcNow() < _ends ? _keys?.Copy() : null;
            }
        }
    }

    /// <summary>Runs <paramref name="ask"/> when nobody else does, or gives what another came to in the meantime.</summary>
    public async Task<Outcome<AwsKeys>> ShareAsync(Func<Task<Outcome<AwsKeys>>> ask, CancellationToken cancellationToken)
    {
        long arrived = time.GetTimestamp();
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (_answeredAt > arrived)
            {
                if (_failure is not null)
                {
                    return _failure;
                }

                if (Current is { } keys)
                {
                    return keys;
                }
            }

            long began = time.GetTimestamp();
            Outcome<AwsKeys> outcome = await ask();
            _ = outcome.Succeeded(out _, out _failure);
            _answeredAt = began;
            return outcome;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Keeps a copy. Without an end there is nothing to go by, and the next request asks again.</summary>
    public void Keep(AwsKeys keys, DateTimeOffset? ends)
    {
        lock (_lock)
        {
            _keys?.Dispose();
            (_keys, _ends) = (ends is null ? null : keys.Copy(), ends ?? DateTimeOffset.MinValue);
            DateTimeOffset believed = time.GetUtcNow() + Longest < _ends ? time.GetUtcNow() + Longest : _ends;
            _until = believed - DateTimeOffset.MinValue < Margin ? DateTimeOffset.MinValue : believed - Margin;
        }
    }

    /// <summary>A copy of the last keys, which count as good for so long again; null where there are none.</summary>
    public AwsKeys? Extend(TimeSpan by)
    {
        lock (_lock)
        {
            _until = time.GetUtcNow() + by;
            return _keys?.Copy();
        }
    }

    public void Forget()
    {
        lock (_lock)
        {
            _keys?.Dispose();
            _keys = null;
        }
    }
}

/// <summary>The JSON in which metadata endpoints hand out keys.</summary>
internal abstract record MetadataDocument
{
    private MetadataDocument()
    {
    }

    /// <summary>Keys, and when they end, where that is said.</summary>
    public sealed record Good(AwsKeys Keys, DateTimeOffset? Ends) : MetadataDocument;

    /// <summary>The endpoint says in JSON why it has none.</summary>
    public sealed record Refusal(string Code, string Message) : MetadataDocument;

    public sealed record Unreadable : MetadataDocument;

    /// <summary>Whether it is no such JSON at all.</summary>
    public static bool IsUnreadable(ReadOnlyMemory<byte> json)
    {
        MetadataDocument read = Read(json);
        (read as Good)?.Keys.Dispose();
        return read is Unreadable;
    }

    public static MetadataDocument Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                return new Unreadable();
            }

            string? code = root.Text("Code") ?? root.Text("code");
            if (code is not (null or "Success"))
            {
                return new Refusal(code, root.Text("Message") ?? root.Text("message") ?? "");
            }

            DateTimeOffset? ends = root.Instant("Expiration");
            bool isDated = ends is not null || !root.TryGetProperty("Expiration", out JsonElement end) ||
                end.ValueKind == JsonValueKind.Null;
            AwsKeys? keys = AwsKeys.From(root.Text("AccessKeyId"), root.Secret("SecretAccessKey"), root.Secret("Token"));
            if (keys is null || !isDated)
            {
                keys?.Dispose();
                return new Unreadable();
            }

            string? account = root.Text("AccountId");
            keys.AccountId = account is not null && EcrHost.IsAccountId(account) ? account : null;
            return new Good(keys, ends);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return new Unreadable();
        }
    }
}
