using System.Security.Cryptography;
using Ark.Cli.Output;
using Ark.Cli.Queries;
using Ark.Messages;

namespace Ark.Cli.Doctor;

/// <summary>Who answers for registries, and whether they can.</summary>
internal static class RegistryChecks
{
    public static IReadOnlyList<Check> All { get; } =
    [
        new("sign-in", SignIn) { NeedsDaemon = true },
        new("registry", Registry) { NeedsDaemon = true },
    ];

    /// <summary>Credentials for every registry of every organization, and for those that the caller's own AWS settings serve.</summary>
    private static IEnumerable<Finding> SignIn(Examination examination)
    {
        OrganizationsReport? configuration = examination.Configuration;
        if (configuration is null)
        {
            return [Finding.Skip("the configuration is not valid")];
        }

        if (examination.IsOffline)
        {
            return Known(examination);
        }

        if (examination.Target is { } target)
        {
            return AtTarget(examination, target);
        }

        List<Finding> found =
        [
            .. from organization in configuration.Organizations
               from registry in organization.Registries
               where registry.HasHost()
               let host = registry.Hosts.First(static host => !host.Contains('*', StringComparison.Ordinal))
               select Get(examination.As(organization.Name), Asked(host, registry.RepositoryPrefix), host, organization.Name),
            .. from host in examination.Hosts
               where examination.Queries.Explain(host) is { State: "served", DecidedBy: "caller" }
               select Get(examination.Queries, host, host, organization: null),
        ];
        return found is [] ? [Finding.Skip("no registry is configured, none is registered with docker and none was named")] : found;
    }

    /// <summary>Those who could answer for the one registry.</summary>
    private static IEnumerable<Finding> AtTarget(Examination examination, string target)
    {
        RegistryExplanation answer = examination.Queries.Explain(target);
        string host = answer.Host ?? target;
        return answer is { State: "served", Organization: null } ? [Get(examination.Queries, target, host, organization: null)]
            : answer.Candidates is { Count: > 0 } candidates
                ? candidates.Select(organization => Get(examination.As(organization), target, host, organization))
            : [Finding.Skip($"ark has no credentials to ask for at {host}")];
    }

    /// <summary>With its prefix, where one organization's registry has several owners.</summary>
    private static string Asked(string host, string? prefix) => prefix is { Length: > 0 } ? $"{host}/{prefix.TrimEnd('/')}/app" : host;

    private static Finding Get(DaemonQueries queries, string asked, string host, string? organization)
    {
        string who = organization is null ? "your own AWS settings have" : $"{organization} has";
        try
        {
            ImageDescription answer = queries.Describe(asked);
            bool has = answer.Secret is not null;
            CryptographicOperations.ZeroMemory(answer.Secret);
            return has ? Finding.Ok($"{who} credentials for {host}")
                : Finding.Fail($"{who} no credentials for {host} yet", $"docker login {host}");
        }
        catch (UserError e)
        {
            return About(e.Problem, host, organization);
        }
        catch (DaemonError e)
        {
            return About(e.Problem, host, organization);
        }
    }

    private static Finding About(ProblemEntry problem, string host, string? organization) =>
        Finding.Of(problem) with { Message = $"{organization ?? "your own AWS settings"} at {host}: {problem.Message}" };

    /// <summary>What the daemon knows already, without asking anybody.</summary>
    private static IEnumerable<Finding> Known(Examination examination)
    {
        IReadOnlyList<EntryStatus> entries = examination.Status?.Entries ?? [];
        return entries is []
            ? [Finding.Skip("nothing was asked for yet, and --offline asks for nothing")]
            : entries.Select(static entry => entry.State == "failing"
                ? About(
                    entry.Problem ?? new ProblemEntry(null, entry.LastError ?? "the last request failed", "ark refresh"),
                    entry.Host,
                    entry.Organization)
                : Finding.Ok($"{entry.Organization ?? "your own AWS settings"} at {entry.Host}: {entry.State}"));
    }

    private static IEnumerable<Finding> Registry(Examination examination)
    {
        if (examination.Target is not { } target)
        {
            return [Finding.Skip("no registry was named: ark doctor HOST")];
        }

        RegistryExplanation answer = examination.Queries.Explain(target);
        string host = answer.Host ?? target;
        return [answer.State switch
        {
            "served" => Finding.Ok(Served(answer, host)),
            "ambiguous" => Ambiguous(answer, host),
            "stopped" when answer.Problem is { } problem => Finding.Of(problem),
            _ when answer.FallbackHelper is { } fallback =>
                Finding.Ok($"ark does not serve {host} and asks docker-credential-{fallback} for it"),
            _ => Finding.Fail(
                $"ark does not serve {host}{(answer.Reason is { } reason ? $": {reason}" : "")}",
                "add it to the configuration, or use its own login: docker login " + host),
        }];
    }

    private static Finding Ambiguous(RegistryExplanation answer, string host)
    {
        string first = answer.Candidates is [var candidate, ..] ? candidate : "ORG";
        return new Finding(
            Verdict.Fail,
            $"several organizations are configured for {host}, and nothing chooses between {string.Join(", ", answer.Candidates)}",
            $"ark use {first}, or for this host alone: ark setup --host {host} --organization {first}",
            answer.Problem?.Code);
    }

    private static string Served(RegistryExplanation answer, string host)
    {
        string who = answer.Organization ?? "your own AWS settings";
        string source = answer is { Source: { } from, DecidedBy: not "caller" } ? $" with {from.Identity ?? from.Type}" : "";
        string others = answer.Candidates.Where(each => each != answer.Organization).ToList() is { Count: > 0 } rest
            ? $"; {string.Join(", ", rest)} could too"
            : "";
        string prefix = answer.RepositoryPrefix is { Length: > 0 } below ? $" below {below}/" : "";
        string answers = answer.Organization is null ? "answer" : "answers";
        return $"{who} {answers} for {host}{prefix}{source}, because {Why(answer.DecidedBy)}{others}";
    }

    private static string Why(string? decidedBy) => decidedBy switch
    {
        "executable" => "docker's file names its helper",
        "ARK_ORGANIZATION" => "ARK_ORGANIZATION names it",
        "repository-prefix" => "the repository begins with its prefix",
        "only-organization" => "no other organization is configured for the host",
        "one-identity" => "all organizations of the host use the same identity",
        "ark-use" => "ark use chose it",
        "default-organization" => "it is the configuration's default",
        "caller" => "the configuration does not name the host",
        _ => $"of a rule of a newer daemon, {decidedBy}",
    };
}
