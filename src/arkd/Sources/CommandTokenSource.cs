using Ark.Core.Problems;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Wire;

namespace Ark.Daemon.Sources;

/// <summary>What a command prints. It knows no registry, so that hosts which share a command share its secret.</summary>
internal sealed class CommandTokenSource(CommandSource source, CallerPlace place, CommandProgram commands, TimeProvider time) : ITokenSource
{
    public TokenKey Key { get; } = SourceKey.Of(
        source.Type, "", source.Arguments[0], place, [source.Username, SourceKey.Text(source.Lifetime), .. source.Arguments]);

    public string Identity => TextSanitizer.Name(source.Arguments[0]);

    public bool OutlivesRequest => true;

    public async Task<FetchOutcome> FetchAsync(CancellationToken cancellationToken)
    {
        if (!(await commands.RunAsync(source.Arguments, place, cancellationToken)).Succeeded(out PrintedSecret? printed, out Problem? problem))
        {
            return new FetchOutcome.Failed(problem);
        }

        using (printed)
        {
            return (printed.Username ?? source.Username) is { } username
                ? new FetchOutcome.Fetched(new AuthorizationToken(username, printed.Secret, printed.ExpiresAt ?? time.GetUtcNow() + source.Lifetime))
                : new FetchOutcome.Failed(new Problem(
                    ProblemKind.BadSetting,
                    $"the command {Identity} printed a secret, and nobody says for which user",
                    "write username into the configuration, beside the command"));
        }
    }
}
