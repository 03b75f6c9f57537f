using Ark.Core.Problems;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Testing.Aws;
using Xunit;

namespace Ark.Tests.Aws;

/// <summary>A role of the configuration on top of a profile, against a server that checks signatures.</summary>
public sealed class AssumedRoleTests : IAsyncLifetime
{
    private const string Arn = "arn:aws:iam::210987654321:role/puller";

    private static readonly AssumedRole Role = new(Arn, "SENTINEL-external", null, null);

    private SomeCaller _caller = null!;

    private EcrSource Source => SomeCaller.Source(endpoint: _caller.Endpoint, profile: "tbd");

    public async ValueTask InitializeAsync()
    {
        _caller = await SomeCaller.StartAsync();
        _caller.Aws.AddRole(Arn, externalId: "SENTINEL-external");
        _caller.Home.WriteAwsConfig(
            $"[profile tbd]\naws_access_key_id = {SomeCaller.KeyId}\naws_secret_access_key = {SomeCaller.Secret}\nendpoint_url = {_caller.Endpoint}\n");
    }

    public ValueTask DisposeAsync() => _caller.DisposeAsync();

    [Fact]
    public async Task The_token_is_that_of_the_roles_session()
    {
        IssuedToken token = await _caller.FetchAsync(Source with { Role = Role });

        AssumedSession session = Assert.Single(_caller.Aws.Assumed);
        Assert.Equal(("SENTINEL-external", "ark", null, _caller.Somebody), (session.ExternalId, session.Name, session.Policy, session.By));
        Assert.Equal("arn:aws:sts::210987654321:assumed-role/puller/ark", token.Principal.Arn);
        Assert.Equal(session.Session, token.Principal);
    }

    [Fact]
    public async Task A_scope_goes_with_the_role_as_its_session_policy()
    {
        var scope = new RepositoryScope(ScopeRights.Pull, "123456789012", "prod/team");

        IssuedToken token = await _caller.FetchAsync(Source with { Role = Role with { SessionName = "build-7", Scope = scope } });

        Assert.Equal("build-7", token.Principal.Name);
        Assert.Contains(
            """
            "Resource":"arn:aws:ecr:eu-west-1:123456789012:repository/prod/team/*"
            """,
            Assert.Single(_caller.Aws.Assumed).Policy,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_that_may_not_be_assumed_is_named_with_who_asked_for_it()
    {
        Problem problem = await _caller.FailAsync(Source with { Role = Role with { ExternalId = "another" } });

        Assert.Equal(ProblemKind.AccessDenied, problem.Kind);
        Assert.StartsWith($"AWS denies sts:AssumeRole of {Arn} to profile tbd (AccessDenied", problem.Message, StringComparison.Ordinal);
        Assert.Equal("allow the action sts:AssumeRole for this principal, and let the role trust it", problem.Hint);
        Assert.Equal(0, _caller.Aws.Calls("GetAuthorizationToken"));
    }

    [Fact]
    public async Task A_call_that_the_role_may_not_make_is_the_roles_problem()
    {
        _caller.Aws.Always("GetAuthorizationToken", Behavior.Deny);

        Problem problem = await _caller.FailAsync(Source with { Role = Role });

        Assert.StartsWith($"AWS denies ecr:GetAuthorizationToken to profile tbd as {Arn}", problem.Message, StringComparison.Ordinal);
        Assert.Equal("allow the action ecr:GetAuthorizationToken for this principal", problem.Hint);
    }

    [Fact]
    public void Every_part_of_a_role_and_its_scope_has_a_cache_key_of_its_own()
    {
        var scope = new RepositoryScope(ScopeRights.Pull, "123456789012", "prod");
        AssumedRole?[] roles =
        [
            null,
            Role,
            Role with { Arn = "arn:aws:iam::210987654321:role/other" },
            Role with { ExternalId = null },
            Role with { SessionName = "build" },
            Role with { Scope = scope },
            Role with { Scope = scope with { Rights = ScopeRights.Push } },
            Role with { Scope = scope with { RepositoryPrefix = "test" } },
            Role with { Scope = scope with { AccountId = "210987654321" } },
        ];

        TokenKey[] keys = [.. roles.Select(role => _caller.Found(Source with { Role = role }).Key)];

        Assert.Equal(roles.Length, keys.Distinct().Count());
        Assert.Equal(keys, roles.Select(role => _caller.Found(Source with { Role = role }).Key));
        Assert.DoesNotContain("SENTINEL", string.Concat(keys), StringComparison.Ordinal);
    }

    [Fact]
    public void People_see_the_role_and_its_limit()
    {
        var scope = new RepositoryScope(ScopeRights.Pull, "123456789012", "prod");

        Assert.Equal("profile tbd", _caller.Found(Source).Identity);
        Assert.Equal($"profile tbd as {Arn}", _caller.Found(Source with { Role = Role }).Identity);
        Assert.Equal($"profile tbd as {Arn} (pull)", _caller.Found(Source with { Role = Role with { Scope = scope } }).Identity);
        Assert.Equal($"profile tbd as {Arn} (push)", _caller.Found(Source with { Role = Role with { Scope = scope with { Rights = ScopeRights.Push } } }).Identity);
    }

    [Fact]
    public async Task The_callers_variables_have_no_influence_on_a_configured_role()
    {
        TokenKey key = _caller.Found(Source with { Role = Role }).Key;
        _caller.WithKeys("AKIAANOTHERANOTHERXX", "SENTINEL-another", "SENTINEL-session");
        _caller.Variables["AWS_PROFILE"] = "another";
        _caller.Variables["AWS_ROLE_ARN"] = "arn:aws:iam::123456789012:role/another";
        _caller.Variables["AWS_REGION"] = "us-east-1";
        _caller.Variables["AWS_ENDPOINT_URL"] = "http://127.0.0.1:1";
        _caller.Variables["AWS_CONFIG_FILE"] = "/nowhere";
        _caller.Variables["AWS_CA_BUNDLE"] = "/nowhere";

        Assert.Equal(key, _caller.Found(Source with { Role = Role }).Key);
        Assert.Equal("arn:aws:sts::210987654321:assumed-role/puller/ark", (await _caller.FetchAsync(Source with { Role = Role })).Principal.Arn);
    }
}
