using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ark.Aws.Calls;
using Ark.Core.Problems;
using Ark.Wire;

namespace Ark.Aws.Credentials;

/// <summary>
/// Keys of the role of an EC2 instance, from its metadata service. What is known of a service is remembered: its token, its keys, and for
/// a minute that nobody answers, since most machines are no instance. One object serves a whole daemon, from any thread.
/// </summary>
internal sealed class InstanceMetadata(TimeProvider time)
{
    /// <summary>Past this many all are forgotten: a caller's variable may name anything.</summary>
    private const int MaxKnown = 64;

    /// <summary>So many look behind their callers' backs at a time: each of them holds a connection.</summary>
    private const int MaxBehind = 4;

    private readonly ConcurrentDictionary<string, MetadataService> _services = new(StringComparer.Ordinal);
    private int _forgotten;
    private int _behind;

    public Task<Outcome<AwsKeys>> GetAsync(CredentialProvider.Instance instance, CancellationToken cancellationToken) =>
        Of(instance).GetAsync(cancellationToken);

    /// <summary>
    /// Whether the service is known to hand out keys. Where nothing is known of it yet it is asked behind the caller's back: for whoever
    /// would only be faster with keys, and must not wait for them.
    /// </summary>
    public bool IsKnown(CredentialProvider.Instance instance)
    {
        MetadataService service = Of(instance);
        if (service.HasKeys is null)
        {
            AskBehind(service);
        }

        return service.HasKeys == true;
    }

    /// <summary>
    /// The role whose keys were handed out last, or null, and what changes when it is exchanged for another, or when nobody remembers
    /// whether it was. As long as somebody asks, a look behind the caller's back once a minute notices that.
    /// </summary>
    public (string? Role, string Era) RoleOf(CredentialProvider.Instance instance)
    {
        if (!_services.TryGetValue(instance.Endpoint, out MetadataService? service))
        {
            return (null, $"{_forgotten} 0");
        }

        if (service.IsDue)
        {
            AskBehind(service);
        }

        return (service.Role, $"{_forgotten} {service.Exchanges}");
    }

    /// <summary>AWS does not accept the keys any more, so the next request gets others.</summary>
    public void Forget(CredentialProvider.Instance instance) => Of(instance).Kept.Forget();

    private void AskBehind(MetadataService service)
    {
        if (Interlocked.Increment(ref _behind) > MaxBehind)
        {
            Interlocked.Decrement(ref _behind);
            return;
        }

        _ = Task.Run(async () =>
        {
            try
            {
                if ((await service.GetAsync(CancellationToken.None)).Succeeded(out AwsKeys? keys, out _))
                {
                    keys.Dispose();
                }
            }
            finally
            {
                Interlocked.Decrement(ref _behind);
            }
        });
    }

    private MetadataService Of(CredentialProvider.Instance instance)
    {
        if (_services.Count >= MaxKnown && !_services.ContainsKey(instance.Endpoint))
        {
            Interlocked.Increment(ref _forgotten);
            foreach (MetadataService service in _services.Values)
            {
                service.Kept.Forget();
            }

            _services.Clear();
        }

        return _services.GetOrAdd(instance.Endpoint, endpoint => new MetadataService(endpoint, time));
    }
}

/// <summary>One metadata service, and what is known of it. Its token and role are used by one request at a time.</summary>
internal sealed class MetadataService(string endpoint, TimeProvider time)
{
    private const int Attempts = 4;
    private const string TokenHeader = "X-aws-ec2-metadata-token";
    private const string TokenPath = "/latest/api/token";
    private const string Extended = "/latest/meta-data/iam/security-credentials-extended/";
    private const string Simple = "/latest/meta-data/iam/security-credentials/";
    private const int TokenSeconds = 21_600;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TokenMargin = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan AbsentFor = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMinutes(1);

    private readonly string _host = new Uri(endpoint).Authority;
    private Absence? _absence;
    private Secret? _token;
    private DateTimeOffset _tokenEnds;
    private string _path = Extended;
    private long _lookedAt;
    private volatile string? _role;
    private volatile int _exchanges;

    public KeptKeys Kept { get; } = new(time, new SemaphoreSlim(1));

    /// <summary>The role whose keys were handed out last, or null.</summary>
    public string? Role => _role;

    /// <summary>How often the role was exchanged for another.</summary>
    public int Exchanges => _exchanges;

    /// <summary>Whether the last look at the role is a minute ago. True for one caller at a time.</summary>
    public bool IsDue
    {
        get
        {
            long last = Interlocked.Read(ref _lookedAt);
            return _role is not null && time.GetElapsedTime(last) >= BetweenLooks &&
                Interlocked.CompareExchange(ref _lookedAt, time.GetTimestamp(), last) == last;
        }
    }

