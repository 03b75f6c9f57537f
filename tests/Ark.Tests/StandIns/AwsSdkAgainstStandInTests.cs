using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;
using Amazon.SSO;
using Amazon.SSO.Model;
using Amazon.SSOOIDC;
using Amazon.SSOOIDC.Model;
using Ark.Testing;
using Ark.Testing.Aws;
using Xunit;

namespace Ark.Tests.StandIns;

/// <summary>AWS's own SDK must take the stand-in for AWS, or tests against it say nothing.</summary>
public sealed class AwsSdkAgainstStandInTests : IAsyncLifetime
{
    private const string RoleArn = "arn:aws:iam::210987654321:role/puller";

    private readonly ManualClock _clock = new(DateTimeOffset.UtcNow);
    private StandInAws _aws = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _aws = await StandInAws.StartAsync(_clock);
        _aws.AddPrincipal("AKIDTEST", "SENTINEL-secret");
        _aws.AddRole(RoleArn, externalId: "customer-7", webIdentityToken: "SENTINEL-jwt");
    }

    public async ValueTask DisposeAsync()
    {
        // The SDK remembers an address's clock for the life of the process. One that was wrong keeps its port for as long, so that no
        // other test gets it.
        if ((_clock.Now - DateTimeOffset.UtcNow).Duration() < TimeSpan.FromMinutes(1))
        {
            await _aws.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_role_is_assumed_with_its_external_id_and_its_session_is_known_from_then_on()
    {
        using var sts = Sts(new BasicAWSCredentials("AKIDTEST", "SENTINEL-secret"));
        var assumed = await sts.AssumeRoleAsync(
            new AssumeRoleRequest { RoleArn = RoleArn, RoleSessionName = "me", ExternalId = "customer-7", DurationSeconds = 900 },
            Cancellation);

        using var inRole = Sts(assumed.Credentials);
        var identity = await inRole.GetCallerIdentityAsync(new GetCallerIdentityRequest(), Cancellation);

        Assert.Equal("arn:aws:sts::210987654321:assumed-role/puller/me", identity.Arn);
        Assert.Equal("210987654321", identity.Account);
        Assert.Equal(900, (assumed.Credentials.Expiration!.Value.ToUniversalTime() - _clock.Now.UtcDateTime).TotalSeconds, tolerance: 1);
    }

    [Fact]
    public async Task A_sessions_policy_and_name_can_be_looked_at_afterwards()
    {
        using var sts = Sts(new BasicAWSCredentials("AKIDTEST", "SENTINEL-secret"));
        const string Policy = """{"Version":"2012-10-17","Statement":[]}""";

        var assumed = await sts.AssumeRoleAsync(
            new AssumeRoleRequest { RoleArn = RoleArn, RoleSessionName = "me", ExternalId = "customer-7", Policy = Policy }, Cancellation);

        var session = Assert.Single(_aws.Assumed);
        Assert.Equal((RoleArn, "customer-7", "me", Policy), (session.RoleArn, session.ExternalId, session.Name, session.Policy));
        Assert.Equal(("tester", assumed.Credentials.AccessKeyId), (session.By.Name, session.Session.AccessKeyId));
    }

    [Fact]
    public async Task A_policy_that_is_none_or_too_long_is_refused()
    {
        using var sts = Sts(new BasicAWSCredentials("AKIDTEST", "SENTINEL-secret"));
        AssumeRoleRequest With(string policy) => new() { RoleArn = RoleArn, RoleSessionName = "me", ExternalId = "customer-7", Policy = policy };

        await Assert.ThrowsAsync<MalformedPolicyDocumentException>(() => sts.AssumeRoleAsync(With("{"), Cancellation));
        await Assert.ThrowsAsync<MalformedPolicyDocumentException>(() => sts.AssumeRoleAsync(With("{}"), Cancellation));
        await Assert.ThrowsAsync<PackedPolicyTooLargeException>(() => sts.AssumeRoleAsync(With(new string(' ', 2049)), Cancellation));
        Assert.Empty(_aws.Assumed);
    }

    [Theory]
    [InlineData(RoleArn, "customer-8")]
    [InlineData("arn:aws:iam::210987654321:role/other", null)]
    public async Task Another_role_or_external_id_is_denied(string roleArn, string? externalId)
    {
        using var sts = Sts(new BasicAWSCredentials("AKIDTEST", "SENTINEL-secret"));

        var error = await Assert.ThrowsAsync<AmazonSecurityTokenServiceException>(() => sts.AssumeRoleAsync(
            new AssumeRoleRequest { RoleArn = roleArn, RoleSessionName = "me", ExternalId = externalId }, Cancellation));

        Assert.Equal("AccessDenied", error.ErrorCode);
        Assert.Contains("sts:AssumeRole on resource: " + roleArn, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_web_identity_opens_a_role_and_a_wrong_one_does_not()
    {
        using var sts = Sts(new AnonymousAWSCredentials());
        var request = new AssumeRoleWithWebIdentityRequest
        {
            RoleArn = RoleArn,
            RoleSessionName = "pod",
            WebIdentityToken = "SENTINEL-jwt",
        };
        var assumed = await sts.AssumeRoleWithWebIdentityAsync(request, Cancellation);
        request.WebIdentityToken = "another";

        Assert.Equal("arn:aws:sts::210987654321:assumed-role/puller/pod", assumed.AssumedRoleUser.Arn);
        await Assert.ThrowsAsync<InvalidIdentityTokenException>(() => sts.AssumeRoleWithWebIdentityAsync(request, Cancellation));
    }

    [Fact]
    public async Task Keys_that_nobody_has_are_told_so()
    {
        using var sts = Sts(new BasicAWSCredentials("AKIDNOBODY", "x"));

        var error = await Assert.ThrowsAsync<AmazonSecurityTokenServiceException>(
            () => sts.GetCallerIdentityAsync(new GetCallerIdentityRequest(), Cancellation));

        Assert.Equal("InvalidClientTokenId", error.ErrorCode);
    }

    [Fact]
    public async Task The_SDK_corrects_its_clock_by_what_the_stand_in_says()
    {
        _clock.JumpWall(TimeSpan.FromHours(2));
        using var sts = Sts(new BasicAWSCredentials("AKIDTEST", "SENTINEL-secret"), retries: 1);

        await sts.GetCallerIdentityAsync(new GetCallerIdentityRequest(), Cancellation);

        Assert.Equal([SignatureFault.Mismatch, null], _aws.Log.Select(call => call.UserError));
    }

    [Fact]
    public async Task The_portal_gives_keys_for_its_roles_only_while_the_session_lives()
    {
        _aws.AddSsoSession("SENTINEL-access", "SENTINEL-refresh", _clock.Now.AddHours(1), RoleArn);
        using var sso = new AmazonSSOClient(
            new AnonymousAWSCredentials(), new AmazonSSOConfig { ServiceURL = _aws.Endpoint.ToString(), MaxErrorRetry = 0 });
        var request = new GetRoleCredentialsRequest { AccessToken = "SENTINEL-access", AccountId = "210987654321", RoleName = "puller" };

        var keys = (await sso.GetRoleCredentialsAsync(request, Cancellation)).RoleCredentials;
        using var sts = Sts(new SessionAWSCredentials(keys.AccessKeyId, keys.SecretAccessKey, keys.SessionToken));
        var identity = await sts.GetCallerIdentityAsync(new GetCallerIdentityRequest(), Cancellation);
        Assert.StartsWith("arn:aws:sts::210987654321:assumed-role/puller/", identity.Arn, StringComparison.Ordinal);

        _clock.Advance(TimeSpan.FromHours(1));
        await Assert.ThrowsAsync<Amazon.SSO.Model.UnauthorizedException>(() => sso.GetRoleCredentialsAsync(request, Cancellation));
    }

    [Fact]
    public async Task A_refresh_token_opens_the_portal_again()
    {
        _aws.AddSsoSession("SENTINEL-access", "SENTINEL-refresh", _clock.Now, RoleArn);
        using var oidc = new AmazonSSOOIDCClient(
            new AnonymousAWSCredentials(), new AmazonSSOOIDCConfig { ServiceURL = _aws.Endpoint.ToString(), MaxErrorRetry = 0 });
        var request = new CreateTokenRequest
        {
            ClientId = "client",
            ClientSecret = "SENTINEL-client",
            GrantType = "refresh_token",
            RefreshToken = "SENTINEL-refresh",
        };

        var renewed = await oidc.CreateTokenAsync(request, Cancellation);
        request.RefreshToken = "another";

        Assert.NotEqual("SENTINEL-access", renewed.AccessToken);
        Assert.Equal(8 * 3600, renewed.ExpiresIn);
        await Assert.ThrowsAsync<InvalidGrantException>(() => oidc.CreateTokenAsync(request, Cancellation));
    }

    private AmazonSecurityTokenServiceClient Sts(AWSCredentials credentials, int retries = 0) => new(
        credentials,
        new AmazonSecurityTokenServiceConfig
        {
            ServiceURL = _aws.Endpoint.ToString(),
            AuthenticationRegion = "us-east-1",
            MaxErrorRetry = retries,
        });
}
