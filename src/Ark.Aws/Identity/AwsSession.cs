using System.Security.Cryptography.X509Certificates;
using Ark.Aws.Calls;
using Ark.Aws.Credentials;
using Ark.Core.Problems;

namespace Ark.Aws.Identity;

/// <summary>
/// Makes calls as an identity. Each time asks for its credentials anew, has connections of its own and shares nothing with the last.
/// </summary>
internal sealed class AwsSession(TimeProvider time, AwsClock clock, CredentialResolver credentials)
{
    /// <summary>For everything together: roles, logins, repetitions and the calls themselves.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    /// <summary>What a person opened with an MFA code.</summary>
    public MfaSessions MfaSessions => credentials.MfaSessions;

    /// <summary>Gets the identity's credentials and does <paramref name="work"/> with them, both within <paramref name="limit"/>.</summary>
    public Task<Outcome<T>> RunAsync<T>(
        AwsIdentity identity,
        TimeSpan limit,
        Func<AwsFetch, AwsKeys, CancellationToken, Task<Outcome<T>>> work,
        CancellationToken cancellationToken)
        where T : class => AskAsync(identity, limit, async (fetch, limited) =>
        {
            Outcome<AwsKeys> found = await credentials.ResolveAsync(
                identity.Credentials, identity.KeyHolder, identity.Files, identity.Context, fetch, limited);
            if (!found.Succeeded(out AwsKeys? keys, out Problem? problem))
            {
                return problem;
            }

            using (keys)
            {
                return await work(fetch, keys, limited);
            }
        }, cancellationToken);

    /// <summary>The same for calls that need no credentials.</summary>
    public async Task<Outcome<T>> AskAsync<T>(
        AwsIdentity identity,
        TimeSpan limit,
        Func<AwsFetch, CancellationToken, Task<Outcome<T>>> work,
        CancellationToken cancellationToken)
        where T : class
    {
        if (!CaBundle.Load(identity.CaBundle).Succeeded(out X509Certificate2Collection? roots, out Problem? problem))
        {
            return problem;
        }

        using var expiry = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(expiry.Token, cancellationToken);
        using var http = new AwsHttp(roots, clock, new OutboundProxy(identity.Proxy), identity.AppId);
        var fetch = new AwsFetch(http, time, identity.Endpoints, identity.StsRegion);
        try
        {
            Outcome<T> outcome = await work(fetch, either.Token);
            if (!outcome.Succeeded(out _, out problem) && problem.Kind == ProblemKind.CredentialsRejected)
            {
                credentials.Forget(identity.Credentials);
            }

            return outcome;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return HttpFailure.TimedOut(fetch.Caller.Asking ?? new Uri(identity.Endpoints.Ecr).Authority, limit);
        }
    }
}
