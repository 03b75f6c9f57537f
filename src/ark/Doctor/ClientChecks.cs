using Ark.Cli.Credentials;
using Ark.Cli.Docker;
using Ark.Cli.Files;
using Ark.Cli.Output;

namespace Ark.Cli.Doctor;

/// <summary>Whether clients ask ark, and what keeps them from it.</summary>
internal static class ClientChecks
{
    private const string AuthConfig = "DOCKER_AUTH_CONFIG";

    private static readonly string[] FileVariables = ["REGISTRY_AUTH_FILE", "HELM_REGISTRY_CONFIG"];

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

    private static Finding Asked(DockerConfig config, string host) => (config.HasHelper(host), config.HelperOf(host), config.CredsStore) switch
    {
        (true, { } helper, _) when SetupPlan.IsOurs(helper) => Finding.Ok($"docker asks docker-credential-{helper} for {host}"),
        (true, { Length: > 0 } helper, _) => Finding.Fail(
            $"docker asks docker-credential-{helper} for {host}, by credHelpers in {config.Path}", $"ark setup {host} --replace"),
        (_, _, { } store) when SetupPlan.IsOurs(store) => Finding.Ok($"docker asks docker-credential-{store} for {host}, by its credsStore"),
        (_, _, { } store) => Finding.Fail(
            $"docker asks docker-credential-{store} for {host}, by the credsStore in {config.Path}", $"ark setup {host}"),
        _ => Finding.Fail($"docker asks no helper for {host}", $"ark setup {host}"),
    };

    /// <summary>Logins that a client takes before it asks a helper.</summary>
    private static List<Finding> Shadowing(Examination examination)
    {
        var found = new List<Finding>();
        bool Matters(string host) => examination.Target is null
            ? RegistryHost.LooksLikeEcr(host) || examination.Hosts.Contains(host)
            : examination.Hosts.Contains(host);

        if (examination.Paths.DockerAuthConfig is { } variable)
        {
            found.AddRange(
                from login in DockerConfig.Parse(variable, AuthConfig).AllStoredLogins
                where Matters(login.Host)
                select Finding.Fail($"docker uses the login for {login.Key} in the variable {AuthConfig} and never asks ark", $"unset {AuthConfig}"));
        }

        foreach (string file in examination.Paths.ContainersAuth.Distinct())
        {
            found.AddRange(
                from login in LoginsIn(file)
                where Matters(login.Host)
                select Finding.Fail(
                    $"podman, skopeo and buildah use the login for {login.Key} in {file} and never ask ark",
                    $"podman logout --authfile {file} {login.Key}"));
        }

        DockerConfig docker = examination.DockerConfig;
        found.AddRange(
            from login in docker.AllStoredLogins
            where Matters(login.Host) && !docker.HasHelper(login.Host) && docker.CredsStore is null
            select Finding.Fail($"docker uses the login for {login.Key} in {docker.Path} and never asks ark", $"ark setup {login.Host}"));

        found.AddRange(
            from name in FileVariables
            where examination.Environment(name) is { Length: > 0 } file && !NamesArk(file)
            select Finding.Warn(
                $"{name} is set to {examination.Environment(name)}, which names no helper of ark, so its client may never ask ark", $"unset {name}"));
        return found is [] ? [Finding.Ok("no login wins over ark, in any file or variable of a client")] : found;
    }

    private static IEnumerable<StoredLogin> LoginsIn(string file) => TryParse(file) is { } config
        ? config.AllStoredLogins.Where(login => !config.HasHelper(login.Host))
        : [];

    private static bool NamesArk(string file) =>
        TryParse(file)?.AllHelpers.Any(static entry => entry.Helper is { } helper && SetupPlan.IsOurs(helper)) == true;

    // Another program's file: where it cannot be read or understood, that program does not use it either.
    private static DockerConfig? TryParse(string file)
    {
        try
        {
            return DockerConfig.Parse(SafeFile.Read(file) ?? [], file);
        }
        catch (Exception e) when (e is UserError or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static IEnumerable<Finding> Stale(Examination examination)
    {
        DateTimeOffset now = examination.Clock.GetUtcNow();
        List<FoundToken> dead = [.. StaleTokens.Find(examination.Paths).Where(token => token.Login.IsDead(now))];
        return dead is []
            ? [Finding.Ok("no client keeps a token of ECR that has expired")]
            : dead.Select(token => new Finding(
                Verdict.Fail,
                $"the token for {token.Login.Key} in {token.Place.Path ?? AuthConfig} expired at {Lifetime.Instant(token.Login.TokenEnd!.Value)}",
                token.CanBeRemoved ? "ark setup --remove-stale-tokens" : $"unset {AuthConfig}")
            {
                Fix = token.CanBeRemoved ? () => Remove(token) : null,
            });
    }

    private static string Remove(FoundToken token)
    {
        StaleTokens.Remove([token]);
        return $"removed the expired token for {token.Login.Key} from {token.Place.Path}";
    }

    private static List<Finding> Versions(Examination examination)
    {
        var found = new List<Finding>();
        bool any = false;
        foreach (string client in KnownFaults.Clients)
        {
            if (examination.Run(client, "--version")?.Version is { } version)
            {
                any = true;
                found.AddRange(KnownFaults.Of(client, version).Select(fault => new Finding(
                    fault.Leaks ? Verdict.Fail : Verdict.Warn, $"{client} {version} {fault.What}", $"upgrade {client} to {fault.FixedIn} or newer")));
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
    private static readonly ClientFault[] Table =
    [
        new("docker", "0", "20.10.9", "sends a private registry's credentials to Docker Hub when the helper is missing (CVE-2021-41092)") { Leaks = true },
        new("docker", "28.2.2", "28.5.2", "asks for a user name, and hangs, where a registry does not accept a token") { LastFaulty = "28.2.2" },
        new("containerd", "0", "1.2.14", "sends a registry's credentials to other hosts that an image names (CVE-2020-15157)") { Leaks = true },
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
