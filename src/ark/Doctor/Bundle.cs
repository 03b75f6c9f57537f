using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Ark.Cli.Docker;
using Ark.Cli.Files;
using Ark.Cli.Output;
using Ark.Messages;
using Ark.Wire;

namespace Ark.Cli.Doctor;

/// <summary>A report for others to read: what the checks found, and what they would ask for next. No secret is in it.</summary>
internal static class Bundle
{
    private const int LinesOfLog = 200;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Writes it beside the daemon's log, for this user alone; returns where it is.</summary>
    /// <exception cref="UserError">There is such a file already, or it cannot be written.</exception>
    public static string Write(DoctorReport report, Examination examination)
    {
        string directory = Path.GetDirectoryName(examination.Paths.SetupState)!;
        string stamp = examination.Clock.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        string path = Path.Combine(directory, $"doctor-{stamp}.txt");
        string text = Redaction.Of(examination).Clean(Text(report, examination));
        SafeFile.MakeDirectory(directory);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        try
        {
            using var file = new StreamWriter(path, new UTF8Encoding(false), options) { NewLine = "\n" };
            file.Write(text);
        }
        catch (IOException) when (Path.Exists(path) || new FileInfo(path).LinkTarget is not null)
        {
            throw new UserError($"{path} exists already and is not overwritten", $"move it away: mv {path} {path}.old");
        }

        return path;
    }

    private static string Text(DoctorReport report, Examination examination) => string.Join('\n',
    [
        $"ark {Build.Current} on {RuntimeInformation.OSDescription}, {RuntimeInformation.RuntimeIdentifier}",
        $"written at {Lifetime.Instant(examination.Clock.GetUtcNow())}",
        "",
        "== checks",
        DoctorView.Plain(report, int.MaxValue),
        "== status",
        examination.Status is { } status ? JsonSerializer.Serialize(status, MessagesJson.Indented.StatusReport) : "no daemon answers",
        "",
        "== configuration",
        Configuration(examination),
        "",
        "== log",
        Log(examination),
        "",
    ]);

    private static string Configuration(Examination examination)
    {
        if (ReadConfiguration(examination) is not { } bytes)
        {
            return "there is none, or it cannot be read";
        }

        using JsonDocument? configuration = Redaction.Parse(bytes);
        return configuration is null ? "it is no JSON, and left out" : Redaction.Known(configuration);
    }

    private static string Log(Examination examination)
    {
        string? place = examination.Status?.Daemon?.Log;
        if (place == DaemonStatus.Journal)
        {
            return "it is in the journal: ark logs";
        }

        try
        {
            IReadOnlyList<string> last = new LogFileReader(place ?? examination.Paths.Log).Last(LinesOfLog);
            return last is [] ? "there is none" : string.Join('\n', last.Select(static line => TextSanitizer.Line(line)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "it cannot be read";
        }
    }

    internal static byte[]? ReadConfiguration(Examination examination)
    {
        try
        {
            return SafeFile.Read(examination.Queries.ConfigurationPath());
        }
        catch (Exception e) when (e is UserError or DaemonError or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

/// <summary>Leaves out what is, or looks like, a secret, and what names the person.</summary>
internal sealed partial class Redaction
{
    private const string Gone = "(redacted)";

    // The values that say who answers for what. Those of any other property stay here.
    private static readonly HashSet<string> Shown =
    [
        "$schema", "defaultOrganization", "organizations", "id", "name", "registries", "hosts", "host", "repositoryPrefix",
        "source", "type", "profile", "region", "account", "accountId", "registryId", "roleArn", "credentials",
        "fallbackHelper", "helper", "proxy", "noProxy", "caBundle", "fips", "dualStack",
    ];

    private readonly List<(string Text, string Instead)> _known = [];

    /// <summary>Knows the secrets of this environment and of the configuration, and the home.</summary>
    public static Redaction Of(Examination examination)
    {
        var all = new Redaction();
        IEnumerable<string?> secrets = IdentityVariables.Keys.Append("DOCKER_AUTH_CONFIG").Select(examination.Environment);
        if (Bundle.ReadConfiguration(examination) is { } bytes && Parse(bytes) is { } configuration)
        {
            secrets = secrets.Concat([.. Hidden(configuration.RootElement, shown: true)]);
            configuration.Dispose();
        }

        all._known.AddRange(secrets.OfType<string>().Where(static secret => secret.Length >= 6).Select(static secret => (secret, Gone)));
        all._known.Add((examination.Paths.Home, "~"));
        return all;
    }

    /// <summary>A configuration, or null where it is none. Comments stay behind.</summary>
    public static JsonDocument? Parse(byte[] bytes)
    {
        try
        {
            return JsonDocument.Parse(bytes.AsMemory(JsonText.MarkLength(bytes)), new JsonDocumentOptions
            {
                CommentHandling = JsonCommentHandling.Skip,
                AllowTrailingCommas = true,
            });
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A configuration with the values that may be shown.</summary>
    public static string Known(JsonDocument configuration)
    {
        using var shown = new MemoryStream();
        using (var writer = new Utf8JsonWriter(shown, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            Write(configuration.RootElement, writer, shown: true);
        }

        return Encoding.UTF8.GetString(shown.ToArray());
    }

    public string Clean(string text)
    {
        string rest = _known.Aggregate(text, static (left, known) => left.Replace(known.Text, known.Instead, StringComparison.Ordinal));
        rest = UserInUrl().Replace(rest, $"://{Gone}@");
        rest = NamedSecret().Replace(SchemeAndSecret().Replace(rest, $"$1{Gone}"), $"$1{Gone}");
        return LongWord().Replace(KeyId().Replace(rest, Gone), Gone);
    }

    private static void Write(JsonElement value, Utf8JsonWriter writer, bool shown)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (JsonProperty property in value.EnumerateObject())
                {
                    writer.WritePropertyName(property.Name);
                    Write(property.Value, writer, Shown.Contains(property.Name));
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (JsonElement element in value.EnumerateArray())
                {
                    Write(element, writer, shown);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.String or JsonValueKind.Number when !shown:
                writer.WriteStringValue(Gone);
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    private static IEnumerable<string?> Hidden(JsonElement value, bool shown) => value.ValueKind switch
    {
        JsonValueKind.Object =>
            value.EnumerateObject().SelectMany(static property => Hidden(property.Value, Shown.Contains(property.Name))),
        JsonValueKind.Array => value.EnumerateArray().SelectMany(element => Hidden(element, shown)),
        JsonValueKind.String when !shown => [value.GetString()],
        _ => [],
    };

    [GeneratedRegex(@"://[^/@\s""]+@")]
    private static partial Regex UserInUrl();

    // Not in a sentence such as "no basic auth credentials".
    [GeneratedRegex(@"\b((?i:bearer|basic)\s+)(?=\S*[^a-z\s])[^\s""',}]+")]
    private static partial Regex SchemeAndSecret();

    [GeneratedRegex(@"((?:password|passwd|secret|authorization)[""']?\s*[:=]\s*[""']?)[^\s""',}]+", RegexOptions.IgnoreCase)]
    private static partial Regex NamedSecret();

    [GeneratedRegex(@"\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b")]
    private static partial Regex KeyId();

    // As long as a secret access key or longer, and no path: the ids of organizations, which are GUIDs, are shorter.
    [GeneratedRegex(@"(?<![\w./~-])[A-Za-z0-9+_=-][A-Za-z0-9+/_=-]{39,}")]
    private static partial Regex LongWord();
}
