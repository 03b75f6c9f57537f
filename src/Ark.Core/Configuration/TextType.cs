using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Ark.Wire.Registries;

namespace Ark.Core.Configuration;

/// <summary>A string with a rule.</summary>
/// <param name="Must">In words, after "must be"; empty where every string will do.</param>
/// <param name="Fault">What is wrong with a string, as a sentence for a message; null for nothing.</param>
internal sealed record TextType(string Must, Func<string, string?> Fault) : PropertyType
{
    private const string NoControls = @"[^\u0000-\u001f\u007f-\u009f]";
    private const string Address = @"^(https://[^/]|http://(127\.|[Ll][Oo][Cc][Aa][Ll][Hh][Oo][Ss][Tt]))";
    private const string NotEmpty = @"^[\s\S]+$";
    private const int MaxLine = 1024;
    private const int MaxName = 63;
    private const int MaxPrefix = 254;
    private const int MaxRole = 576;

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("-0123456789abcdefghijklmnopqrstuvwxyz");
    private static readonly SearchValues<char> HelperCharacters = Letters("-._");
    private static readonly SearchValues<char> TagPatternCharacters = Letters("*-._");
    private static readonly SearchValues<char> UserCharacters = Letters("!$%&'()*+,-.:;=_~");
    private static readonly SearchValues<char> SessionCharacters = Letters("+,-.=@_");
    private static readonly SearchValues<char> RoleCharacters = Letters("+,-./=@_");
    private static readonly SearchValues<char> ExternalIdCharacters = Letters("+,-./:=@_");

    /// <summary>A regular expression of ECMA-262 that every allowed string matches, for editors; null for none.</summary>
    public string? Pattern { get; init; }

    /// <summary>One that no allowed string matches; null for none.</summary>
    public string? NotPattern { get; init; }

    public int? MaxLength { get; init; }

    /// <summary>Whether a mistake must not be shown as it was written.</summary>
    public bool MayHoldSecret { get; init; }

    public static TextType Any { get; } = Of("", null, _ => true);

    public static TextType Line { get; } = Of(
        "one line of 1 to 1024 characters",
        $"^{NoControls}+$",
        text => text.Length is > 0 and <= MaxLine && !HasControls(text),
        MaxLine);

    public static TextType Name { get; } = Of(
        "lower-case letters, digits and hyphens (63 at most, no hyphen first), and not a GUID",
        "^[a-z0-9][a-z0-9-]{0,62}$",
        text => text.Length is > 0 and <= MaxName && text[0] != '-' && Only(text, NameCharacters) && !Guid.TryParseExact(text, "D", out _));

    /// <summary>The framework would take blanks around a GUID and signs within, which no other reader of the id would.</summary>
    public static TextType Id { get; } = Of(
        "a GUID with hyphens",
        "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
        text => Guid.TryParseExact(text, "D", out Guid guid) && string.Equals($"{guid}", text, StringComparison.OrdinalIgnoreCase));

    public static TextType AccountId { get; } = Of("12 digits", "^[0-9]{12}$", text => EcrHost.IsAccountId(text));

    public static TextType Region { get; } = Of(
        "an AWS region such as eu-west-1", "^[a-z]{2,4}(-[a-z]+){1,2}-[0-9]{1,2}$", text => Partition.OfRegion(text) is not null);

    public static TextType Profile { get; } = Of(
        "at least one character and no control character", $"^{NoControls}+$", text => text.Length > 0 && !HasControls(text));

    public static TextType Endpoint { get; } = new(
        "https://HOST or https://HOST:PORT; http:// is allowed for loopback addresses only",
        text => ApiEndpoint.TryParse(text, out _, out string refusal) ? null : refusal)
    {
        Pattern = Address,
    };

    /// <summary>A user and a password may stand before the host, in percent encoding.</summary>
    public static TextType Proxy { get; } = new(
        "http://HOST:PORT or https://HOST:PORT, with USER:PASSWORD@ if it asks for them", ProxyFault)
    {
        Pattern = @"^[Hh][Tt][Tt][Pp][Ss]?://[^/]",
        MayHoldSecret = true,
    };

    public static TextType Url { get; } = new(
        "https://HOST/PATH; http:// is allowed for loopback addresses only",
        text => ApiEndpoint.TryParseWithPath(text, out _, out string refusal) ? null : refusal)
    {
        Pattern = Address,
    };

    public static TextType Host { get; } = new("a registry host, or a host with one *", HostFault) { Pattern = NotEmpty };

