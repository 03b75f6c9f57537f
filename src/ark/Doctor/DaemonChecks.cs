using System.Text;
using System.Text.Json;
using Ark.Cli.Docker;
using Ark.Cli.Files;
using Ark.Cli.Output;
using Ark.Cli.Queries;
using Ark.Wire;

namespace Ark.Cli.Doctor;

/// <summary>Whether the daemon can be reached, and what it is told.</summary>
internal static class DaemonChecks
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private static readonly string[] ProxyVariables = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

    public static IReadOnlyList<Check> All { get; } =
    [
        new("socket-directory", SocketDirectory),
        new("daemon", Daemon),
        new("configuration", Configuration) { NeedsDaemon = true },
        new("proxy", Proxy),
    ];

    /// <summary>Signatures are refused where the two clocks differ by more than five minutes.</summary>
    public static Check Clock { get; } = new("clock", ClockOfMachine) { NeedsDaemon = true };

    private static IEnumerable<Finding> SocketDirectory(Examination examination) => DaemonAddress.Find(examination.Environment) switch
    {
        DaemonAddress.Found found => [Finding.Ok($"{found.Directory} is yours alone")],
        DaemonAddress.Refused { Open: { } directory } open =>
        [
            Finding.Fail(open.Message, $"chmod 700 {directory}") with
            {
                Fix = () =>
                {
                    if (!OperatingSystem.IsWindows())
                    {
                        File.SetUnixFileMode(directory, OwnerOnly);
                    }

                    return $"closed {directory} to others";
                },
            },
        ],
        DaemonAddress.Refused refused => [Finding.Fail(refused.Message, refused.Hint)],
        _ => [],
    };

    private static IEnumerable<Finding> Daemon(Examination examination)
    {
        // Asked first: a client that had to do without a daemon says so only at that moment.
        string[] said = Encoding.UTF8.GetString(examination.FirstAnswer.Stderr).Split('\n');
        if (After(said, "ark: warning: ") is { } warning)
        {
            return [Finding.Fail(warning, After(said, "ark: hint: ") ?? "ark daemon run")];
        }

        return DaemonQueries.ReadStatus(examination.Queries.Take(examination.FirstAnswer)).Daemon switch
        {
            null => [Finding.Fail("no daemon is running, and none could be started", "ark daemon run")],
            { Faults: > 0 } faulty =>
            [
                Finding.Warn(
                    $"arkd {faulty.Version} runs, and has had {faulty.Faults} {(faulty.Faults == 1 ? "fault" : "faults")} of its own",
                    "ark logs; then: ark daemon restart"),
            ],
            { } daemon => [Finding.Ok($"arkd {daemon.Version} answers, pid {daemon.Pid}")],
        };
    }

    private static string? After(string[] lines, string mark) =>
        Array.Find(lines, line => line.StartsWith(mark, StringComparison.Ordinal))?[mark.Length..];

    private static IEnumerable<Finding> Configuration(Examination examination)
    {
        string path = examination.Queries.ConfigurationPath();
        if (!File.Exists(path) && new FileInfo(path).LinkTarget is null)
        {
            return [Finding.Ok($"there is no {path}: ECR registries are served with your own AWS settings")];
        }

        Reply reply = examination.Queries.Ask(Verb.Validate);
        if (reply.ExitCode == 0)
        {
            return [Finding.Ok(Encoding.UTF8.GetString(reply.Stdout).Trim())];
        }

        // The errors of a file, a line each, then the sentence that says how many they are.
        string[] said = Encoding.UTF8.GetString(reply.Stderr).Split('\n');
        string problem = After(said, "ark: error: ") ?? "the configuration is not valid";
        List<string> errors =
        [
            .. Encoding.UTF8.GetString(reply.Stdout).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line != problem),
        ];
        string repair = After(said, "ark: hint: ") is { } hint && !hint.StartsWith("the configuration in use", StringComparison.Ordinal)
            ? hint
            : "ark org validate";
        string? code = After(said, "ark: code: ");
        return errors is [] ? [new Finding(Verdict.Fail, problem, repair, code)]
            : errors.Select(error => new Finding(Verdict.Fail, error, repair, code));
    }

    /// <summary>A shell's proxy never reaches the daemon, which outlives shells.</summary>
    private static IEnumerable<Finding> Proxy(Examination examination)
    {
        ConfiguredProxy configured = ConfiguredProxy.Of(examination);
        string? variable = Array.Find(ProxyVariables, name => examination.Environment(name) is { Length: > 0 });
        if (configured.CaBundle is { } bundle && !File.Exists(bundle))
        {
            yield return Finding.Fail(
                $"the CA bundle {bundle} of the configuration does not exist", $"correct proxy.caBundle in {configured.File}");
        }

        if (examination.Environment("AWS_CA_BUNDLE") is { Length: > 0 } roots && !File.Exists(roots))
        {
            yield return Finding.Fail($"AWS_CA_BUNDLE names {roots}, which does not exist", "unset AWS_CA_BUNDLE");
        }

        // Its value may hold a password.
        yield return (variable, configured.Https) switch
        {
            ({ } name, null) => Finding.Warn(
                $"{name} is set here, but the daemon does not take it from a shell and asks AWS directly",
                $"add to {configured.File ?? "the configuration"}: \"proxy\": {{\"https\": \"http://HOST:PORT\"}}"),
            (_, { } address) => Finding.Ok($"the daemon reaches AWS through {address}, as the configuration says"),
            _ => Finding.Ok("the daemon reaches AWS directly"),
        };
    }

    private static IEnumerable<Finding> ClockOfMachine(Examination examination) => examination.Status?.Daemon switch
    {
        { Problem: { } problem } => [Finding.Of(problem)],
        { ClockSkewSeconds: { } skew } => [Finding.Ok($"this machine's clock differs from AWS's by {Math.Abs(skew)} s")],
        _ => [Finding.Skip("AWS has not answered yet, so its time is not known")],
    };
}

/// <summary>What the configuration says of the way to AWS.</summary>
/// <param name="File">The configuration; null where it is not known.</param>
/// <param name="Https">The proxy's address without user and password.</param>
/// <param name="CaBundle">The roots to trust.</param>
internal sealed record ConfiguredProxy(string? File, string? Https, string? CaBundle)
{
    public static ConfiguredProxy Of(Examination examination)
    {
        try
        {
            string path = examination.Queries.ConfigurationPath();
            if (SafeFile.Read(path) is not { } bytes || JsonText.IsBlank(bytes))
            {
                return new ConfiguredProxy(path, null, null);
            }

            JsonNode? proxy = Text(JsonText.ParseWithComments(bytes).Root, "proxy");
            string? bundle = proxy is null ? null : Text(proxy, "caBundle")?.Text;
            return new ConfiguredProxy(
                path,
                proxy is not null && Uri.TryCreate(Text(proxy, "https")?.Text, UriKind.Absolute, out Uri? address)
                    ? $"{address.Scheme}://{address.Authority}"
                    : null,
                bundle?.StartsWith("~/", StringComparison.Ordinal) == true ? Path.Combine(examination.Paths.Home, bundle[2..]) : bundle);
        }
        catch (Exception e) when (e is UserError or DaemonError or JsonException or IOException or UnauthorizedAccessException)
        {
            return new ConfiguredProxy(null, null, null);
        }
    }

    private static JsonNode? Text(JsonNode node, string name) => node.Members.LastOrDefault(member => member.Name == name)?.Value;
}
