using Ark.Core.Problems;
using Ark.Core.Secrets;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Wire;

namespace Ark.Daemon.Sources;

/// <summary>Credentials that another docker credential helper keeps.</summary>
internal sealed class HelperTokenSource(HelperSource source, string host, CallerPlace place, DockerHelper helpers, TimeProvider time) : ITokenSource
{
    private readonly string _server = source.Server ?? host;

    public TokenKey Key { get; } = SourceKey.Of(
        source.Type, source.Server ?? host, DockerHelper.ProgramOf(source.Program), place, SourceKey.Text(source.Lifetime));

    public string Identity => TextSanitizer.Name(DockerHelper.ProgramOf(source.Program));

    /// <summary>Never: it may ask somebody for a passphrase, who then has to know why.</summary>
    public bool OutlivesRequest => false;

    public async Task<FetchOutcome> FetchAsync(CancellationToken cancellationToken)
    {
        if (!(await helpers.GetAsync(source.Program, _server, place, cancellationToken)).Succeeded(out ReadSecret? read, out Problem? problem))
        {
            return new FetchOutcome.Failed(problem);
        }

        using (read)
        {
            return read.Username is { } username
                ? new FetchOutcome.Fetched(new AuthorizationToken(username, read.Secret.Span, time.GetUtcNow() + source.Lifetime))
                : new FetchOutcome.Failed(new Problem(ProblemKind.BadAnswer, $"{Identity} printed no user name", "save the credentials anew with: docker login"));
        }
    }
}
