using Ark.Core.Problems;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Testing;
using Ark.Testing.Aws;
using Xunit;

namespace Ark.Tests.Aws;

/// <summary>Every way to credentials, against a server that checks signatures.</summary>
public sealed class FetchTests
{
    private const string Role = "arn:aws:iam::210987654321:role/deploy";
    private const string BaseRole = "arn:aws:iam::123456789012:role/base";

    [Fact]
    public async Task Environment_keys_get_a_token_for_the_registrys_region()
    {
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();

        IssuedToken token = await caller.FetchAsync();

        Assert.Equal((SomeCaller.Region, "ecr", caller.Somebody), (token.Region, token.Service, token.Principal));
        Assert.Contains("ark/", Assert.Single(caller.Aws.Log).UserAgent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Session_keys_are_sent_with_their_session()
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        Principal session = caller.Aws.AddPrincipal("ASIASESSIONSESSION00", "SENTINEL-secret", "SENTINEL-session");
        caller.WithKeys(session.AccessKeyId, session.Secret, session.SessionToken);

        Assert.Equal(session, (await caller.FetchAsync()).Principal);
    }

    [Fact]
    public async Task The_public_gallery_has_its_own_service()
    {
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();

        IssuedToken token = await caller.FetchAsync(SomeCaller.Source(EcrService.EcrPublic));

        Assert.Equal(("us-east-1", "ecr-public"), (token.Region, token.Service));
        Assert.Equal("ecr-public", caller.Found(SomeCaller.Source(EcrService.EcrPublic)).Key.Service);
    }

    [Fact]
    public async Task A_role_is_assumed_through_a_chain_of_profiles()
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Aws.AddRole(Role, externalId: "SENTINEL-external");
        caller.Aws.AddRole(BaseRole);
        caller.Home.WriteAwsConfig(
            $"""
            [profile deploy]
            role_arn = {Role}
            source_profile = base
            external_id = SENTINEL-external
            role_session_name = from-ark
            duration_seconds = 900

            [profile base]
            role_arn = {BaseRole}
            source_profile = keys
            """);
        caller.Home.WriteAwsCredentials($"[keys]\naws_access_key_id = {SomeCaller.KeyId}\naws_secret_access_key = {SomeCaller.Secret}\n");
        caller.Variables["AWS_PROFILE"] = "deploy";
        TokenKey key = caller.Found().Key;

        IssuedToken first = await caller.FetchAsync();
        IssuedToken second = await caller.FetchAsync();

        Assert.Equal("arn:aws:sts::210987654321:assumed-role/deploy/from-ark", first.Principal.Arn);
        Assert.Equal(4, caller.Aws.Calls("AssumeRole"));
        Assert.NotEqual(first.Principal.AccessKeyId, second.Principal.AccessKeyId);
        Assert.Equal(key, caller.Found().Key);
    }

    [Fact]
    public async Task A_web_identity_reads_its_token_each_time()
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Aws.AddRole(Role, webIdentityToken: "SENTINEL-first");
        caller.Variables["AWS_ROLE_ARN"] = Role;
        caller.Variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = caller.Home.Write("token", "SENTINEL-first\n");
        caller.Variables["AWS_ROLE_SESSION_NAME"] = "pod";
        ITokenSource source = caller.Found();
        Assert.Equal("arn:aws:sts::210987654321:assumed-role/deploy/pod", (await caller.FetchAsync()).Principal.Arn);

        caller.Aws.AddRole(Role, webIdentityToken: "SENTINEL-second");
        Assert.Equal(ProblemKind.CredentialsRejected, (await caller.FailAsync()).Kind);
        caller.Home.Write("token", "SENTINEL-second");

        Assert.IsType<FetchOutcome.Fetched>(await source.FetchAsync(TestContext.Current.CancellationToken)).Token.Dispose();
        Assert.Equal(source.Key, caller.Found().Key);
    }

    [Fact]
    public async Task A_missing_web_identity_token_is_named()
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Home.WriteAwsConfig($"[profile web]\nrole_arn = {Role}\nweb_identity_token_file = ~/gone\n");
        caller.Variables["AWS_PROFILE"] = "web";

        Problem problem = await caller.FailAsync();

        Assert.Equal(ProblemKind.NoCredentials, problem.Kind);
        Assert.Contains(Path.Combine(caller.Home.Home, "gone"), problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_that_may_not_be_assumed_is_named_with_its_action()
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Home.WriteAwsCredentials(
            $"[default]\nrole_arn = {Role}\nsource_profile = default\naws_access_key_id = {SomeCaller.KeyId}\naws_secret_access_key = {SomeCaller.Secret}\n");

        Problem problem = await caller.FailAsync();

        Assert.Equal(ProblemKind.AccessDenied, problem.Kind);
        Assert.Contains(Role, problem.Message, StringComparison.Ordinal);
        Assert.Contains("profile default", problem.Message, StringComparison.Ordinal);
        Assert.Contains("sts:AssumeRole", problem.Hint, StringComparison.Ordinal);
        Assert.Equal(0, caller.Aws.Calls("GetAuthorizationToken"));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(-10)]
    public async Task A_clock_that_is_wrong_by_minutes_is_made_up_for(int minutes)
    {
        var theirs = new ManualClock(DateTimeOffset.UtcNow.AddMinutes(minutes));

        // Not disposed of: the SDK remembers an address's clock for the life of the process, and no other test may get this port.
        StandInAws aws = await StandInAws.StartAsync(theirs);
        aws.AddPrincipal(SomeCaller.KeyId, SomeCaller.Secret);
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        caller.Variables["AWS_ENDPOINT_URL"] = aws.Endpoint.ToString();

        FetchOutcome outcome = await caller.Found().FetchAsync(TestContext.Current.CancellationToken);

        using AuthorizationToken token = Assert.IsType<FetchOutcome.Fetched>(outcome).Token;
        Assert.InRange(token.ExpiresAt, caller.Clock.GetUtcNow().AddHours(11), caller.Clock.GetUtcNow().AddHours(12));
        Assert.Equal(2, aws.Calls("GetAuthorizationToken"));
    }

    [Fact]
    public async Task A_request_that_is_given_up_ends_as_cancelled_and_not_as_a_problem()
    {
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        caller.Aws.Always("GetAuthorizationToken", new Behavior.Hang());
        using var leaving = new CancellationTokenSource();
        Task<FetchOutcome> fetch = caller.Found().FetchAsync(leaving.Token);
        await caller.Aws.CallsReached("GetAuthorizationToken", 1);

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetch);
    }

    [Fact]
    public async Task No_text_of_a_source_or_a_token_holds_a_secret()
    {
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys(session: "SENTINEL-session");
        ITokenSource source = caller.Found();

        Assert.DoesNotContain("SENTINEL", $"{source}{source.Key}{source.Identity}{caller.For()}", StringComparison.Ordinal);
    }
}
