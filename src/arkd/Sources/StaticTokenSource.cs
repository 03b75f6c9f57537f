using Ark.Core.Problems;
using Ark.Core.Secrets;
using Ark.Core.Sources;
using Ark.Core.Tokens;

namespace Ark.Daemon.Sources;

/// <summary>A password that is kept somewhere. A file counts as it is now; what another program keeps is looked up now and then.</summary>
internal sealed class StaticTokenSource(StaticSource source, CallerPlace place, SecretReader secrets, TimeProvider time) : ITokenSource
{
    /// <summary>An edited file has another key, so that what was read may be kept for as long as anything is.</summary>
    private static readonly TimeSpan KeptFromFile = TimeSpan.FromHours(12);

    /// <summary>So soon is a password noticed that was changed in another program's store.</summary>
    private static readonly TimeSpan KeptFromProgram = TimeSpan.FromMinutes(5);

    public TokenKey Key { get; } = SourceKey.Of(
        source.Type, "", SecretName.Of(source.Secret), place, [source.Username, .. SecretName.Whole(source.Secret), SecretReader.StampOf(source.Secret, place)]);

    public string Identity => SecretName.Of(source.Secret);

    /// <summary>There is nothing to be renewed.</summary>
    public bool OutlivesRequest => false;

    public async Task<FetchOutcome> FetchAsync(CancellationToken cancellationToken)
    {
        if (!(await secrets.ReadAsync(source.Secret, place, cancellationToken)).Succeeded(out ReadSecret? read, out Problem? problem))
        {
            return new FetchOutcome.Failed(problem);
        }

        using (read)
        {
            TimeSpan kept = source.Secret is SecretReference.File ? KeptFromFile : KeptFromProgram;
            return (source.Username ?? read.Username) is { } username
                ? new FetchOutcome.Fetched(new AuthorizationToken(username, read.Secret.Span, time.GetUtcNow() + kept))
                : new FetchOutcome.Failed(new Problem(
                    ProblemKind.BadSetting, $"nobody says for which user the secret in {Identity} is", "write username into the configuration, beside the secret"));
        }
    }
}
