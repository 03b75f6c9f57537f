using System.Security.Cryptography.X509Certificates;
using Ark.Aws.Askers;
using Ark.Aws.Credentials;
using Ark.Aws.Ecr;
using Ark.Aws.EcrPublic;
using Ark.Aws.Sdk;
using Ark.Core.Problems;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Programs;

namespace Ark.Aws;

/// <summary>Gets tokens of one asker from ECR or the public gallery. Each fetch gets its credentials anew and shares nothing with the
/// last.</summary>
internal sealed class EcrTokenSource(TimeProvider time, EcrSource source, Asker asker, ProgramSearch programs) : ITokenSource
{
    /// <summary>For everything together: roles, logins, retries and the token itself.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    public TokenKey Key { get; } = new(
        source.Partition, source.Region, source.Service == EcrService.Ecr ? "ecr" : "ecr-public", asker.EndpointOverride, asker.Principal);

    public string Identity => asker.Identity;

    public bool OutlivesRequest => !asker.HoldsLentKeys;

    public async Task<FetchOutcome> FetchAsync(CancellationToken cancellationToken) =>
        await TryAsync(cancellationToken) switch
        {
            FetchOutcome.Failed failed => new FetchOutcome.Failed(Shown.Of(failed.Problem)),
            var outcome => outcome,
        };

    private async Task<FetchOutcome> TryAsync(CancellationToken cancellationToken)
    {
        if (!CaBundle.Load(asker.CaBundle).Succeeded(out X509Certificate2Collection? roots, out Problem? problem))
        {
            return new FetchOutcome.Failed(problem);
        }

        using var limit = new CancellationTokenSource(Deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var http = new AwsHttp(roots);
        var caller = new AwsCaller(asker.Identity);
        try
        {
            return await FetchAsync(new Clients(new SdkSettings(time, http), asker.Endpoints), caller, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new FetchOutcome.Failed(new Problem(
                ProblemKind.Unreachable,
                $"{caller.Asking ?? new Uri(asker.Endpoints.Ecr).Authority} did not answer within {Deadline.TotalSeconds:0} seconds",
                "check the network, VPN, firewall and proxy"));
        }
    }

    private async Task<FetchOutcome> FetchAsync(Clients clients, AwsCaller caller, CancellationToken cancellationToken)
    {
        var resolver = new CredentialResolver(
            clients, caller, new SsoLogin(time, clients, caller), new CredentialProgram(time, programs, asker.Files), asker.StsRegion);
        if (!(await resolver.ResolveAsync(asker.Recipe, cancellationToken)).Succeeded(out AwsKeys? keys, out Problem? problem) ||
            !(await AskAsync(clients, caller, keys, cancellationToken)).Succeeded(out EcrAnswer? answer, out problem))
        {
            return new FetchOutcome.Failed(problem);
        }

        return answer.Read(time.GetUtcNow(), new Uri(asker.Endpoints.Ecr).Authority);
    }

    private Task<Outcome<EcrAnswer>> AskAsync(Clients clients, AwsCaller caller, AwsKeys keys, CancellationToken cancellationToken) =>
        source.Service == EcrService.Ecr
            ? AskEcrAsync(clients, caller, keys, cancellationToken)
            : AskEcrPublicAsync(clients, caller, keys, cancellationToken);

    private async Task<Outcome<EcrAnswer>> AskEcrAsync(
        Clients clients, AwsCaller caller, AwsKeys keys, CancellationToken cancellationToken)
    {
        using AmazonECRClient ecr = clients.Ecr(keys, source.Region);
        return await caller.CallAsync(new AwsCall("ecr:GetAuthorizationToken"), ecr, [keys.Secret, keys.Session], async () =>
        {
            List<Ecr.AuthorizationData> data =
                (await ecr.GetAuthorizationTokenAsync(new Ecr.GetAuthorizationTokenRequest(), cancellationToken)).AuthorizationData;
            return new EcrAnswer(data.Count, data.FirstOrDefault()?.AuthorizationToken, data.FirstOrDefault()?.ExpiresAt);
        });
    }

    private async Task<Outcome<EcrAnswer>> AskEcrPublicAsync(
        Clients clients, AwsCaller caller, AwsKeys keys, CancellationToken cancellationToken)
    {
        using AmazonECRPublicClient ecr = clients.EcrPublic(keys, source.Region);
        return await caller.CallAsync(new AwsCall("ecr-public:GetAuthorizationToken"), ecr, [keys.Secret, keys.Session], async () =>
        {
            EcrPublic.AuthorizationData? data =
                (await ecr.GetAuthorizationTokenAsync(new EcrPublic.GetAuthorizationTokenRequest(), cancellationToken)).AuthorizationData;
            return new EcrAnswer(data is null ? 0 : 1, data?.AuthorizationToken, data?.ExpiresAt);
        });
    }
}