    /// <summary>Whether it hands out keys; null while nobody knows.</summary>
    public bool? HasKeys => _role is not null ? true : StillAbsent is not null ? false : null;

    private Problem? StillAbsent => Volatile.Read(ref _absence) is { } absence && time.GetElapsedTime(absence.Since) < AbsentFor
        ? absence.Problem
        : null;

    public async Task<Outcome<AwsKeys>> GetAsync(CancellationToken cancellationToken) =>
        StillAbsent is { } problem ? problem : await Kept.ShareAsync(() => RenewAsync(cancellationToken), cancellationToken);

    private async Task<Outcome<AwsKeys>> RenewAsync(CancellationToken cancellationToken)
    {
        if (StillAbsent is { } absent)
        {
            return absent;
        }

        Interlocked.Exchange(ref _lookedAt, time.GetTimestamp());
        using var http = new MetadataHttp(time, Limit, Limit);
        Outcome<AwsKeys> outcome = await AskAsync(http, cancellationToken);
        if (outcome.Succeeded(out _, out Problem? problem))
        {
            _absence = null;
            return outcome;
        }

        // As AWS's tools do: the last keys may be good for longer than was said, and AWS itself decides about them.
        if (Kept.Extend(Extension()) is { } last)
        {
            return last;
        }

        _role = null;
        if (problem.Kind == ProblemKind.NoCredentials)
        {
            _absence = new Absence(problem, time.GetTimestamp());
        }

        return problem;
    }

    /// <summary>The role is asked for each time, which costs next to nothing: an instance may get another while it runs.</summary>
    private async Task<Outcome<AwsKeys>> AskAsync(MetadataHttp http, CancellationToken cancellationToken)
    {
        // A role that is exchanged between the two requests has vanished at the second.
        for (bool again = false; ; again = true)
        {
            if (!(await RoleAsync(http, cancellationToken)).Succeeded(out string? role, out Problem? problem))
            {
                return problem;
            }

            if (role == _role && Kept.Current is { } current)
            {
                return current;
            }

            using MetadataAnswer answer = await GetAsync(http, _path + role, isDocument: true, cancellationToken);
            switch (answer)
            {
                case { Status: 404 } when !again:
                    continue;

                case { Status: 404 }:
                    return NoRole();

                case { Status: 200 }:
                    return Read(answer, role);

                default:
                    return Failed(answer);
            }
        }
    }

    private Outcome<AwsKeys> Read(MetadataAnswer answer, string role)
    {
        switch (MetadataDocument.Read(answer.Body))
        {
            case MetadataDocument.Good good:
                DateTimeOffset now = time.GetUtcNow();
                Kept.Keep(good.Keys, good.Ends);
                _exchanges += _role is not null && _role != role ? 1 : 0;
                _role = role;
                if (good.Ends is { } ends && ends - KeptKeys.Margin <= now)
                {
                    // It has not got newer ones itself. They count as good until it is asked again.
                    Kept.Extend(Extension())?.Dispose();
                }

                return good.Keys;

            case MetadataDocument.Refusal { Code: "AssumeRoleUnauthorizedAccess" }:
                return new Problem(
                    ProblemKind.AccessDenied,
                    $"EC2 may not assume the instance's role {role}: does this role trust EC2?",
                    "let its trust policy allow sts:AssumeRole to ec2.amazonaws.com");

            case MetadataDocument.Refusal refusal:
                return new Problem(
                    ProblemKind.ServiceFailure,
                    $"{_host} has no keys of role {role} ({AwsMessage.Clean($"{refusal.Code}: {refusal.Message}")})",
                    "try again shortly; look at the role and at the instance profile");

            default:
                return NotMetadata(answer);
        }
    }

    private async Task<Outcome<string>> RoleAsync(MetadataHttp http, CancellationToken cancellationToken)
    {
        while (true)
        {
            using MetadataAnswer answer = await GetAsync(http, _path, isDocument: false, cancellationToken);
            if (answer.Status == 404 && _path == Extended)
            {
                _path = Simple;
                continue;
            }

            if (answer.Status is not 200)
            {
                return answer.Status == 404 ? NoRole() : Failed(answer);
            }

            string role = Encoding.UTF8.GetString(answer.Body.Span).Split('\n')[0].Trim();
            return role.Length == 0 ? NoRole() : IsRoleName(role) ? role : NotMetadata(answer);
        }
    }

