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
    /// <param name="paths">Where the clients' files are.</param>
    /// <param name="terminal">Where to warn.</param>
    public static void Print(IReadOnlyList<string> hosts, IEnumerable<string> written, UserPaths paths, Terminal terminal)
    {
        if (paths.FindProgram("docker-credential-ark") is null)
        {
            terminal.Warn("docker-credential-ark is not on PATH, where docker looks for it", "add its directory to PATH");
        }

        var files = new ClientFiles(paths);
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
                Print(file, login, [.. files.UsersOf(file, login.Key, contents).Where(static client => client.Target is not null)], terminal);
            }
        }
    }

    private static void Print(ClientFile file, StoredLogin login, List<Client> users, Terminal terminal)
    {
        if (users.Count > 0)
        {
            string place = file.Path is null ? $"the variable {file.Name}" : file.Name;
            terminal.Warn(
                $"{Client.Names(users)} {(users.Count == 1 ? "uses" : "use")} the login for {login.Key} in {place} and never "
                    + $"{(users.Count == 1 ? "asks" : "ask")} ark",
                file.LogoutOf(login.Key));
        }
    }
}