    public static TextType RepositoryPrefix { get; } = Of(
        "a repository path such as prod/team",
        @"^$|^(?!v[12](/|$))(?!\.\.?(/|$))[a-z0-9._-]+(/(?!\.\.?(/|$))[a-z0-9._-]+)*$",
        IsPrefix,
        MaxPrefix);

    public static TextType RoleArn { get; } = Of(
        "a role such as arn:aws:iam::123456789012:role/registry",
        "^arn:[a-z-]+:iam::[0-9]{12}:role/[A-Za-z0-9+,./=@_-]{1,576}$",
        IsRole);

    public static TextType ExternalId { get; } = Of(
        "2 to 1224 letters, digits and _+=,.@:/-",
        "^[A-Za-z0-9+,./:=@_-]{2,1224}$",
        text => text.Length is >= 2 and <= 1224 && Only(text, ExternalIdCharacters));

    public static TextType SessionName { get; } = Of(
        "2 to 64 letters, digits and _+=,.@-",
        "^[A-Za-z0-9+,.=@_-]{2,64}$",
        text => text.Length is >= 2 and <= 64 && Only(text, SessionCharacters));

    /// <summary>A docker credential helper other than ark, which would ask itself for ever.</summary>
    public static TextType Helper { get; } = new("the part after docker-credential-, or the program's absolute path", HelperFault)
    {
        Pattern = $@"^([A-Za-z0-9._][A-Za-z0-9._-]{{0,62}}|(/.|[A-Za-z]:[/\\].){NoControls}*)$",
        NotPattern = @"(^|[/\\])(docker-credential-)?ark([.-][^/\\]*)?$",
        MaxLength = MaxLine,
    };

    public static TextType SecretFile { get; } = Of(
        "an absolute path, or one that begins with ~/",
        $@"^(/|~/|[A-Za-z]:[/\\]){NoControls}+$",
        text => text.Length <= MaxLine && IsAbsolute(text is ['~', '/', ..] ? text[1..] : text),
        MaxLine);

    public static TextType Program { get; } = Of(
        "a program: not empty and without NUL", @"^[^\u0000]+$", text => text.Length > 0 && !text.Contains('\0', StringComparison.Ordinal));

    public static TextType Argument { get; } = Of("without NUL", @"^[^\u0000]*$", text => !text.Contains('\0', StringComparison.Ordinal));

    public static TextType TagPattern { get; } = Of(
        "1 to 128 letters, digits and ._-*",
        "^[A-Za-z0-9*._-]{1,128}$",
        text => text.Length is > 0 and <= 128 && Only(text, TagPatternCharacters));

    public static TextType TagKey { get; } = Of("1 to 128 characters", NotEmpty, text => text.Length is > 0 and <= 128, 128);

    public static TextType TagValue { get; } = Of("at most 256 characters", null, text => text.Length <= 256, 256);

    /// <summary>An ISO 8601 duration within bounds, or zero where that has a meaning of its own.</summary>
    public static TextType Duration(string must, TimeSpan least, TimeSpan most, bool orZero = false) => Of(
        $"an ISO 8601 duration {must}",
        IsoDuration.Pattern,
        text => IsoDuration.Parse(text) is { } duration
            && ((duration >= least && duration <= most) || (orZero && duration == TimeSpan.Zero)));

    public override void Check(JsonElement value, string what, ConfigurationErrors errors)
    {
        if (Is(JsonValueKind.String, "a string", value, what, errors) && Fault(value.GetString()!) is { } fault)
        {
            if (MayHoldSecret)
            {
                errors.Add(value, "", $"invalid {what}: {fault}");
                return;
            }

            errors.Add(value, $"invalid {what} {ConfigurationErrors.Show(value)}: {fault}");
        }
    }

    private static TextType Of(string must, string? pattern, Func<string, bool> allows, int? maxLength = null) =>
        new(must, text => allows(text) ? null : $"must be {must}") { Pattern = pattern, MaxLength = maxLength };

    private static SearchValues<char> Letters(string others) =>
        SearchValues.Create($"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz{others}");

    private static bool Only(ReadOnlySpan<char> text, SearchValues<char> characters) => !text.ContainsAnyExcept(characters);

    private static bool HasControls(ReadOnlySpan<char> text) =>
        text.ContainsAnyInRange('\0', '\u001f') || text.ContainsAnyInRange('\u007f', '\u009f');

