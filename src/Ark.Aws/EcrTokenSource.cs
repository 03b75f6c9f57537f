using Ark.Aws.Calls;
using Ark.Aws.Ecr;
using Ark.Aws.Identity;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Sources;
using Ark.Core.Tokens;

namespace Ark.Aws;

/// <summary>Finds the token source of an ECR registry for a caller. One instance serves a whole daemon, from any thread.</summary>
public sealed class EcrTokenSources(AwsAccess access)
{
    /// <summary>
    /// The source that answers for <paramref name="caller"/> at <paramref name="source"/>. Looks at profile files, never at the
    /// network. Where the source names a profile or a place of keys, only the caller's home counts, none of the other variables.
    /// </summary>
    public SourceOutcome For(EcrSource source, CallerIdentity caller) =>
        access.Identities.Find(source, caller).Succeeded(out AwsIdentity? identity, out Problem? problem)
            ? new SourceOutcome.Found(new EcrTokenSource(access.Time, source, identity, access.Session))
            : new SourceOutcome.Failed(problem);
}

/// <summary>Gets tokens of one identity from ECR or the public gallery.</summary>
internal sealed class EcrTokenSource(TimeProvider time, EcrSource source, AwsIdentity identity, AwsSession session) : ITokenSource
{
    public TokenKey Key { get; } = new(
        source.Partition,
        source.Region,
        source.Service == EcrService.Ecr ? "ecr" : "ecr-public",
        identity.EndpointOverride,
        identity.Principal);

    public string Identity => identity.Name;

    public bool OutlivesRequest => !identity.IsCallerSupplied;

    public async Task<FetchOutcome> FetchAsync(CancellationToken cancellationToken)
    {
        Outcome<AuthorizationToken> outcome =
            await session.RunAsync<AuthorizationToken>(identity, AwsSession.Deadline, AskAsync, cancellationToken);
        return outcome.Succeeded(out AuthorizationToken? token, out Problem? problem)
            ? new FetchOutcome.Fetched(token)
            : new FetchOutcome.Failed(problem);
    }

    private async Task<Outcome<AuthorizationToken>> AskAsync(AwsFetch fetch, AwsKeys keys, CancellationToken cancellationToken)
    {
        string endpoint = identity.Endpoints.Ecr;
        Outcome<GetAuthorizationTokenResponse> outcome = await fetch.Caller.CallAsync(
            new AwsCall($"{Key.Service}:GetAuthorizationToken", identity.Name),
            endpoint,
            keys.Secrets,
            () => source.Service == EcrService.Ecr
                ? new AmazonECRClient(fetch, keys, source.Region).GetAuthorizationTokenAsync(cancellationToken)
                : new AmazonECRPublicClient(fetch, keys, source.Region).GetAuthorizationTokenAsync(cancellationToken),
            cancellationToken);
        if (!outcome.Succeeded(out GetAuthorizationTokenResponse? answer, out Problem? problem))
        {
            return problem;
        }

        using (answer)
        {
            return new EcrAnswer(source, identity.Credentials.KnownAccount, new Uri(endpoint).Authority).Read(answer, time.GetUtcNow());
        }
    }
}
