using Ark.Cli.Clients;
using Ark.Cli.Files;
using Ark.Cli.Output;

namespace Ark.Cli.Commands;

/// <summary><c>ark setup --remove-stale-tokens</c> without a host.</summary>
internal sealed class StaleTokenRemoval(Terminal terminal, UserPaths paths, TimeProvider clock)
{
    /// <summary>Removes tokens that are over, wherever clients keep logins. It needs no configuration, since nothing else is looked at.</summary>
    public int Run(bool dryRun)
    {
        List<FoundToken> dead = [.. StaleTokens.Find(paths, clock.GetUtcNow()).Where(token => token.IsDead)];
        IReadOnlyList<TokenRemoval> removals = dryRun ? [.. dead.Select(token => new TokenRemoval(token, null))] : StaleTokens.Remove(dead);
        bool failed = false;
        foreach ((FoundToken token, UserError? problem) in removals)
        {
            string what = $"the ECR token for {token.Key}, which expired at {Lifetime.Instant(token.ExpiresAt)}";
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

        if (removals.Count == 0)
        {
            terminal.Say("no ECR token that has expired is in any client's file");
        }

        return failed ? 1 : 0;
    }
}
