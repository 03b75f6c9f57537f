using System.Buffers;
using System.Text;
using Ark.Wire;
using Ark.Wire.Registries;

namespace Ark.Core.Configuration;

/// <summary>The rules of single values: each reads the current value and gives it back, or null and an error.</summary>
internal static class ConfigurationRules
{
    private const int MaxName = 63;
    private const int MaxPrefix = 254;
    private const int MaxPath = 1024;
    private const int MaxRole = 576;
    private const double EarliestRefresh = 0.1;
    private const double LatestRefresh = 0.9;

    private static readonly TimeSpan LeastRemaining = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MostRemaining = TimeSpan.FromHours(6);
    private static readonly TimeSpan LongestLifetime = TimeSpan.FromHours(12);
    private static readonly SearchValues<char> SessionCharacters = SearchValues.Create("+,-.0123456789=@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");
    private static readonly SearchValues<char> RoleCharacters = SearchValues.Create("+,-./0123456789=@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");
    private static readonly SearchValues<char> ExternalIdCharacters = SearchValues.Create("+,-./0123456789:=@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");
    private static readonly SearchValues<char> HelperCharacters = SearchValues.Create("-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("-0123456789abcdefghijklmnopqrstuvwxyz");

    public static Located? Name(ref ConfigurationReader json) =>
        Check(ref json, json.String("name"), IsName, "is no name: lower-case letters, digits and hyphens, 63 at most, no hyphen first, and no GUID");

    public static Located? Id(ref ConfigurationReader json) =>
        Check(ref json, json.OptionalString("id"), IsId, "is no id: a GUID with hyphens");

    public static Located? AccountId(ref ConfigurationReader json) =>
        Check(ref json, json.OptionalString("accountId"), id => EcrHost.IsAccountId(id), "is no AWS account: twelve digits");

    public static Located? Region(ref ConfigurationReader json) =>
        Check(ref json, json.OptionalString("region"), IsRegion, "is no AWS region, such as \"eu-west-1\"");

    public static Located? Profile(ref ConfigurationReader json) =>
        Check(ref json, json.OptionalString("profile"), IsProfile, "is no profile: it is empty or holds control characters");

    public static string? Endpoint(ref ConfigurationReader json)
    {
        if (json.OptionalString("endpoint") is not { } written)
        {
            return null;
        }

        if (ApiEndpoint.TryParse(written.Text, out string endpoint, out string refusal))
        {
            return endpoint;
        }

        json.Errors.Add(written, $"endpoint {TextSanitizer.Quote(written.Text)} {refusal}");
        return null;
    }

    /// <summary>Empty when none is written.</summary>
    public static string RepositoryPrefix(ref ConfigurationReader json) =>
        Check(ref json, json.OptionalString("repositoryPrefix"), IsPrefix, "is no repository prefix, such as \"prod/team\"")?.Text ?? "";

    public static double? RefreshAt(ref ConfigurationReader json)
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

    public static TimeSpan? MinRemaining(ref ConfigurationReader json)
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

        json.Errors.Add(written, $"minRemaining {TextSanitizer.Quote(written.Text)} is no ISO 8601 duration from \"PT1S\" to \"PT6H\"");
        return null;
    }

    /// <summary>Zero means never; less than a minute would start a daemon for nearly every request.</summary>
    public static TimeSpan? IdleExit(ref ConfigurationReader json)
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

