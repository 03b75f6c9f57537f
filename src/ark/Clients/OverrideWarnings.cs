using Ark.Cli.Credentials;
using Ark.Cli.Docker;
using Ark.Cli.Files;
using Ark.Cli.Output;

namespace Ark.Cli.Clients;

/// <summary>What would keep a host from working after setup: a helper that is not on PATH, or a login that wins over it.</summary>
internal static class OverrideWarnings
{
    /// <summary>Warns of it, as it will be once setup has written.</summary>
    /// <param name="hosts">The hosts that are registered.</param>
    /// <param name="written">The files in which they are.</param>
    /// <param name="now">To tell tokens that are over.</param>
    /// <param name="paths">Where the clients' files are.</param>
    /// <param name="terminal">Where to warn.</param>
    public static void Print(
        IReadOnlyList<string> hosts, IEnumerable<string> written, DateTimeOffset now, UserPaths paths, Terminal terminal)
    {
        if (paths.FindProgram("docker-credential-ark") is null)
        {
            terminal.Warn("docker-credential-ark is not on PATH, where docker looks for it", "add its directory to PATH");
        }

        var files = new ClientFiles(paths);
        if (files.Confined is { } confined)
        {
            terminal.Warn(
                $"docker is a snap: it reads {confined.Name} instead, and cannot execute docker-credential-ark",
                "install docker from another package, or log in each time: "
                    + "ark token HOST | docker login --username AWS --password-stdin HOST");
        }

        Dictionary<string, DockerConfig?> contents = files.Read();
        foreach (string file in written)
        {
            DockerConfig before = contents.GetValueOrDefault(file) ?? DockerConfig.Parse([], file);
            contents[file] = hosts.Aggregate(before, static (config, host) => config.WithHelper(host, SetupPlan.Helper));
        }

        HashSet<string> registries = [.. hosts.Select(RegistryHost.Registry)];
        foreach (ClientFile file in files.All)
        {
            foreach (StoredLogin login in (contents[file.Name]?.AllStoredLogins ?? []).Where(login => registries.Contains(login.Host)))
            {
                List<Client> users = [.. files.UsersOf(file, login.Key, contents).Where(static client => client.Target is not null)];
                string hint = login.IsDead(now) && file.Path is not null ? "ark setup --remove-stale-tokens" : file.LogoutOf(login.Key);
                Print(file, login.Key, users, hint, terminal);
            }
        }
    }

    private static void Print(ClientFile file, string key, List<Client> users, string hint, Terminal terminal)
    {
        if (users.Count > 0)
        {
            string place = file.Path is null ? $"the variable {file.Name}" : file.Name;
            (string use, string ask) = users.Count == 1 ? ("uses", "asks") : ("use", "ask");
            terminal.Warn($"{Client.Names(users)} {use} the login for {key} in {place} and never {ask} ark", hint);
        }
    }
}
