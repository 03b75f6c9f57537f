using System.Net;
using System.Security.Cryptography;
using Ark.Testing.Registries;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Ark.Testing.Aws;

/// <summary>
/// Plays ECR, ECR Public, STS, single sign-on and sign-in on one loopback address (for <c>AWS_ENDPOINT_URL</c>): checks signatures for real,
/// answers in AWS's shapes and with its error codes, counts the calls, and misbehaves as scripted.
/// </summary>
public sealed class StandInAws : IAsyncDisposable
{
    /// <summary>Part of every secret made here, before it is encoded. Encoded passwords are in <see cref="Issued"/>.</summary>
    public const string Sentinel = "SENTINEL";

    private readonly TimeProvider _clock;
    private readonly IdentityStore _identities;
    private readonly TokenMint _mint;
    private readonly RepositoryStore _repositories = new();
    private readonly SigV4Verifier _verifier;
    private readonly EcrApi _ecr;
    private readonly StsApi _sts;
    private readonly SsoApi _sso;
    private readonly SigninApi _signin;
    private readonly Delivery _delivery;
    private readonly Script _script = new();
    private readonly CallLog _log = new();
    private LoopbackServer? _server;

    private StandInAws(TimeProvider clock)
    {
        _clock = clock;
        _identities = new IdentityStore(clock);
        _mint = new TokenMint(clock);
        _verifier = new SigV4Verifier(_identities.FindPrincipal, clock);
        _ecr = new EcrApi(_mint, new RepositoryApi(_repositories, clock), clock);
        _sts = new StsApi(_identities);
        _sso = new SsoApi(_identities, clock);
        _signin = new SigninApi(_identities, clock);
        _delivery = new Delivery(clock);
    }

    /// <summary>Where it listens, such as <c>http://127.0.0.1:40123/</c>.</summary>
    public Uri Endpoint => _server!.Endpoint;

    /// <summary>How long tokens issued from now on are good; 12 hours as at AWS.</summary>
    public TimeSpan TokenLife
    {
        get => _mint.Life;
        set => _mint.Life = value;
    }

    /// <summary>How long every answer takes longer.</summary>
    public TimeSpan Latency
    {
        get => _delivery.Latency;
        set => _delivery.Latency = value;
    }

    /// <summary>Every registry password given out so far, oldest first. Tests search files and logs for them.</summary>
    public IReadOnlyCollection<IssuedToken> Issued => _mint.Issued;

    /// <summary>Every call so far, oldest first.</summary>
    public IReadOnlyList<AwsCall> Log => _log.All;

    /// <summary>Every repository of every account and region, oldest first.</summary>
    public IReadOnlyList<StandInRepository> Repositories => _repositories.All;

    /// <summary>How many repositories one registry may have.</summary>
    public int RepositoryLimit
    {
        get => _repositories.Limit;
        set => _repositories.Limit = value;
    }

    /// <summary>Every session that AssumeRole opened, oldest first.</summary>
    public IReadOnlyList<AssumedSession> Assumed => _sts.Assumed;

    /// <param name="clock">The time it goes by; the real one when null.</param>
    /// <param name="authority">Signs its certificate; plain HTTP when null.</param>
    public static async Task<StandInAws> StartAsync(TimeProvider? clock = null, CertificateAuthority? authority = null)
    {
        var aws = new StandInAws(clock ?? TimeProvider.System);
        aws._server = await LoopbackServer.StartAsync(
            aws.HandleAsync, authority is null ? null : listen => listen.UseHttps(authority.For(IPAddress.Loopback.ToString())));
        return aws;
    }

    /// <summary>The IPv4 host of an account's registry.</summary>
    public static string RegistryHost(string account, string region) =>
        $"{account}.dkr.ecr.{region}.amazonaws.{region.Split('-')[0] switch { "cn" => "com.cn", "eusc" => "eu", _ => "com" }}";

    /// <summary>Makes keys known. With a session token they count as a session; <paramref name="expiresAt"/> null is never.</summary>
    public Principal AddPrincipal(
        string accessKeyId,
        string secret,
        string? sessionToken = null,
        string account = "123456789012",
        string name = "tester",
        DateTimeOffset? expiresAt = null)
    {
        var principal = new Principal(accessKeyId, secret, sessionToken, account, $"arn:aws:iam::{account}:user/{name}", expiresAt);
        _identities.Add(principal);
        return principal;
    }

    /// <summary>Its keys are unknown from now on. Tokens that were issued to it stay good, as at AWS.</summary>
    public void RemovePrincipal(Principal principal) => _identities.Remove(principal);

    /// <summary>Lets everybody with the external id (if one is set), or with the web identity token, assume the role.</summary>
    public void AddRole(string roleArn, string? externalId = null, string? webIdentityToken = null) =>
        _identities.Add(new Role(roleArn, externalId, webIdentityToken));

    /// <summary>Whether a refresh token of single sign-on is good for one use and no other comes in its place.</summary>
    public bool EndsRefreshTokens
    {
        get => _identities.EndsRefreshTokens;
        set => _identities.EndsRefreshTokens = value;
    }

    /// <summary>Somebody signed in at the portal, who may take those roles. The refresh token outlives the access token.</summary>
    public void AddSsoSession(string accessToken, string? refreshToken, DateTimeOffset expiresAt, params string[] roleArns) =>
        _identities.Add(new SsoSession(accessToken, refreshToken, expiresAt, roleArns));