        json.Errors.Add(written, $"idleExit {TextSanitizer.Quote(written.Text)} is no ISO 8601 duration of a minute or more, nor \"PT0S\" for never");
        return null;
    }

    public static HostEntry? Host(ref ConfigurationReader json)
    {
        if (json.String("a host") is not { } written)
        {
            return null;
        }

        if (HostPattern.IsMeant(written.Text))
        {
            if (HostPattern.Parse(written.Text, out string why) is { } pattern)
            {
                return new HostEntry(null, pattern, written);
            }

            json.Errors.Add(written, $"{TextSanitizer.Quote(written.Text)} is no pattern of hosts: {why}");
            return null;
        }

        RegistryParse parse = RegistryReference.Parse(written.Text);
        if (parse is RegistryParse.Parsed { Reference: { Path: "" } reference })
        {
            return new HostEntry(reference, null, written);
        }

        string refusal = parse switch
        {
            RegistryParse.NotARegistry(string reason) => reason,
            RegistryParse.Parsed => "it names a repository",
            _ => "it is empty",
        };
        json.Errors.Add(written, $"{TextSanitizer.Quote(written.Text)} is no registry host: {refusal}");
        return null;
    }

    public static Located? RoleArn(ref ConfigurationReader json) =>
        Check(ref json, json.OptionalString("roleArn"), IsRole, "is no role, such as \"arn:aws:iam::123456789012:role/registry\"");

    public static Located? ExternalId(ref ConfigurationReader json) =>
        Check(ref json, json.OptionalString("externalId"), id => id.Length is >= 2 and <= 1224 && !id.AsSpan().ContainsAnyExcept(ExternalIdCharacters), "is no external id: 2 to 1224 letters, digits and _+=,.@:/-");

    public static Located? SessionName(ref ConfigurationReader json) =>
        Check(ref json, json.OptionalString("sessionName"), name => name.Length is >= 2 and <= 64 && !name.AsSpan().ContainsAnyExcept(SessionCharacters), "is no session name: 2 to 64 letters, digits and _+=,.@-");

    /// <summary>Null for <c>none</c> too.</summary>
    public static Located? Scope(ref ConfigurationReader json) =>
        Check(ref json, json.OptionalString("scope"), scope => scope is "none" or "pull" or "push", "is no scope: \"none\", \"pull\" or \"push\"") is { Text: not "none" } scope ? scope : null;

    /// <summary>A docker credential helper by the end of its name or by its path; ark itself would only ask itself.</summary>
    public static string? Helper(ref ConfigurationReader json, string property)
    {
        Located? written = Check(
            ref json,
            property == "chain" ? json.OptionalString(property) : json.String(property),
            IsHelper,
            "is no credential helper: the part after docker-credential-, or the program's absolute path");
        if (written is { Text: var name } && LastSegment(name).StartsWith("ark", StringComparison.Ordinal) && (LastSegment(name).Length == 3 || LastSegment(name)[3] is '-' or '.'))
        {
            json.Errors.Add(written.Value, $"{TextSanitizer.Quote(name)} is ark itself, which would ask itself for ever");
            return null;
        }

        return written?.Text;
    }

    /// <summary>Null is an error here: what cannot do without it would be left out of the configuration without a word.</summary>
    public static Located? RequiredText(ref ConfigurationReader json, string property) => Text(ref json, property, json.String(property));

    public static Located? Text(ref ConfigurationReader json, string property) => Text(ref json, property, json.OptionalString(property));

    private static Located? Text(ref ConfigurationReader json, string property, Located? written) =>
        Check(ref json, written, text => text.Length is > 0 and <= 1024 && !text.Any(char.IsControl), $"is no {property}: it is empty, too long or holds control characters");

    /// <summary>An absolute path, or one below the home.</summary>
    public static Located? File(ref ConfigurationReader json) =>
        Check(ref json, json.String("file"), IsFile, "is no path: write all of it, or begin with ~/");

    /// <summary>Zero is allowed where <paramref name="least"/> is zero.</summary>
    public static TimeSpan? Lifetime(ref ConfigurationReader json, TimeSpan least)
    {
        if (json.String("lifetime") is not { } written)
        {
            return null;
        }

        TimeSpan? duration = IsoDuration.Parse(written.Text);
        if (duration >= least && duration <= LongestLifetime)
        {
            return duration;
        }

        json.Errors.Add(written, $"lifetime {TextSanitizer.Quote(written.Text)} is no ISO 8601 duration from \"PT{least.TotalSeconds:0}S\" to \"PT12H\"");
        return null;
    }

    public static string? Url(ref ConfigurationReader json)
    {
        if (json.String("url") is not { } written)
        {
            return null;
        }

        if (ApiEndpoint.TryParseWithPath(written.Text, out string url, out string refusal))
        {
            return url;
        }

        json.Errors.Add(written, $"url {TextSanitizer.Quote(written.Text)} {refusal}");
        return null;
    }

    private static Located? Check(ref ConfigurationReader json, Located? written, Func<string, bool> isSound, string otherwise)
    {
        if (written is { } value && !isSound(value.Text))
        {
            json.Errors.Add(value, $"{TextSanitizer.Quote(value.Text)} {otherwise}");
            return null;
        }

        return written;
    }

    private static string LastSegment(string path)
    {
        string name = path[(path.LastIndexOfAny(['/', '\\']) + 1)..];
        return name.StartsWith("docker-credential-", StringComparison.Ordinal) ? name["docker-credential-".Length..] : name;
    }

    private static bool IsHelper(string helper) =>
        IsAbsolute(helper) || (helper.Length is > 0 and <= MaxName && !helper.AsSpan().ContainsAnyExcept(HelperCharacters) && helper[0] != '-');

    private static bool IsFile(string path) => path.Length <= MaxPath && !path.Any(char.IsControl) && (IsAbsolute(path) || (path.StartsWith("~/", StringComparison.Ordinal) && path.Length > 2));

    /// <summary>On this system or on another: one configuration may be shared, and what is not there is said when it is used.</summary>
    private static bool IsAbsolute(string path) =>
        path.Length is > 1 and <= MaxPath && !path.Any(char.IsControl)
        && (path[0] == '/' || (path.Length > 3 && char.IsAsciiLetter(path[0]) && path[1] == ':' && path[2] is '\\' or '/'));

    private static bool IsRole(string arn) =>
        arn.Split(':') is ["arn", var partition, "iam", "", var account, ['r', 'o', 'l', 'e', '/', .. { Length: > 0 } name]]
        && Partition.All.Any(known => known.Name == partition)
        && EcrHost.IsAccountId(account)
        && name.Length <= MaxRole
        && !name.AsSpan().ContainsAnyExcept(RoleCharacters);

    private static bool IsName(string name) =>
        name.Length is > 0 and <= MaxName && name[0] != '-' && !name.AsSpan().ContainsAnyExcept(NameCharacters)
        && !Guid.TryParseExact(name, "D", out _);

    /// <summary>The framework would take blanks around it and signs within, which no other reader of the id would.</summary>
    private static bool IsId(string id) => Guid.TryParseExact(id, "D", out Guid guid) && string.Equals($"{guid}", id, StringComparison.OrdinalIgnoreCase);

    private static bool IsRegion(string region) => Partition.OfRegion(region) is not null;

    private static bool IsProfile(string profile) => profile.Length > 0 && !profile.Any(char.IsControl);

    private static bool IsPrefix(string prefix) =>
        prefix.Length <= MaxPrefix
        && !prefix.AsSpan().ContainsAny(':', '@')
        && !prefix.AsSpan().ContainsAnyInRange('A', 'Z')
        && RepositoryPath.TryParse(Encoding.UTF8.GetBytes($"/{prefix}"), out string repository)
        && repository == prefix;
}
