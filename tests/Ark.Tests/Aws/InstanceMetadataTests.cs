using System.Net;
using System.Net.Sockets;
using Ark.Aws.Credentials;
using Ark.Aws.Profiles;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Testing;
using Ark.Testing.Aws;
using Xunit;

namespace Ark.Tests.Aws;

public sealed class InstanceMetadataTests : IAsyncLifetime
{
    private const string Endpoint = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
    private const string Token = InstanceMetadataApi.Token, List = InstanceMetadataApi.List, Keys = InstanceMetadataApi.Keys;
    private const string Arn = "arn:aws:iam::123456789012:role/registry";

    // Pauses are over at once, and limits end when a test moves the clock.
    private readonly ImpatientClock _clock = new() { LongestPause = TimeSpan.FromMilliseconds(500) };
    private readonly Dictionary<string, string> _own = [];
    private SomeCaller _caller = null!;
    private InstanceMetadataApi _metadata = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var role = new Principal("ASIAINSTANCEROLE0001", "SENTINEL-secret-of-the-role", "SENTINEL-session", "123456789012", "role/one", null);
        _metadata = await InstanceMetadataApi.StartAsync(role, _clock);
        _own[Endpoint] = _metadata.Endpoint;
        _caller = await SomeCaller.StartAsync(_own, _clock);
        _metadata.Principal = Role("ASIAINSTANCEROLE0001");
        _caller.Variables.Remove("AWS_EC2_METADATA_DISABLED");
        _caller.Variables[Endpoint] = _metadata.Endpoint;
    }

    public async ValueTask DisposeAsync()
    {
        await _caller.DisposeAsync();
        await _metadata.DisposeAsync();
    }

    [Fact]
    public async Task The_instances_role_is_asked_for_with_a_token_of_six_hours()
    {
        IssuedToken issued = await _caller.FetchAsync();

        Assert.Equal("ASIAINSTANCEROLE0001", issued.Principal.AccessKeyId);
        Assert.Equal(
            [
                "PUT /latest/api/token 21600",
                "GET /latest/meta-data/iam/security-credentials-extended/",
                "GET /latest/meta-data/iam/security-credentials-extended/web-server",
            ],
            _metadata.Requests);
        Assert.Equal("instance role web-server", _caller.Found().Identity);
    }

    [Fact]
    public async Task The_cache_key_stays_the_same_when_role_and_keys_change()
    {
        TokenKey before = _caller.Found().Key;
        await _caller.FetchAsync();

        Assert.Equal(before, _caller.Found().Key);
        Assert.DoesNotContain("ASIA", before.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_and_keys_serve_the_next_fetch_too()
    {
        await _caller.FetchAsync();
        await _caller.FetchAsync(SomeCaller.Source(region: "us-east-1"));

        Assert.Equal((1, 2, 1), (_metadata.Calls(Token), _metadata.Calls(List), _metadata.Calls(Keys)));
    }

    [Fact]
    public async Task Many_requests_at_once_share_the_keys()
    {
        var gate = new TaskCompletionSource();
        _metadata.Next(Token, new Behavior.Wait(gate.Task));
        Task<IssuedToken>[] fetches = [.. Enumerable.Range(0, 20).Select(_ => _caller.FetchAsync())];
        gate.SetResult();
        await Task.WhenAll(fetches);

        Assert.Equal((1, 1), (_metadata.Calls(Token), _metadata.Calls(Keys)));
    }

    [Fact]
    public async Task The_token_is_renewed_two_minutes_before_its_end()
    {
        // Found once, so that nothing looks behind our back while the clock moves.
        ITokenSource source = _caller.Found();
        _metadata.TokenSeconds = 600;
        await _caller.FetchAsync(source);
        _clock.Limits.Advance(TimeSpan.FromSeconds(479));
        await _caller.FetchAsync(source);
        Assert.Equal(1, _metadata.Calls(Token));

        _clock.Limits.Advance(TimeSpan.FromSeconds(2));
        await _caller.FetchAsync(source);

        Assert.Equal(2, _metadata.Calls(Token));
    }

    [Fact]
    public async Task Keys_are_renewed_five_minutes_before_their_end()
    {
        // Found once, so that nothing looks behind our back while the clock moves.
        ITokenSource source = _caller.Found();
        _metadata.KeysEnd = _clock.GetUtcNow().AddHours(1);
        await _caller.FetchAsync(source);
        _clock.Limits.Advance(TimeSpan.FromMinutes(54));
        await _caller.FetchAsync(source);
        Assert.Equal(1, _metadata.Calls(Keys));

        _clock.Limits.Advance(TimeSpan.FromMinutes(2));
        _metadata.Principal = Role("ASIAINSTANCEROLE0002");

        Assert.Equal("ASIAINSTANCEROLE0002", (await _caller.FetchAsync(source)).Principal.AccessKeyId);
    }

    [Fact]
    public async Task A_role_that_was_exchanged_is_used_by_the_next_fetch()
    {
        await _caller.FetchAsync();
        (_metadata.Role, _metadata.Principal) = ("batch", Role("ASIAINSTANCEROLE0002"));

        Assert.Equal("ASIAINSTANCEROLE0002", (await _caller.FetchAsync()).Principal.AccessKeyId);
        Assert.Equal("instance role batch", _caller.Found().Identity);
    }

    [Fact]
    public async Task A_role_that_was_exchanged_is_noticed_after_a_minute_and_gets_a_token_of_its_own()
    {
        await _caller.FetchAsync();
        TokenKey before = _caller.Found().Key;
        (_metadata.Role, _metadata.Principal) = ("batch", Role("ASIAINSTANCEROLE0002"));
        _clock.Limits.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(before, _caller.Found().Key);
        Assert.Equal(1, _metadata.Calls(List));

        _clock.Limits.Advance(TimeSpan.FromSeconds(2));

        await Eventually.HoldsAsync("the role was looked at", () => _caller.Found().Key != before);
        Assert.Equal((2, 2), (_metadata.Calls(List), _metadata.Calls(Keys)));
    }

    [Fact]
    public async Task A_role_that_was_exchanged_and_then_forgotten_gets_no_token_of_the_first()
    {
        TokenKey before = _caller.Found().Key;
        await _caller.FetchAsync();
        (_metadata.Role, _metadata.Principal) = ("batch", Role("ASIAINSTANCEROLE0002"));
        await _caller.FetchAsync();

        // More services than are remembered, as any caller may name them.
        for (int port = 1; port <= 64; port++)
        {
            _caller.Variables[Endpoint] = $"http://127.0.0.1:{port}";
            await _caller.FailAsync();
        }

        _caller.Variables[Endpoint] = _metadata.Endpoint;
        Assert.NotEqual(before, _caller.Found().Key);
        await _caller.FetchAsync();
        Assert.NotEqual(before, _caller.Found().Key);
    }

    [Fact]
    public async Task A_role_name_that_vanished_is_read_again()
    {
        _metadata.Listed.Enqueue("gone");

        await _caller.FetchAsync();

        Assert.Equal(["gone", "web-server"], _metadata.Requests.Where(line => !line.EndsWith('/')).Skip(1).Select(line => line.Split('/')[^1]));
    }

    [Fact]
    public async Task An_old_service_has_the_simple_list_only()
    {
        _metadata.IsExtended = false;
        await _caller.FetchAsync();

        Assert.Contains("GET /latest/meta-data/iam/security-credentials/web-server", _metadata.Requests);
    }

    [Fact]
    public async Task Only_a_404_leads_from_the_extended_list_to_the_simple_one()
    {
        _metadata.Always(List, new Behavior.Fail(500, "", ""));

        Assert.Equal(ProblemKind.ServiceFailure, (await _caller.FailAsync()).Kind);
        Assert.DoesNotContain("GET /latest/meta-data/iam/security-credentials/", _metadata.Requests);
    }

    [Theory]
    [InlineData(Token)]
    [InlineData(List)]
    [InlineData(Keys)]
    public async Task The_service_may_fail_three_times(string operation)
    {
        _metadata.Next(operation, new Behavior.Fail(503, "", ""), times: 3);

        await _caller.FetchAsync();

        Assert.Equal(4, _metadata.Calls(operation));
    }

    [Fact]
    public async Task The_fourth_failure_is_told()
    {
        _metadata.Always(Keys, new Behavior.Fail(503, "", ""));

        Problem problem = await _caller.FailAsync();

        Assert.Equal(ProblemKind.ServiceFailure, problem.Kind);
        Assert.Contains("failed with status 503", problem.Message, StringComparison.Ordinal);
        Assert.Equal(4, _metadata.Calls(Keys));
    }

    [Fact]
    public async Task A_refused_token_is_exchanged_for_another()
    {
        await _caller.FetchAsync();
        _metadata.ForgetTokens();

        await _caller.FetchAsync();

        Assert.Equal(2, _metadata.Calls(Token));
    }

    [Fact]
    public async Task A_service_that_refuses_every_token_is_asked_four_times()
    {
        _metadata.Always(List, new Behavior.Fail(401, "", ""));

        Assert.Equal(ProblemKind.BadAnswer, (await _caller.FailAsync()).Kind);
        Assert.Equal((4, 4), (_metadata.Calls(Token), _metadata.Calls(List)));
    }

    [Theory]
    [InlineData(Token)]
    [InlineData(List)]
    public async Task Disabled_metadata_is_said_to_be_and_not_asked_again(string operation)
    {
        _metadata.Always(operation, new Behavior.Fail(403, "", ""));

        Problem problem = await _caller.FailAsync();

        Assert.Contains("instance metadata is disabled", problem.Message, StringComparison.Ordinal);
        Assert.Equal(1, _metadata.Calls(operation));
    }

    [Fact]
    public async Task An_instance_without_a_role_is_said_to_have_none()
    {
        _metadata.Role = null;

        Problem problem = await _caller.FailAsync();

        Assert.Equal(ProblemKind.NoCredentials, problem.Kind);
        Assert.Contains("no role is attached", problem.Message, StringComparison.Ordinal);
        Assert.Contains("no AWS credentials: environment: ", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_that_does_not_trust_EC2_is_asked_about()
    {
        _metadata.State = "AssumeRoleUnauthorizedAccess";

        Problem problem = await _caller.FailAsync();

        Assert.Equal(ProblemKind.AccessDenied, problem.Kind);
        Assert.Contains("does this role trust EC2?", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Token)]
    [InlineData(List)]
    [InlineData(Keys)]
    public async Task Who_does_not_answer_within_a_second_is_not_asked_again(string operation)
    {
        _metadata.Next(operation, new Behavior.Hang());
        Task<Problem> failing = _caller.FailAsync();
        await _metadata.CallsReached(operation, 1);
        _clock.Limits.Advance(TimeSpan.FromSeconds(1));

        Problem problem = await failing;

        Assert.Equal(ProblemKind.NoCredentials, problem.Kind);
        Assert.Contains("does not answer within 1 second", problem.Message, StringComparison.Ordinal);
        Assert.Equal(1, _metadata.Calls(operation));
    }

    [Fact]
    public async Task Silence_is_remembered_for_a_minute()
    {
        _metadata.Next(Token, new Behavior.Hang());
        Task<Problem> failing = _caller.FailAsync();
        await _metadata.CallsReached(Token, 1);
        _clock.Limits.Advance(TimeSpan.FromSeconds(1));
        string message = (await failing).Message;
        _clock.Limits.Advance(TimeSpan.FromSeconds(59));

        Assert.Equal(message, (await _caller.FailAsync()).Message);
        Assert.Equal(1, _metadata.Calls(Token));

        _clock.Limits.Advance(TimeSpan.FromSeconds(2));
        await _caller.FetchAsync();
    }

    [Fact]
    public async Task Where_nobody_listens_nothing_answers()
    {
        using var free = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        free.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _caller.Variables[Endpoint] = $"http://{free.LocalEndPoint}";

        Assert.Contains($"instance metadata: nothing answers at {free.LocalEndPoint}", (await _caller.FailAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_does_not_come_about_is_waited_for_a_second()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "what a full queue does");
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        full.Listen(0);
        using var first = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await first.ConnectAsync(full.LocalEndPoint!, Cancellation);
        _caller.Variables[Endpoint] = $"http://{full.LocalEndPoint}";
        Task<Problem> failing = _caller.FailAsync();

        // The fetch's own limit is the other one.
        await _clock.Limits.TimersSet(2);
        _clock.Limits.Advance(TimeSpan.FromSeconds(1));

        Assert.Contains($"nothing answers at {full.LocalEndPoint}", (await failing).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Token, "GarbageHtml")]
    [InlineData(List, "GarbageHtml")]
    [InlineData(Keys, "GarbageHtml")]
    [InlineData(Keys, "Truncate")]
    [InlineData(List, "Close")]
    [InlineData(List, "Redirect")]
    [InlineData(Keys, "Endless")]
    public async Task What_is_no_metadata_is_refused(string operation, string behavior)
    {
        _metadata.Always(operation, behavior switch
        {
            "Truncate" => new Behavior.Truncate(),
            "Close" => new Behavior.CloseConnection(),
            "Redirect" => new Behavior.Redirect(new Uri(_metadata.Endpoint + "/latest/meta-data/iam/security-credentials/")),
            "Endless" => new Behavior.Lie(TokenLie.Endless),
            _ => new Behavior.GarbageHtml(),
        });

        Problem problem = await _caller.FailAsync();

        Assert.Equal(ProblemKind.BadAnswer, problem.Kind);
        Assert.Contains("something that is not instance metadata", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_that_have_ended_are_used_for_some_minutes_more()
    {
        // Found once, so that nothing looks behind our back while the clock moves.
        ITokenSource source = _caller.Found();
        _metadata.KeysEnd = _clock.GetUtcNow().AddMinutes(-5);
        await _caller.FetchAsync(source);
        _clock.Limits.Advance(TimeSpan.FromMinutes(9));
        await _caller.FetchAsync(source);
        Assert.Equal(1, _metadata.Calls(Keys));

        _clock.Limits.Advance(TimeSpan.FromMinutes(6));
        await _caller.FetchAsync(source);

        Assert.Equal(2, _metadata.Calls(Keys));
    }

    [Fact]
    public async Task A_service_that_fails_leaves_the_last_keys()
    {
        // Found once, so that nothing looks behind our back while the clock moves.
        ITokenSource source = _caller.Found();
        await _caller.FetchAsync(source);
        _clock.Limits.Advance(TimeSpan.FromHours(7));
        _metadata.Always(Token, new Behavior.Fail(500, "", ""));

        Assert.Equal("ASIAINSTANCEROLE0001", (await _caller.FetchAsync(source)).Principal.AccessKeyId);
    }

    [Fact]
    public async Task Keys_that_AWS_does_not_accept_are_asked_for_anew()
    {
        await _caller.FetchAsync();
        _caller.Aws.RemovePrincipal(_metadata.Principal);
        _metadata.Principal = Role("ASIAINSTANCEROLE0002");

        Assert.Equal(ProblemKind.CredentialsRejected, (await _caller.FailAsync()).Kind);
        Assert.Equal("ASIAINSTANCEROLE0002", (await _caller.FetchAsync()).Principal.AccessKeyId);
    }

    [Theory]
    [InlineData("true")]
    [InlineData("TRUE")]
    [InlineData("True")]
    public async Task Switched_off_metadata_is_never_asked(string value)
    {
        _caller.Variables["AWS_EC2_METADATA_DISABLED"] = value;

        Assert.Contains("switched off by AWS_EC2_METADATA_DISABLED", _caller.Refused().Message, StringComparison.Ordinal);
        Assert.Empty(_metadata.Requests);
        await _metadata.DisposeAsync();
    }

    [Theory]
    [InlineData("", "", "", "", "http://169.254.169.254")]
    [InlineData("http://one:8080/", "http://two", "IPv6", "", "http://one:8080")]
    [InlineData("", "http://two/below/", "nonsense", "", "http://two/below")]
    [InlineData("", "", "IPv6", "IPv4", "http://[fd00:ec2::254]")]
    [InlineData("", "", "", "ipv6", "http://[fd00:ec2::254]")]
    [InlineData("", "", "iPV4", "IPv6", "http://169.254.169.254")]
    public void Variables_come_before_the_profile_and_an_address_before_the_mode(
        string endpoint, string profileEndpoint, string mode, string profileMode, string expected)
    {
        Assert.True(Settings(endpoint, mode, profileEndpoint, profileMode).Succeeded(out CredentialProvider? found, out _));

        Assert.Equal(expected, Assert.IsType<CredentialProvider.Instance>(found).Endpoint);
    }

    [Theory]
    [InlineData("", "IPv5", "", "", "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is IPv5")]
    [InlineData("", "", "", "both", "ec2_metadata_service_endpoint_mode is both")]
    [InlineData("169.254.169.254", "", "", "", "AWS_EC2_METADATA_SERVICE_ENDPOINT is not an http(s) address")]
    [InlineData("", "", "ftp://one", "", "ec2_metadata_service_endpoint is not an http(s) address")]
    [InlineData("http://user:SENTINEL@one", "", "", "", "AWS_EC2_METADATA_SERVICE_ENDPOINT is not an http(s) address")]
    public void A_setting_that_is_wrong_is_named(
        string endpoint, string mode, string profileEndpoint, string profileMode, string message)
    {
        Assert.False(Settings(endpoint, mode, profileEndpoint, profileMode).Succeeded(out _, out Problem? problem));

        Assert.StartsWith(message, SomeCaller.WithoutSecrets(problem).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_waits_for_an_instance_to_pull_from_the_public_gallery()
    {
        EcrSource gallery = SomeCaller.Source(EcrService.EcrPublic);
        var gate = new TaskCompletionSource();
        _metadata.Next(Token, new Behavior.Wait(gate.Task));

        Assert.Equal(ProblemKind.NoCredentials, _caller.Refused(gallery).Kind);

        gate.SetResult();
        await _metadata.CallsReached(Keys, 1);
        await Eventually.HoldsAsync("the keys are known", () => _caller.For(gallery) is SourceOutcome.Found);
        await _caller.FetchAsync(gallery);
    }

    [Fact]
    public async Task A_profile_may_have_the_instance_assume_its_role()
    {
        _caller.Aws.AddRole(Arn);
        _caller.Home.WriteAwsConfig($"[default]\nrole_arn = {Arn}\ncredential_source = Ec2InstanceMetadata\n");

        IssuedToken issued = await _caller.FetchAsync();

        Assert.Contains("registry", issued.Principal.Arn, StringComparison.Ordinal);
        Assert.Equal("profile default", _caller.Found().Identity);
    }

    [Fact]
    public async Task An_organization_has_the_instance_of_the_daemon_and_never_the_callers()
    {
        _caller.Variables[Endpoint] = "http://evil.example";
        _caller.Variables["AWS_EC2_METADATA_DISABLED"] = "true";
        EcrSource source = SomeCaller.Source(endpoint: _caller.Endpoint) with { Origin = CredentialOrigin.Instance };

        IssuedToken issued = await _caller.FetchAsync(source);

        Assert.Equal("ASIAINSTANCEROLE0001", issued.Principal.AccessKeyId);
        Assert.True(_caller.Found(source).OutlivesRequest);
    }

    [Fact]
    public async Task An_organizations_profile_has_the_instance_at_the_profiles_own_address()
    {
        _own.Clear();
        await using SomeCaller caller = await SomeCaller.StartAsync(clock: _clock);
        _metadata.Principal = caller.Aws.AddPrincipal("ASIAINSTANCEROLE0003", "SENTINEL-of-three", "SENTINEL-session");
        caller.Aws.AddRole(Arn);
        caller.Home.WriteAwsConfig(
            $"[profile acme]\nrole_arn = {Arn}\ncredential_source = Ec2InstanceMetadata\nec2_metadata_service_endpoint = {_metadata.Endpoint}\n"
                + $"endpoint_url = {caller.Endpoint}\n");

        await caller.FetchAsync(SomeCaller.Source(profile: "acme", endpoint: caller.Endpoint));

        Assert.Equal(1, _metadata.Calls(Keys));
    }

    [Theory]
    [InlineData("Environment", "a caller's environment does not count for an organization")]
    [InlineData("Ec2Instance", "its credential_source is Ec2Instance")]
    public void A_credential_source_that_is_of_no_use_is_refused_by_its_name(string origin, string message)
    {
        _caller.WithKeys();
        _caller.Home.WriteAwsConfig($"[profile acme]\nrole_arn = {Arn}\ncredential_source = {origin}\n");

        Problem problem = _caller.Refused(SomeCaller.Source(profile: "acme"));

        Assert.Equal(ProblemKind.BadSetting, problem.Kind);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    private static Outcome<CredentialProvider> Settings(string endpoint, string mode, string profileEndpoint, string profileMode)
    {
        var variables = new Dictionary<string, string> { [Endpoint] = endpoint, ["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"] = mode };
        string config = "[profile p]\nregion = eu-west-1\n"
            + (profileEndpoint.Length > 0 ? $"ec2_metadata_service_endpoint = {profileEndpoint}\n" : "")
            + (profileMode.Length > 0 ? $"ec2_metadata_service_endpoint_mode = {profileMode}\n" : "");
        IniSection profile = IniFile.Parse(config, "config").Sections[0];
        return new MetadataSettings(new CallerIdentity(variables), areOfRequest: true).Instance(profile);
    }

    private Principal Role(string id) => _caller.Aws.AddPrincipal(id, $"SENTINEL-secret-of-{id}", $"SENTINEL-session-of-{id}");
}
