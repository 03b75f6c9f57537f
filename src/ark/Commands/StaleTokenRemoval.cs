using Ark.Cli.Clients;
using Ark.Cli.Credentials;
using Ark.Cli.Files;
using Ark.Cli.Output;

namespace Ark.Cli.Commands;

/// <summary><c>ark setup --remove-stale-tokens</c>: in every client's file, whichever of them are set up.</summary>
internal sealed class StaleTokenRemoval(Terminal terminal, UserPaths paths, TimeProvider clock)
{
    /// <summary>
    /// Removes tokens that are over, wherever clients keep logins. It needs no configuration, since nothing else is looked at.
    /// </summary>
    /// <param name="dryRun">Says only what would be removed.</param>
    /// <param name="registered">
    /// The hosts that were set up, whose tokens go whether they are over or not, as from docker's file; null where nothing else was asked for.
    /// </param>
    public int Run(bool dryRun, IReadOnlyList<string>? registered = null)
    {
        HashSet<string> hosts = [.. (registered ?? []).Select(RegistryHost.Registry)];
        List<FoundToken> unwanted =
            [.. StaleTokens.Find(paths, clock.GetUtcNow()).Where(token => token.IsDead || hosts.Contains(token.Host))];
        IReadOnlyList<TokenRemoval> removals =
            dryRun ? [.. unwanted.Select(token => new TokenRemoval(token, null))] : StaleTokens.Remove(unwanted);
        bool failed = false;
        foreach ((FoundToken token, UserError? problem) in removals)
        {
            string end = $"{(token.IsDead ? "expired" : "expires")} at {Lifetime.Instant(token.ExpiresAt)}";
            string what = $"the ECR token for {token.Key}, which {end}";
            if (!token.CanBeRemoved)
            {
                terminal.Warn($"the variable {token.File.Name} has {what}", $"unset {token.File.Name}");
            }
            else if (problem is null)
            {
                terminal.WriteLine($"{(dryRun ? "would remove" : "removed")} {what}, from {token.File.Name} ({token.Client})");
            }
            else
            {
                failed = true;
                terminal.Warn($"{what}, stays: {problem.Message}", problem.Problem.Hint!);
            }
        }

        if (removals.Count == 0 && registered is null)
        {
            terminal.Say("no ECR token that has expired is in any client's file");
        }

        return failed ? 1 : 0;
    }
}