    private static string? HostFault(string text)
    {
        if (HostPattern.IsMeant(text))
        {
            return HostPattern.Parse(text, out string why) is null ? why : null;
        }

        return RegistryReference.Parse(text) switch
        {
            RegistryParse.Parsed { Reference.Path: "" } => null,
            RegistryParse.Parsed => "it names a repository",
            RegistryParse.NotARegistry(string reason) => reason,
            _ => "it is empty",
        };
    }

    private static string? ProxyFault(string text)
    {
        int host = text.LastIndexOf('@') + 1;
        int user = text.IndexOf("://", StringComparison.Ordinal) + 3;
        bool hasUser = host > user && user > 2;
        string bare = hasUser ? text[..user] + text[host..] : text;
        return hasUser && !Only(text.AsSpan(user, host - user - 1), UserCharacters)
            ? "must have its user and password in percent encoding"
            : ApiEndpoint.TryParse(bare, out _, out string refusal, plainHttp: true) ? null : refusal;
    }

    private static string? HelperFault(string text)
    {
        bool isName = text.Length is > 0 and <= MaxName && Only(text, HelperCharacters) && text[0] != '-';
        string name = text[(text.LastIndexOfAny(['/', '\\']) + 1)..];
        name = name.StartsWith("docker-credential-", StringComparison.Ordinal) ? name["docker-credential-".Length..] : name;
        return !isName && !IsAbsolute(text) ? "must be the part after docker-credential-, or the program's absolute path"
            : name is "ark" or ['a', 'r', 'k', '-' or '.', ..] ? "must not be ark itself"
            : null;
    }

    /// <summary>On this system or on another: one configuration may be shared, and what is not there is said when it is used.</summary>
    private static bool IsAbsolute(string path) =>
        path.Length is > 1 and <= MaxLine && !HasControls(path)
        && (path[0] == '/' || (path.Length > 3 && char.IsAsciiLetter(path[0]) && path[1] == ':' && path[2] is '\\' or '/'));

    private static bool IsRole(string arn) =>
        arn.Split(':') is ["arn", var partition, "iam", "", var account, ['r', 'o', 'l', 'e', '/', .. { Length: > 0 and <= MaxRole } name]]
        && Partition.All.Any(known => known.Name == partition)
        && EcrHost.IsAccountId(account)
        && Only(name, RoleCharacters);

    private static bool IsPrefix(string prefix) =>
        prefix.Length <= MaxPrefix
        && !prefix.AsSpan().ContainsAny(':', '@')
        && !prefix.AsSpan().ContainsAnyInRange('A', 'Z')
        && RepositoryPath.TryParse(Encoding.UTF8.GetBytes($"/{prefix}"), out string repository)
        && repository == prefix;
}

/// <summary>ISO 8601 durations of days and below, in whole numbers: <c>PT5M</c>, <c>P1DT12H</c>.</summary>
internal static class IsoDuration
{
    /// <summary>What is read, for editors.</summary>
    public const string Pattern = "^P(?!$)([0-9]{1,4}D)?(T(?=[0-9])([0-9]{1,4}H)?([0-9]{1,4}M)?([0-9]{1,4}S)?)?$";

    private const string Units = "DHMS";

    private static readonly long[] Ticks = [TimeSpan.TicksPerDay, TimeSpan.TicksPerHour, TimeSpan.TicksPerMinute, TimeSpan.TicksPerSecond];

    /// <summary>Each unit at most once, in the standard's order, with at most four digits. Null for anything else.</summary>
    public static TimeSpan? Parse(ReadOnlySpan<char> text)
    {
        if (text is not ['P', .. var rest])
        {
            return null;
        }

        long ticks = 0;
        int next = 0;
        bool isTime = false;
        bool any = false;
        while (!rest.IsEmpty)
        {
            if (rest[0] == 'T' && !isTime)
            {
                (isTime, any, next) = (true, false, 1);
                rest = rest[1..];
                continue;
            }

            int digits = rest.IndexOfAnyExceptInRange('0', '9');
            int unit = digits is >= 1 and <= 4 ? Units.IndexOf(rest[digits], StringComparison.Ordinal) : -1;
            if (unit < next || unit > 0 != isTime)
            {
                return null;
            }

            ticks += int.Parse(rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture) * Ticks[unit];
            (any, next) = (true, unit + 1);
            rest = rest[(digits + 1)..];
        }

        return any ? new TimeSpan(ticks) : null;
    }
}
