using Ark.Cli.Clients;
using Ark.Cli.Credentials;
using Ark.Cli.Docker;
using Ark.Cli.Output;

namespace Ark.Cli.Doctor;

/// <summary>Whether clients ask ark, and what keeps them from it.</summary>
internal static class ClientChecks
{
    public static IReadOnlyList<Check> All { get; } =
    [
        new("docker-file", DockerFile),
        new("shadowing", Shadowing),
        new("stale-tokens", Stale),
        new("client-versions", Versions),
    ];

    /// <summary>Whom docker asks: the helper of the host, else the store, else the logins in its file.</summary>
    private static IEnumerable<Finding> DockerFile(Examination examination)
    {
        DockerConfig config = examination.DockerConfig;
        if (config.CredsStore is { } own && SetupPlan.IsOurs(own) && !config.AllHelpers.Any())
        {
            return [Finding.Ok($"docker asks ark for every registry, by the credsStore in {config.Path}")];
        }

        return examination.Hosts is { Count: > 0 } hosts
            ? hosts.Select(host => Asked(config, host))
            : [Finding.Warn($"docker asks ark for no registry: {config.Path} names no helper of ark", "ark setup HOST")];
    }

    private static Finding Asked(DockerConfig config, string host) => (config.HelperOf(host), config.CredsStore) switch
    {
        ({ } helper, _) when SetupPlan.IsOurs(helper) => Finding.Ok($"docker asks docker-credential-{helper} for {host}"),
        ({ Length: > 0 } helper, _) => Finding.Fail(
            $"docker asks docker-credential-{helper} for {host}, by credHelpers in {config.Path}", $"ark setup {host} --replace"),
        (_, { } store) when SetupPlan.IsOurs(store) =>
            Finding.Ok($"docker asks docker-credential-{store} for {host}, by its credsStore"),
        (_, { } store) => Finding.Fail(
            $"docker asks docker-credential-{store} for {host}, by the credsStore in {config.Path}", $"ark setup {host}"),
        _ => Finding.Fail($"docker asks no helper for {host}", $"ark setup {host}"),
    };

    /// <summary>Logins that a client takes before it asks a helper. Those that are over are another check's.</summary>
    private static List<Finding> Shadowing(Examination examination)
    {
        DateTimeOffset now = examination.Clock.GetUtcNow();
        var files = new ClientFiles(examination.Paths);
        Dictionary<string, DockerConfig?> contents = files.Read();
        HashSet<string> hosts = [.. examination.Hosts.Select(RegistryHost.Registry)];
        bool Matters(string host) => hosts.Contains(host) || (examination.Target is null && RegistryHost.LooksLikeEcr(host));
        List<Finding> found =
        [
            .. from file in files.All
               from login in contents[file.Name]?.AllStoredLogins ?? []
               where Matters(login.Host) && !login.IsDead(now)
               let users = files.UsersOf(file, login.Key, contents).Where(static client => client.Target is not null).ToList()
               where users is not []
               select Finding.Fail(
                   $"{Clients.Client.Names(users)} {(users is [_] ? "uses" : "use")} the login for {login.Key} in "
                       + $"{(file.Path is null ? "the variable " : "")}{file.Name} and never {(users is [_] ? "asks" : "ask")} ark",
                   file.Path == examination.Paths.DockerConfig ? $"ark setup {login.Host}" : file.LogoutOf(login.Key)),
        ];
        return found is [] ? [Finding.Ok("no login wins over ark, in any file or variable of a client")] : found;
    }

    private static IEnumerable<Finding> Stale(Examination examination)
    {
        List<FoundToken> dead =
            [.. StaleTokens.Find(examination.Paths, examination.Clock.GetUtcNow()).Where(static token => token.IsDead)];
        return dead is []
            ? [Finding.Ok("no client keeps a token of ECR that has expired")]
            : dead.Select(token => new Finding(
                Verdict.Fail,
                $"the token for {token.Key} in {token.File.Name} expired at {Lifetime.Instant(token.ExpiresAt)}",
                token.CanBeRemoved ? "ark setup --remove-stale-tokens" : token.File.LogoutOf(token.Key))
            {
                Fix = token.CanBeRemoved ? () => Remove(token) : null,
            });
    }

    /// <exception cref="UserError">It cannot be removed.</exception>
    private static string Remove(FoundToken token) =>
        StaleTokens.Remove([token]) is [{ Problem: { } problem }]
            ? throw problem
            : $"removed the expired token for {token.Key} from {token.File.Name}";

    private static List<Finding> Versions(Examination examination)
    {
        var found = new List<Finding>();
        bool any = false;
        foreach (string client in KnownFaults.Clients)
        {
            // podman answers in docker's name where podman-docker is installed.
            if (examination.Run(client, "--version") is { Version: { } version, Out: var said }
                && said.StartsWith(client, StringComparison.OrdinalIgnoreCase))
            {
                any = true;
                found.AddRange(KnownFaults.Of(client, version).Select(fault => new Finding(
                    fault.Leaks ? Verdict.Fail : Verdict.Warn,
                    $"{client} {version} {fault.What}",
                    $"upgrade {client} to {fault.FixedIn} or newer")));
            }
        }

        return found is not [] ? found
            : any ? [Finding.Ok("no client here is of a version with a known fault in how it treats credentials")]
            : [Finding.Skip("no client is on PATH that says its version")];
    }
}

/// <summary>What is known to be wrong with versions of clients, from their advisories and from what was recorded of them.</summary>
internal static class KnownFaults
{
    public static IReadOnlyList<ClientFault> Table { get; } =
    [
        new("docker", "0", "20.10.9", "sends a private registry's credentials to Docker Hub when the helper is missing (CVE-2021-41092)")
        {
            Leaks = true,
        },
        new("docker", "28.2.2", "28.5.2", "asks for a user name, and hangs, where a registry does not accept a token")
        {
            LastFaulty = "28.2.2",
        },
        new("containerd", "0", "1.2.14", "sends a registry's credentials to other hosts that an image names (CVE-2020-15157)")
        {
            Leaks = true,
        },
        new("podman", "4.3", "5.8", "crashes in logout when a helper fails") { LastFaulty = "4.3.1" },
        new("skopeo", "1.9.3", "1.22", "crashes in logout when a helper fails") { LastFaulty = "1.9.3" },
    ];

    public static IEnumerable<string> Clients => Table.Select(static fault => fault.Client).Distinct();

    public static IEnumerable<ClientFault> Of(string client, Version version) =>
        Table.Where(fault => fault.Client == client && fault.IsIn(version));
}

/// <summary>A fault of some versions of a client.</summary>
/// <param name="Client">The program.</param>
/// <param name="First">The first version that is known to have it.</param>
/// <param name="FixedIn">A version that is known not to have it.</param>
/// <param name="What">What it does, after the client's name and version.</param>
internal sealed record ClientFault(string Client, string First, string FixedIn, string What)
{
    /// <summary>Whether credentials get to others.</summary>
    public bool Leaks { get; init; }

    /// <summary>The last version that is known to have it, where nobody looked at those up to <see cref="FixedIn"/>.</summary>
    public string? LastFaulty { get; init; }

    public bool IsIn(Version version) =>
        version >= Parse(First) && (LastFaulty is { } last ? version <= Parse(last) : version < Parse(FixedIn));

    private static Version Parse(string text) => Version.Parse(text.Contains('.', StringComparison.Ordinal) ? text : $"{text}.0");
}
