using Ark.Core.Tokens;
using Ark.Daemon.Logging;
using Microsoft.Extensions.Logging;

namespace Ark.Daemon.Dispatching;

/// <summary>A token source that leaves a line in the log for each fetch, whoever asked for it.</summary>
internal sealed class LoggingSource(ITokenSource inner, ILogger log) : ITokenSource
{
    public TokenKey Key => inner.Key;

    public string Identity => inner.Identity;

    public bool OutlivesRequest => inner.OutlivesRequest;

    public async Task<FetchOutcome> FetchAsync(CancellationToken cancellationToken)
    {
        FetchOutcome outcome = await inner.FetchAsync(cancellationToken);
        switch (outcome)
        {
            case FetchOutcome.Fetched(var token):
                log.Fetched(Identity, Key.Service, Key.Region, token.ExpiresAt.UtcDateTime.ToString("O"));
                break;
            case FetchOutcome.Failed(var problem):
                log.FetchFailed(Identity, Key.Service, Key.Region, problem.Kind, problem.Message);
                break;
        }

        return outcome;
    }
}
