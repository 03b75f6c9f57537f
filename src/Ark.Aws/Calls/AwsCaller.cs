using System.Security.Cryptography;
using Ark.Core.Problems;
using Ark.Wire;
using Ark.Wire.Registries;

namespace Ark.Aws.Calls;

/// <summary>Everything that the calls of one fetch have in common.</summary>
/// <param name="http">Its connections.</param>
/// <param name="time">The clock of its pauses and signatures.</param>
/// <param name="endpoints">Where the services are.</param>
/// <param name="stsRegion">The region whose STS is asked.</param>
internal sealed class AwsFetch(AwsHttp http, TimeProvider time, ServiceEndpoints endpoints, string stsRegion)
{
    public AwsHttp Http => http;

    public AwsCaller Caller { get; } = new(http, time);

    public ServiceEndpoints Endpoints => endpoints;

    public string StsRegion => stsRegion;

    public string StsEndpoint => endpoints.StsIn(stsRegion);

    /// <summary>What the log should say although the fetch goes on, or null.</summary>
    public string? Warning { get; set; }
}

/// <summary>
/// Makes the calls of one fetch, one after the other, and turns their failures into problems. What is sent a second time is decided
/// here and in the cache, each of which repeats what the other does not: here one call of a fetch, once, when a connection failed or a
/// signature was refused for its time; there what AWS throttles or fails at. Calls about repositories, which no cache repeats, are here.
/// </summary>
internal sealed class AwsCaller(AwsHttp http, TimeProvider time)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private bool _hasRepeated;
    private TimeSpan _offset;

    /// <summary>The host that was asked last, so that a fetch which runs out of time can say who kept it waiting.</summary>
    public string? Asking { get; private set; }

    /// <summary>The time on AWS's clock as far as it is known: a signature that is five minutes off is refused.</summary>
    public DateTimeOffset Now => time.GetUtcNow() + _offset;

    /// <summary>Makes a call, twice at most.</summary>
    /// <param name="call">What the call is.</param>
    /// <param name="endpoint">Who is asked.</param>
    /// <param name="secrets">What must not be in the problem's text, even if AWS says it.</param>
    /// <param name="make">Sends the request; run again for a repetition.</param>
    /// <param name="cancellationToken">Ends the pause before a repetition.</param>
    public async Task<Outcome<T>> CallAsync<T>(
        AwsCall call, string endpoint, Secret?[] secrets, Func<Task<T>> make, CancellationToken cancellationToken)
        where T : class
    {
        Asking = new Uri(endpoint).Authority;
        while (true)
        {
            try
            {
                return await make();
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                if (AwsFailure.Describe(e, call, Asking, secrets, http.Clock) is not { } problem)
                {
                    throw;
                }

                bool isLate = e is AwsRefusal { Time: { } theirs } refusal && AwsFailure.IsOfTime(refusal) && Learn(theirs);
                if (_hasRepeated || !(isLate || AwsFailure.IsOfConnection(e) || (call.RepeatsWhenBusy && AwsFailure.IsBusy(e))))
                {
                    return problem;
                }

                _hasRepeated = true;
                if (!isLate)
                {
                    // Full jitter, so that many who failed together do not come back together.
                    await Task.Delay(LongestPause * (RandomNumberGenerator.GetInt32(1001) / 1000.0), time, cancellationToken);
                }
            }
        }
    }

    private bool Learn(DateTimeOffset theirs)
    {
        _offset = theirs - time.GetUtcNow();
        return true;
    }
}

/// <summary>
/// Where the services of one fetch are: scheme, host and port, and at times a path. Null is the service's own address in its region.
/// </summary>
internal sealed record ServiceEndpoints(string Ecr, string? Sts, string? Sso, string? SsoOidc, string? Signin)
{
    /// <summary>Whether AWS's own addresses are the FIPS ones.</summary>
    public bool Fips { get; init; }

    /// <summary>Whether AWS's own addresses are those that have IPv6.</summary>
    public bool DualStack { get; init; }

    /// <summary>Whether ECR's address is one that the caller's own settings name.</summary>
    public bool IsCallersEcr { get; init; }

    public string StsIn(string region) => Sts ?? Own("sts", region);

    public string SsoIn(string region) => Sso ?? Own("portal.sso", region);

    public string SsoOidcIn(string region) => SsoOidc ?? Own("oidc", region);

    public string SigninIn(string region) => Signin ?? Own("signin", region);

    private string Own(string service, string region) =>
        (Partition.OfRegion(region) ?? Partition.Aws).Api(service, region, Fips, DualStack);
}

/// <summary>Guards what becomes part of a host name.</summary>
internal static class RegionName
{
    private const int MaxLength = 32;

    public static bool IsValid(string region) =>
        region.Length is > 0 and <= MaxLength && region[0] != '-' && region[^1] != '-' &&
        region.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    /// <summary>
    /// The region that is meant, without capitals, blanks and the quotes that <c>docker run --env-file</c> keeps; null when it is none.
    /// </summary>
    public static string? Read(string? written) =>
        written?.Trim().Trim('"', '\'').Trim().ToLowerInvariant() is { } region && Partition.OfRegion(region) is not null ? region : null;
}
