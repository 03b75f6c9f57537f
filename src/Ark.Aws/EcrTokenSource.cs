using System.Buffers;
using System.Buffers.Text;
using Ark.Aws.Calls;
using Ark.Aws.Ecr;
using Ark.Aws.Identity;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Wire;
using Ark.Wire.Registries;

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
            {
                Warning = identity.Warning,
                PassedOver = identity.PassedOver,
            }
            : new SourceOutcome.Failed(problem);
}

/// <summary>Gets tokens of one identity from ECR or the public gallery.</summary>
internal sealed class EcrTokenSource(TimeProvider time, EcrSource source, AwsIdentity identity, AwsSession session) : ITokenSource
{
    // The public gallery serves everybody without a token, and docker goes on without where nobody configured one: only more slowly.
    private static readonly TimeSpan GalleryDeadline = TimeSpan.FromSeconds(6);

    public TokenKey Key { get; } = new(
        source.Partition,
        source.Region,
        source.Service == EcrService.Ecr ? "ecr" : "ecr-public",
        identity.EndpointOverride,
        identity.Principal);

    public string Identity => identity.Name;

    public bool OutlivesRequest => !identity.IsCallerSupplied;

    private TimeSpan Limit => source is { Service: EcrService.EcrPublic, UsesCallerIdentity: true } ? GalleryDeadline : AwsSession.Deadline;

    public async Task<FetchOutcome> FetchAsync(CancellationToken cancellationToken)
    {
        string? warning = null;
        Outcome<AuthorizationToken> outcome = await session.RunAsync<AuthorizationToken>(
            identity,
            Limit,
            (fetch, keys, limited) =>
            {
                warning = fetch.Warning;
                return AskAsync(fetch, keys, limited);
            },
            cancellationToken);
        return outcome.Succeeded(out AuthorizationToken? token, out Problem? problem)
            ? new FetchOutcome.Fetched(token) { Warning = warning }
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
            string? account = identity.Credentials.KnownAccount ?? keys.AccountId;
            return new EcrAnswer(source, account, new Uri(endpoint).Authority, fetch.Http.Clock, identity.Endpoints.IsCallersEcr)
                .Read(answer, time.GetUtcNow());
        }
    }
}

/// <summary>
/// Judges what came as the answer of ECR, before anybody believes that it is a token: one token, of the registry that was asked for, in
/// AWS's form and with life left.
/// </summary>
/// <param name="source">What was asked for.</param>
/// <param name="accountId">The account that asked, where it is known; otherwise null.</param>
/// <param name="host">Who was asked, for people.</param>
/// <param name="clock">How this machine's clock compares with AWS's.</param>
/// <param name="isCallersEndpoint">Whether the caller's own settings name who was asked: it may be a stand-in for AWS.</param>
internal sealed class EcrAnswer(EcrSource source, string? accountId, string host, AwsClock clock, bool isCallersEndpoint = false)
{
    private const int MaxSecret = 64 * 1024;

    /// <summary>AWS promises twelve hours. An answer that promises more is believed that far.</summary>
    private static readonly TimeSpan MaxLife = TimeSpan.FromHours(12);

    public Outcome<AuthorizationToken> Read(GetAuthorizationTokenResponse answer, DateTimeOffset now)
    {
        if (answer.AuthorizationData is not [var data])
        {
            return Bad($"{answer.AuthorizationData.Count} tokens instead of one");
        }

        if (data is not { AuthorizationToken: { } encoded, ExpiresAt: { } expiresAt })
        {
            return Bad("a token that lacks its text or its expiry");
        }

        EcrHost? registry = RegistryOf(data.ProxyEndpoint);
        if (source.Service == EcrService.Ecr && WhyNotOurs(registry) is { } reason)
        {
            return Bad(reason);
        }

        if (expiresAt <= now)
        {
            // Tokens are issued for twelve hours. One that is over on arrival is the answer's fault only where the clocks agree.
            string what = $"{host} answered with a token that expired at {expiresAt:u}";
            return clock.Problem is null ? new Problem(ProblemKind.BadAnswer, what, "check this machine's clock") : clock.Explain(what);
        }

        using Secret decoded = Secret.Rent(Base64.GetMaxDecodedFromUtf8Length(encoded.Bytes.Length));
        if (Base64.DecodeFromUtf8(encoded.Bytes, decoded.Memory.Span, out _, out int length) != OperationStatus.Done)
        {
            return Bad("a token that is not base64");
        }

        ReadOnlySpan<byte> text = decoded.Bytes[..length];
        return text.StartsWith("AWS:"u8) && IsPassword(text[4..])
            ? new AuthorizationToken("AWS", text[4..], expiresAt <= now + MaxLife ? expiresAt : now + MaxLife)
            {
                Account = registry?.AccountId,
            }
            : Bad("a token that is not 'AWS:' and a password");
    }

    /// <summary>
    /// A token is good for the registries of one region, and AWS names that of whoever asked: an https address in ECR's form. Its account
    /// is the principal's. That need not be the owner of the registry that the token is for, whose repositories may be open to others; so
    /// it is compared where it is known who asks, by a role or a login. A stand-in such as LocalStack names a registry of its own.
    /// </summary>
    private string? WhyNotOurs(EcrHost? registry) =>
        registry is not { AccountId: { } account }
            ? isCallersEndpoint ? null : "a token whose proxyEndpoint is not the https address of an ECR registry"
        : registry.Region != source.Region || registry.Partition.Name != source.Partition
            ? $"a token for {registry.Region}, where {source.Region} was asked for"
        : accountId is not null && accountId != account ? $"a token of account {account}, where {accountId} had asked"
        : null;

    private static EcrHost? RegistryOf(string? proxyEndpoint)
    {
        const string Scheme = "https://";
        return proxyEndpoint?.StartsWith(Scheme, StringComparison.Ordinal) == true ? EcrHost.Match(proxyEndpoint[Scheme.Length..]) : null;
    }

    // A password goes through files and headers of other programs: what is not printable ASCII is not one.
    private static bool IsPassword(ReadOnlySpan<byte> secret) =>
        secret.Length is > 0 and <= MaxSecret && !secret.ContainsAnyExceptInRange((byte)'!', (byte)'~');

    private Problem Bad(string what) =>
        new(ProblemKind.BadAnswer, $"{host} answered with {what}", "check what answers at the endpoint's address");
}
