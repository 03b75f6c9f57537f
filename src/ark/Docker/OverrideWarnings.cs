using Ark.Cli.Output;
using Ark.Wire;

namespace Ark.Cli.Docker;

/// <summary>Says what would keep a registered host from working: a helper that is not on PATH, or a login that wins over it.</summary>
internal sealed class OverrideWarnings(Terminal terminal, UserPaths paths)
{
    public void Show(IReadOnlyList<string> hosts)
    {
        if (paths.FindProgram("docker-credential-ark") is null)
        {
            terminal.Warn("docker-credential-ark is not on PATH, where docker looks for it", "add its directory to PATH");
        }

        foreach (var file in paths.ContainersAuth)
        {
            foreach (var login in Logins(file, hosts))
            {
                terminal.Warn(
                    $"podman and skopeo take the login for {TextSanitizer.Line(login)} from {file} and never ask ark",
                    $"podman logout --authfile {file} {TextSanitizer.Line(login)}");
            }
        }
    }

    // Another program's file: where it cannot be read or understood there is nothing to warn of.
    private static List<string> Logins(string file, IReadOnlyList<string> hosts)
    {
        try
        {
            var config = DockerConfig.Parse(SafeFile.Read(file) ?? [], file);
            return [.. hosts.SelectMany(config.StoredLogins).Distinct()];
        }
        catch (Exception e) when (e is UserError or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
