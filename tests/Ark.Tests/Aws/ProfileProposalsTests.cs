using Ark.Aws;
using Ark.Core.Problems;
using Ark.Testing.Aws;
using Xunit;

namespace Ark.Tests.Aws;

/// <summary>Which registry goes with which profile.</summary>
public sealed class ProfileProposalsTests : IAsyncLifetime
{
    private SomeCaller _caller = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Keys => $"aws_access_key_id = {SomeCaller.KeyId}\naws_secret_access_key = {SomeCaller.Secret}\nendpoint_url = {_caller.Endpoint}\n";

    public async ValueTask InitializeAsync() => _caller = await SomeCaller.StartAsync();

    public ValueTask DisposeAsync() => _caller.DisposeAsync();

    [Fact]
    public async Task A_login_and_a_role_name_their_account_and_nobody_is_asked()
    {
        _caller.Home.WriteAwsConfig(
            """
            [profile sso]
            sso_session = corp
            sso_account_id = 111111111111
            sso_role_name = dev
            region = eu-central-1
            [sso-session corp]
            sso_start_url = https://corp.example.com/start
            sso_region = eu-west-1
            [profile role]
            role_arn = arn:aws-cn:iam::222222222222:role/deploy
            source_profile = base
            region = cn-north-1
            [profile base]
            aws_access_key_id = a
            aws_secret_access_key = SENTINEL
            [profile web]
            role_arn = arn:aws:iam::333333333333:role/pod
            web_identity_token_file = /token
            region = us-east-1
            """);

        Assert.Equal(
            [
                new ProposedProfile("base", null, null, "it has no region"),
                new ProposedProfile("role", "222222222222", "cn-north-1", null),
                new ProposedProfile("sso", "111111111111", "eu-central-1", null) { IsSignedIn = true },
                new ProposedProfile("web", "333333333333", "us-east-1", null),
            ],
            await FindAsync());
        Assert.Empty(_caller.Aws.Log);
    }

    [Fact]
    public async Task For_keys_STS_says_whose_they_are()
    {
        _caller.Home.WriteAwsConfig($"[default]\nregion = eu-west-1\n{Keys}");

        Assert.Equal([new ProposedProfile("default", "123456789012", "eu-west-1", null) { Endpoint = _caller.Endpoint }], await FindAsync());
        Assert.Equal(1, _caller.Aws.Calls("GetCallerIdentity"));
    }

    [Fact]
    public async Task One_that_fails_leaves_the_others_alone()
    {
        _caller.Home.WriteAwsConfig(
            $"""
            [profile dead]
            region = eu-west-1
            aws_access_key_id = AKIANOBODYNOBODYNOBX
            aws_secret_access_key = SENTINEL
            endpoint_url = {_caller.Endpoint}
            [profile empty]
            region = eu-west-1
            [profile good]
            region = eu-west-1
            {Keys}
            [profile moon]
            region = moon-base-one
            [profile process]
            region = eu-west-1
            credential_process = /opt/keys SENTINEL
            [profile strange]
            region = eu-west-1
            role_arn = deploy
            source_profile = good
            """);

        IReadOnlyList<ProposedProfile> profiles = await FindAsync();

        Assert.Equal("good", Assert.Single(profiles, profile => profile.LeftOut is null).Name);
        string Why(string name) => profiles.Single(profile => profile.Name == name).LeftOut!;
        Assert.Contains("does not accept the credentials of profile dead", Why("dead"), StringComparison.Ordinal);
        Assert.Contains("holds no credentials", Why("empty"), StringComparison.Ordinal);
        Assert.Equal("its region moon-base-one is not an AWS region", Why("moon"));
        Assert.Equal("only its credential_process knows the account", Why("process"));
        Assert.Equal("its account is not twelve digits", Why("strange"));
        Assert.DoesNotContain(profiles, profile => profile.ToString().Contains("SENTINEL", StringComparison.Ordinal));
    }

    [Fact]
    public async Task All_are_asked_at_once_and_each_has_its_own_limit()
    {
        _caller.Home.WriteAwsConfig($"[profile a]\nregion = eu-west-1\n{Keys}[profile b]\nregion = eu-west-1\n{Keys}");
        _caller.Aws.Always("GetCallerIdentity", new Behavior.Hang());
        Task<IReadOnlyList<ProposedProfile>> finding = FindAsync();
        await _caller.Aws.CallsReached("GetCallerIdentity", 2);

        _caller.Clock.Limits.Advance(ProfileProposals.Deadline);

        Assert.All(await finding, profile => Assert.Equal($"{_caller.Aws.Endpoint.Authority} did not answer within 8 seconds", profile.LeftOut));
    }

    [Fact]
    public async Task Files_that_the_caller_names_do_not_count_because_a_configuration_would_not_read_them()
    {
        _caller.Variables["AWS_CONFIG_FILE"] = _caller.Home.Write("other", $"[profile other]\nregion = eu-west-1\n{Keys}");

        Assert.Empty(await FindAsync());
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_the_problem()
    {
        string config = Path.Combine(_caller.Home.Home, ".aws", "config");
        Directory.CreateDirectory(config);

        Outcome<IReadOnlyList<ProposedProfile>> outcome = await new ProfileProposals(_caller.Access).FindAsync(_caller.Identity, proxy: null, Cancellation);

        Assert.False(outcome.Succeeded(out _, out Problem? problem));
        Assert.StartsWith(config, problem.Message, StringComparison.Ordinal);
    }

    private async Task<IReadOnlyList<ProposedProfile>> FindAsync()
    {
        Outcome<IReadOnlyList<ProposedProfile>> outcome = await new ProfileProposals(_caller.Access).FindAsync(_caller.Identity, proxy: null, Cancellation);
        Assert.True(outcome.Succeeded(out IReadOnlyList<ProposedProfile>? profiles, out Problem? problem), problem?.Message);
        return profiles;
    }
}
