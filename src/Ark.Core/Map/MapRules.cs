using System.Buffers;
using System.Text;
using Ark.Core.Registries;

namespace Ark.Core.Map;

/// <summary>The rules of single values: each reads the current value and gives it back, or null and an error.</summary>
internal static class MapRules
{
    private const int MaxName = 63;
    private const int MaxPrefix = 254;
    private const double EarliestRefresh = 0.1;
    private const double LatestRefresh = 0.9;

    private static readonly TimeSpan LeastRemaining = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MostRemaining = TimeSpan.FromHours(6);
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("-0123456789abcdefghijklmnopqrstuvwxyz");

    public static Located? Name(ref MapReader json) =>
        Check(ref json, json.String("name"), IsName, "is no name: lower-case letters, digits and hyphens, 63 at most, no hyphen first");

    public static Located? Id(ref MapReader json) =>
        Check(ref json, json.OptionalString("id"), id => Guid.TryParseExact(id, "D", out _), "is no id: a GUID with hyphens");

    public static Located? AccountId(ref MapReader json) =>
        Check(ref json, json.OptionalString("accountId"), id => EcrHost.IsAccountId(id), "is no AWS account: twelve digits");

    public static Located? Region(ref MapReader json) =>
        Check(ref json, json.OptionalString("region"), IsRegion, "is no AWS region, such as \"eu-west-1\"");

    public static Located? Profile(ref MapReader json) =>
        Check(ref json, json.OptionalString("profile"), IsProfile, "is no profile: it is empty or holds control characters");

    public static string? Endpoint(ref MapReader json)
    {
        if (json.OptionalString("endpoint") is not { } written)
        {
            return null;
        }

        if (ApiEndpoint.TryParse(written.Text, out string endpoint, out string refusal))
        {
            return endpoint;
        }

        json.Errors.Add(written, $"endpoint {Printable.Quote(written.Text)} {refusal}");
        return null;
    }

    public static string? RepositoryPrefix(ref MapReader json) =>
        Check(ref json, json.OptionalString("repositoryPrefix"), IsPrefix, "is no repository prefix, such as \"prod/team\"")?.Text;

    public static double? RefreshAt(ref MapReader json)
    {
        string raw = json.Raw();
        long offset = json.Offset;
        double? at = json.Number("at");
        if (at is null or (>= EarliestRefresh and <= LatestRefresh))
        {
            return at;
        }

        json.Errors.Add(offset, raw, $"at is a share of the token's life from 0.1 to 0.9, not {raw}");
        return null;
    }

    public static TimeSpan? MinRemaining(ref MapReader json)
    {
        if (json.String("minRemaining") is not { } written)
        {
            return null;
        }

        TimeSpan? duration = IsoDuration.Parse(written.Text);
        if (duration >= LeastRemaining && duration <= MostRemaining)
        {
            return duration;
        }

        json.Errors.Add(written, $"minRemaining {Printable.Quote(written.Text)} is no ISO 8601 duration from \"PT1S\" to \"PT6H\"");
        return null;
    }

    /// <summary>Zero means never; less than a minute would start a daemon for nearly every request.</summary>
    public static TimeSpan? IdleExit(ref MapReader json)
    {
        if (json.String("idleExit") is not { } written)
        {
            return null;
        }

        TimeSpan? duration = IsoDuration.Parse(written.Text);
        if (duration == TimeSpan.Zero || duration >= TimeSpan.FromMinutes(1))
        {
            return duration;
        }

        json.Errors.Add(written, $"idleExit {Printable.Quote(written.Text)} is no ISO 8601 duration of a minute or more, nor \"PT0S\" for never");
        return null;
    }

    public static HostEntry? Host(ref MapReader json)
    {
        if (json.String("a host") is not { } written)
        {
            return null;
        }

        RegistryParse parse = RegistryReference.Parse(written.Text);
        if (parse is RegistryParse.Parsed { Reference: { Path: "" } reference })
        {
            return new HostEntry(reference, written);
        }

        string refusal = parse switch
        {
            RegistryParse.NotARegistry(string reason) => reason,
            RegistryParse.Parsed => "it names a repository",
            _ => "it is empty",
        };
        json.Errors.Add(written, $"{Printable.Quote(written.Text)} is no registry host: {refusal}");
        return null;
    }

    private static Located? Check(ref MapReader json, Located? written, Func<string, bool> isSound, string otherwise)
    {
        if (written is { } value && !isSound(value.Text))
        {
            json.Errors.Add(value, $"{Printable.Quote(value.Text)} {otherwise}");
            return null;
        }

        return written;
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and <= MaxName && name[0] != '-' && !name.AsSpan().ContainsAnyExcept(NameCharacters);

    private static bool IsRegion(string region) => Partition.OfRegion(region) is not null;

    private static bool IsProfile(string profile) => profile.Length > 0 && !profile.Any(char.IsControl);

    private static bool IsPrefix(string prefix) =>
        prefix.Length <= MaxPrefix
        && !prefix.AsSpan().ContainsAny(':', '@')
        && !prefix.AsSpan().ContainsAnyInRange('A', 'Z')
        && RepositoryPath.TryParse(Encoding.UTF8.GetBytes($"/{prefix}"), out string repository)
        && repository == prefix;
}
