using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Ark.Aws.Calls;
using Ark.Aws.Profiles;
using Ark.Core.Problems;
using Ark.Wire;

namespace Ark.Aws.Credentials;

/// <summary>
/// Keys of a container: of an ECS task, by EKS Pod Identity, Greengrass or CloudShell, each of which answers at an address that is in the
/// container's variables. One instance serves a whole daemon, from any thread.
/// </summary>
internal sealed class ContainerEndpoint(TimeProvider time)
{
    private const int Attempts = 3;

    /// <summary>Past this many the keys of all are forgotten: an address may hold anything.</summary>
    private const int MaxKept = 256;

    private const string CheckVariables = "check AWS_CONTAINER_CREDENTIALS_* and what runs this container";

    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ReadLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<string, KeptKeys> _kept = new(StringComparer.Ordinal);

    public async Task<Outcome<AwsKeys>> GetAsync(CredentialProvider.Container container, CancellationToken cancellationToken)
    {
        if (_kept.Count >= MaxKept && !_kept.ContainsKey(container.KeptAs))
        {
            Forget();
        }

        KeptKeys kept = _kept.GetOrAdd(container.KeptAs, _ => new KeptKeys(time, new SemaphoreSlim(1)));
        return kept.Current is { } keys
            ? keys
            : await kept.ShareAsync(() => RenewAsync(container, kept, cancellationToken), cancellationToken);
    }

    /// <summary>AWS does not accept them any more, so the next request gets others.</summary>
    public void Forget(CredentialProvider.Container container)
    {
        if (_kept.TryGetValue(container.KeptAs, out KeptKeys? kept))
        {
            kept.Forget();
        }
    }

    private void Forget()
    {
        foreach (KeptKeys kept in _kept.Values)
        {
            kept.Forget();
        }

        _kept.Clear();
    }

    private async Task<Outcome<AwsKeys>> RenewAsync(
        CredentialProvider.Container container, KeptKeys kept, CancellationToken cancellationToken)
    {
        if (kept.Current is { } current)
        {
            return current;
        }

        Outcome<AwsKeys> outcome = await AskAsync(container, kept, cancellationToken);
        return !outcome.Succeeded(out _, out _) && kept.Unexpired is { } last ? last : outcome;
    }

    private async Task<Outcome<AwsKeys>> AskAsync(
        CredentialProvider.Container container, KeptKeys kept, CancellationToken cancellationToken)
    {
        if (!ReadToken(container).Succeeded(out Token? token, out Problem? problem))
        {
            return problem;
        }

        using Secret? secret = token.Secret;
        string? header = secret is null ? null : Encoding.ASCII.GetString(secret.Bytes);
        var address = new Uri(container.Url);
        using var http = new MetadataHttp(
            time, ConnectLimit, ReadLimit, address.Scheme == Uri.UriSchemeHttp ? MetadataSettings.MayBePlain : null);
        for (int attempt = 1; ; attempt++)
        {
            using MetadataAnswer answer = await http.SendAsync(
                HttpMethod.Get, container.Url, [("Accept", "application/json"), ("Authorization", header)], cancellationToken);
            switch (Read(answer, address.Authority, secret))
            {
                case (MetadataDocument.Good good, _, _):
                    kept.Keep(good.Keys, good.Ends);
                    return good.Keys;

                case (_, var why, var mayRetry) when !mayRetry || attempt == Attempts:
                    return why!;
            }

            // Full jitter, so that many containers that failed together do not come back together.
            await Task.Delay(LongestPause * (RandomNumberGenerator.GetInt32(1001) / 1000.0), time, cancellationToken);
        }
    }

    /// <summary>The keys, or why there are none and whether there may be some a moment later.</summary>
    private static (MetadataDocument? Keys, Problem? Why, bool MayRetry) Read(MetadataAnswer answer, string host, Secret? token)
    {
        switch (answer)
        {
            case { Fault: MetadataFault.ForeignAddress }:
                return (null, new Problem(
                    ProblemKind.BadSetting,
                    $"AWS_CONTAINER_CREDENTIALS_FULL_URI names {host}, whose addresses are not all of this machine",
                    "use https://, or a loopback address"), false);

            case { Fault: not MetadataFault.None }:
                string silent = answer.Fault == MetadataFault.Silent ? $" within {ReadLimit.TotalSeconds:0} seconds" : "";
                return (null, new Problem(
                    ProblemKind.Unreachable, $"the container endpoint {host} does not answer{silent}", CheckVariables), true);

            case { Status: 200 }:
                MetadataDocument document = MetadataDocument.Read(answer.Body);
                return (document as MetadataDocument.Good, document switch
                {
                    MetadataDocument.Good => null,
                    MetadataDocument.Refusal refusal => Refused(answer.Status, host, refusal, token),
                    _ => new Problem(
                        ProblemKind.BadAnswer, $"the container endpoint {host} answered with something that is not keys", CheckVariables),
                }, document is MetadataDocument.Unreadable);

            case { Status: >= 500 and var status }:
                return (null, new Problem(
                    ProblemKind.ServiceFailure, $"the container endpoint {host} failed with status {status}", "try again shortly"), true);

            default:
                return (null, Refused(answer.Status, host, MetadataDocument.Read(answer.Body) as MetadataDocument.Refusal, token), false);
        }
    }

    private static Problem Refused(int status, string host, MetadataDocument.Refusal? refusal, Secret? token)
    {
        string said = refusal is null ? "" : $": {AwsMessage.Clean($"{refusal.Code}: {refusal.Message}", token)}";
        return new Problem(
            status is 401 or 403 ? ProblemKind.AccessDenied : ProblemKind.NoCredentials,
            $"the container endpoint {host} refuses to hand out keys (status {status}{said})",
            status is 401 or 403
                ? "check AWS_CONTAINER_AUTHORIZATION_TOKEN or its file; on EKS, that the service account is associated with a role"
                : CheckVariables);
    }

    private static Outcome<Token> ReadToken(CredentialProvider.Container container)
    {
        Secret? secret = null;
        string name = MetadataSettings.TokenVariable;
        if (container.TokenFile is { } file)
        {
            name = MetadataSettings.TokenFileVariable;
            if (TextOf(file) is not { Length: > 0 } text)
            {
                return new Problem(
                    ProblemKind.NoCredentials,
                    $"the file that {name} names, {file}, is missing, empty or unreadable",
                    $"check {name} and that you may read the file");
            }

            secret = new Secret(Encoding.UTF8.GetBytes(text));
        }
        else if (container.Token is { } caller && (secret = caller.CopySecret(name)) is null)
        {
            return new Problem(
                ProblemKind.NoCredentials, $"the request that brought {name} was over before it was used", "run the command again");
        }

        // It is sent as it is, and a line break in it would begin another header.
        if (secret is not null && secret.Bytes.ContainsAnyExceptInRange((byte)' ', (byte)'~'))
        {
            secret.Dispose();
            return new Problem(
                ProblemKind.BadSetting,
                $"the token of {name} has a line break or another character that no header may have",
                "write the token there, and nothing else; printf writes no line break");
        }

        return new Token(secret);
    }

    private static string? TextOf(string file)
    {
        try
        {
            return SmallFile.ReadText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>What is sent along, or a token of null where nothing is.</summary>
    private sealed record Token(Secret? Secret);
}