    /// <summary>The codes of the device flow that wait for their person.</summary>
    public IReadOnlyCollection<string> UserCodes => _sso.UserCodes;

    /// <summary>The scopes that a client registered for last.</summary>
    public IReadOnlyList<string> RegisteredScopes => _sso.Scopes;

    /// <summary>The person in front of the browser confirms a code, and may take those roles; or denies it.</summary>
    public void DecideDevice(string userCode, bool confirmed, params string[] roleArns) => _sso.Decide(userCode, confirmed, roleArns);

    /// <summary>The code that the MFA device of the principal shows; its session may assume every role.</summary>
    public void AddMfaDevice(Principal principal, string serial, string code) => _sts.AddDevice(principal, serial, code);

    /// <summary>A session of <c>aws login</c> that can be renewed with the refresh token by whoever has the key.</summary>
    public void AddLoginSession(string refreshToken, ECDsa key, string roleArn) => _signin.Open(refreshToken, key, roleArn);

    /// <summary>Puts a repository there, without a call.</summary>
    public void AddRepository(string name, string account = "123456789012", string region = "eu-west-1", bool hasImages = false) =>
        _repositories.Add(new StandInRepository(account, region, name, [], hasImages));

    /// <summary>A token as GetAuthorizationToken gives it, without a call.</summary>
    public IssuedToken Issue(Principal principal, string region = "us-east-1", string service = "ecr") =>
        _mint.Issue(principal, region, service);

    /// <summary>The token with that password, or null when the stand-in never issued it.</summary>
    public IssuedToken? FindToken(string password) => _mint.Find(password);

    /// <summary>Scripts the next call or calls; several lines are used up in order. Optionally of one principal (by name) only.</summary>
    public void Next(string operation, Behavior behavior, int times = 1, string? principal = null) =>
        _script.Add(operation, behavior, principal, times);

    /// <summary>Scripts every call for which nothing is scripted by <see cref="Next"/>.</summary>
    public void Always(string operation, Behavior behavior, string? principal = null) =>
        _script.Add(operation, behavior, principal, null);

    /// <summary>Forgets everything that was scripted for the operation.</summary>
    public void Normally(string operation) => _script.Clear(operation);

    /// <summary>How many calls of that operation arrived, refused ones too; or only those that one principal (by name) signed.</summary>
    public int Calls(string operation, string? principal = null) =>
        Log.Count(call => call.Operation == operation && (principal is null || call.Principal?.Name == principal));

    /// <summary>Completes when that many calls of the operation have arrived, whether answered or not.</summary>
    public Task CallsReached(string operation, int count) => _log.Reached(operation, count);

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    private async Task HandleAsync(HttpContext context)
    {
        var request = await ReadAsync(context);
        if (AwsOperation.Of(request) is not { } operation)
        {
            await _delivery.SendAsync(context, () => AwsAnswer.Error(AwsProtocol.Json11, 404, "UnknownOperationException", ""), null);
            return;
        }

        var verdict = operation.Service is null ? null : Verify(request, operation.Service);
        var caller = verdict as SignatureVerdict.Accepted;
        var refused = verdict as SignatureVerdict.Refused;
        _log.Add(new AwsCall(
            operation.Name, caller?.Principal, caller?.Region, request.Header("User-Agent") ?? "", _clock.GetUtcNow(), refused?.Fault));

        if (refused is not null)
        {
            await _delivery.SendAsync(context, () => AwsAnswer.Refused(operation.Protocol, refused), null);
            return;
        }

        var behavior = _script.Take(operation.Name, caller?.Principal);
        if (behavior is Behavior.Wait wait)
        {
            await wait.Gate.WaitAsync(context.RequestAborted);
        }

        await _delivery.SendAsync(context, () => Answer(operation, request, caller, behavior), behavior);
    }

    private SignatureVerdict Verify(SignedRequest request, string service) => _verifier.Verify(request) switch
    {
        SignatureVerdict.Accepted accepted when accepted.Service != service => new SignatureVerdict.Refused(
            SignatureFault.Mismatch, $"Credential should be scoped to correct service: '{service}'."),
        var verdict => verdict,
    };

    private AwsAnswer Answer(AwsOperation operation, SignedRequest request, SignatureVerdict.Accepted? caller, Behavior? behavior) =>
        (behavior, operation.Protocol) switch
        {
            (Behavior.Fail fail, var protocol) => AwsAnswer.Error(protocol, fail.Status, fail.Code, fail.Message),
            (_, AwsProtocol.Json11) => _ecr.Answer(operation, caller!, request, (behavior as Behavior.Lie)?.About),
            (_, AwsProtocol.Query) => _sts.Answer(operation, request, caller?.Principal),
            (_, AwsProtocol.RestJson or AwsProtocol.OAuth) => _sso.Answer(operation, request),
            (_, AwsProtocol.SignIn) => _signin.Answer(request),
        };

    private static async Task<SignedRequest> ReadAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        return new SignedRequest(
            context.Request.Method,
            context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
            [.. context.Request.Headers.SelectMany(header => header.Value.Select(value => KeyValuePair.Create(header.Key, value ?? "")))],
            body.ToArray());
    }
}
