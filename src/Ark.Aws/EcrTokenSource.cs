using Ark.Aws.Ecr;
using Ark.Aws.EcrPublic;
using Ark.Aws.Identity;
using Ark.Aws.Sdk;
using Ark.Core.Problems;
using Ark.Core.Sources;
using Ark.Core.Tokens;

namespace Ark.Aws;

/// <summary>Gets tokens of one asker from ECR or the public gallery.</summary>
internal sealed class EcrTokenSource(TimeProvider time, EcrSource source, AwsIdentity asker, AwsSession session) : ITokenSource
{
    public TokenKey Key { get; } = new(
        source.Partition, source.Region, source.Service == EcrService.Ecr ? "ecr" : "ecr-public", asker.EndpointOverride, asker.Principal);

    public string Identity => asker.Identity;

    public bool OutlivesRequest => !asker.HoldsLentKeys;

    public async Task<FetchOutcome> FetchAsync(CancellationToken cancellationToken)
    {
        Outcome<EcrAnswer> outcome = await session.RunAsync<EcrAnswer>(
            asker, AwsSession.Deadline, source.Service == EcrService.Ecr ? AskEcrAsync : AskEcrPublicAsync, cancellationToken);
        FetchOutcome fetched = outcome.Succeeded(out EcrAnswer? answer, out Problem? problem)
            ? answer.Read(time.GetUtcNow(), new Uri(asker.Endpoints.Ecr).Authority)
            : new FetchOutcome.Failed(problem);
        return fetched is FetchOutcome.Failed failed ? new FetchOutcome.Failed(failed.Problem) : fetched;
    }

    private async Task<Outcome<EcrAnswer>> AskEcrAsync(IdentityCalls calls, CancellationToken cancellationToken)
    {
        using AmazonECRClient ecr = calls.Clients.Ecr(calls.Keys, source.Region);
        return await calls.Caller.CallAsync(new AwsCall("ecr:GetAuthorizationToken"), ecr, calls.Secrets, async () =>
        {
            List<Ecr.AuthorizationData> data =
                (await ecr.GetAuthorizationTokenAsync(new Ecr.GetAuthorizationTokenRequest(), cancellationToken)).AuthorizationData;
            return new EcrAnswer(data.Count, data.FirstOrDefault()?.AuthorizationToken, data.FirstOrDefault()?.ExpiresAt);
        });
    }

    private async Task<Outcome<EcrAnswer>> AskEcrPublicAsync(IdentityCalls calls, CancellationToken cancellationToken)
    {
        using AmazonECRPublicClient ecr = calls.Clients.EcrPublic(calls.Keys, source.Region);
        return await calls.Caller.CallAsync(new AwsCall("ecr-public:GetAuthorizationToken"), ecr, calls.Secrets, async () =>
        {
            EcrPublic.AuthorizationData? data =
                (await ecr.GetAuthorizationTokenAsync(new EcrPublic.GetAuthorizationTokenRequest(), cancellationToken)).AuthorizationData;
            return new EcrAnswer(data is null ? 0 : 1, data?.AuthorizationToken, data?.ExpiresAt);
        });
    }
}