    /// <summary>Asks with a token. What may be better a moment later is asked again, and a refused token is exchanged.</summary>
    private async Task<MetadataAnswer> GetAsync(
        MetadataHttp http, string path, bool isDocument, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            MetadataAnswer? refusal = await TokenAsync(http, cancellationToken);
            MetadataAnswer answer = refusal ?? await http.SendAsync(
                HttpMethod.Get,
                endpoint + path,
                [(TokenHeader, _token is null ? null : Encoding.ASCII.GetString(_token.Bytes))],
                cancellationToken);
            bool isUnreadable = isDocument && answer.Status == 200 && MetadataDocument.IsUnreadable(answer.Body);
            if (attempt == Attempts || !(answer.IsTransient || isUnreadable || answer.Status == 401))
            {
                return answer;
            }

            if (answer.Status == 401)
            {
                DropToken();
            }

            answer.Dispose();
            await Task.Delay(Pause(attempt), time, cancellationToken);
        }
    }

    /// <summary>Makes sure of a token, where the service has them. Null, or the answer that is in the way.</summary>
    private async Task<MetadataAnswer?> TokenAsync(MetadataHttp http, CancellationToken cancellationToken)
    {
        if (time.GetUtcNow() < _tokenEnds)
        {
            return null;
        }

        MetadataAnswer answer = await http.SendAsync(
            HttpMethod.Put,
            endpoint + TokenPath,
            [(MetadataAnswer.LifeHeader, TokenSeconds.ToString(CultureInfo.InvariantCulture))],
            cancellationToken);
        bool isToken = answer.Status == 200 && !answer.Body.IsEmpty &&
            !answer.Body.Span.ContainsAnyExceptInRange((byte)'!', (byte)'~');

        // A service of old, or one that only plays it, has none. An instance that insists on them says so then.
        if (!isToken && answer.Status is not (404 or 405))
        {
            return answer;
        }

        using (answer)
        {
            DropToken();
            _token = isToken ? new Secret(answer.Body.Span) : null;
            int seconds = int.TryParse(answer.Life, NumberStyles.None, CultureInfo.InvariantCulture, out int life) ? life : TokenSeconds;
            _tokenEnds = time.GetUtcNow() + TimeSpan.FromSeconds(seconds) - TokenMargin;
            return null;
        }
    }

    private void DropToken()
    {
        _token?.Dispose();
        (_token, _tokenEnds) = (null, DateTimeOffset.MinValue);
    }

    private Problem Failed(MetadataAnswer answer) => answer switch
    {
        { Fault: MetadataFault.NoConnection or MetadataFault.ForeignAddress } => new Problem(
            ProblemKind.NoCredentials,
            $"nothing answers at {_host}",
            "run this on an EC2 instance"),
        { Fault: MetadataFault.Silent } => new Problem(
            ProblemKind.NoCredentials,
            $"{_host} does not answer within {Limit.TotalSeconds:0} second",
            "in a container of an EC2 instance, set the instance's metadata hop limit to 2"),
        { Fault: MetadataFault.Broken } => new Problem(
            ProblemKind.BadAnswer, $"{_host} answered with something that is not instance metadata", HttpFailure.CheckAddress),
        { Status: 403 } => new Problem(
            ProblemKind.NoCredentials,
            $"instance metadata is disabled ({_host} answers with status 403)",
            "run `aws ec2 modify-instance-metadata-options --http-endpoint enabled --instance-id ID`"),
        { Status: >= 500 and var status } => new Problem(
            ProblemKind.ServiceFailure, $"the metadata service {_host} failed with status {status}", "try again shortly"),
        _ => NotMetadata(answer),
    };

    private Problem NotMetadata(MetadataAnswer answer) => new(
        ProblemKind.BadAnswer,
        $"{_host} answered with something that is not instance metadata (status {answer.Status})",
        HttpFailure.CheckAddress);

    private Problem NoRole() => new(
        ProblemKind.NoCredentials,
        $"no role is attached to this instance ({_host})",
        "attach one: aws ec2 associate-iam-instance-profile");

    private static bool IsRoleName(string text) =>
        text.Length <= 64 && text.All(static c => char.IsAsciiLetterOrDigit(c) || "+=,.@-_".Contains(c, StringComparison.Ordinal));

    private static TimeSpan Pause(int attempt) => TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(100 << attempt) / 2.0);

    /// <summary>Ten to fifteen minutes, so that not all instances ask at once when the service is back.</summary>
    private static TimeSpan Extension() => TimeSpan.FromSeconds(RandomNumberGenerator.GetInt32(600, 900));

    private sealed record Absence(Problem Problem, long Since);
}
