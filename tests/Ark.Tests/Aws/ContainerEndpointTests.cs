using System.Globalization;
using Ark.Aws.Calls;
using Ark.Aws.Credentials;
using Ark.Aws.Profiles;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Testing.Aws;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Aws;

public sealed class ContainerEndpointTests : IAsyncLifetime
{
    private const string Relative = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", Full = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
    private const string TokenFile = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", Token = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
    private const string Arn = "arn:aws:iam::123456789012:role/registry";

    // Pauses are over at once, and limits end when a test moves the clock.
    private readonly ImpatientClock _clock = new() { LongestPause = TimeSpan.FromMilliseconds(500) };
    private readonly Dictionary<string, string> _own = [];
    private SomeCaller _caller = null!;
    private ContainerApi _container = null!;

    public async ValueTask InitializeAsync()
    {
        var task = new Principal("ASIACONTAINERTASK001", "SENTINEL-secret-of-the-task", "SENTINEL-session", "123456789012", "task/one", null);
        _container = await ContainerApi.StartAsync(task, _clock);
        _own[Full] = _container.Url;
        _caller = await SomeCaller.StartAsync(_own, _clock);
        _caller.Aws.AddPrincipal(task.AccessKeyId, task.Secret, task.SessionToken);
        _caller.Variables[Full] = _container.Url;
    }

    public async ValueTask DisposeAsync()
    {
        await _caller.DisposeAsync();
        await _container.DisposeAsync();
    }

    [Fact]
    public async Task The_containers_keys_are_asked_for_as_JSON_at_the_whole_address()
    {
        IssuedToken issued = await _caller.FetchAsync();

        Assert.Equal("ASIACONTAINERTASK001", issued.Principal.AccessKeyId);
        Assert.Equal([("/v1/credentials?task=1", "application/json", "")], _container.Requests);
        Assert.Equal("container endpoint", _caller.Found().Identity);
    }

    [Theory]
    [InlineData("/v2/credentials/a?id=b", "http://one", "http://169.254.170.2/v2/credentials/a?id=b")]
    [InlineData("", "http://169.254.170.2/get", "http://169.254.170.2/get")]
    [InlineData("", "http://169.254.170.23/v1/credentials", "http://169.254.170.23/v1/credentials")]
    [InlineData("", "http://[fd00:ec2::23]/v1", "http://[fd00:ec2::23]/v1")]
    [InlineData("", "http://[::1]:8080/", "http://[::1]:8080/")]
    [InlineData("", "http://127.1.2.3/a", "http://127.1.2.3/a")]
    [InlineData("", "http://localhost:1/a", "http://localhost:1/a")]
    [InlineData("", "https://192.168.1.1/a", "https://192.168.1.1/a")]
    [InlineData("", "https://keys.example.com/a", "https://keys.example.com/a")]
    public void Where_it_asks(string relative, string full, string url)
    {
        Assert.True(Settings(relative, full).Succeeded(out CredentialProvider? found, out _));

        Assert.Equal(url, Assert.IsType<CredentialProvider.Container>(found).Url);
    }

    [Theory]
    [InlineData("", "http://169.254.170.3/a", Full)]
    [InlineData("", "http://192.168.1.1/SENTINEL", Full)]
    [InlineData("", "http://[fd00:ec2::24]/a", Full)]
    [InlineData("", "/credentials", Full)]
    [InlineData("", "ftp://127.0.0.1/a", Full)]
    [InlineData("", "http://user:SENTINEL@127.0.0.1/a", Full)]
    [InlineData("", "http://2852039171/a", Full)]
    [InlineData("", "http://0xA9FEAA03/a", Full)]
    [InlineData("", "http://[::ffff:169.254.170.3]/a", Full)]
    [InlineData("", "http://[fe80::1%25lo]/a", Full)]
    [InlineData("", "http://127.0.0.1\u00002/a", Full)]
    [InlineData("", "http://\u2460.0.0.1/a", Full)]
    [InlineData(".evil.example/a", "", Relative)]
    [InlineData("@evil.example/a", "", Relative)]
    public void Where_it_does_not_ask(string relative, string full, string variable)
    {
        Assert.False(Settings(relative, full).Succeeded(out _, out Problem? problem));

        Assert.Equal(ProblemKind.BadSetting, problem.Kind);
        Assert.StartsWith(variable, SomeCaller.WithoutSecrets(problem).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:0/")]
    [InlineData("https://xn--zzzz-1/")]
    [InlineData("http://a..b/")]
    [InlineData("http://-/")]
    [InlineData("http://_/")]
    [InlineData("http://[::1%25lo]:1/")]
    [InlineData("http://127.0.0.1:1/%zz%00%0d%0aX:y")]
    [InlineData("https://LONG/")]
    public async Task Whatever_address_is_named_the_answer_is_a_problem_and_no_fault(string address)
    {
        address = address.Replace("LONG", string.Join('.', Enumerable.Repeat(new string('a', 60), 5)), StringComparison.Ordinal);
        _caller.Variables[Full] = address;
        await Fails();

        _caller.Variables.Remove(Full);
        _caller.Variables.Remove("AWS_EC2_METADATA_DISABLED");
        _caller.Variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = address;
        await Fails();

        async Task Fails()
        {
            if (_caller.For() is SourceOutcome.Found found)
            {
                FetchOutcome outcome = await found.Source.FetchAsync(TestContext.Current.CancellationToken);
                SomeCaller.WithoutSecrets(Assert.IsType<FetchOutcome.Failed>(outcome).Problem);
            }
        }
    }

    [Fact]
    public async Task A_name_is_asked_when_all_its_addresses_are_of_this_machine()
    {
        _caller.Variables[Full] = _container.Url.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);

        await _caller.FetchAsync();

        using var nowhere = new MetadataHttp(TimeProvider.System, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5), static _ => false);
        using MetadataAnswer answer = await nowhere.SendAsync(
            HttpMethod.Get, _caller.Variables[Full], [], TestContext.Current.CancellationToken);
        Assert.Equal(MetadataFault.ForeignAddress, answer.Fault);
        Assert.Equal(1, _container.Calls);
    }

    [Theory]
    [InlineData("169.254.170.2", true)]
    [InlineData("169.254.170.23", true)]
    [InlineData("fd00:ec2::23", true)]
    [InlineData("127.0.0.9", true)]
    [InlineData("::1", true)]
    [InlineData("169.254.170.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("10.0.0.1", false)]
    public void Plain_http_stays_on_this_machine(string address, bool allowed) =>
        Assert.Equal(allowed, MetadataSettings.MayBePlain(System.Net.IPAddress.Parse(address)));

    [Fact]
    public async Task A_token_file_comes_before_a_token_and_is_sent_as_it_is_each_time()
    {
        _container.KeysEnd = null;
        _caller.Variables[Token] = "SENTINEL-of-the-variable";
        _caller.Variables[TokenFile] = _caller.Home.Write("token", "Bearer  SENTINEL-one ");
        await _caller.FetchAsync();
        _caller.Home.Write("token", "SENTINEL-two");
        await _caller.FetchAsync();

        // The server cuts blanks at the end of a header.
        Assert.Equal(["Bearer  SENTINEL-one", "SENTINEL-two"], _container.Requests.Select(request => request.Authorization));
        Assert.True(_caller.Found().OutlivesRequest);
    }

    [Fact]
    public async Task A_token_of_the_variable_goes_with_the_request()
    {
        _container.RequiredToken = "SENTINEL-of-the-variable";
        _caller.Variables[Token] = "SENTINEL-of-the-variable";

        await _caller.FetchAsync();

        ITokenSource source = _caller.Found();
        Assert.False(source.OutlivesRequest);
        Assert.DoesNotContain("SENTINEL", source.Key.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_sends_another_token_gets_keys_of_their_own()
    {
        _caller.Variables[Token] = "SENTINEL-one";
        TokenKey one = _caller.Found().Key;
        await _caller.FetchAsync();
        _container.RequiredToken = "SENTINEL-one";
        _caller.Variables[Token] = "SENTINEL-two";

        Assert.NotEqual(one, _caller.Found().Key);
        Assert.Equal(ProblemKind.AccessDenied, (await _caller.FailAsync()).Kind);
    }

    [Fact]
    public async Task A_missing_token_file_is_named()
    {
        _caller.Variables[TokenFile] = Path.Combine(_caller.Home.Home, "nowhere");

        Problem problem = await _caller.FailAsync();

        Assert.Contains(TokenFile, problem.Message, StringComparison.Ordinal);
        Assert.Contains("nowhere", problem.Message, StringComparison.Ordinal);
        Assert.Equal(0, _container.Calls);
    }

    [Theory]
    [InlineData(TokenFile, "SENTINEL\n")]
    [InlineData(TokenFile, "SENTINEL\r\nX-Other: 1")]
    [InlineData(Token, "SENTINEL\r")]
    [InlineData(Token, "SENTINEL\nX-Other: 1")]
    public async Task A_token_with_a_line_break_is_neither_sent_nor_shown(string variable, string token)
    {
        _caller.Variables[variable] = variable == TokenFile ? _caller.Home.Write("token", token) : token;

        Problem problem = await _caller.FailAsync();

        Assert.Equal(ProblemKind.BadSetting, problem.Kind);
        Assert.StartsWith($"the token of {variable} has a line break", problem.Message, StringComparison.Ordinal);
        Assert.Equal(0, _container.Calls);
    }

    [Fact]
    public async Task A_refusal_is_told_without_the_token()
    {
        _container.RequiredToken = "another";
        _caller.Variables[Token] = "SENTINEL-of-the-variable";

        Problem problem = await _caller.FailAsync();

        Assert.Contains("(status 401: InvalidAuthorizationToken: … is not known)", problem.Message, StringComparison.Ordinal);
        Assert.Equal(1, _container.Calls);
    }

    [Theory]
    [InlineData("Fail")]
    [InlineData("GarbageHtml")]
    [InlineData("Truncate")]
    [InlineData("Close")]
    public async Task It_is_asked_three_times(string behavior)
    {
        Behavior next = behavior switch
        {
            "Fail" => new Behavior.Fail(500, "InternalError", "try again"),
            "GarbageHtml" => new Behavior.GarbageHtml(),
            "Truncate" => new Behavior.Truncate(),
            _ => new Behavior.CloseConnection(),
        };
        _container.Next(next, times: 2);
        await _caller.FetchAsync();
        Assert.Equal(3, _container.Calls);

        _clock.Limits.Advance(TimeSpan.FromHours(7));
        _container.Always(next);
        await _caller.FailAsync();

        Assert.Equal(6, _container.Calls);
    }

    [Fact]
    public async Task It_may_take_five_seconds_to_answer()
    {
        _container.Always(new Behavior.Hang());
        Task<Problem> failing = _caller.FailAsync();
        for (int call = 1; call <= 3; call++)
        {
            await _container.CallsReached(call);
            _clock.Limits.Advance(TimeSpan.FromSeconds(4.9));
            Assert.False(failing.IsCompleted);
            _clock.Limits.Advance(TimeSpan.FromSeconds(0.1));
        }

        Problem problem = await failing;

        Assert.Equal(ProblemKind.Unreachable, problem.Kind);
        Assert.Contains("does not answer within 5 seconds", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Redirect")]
    [InlineData("Endless")]
    public async Task What_is_no_answer_is_refused(string behavior)
    {
        _container.Always(behavior == "Redirect" ? new Behavior.Redirect(new Uri(_container.Url)) : new Behavior.Lie(TokenLie.Endless));

        await _caller.FailAsync();

        Assert.Equal(behavior == "Redirect" ? 1 : 3, _container.Calls);
    }

    [Fact]
    public async Task Keys_are_kept_until_five_minutes_before_their_end()
    {
        _container.KeysEnd = _clock.GetUtcNow().AddHours(1);
        await _caller.FetchAsync();
        _clock.Limits.Advance(TimeSpan.FromMinutes(54));
        await _caller.FetchAsync(SomeCaller.Source(region: "us-east-1"));
        Assert.Equal(1, _container.Calls);

        _clock.Limits.Advance(TimeSpan.FromMinutes(2));
        await _caller.FetchAsync();

        Assert.Equal(2, _container.Calls);
    }

    [Theory]
    [InlineData("9999-12-31T23:59:59Z", 1)]
    [InlineData("0001-01-01T00:00:00Z", 2)]
    public async Task Keys_are_kept_for_half_a_day_at_most_and_never_beyond_their_end(string end, int calls)
    {
        _container.KeysEnd = DateTimeOffset.Parse(end, CultureInfo.InvariantCulture);
        await _caller.FetchAsync();
        await _caller.FetchAsync();
        Assert.Equal(calls, _container.Calls);

        _clock.Limits.Advance(TimeSpan.FromHours(12));
        await _caller.FetchAsync();

        Assert.Equal(calls + 1, _container.Calls);
    }

    [Fact]
    public async Task Keys_that_cannot_be_renewed_serve_to_their_end()
    {
        _container.KeysEnd = _clock.GetUtcNow().AddHours(1);
        await _caller.FetchAsync();
        _container.Always(new Behavior.Fail(500, "InternalError", "try again"));
        _clock.Limits.Advance(TimeSpan.FromMinutes(58));
        await _caller.FetchAsync();

        _clock.Limits.Advance(TimeSpan.FromMinutes(3));

        Assert.Equal(ProblemKind.ServiceFailure, (await _caller.FailAsync()).Kind);
    }

    [Fact]
    public async Task Keys_that_AWS_does_not_accept_are_asked_for_anew()
    {
        await _caller.FetchAsync();
        _caller.Aws.RemovePrincipal(_container.Principal with { Arn = $"arn:aws:iam::{_container.Principal.Account}:user/tester" });
        _container.Principal = _caller.Aws.AddPrincipal("ASIACONTAINERTASK002", "SENTINEL-of-two", "SENTINEL-session");

        Assert.Equal(ProblemKind.CredentialsRejected, (await _caller.FailAsync()).Kind);
        Assert.Equal("ASIACONTAINERTASK002", (await _caller.FetchAsync()).Principal.AccessKeyId);
    }

    [Fact]
    public async Task The_account_that_the_answer_names_is_compared_with_the_tokens()
    {
        _container.Account = "999999999999";

        Assert.Contains("999999999999", (await _caller.FailAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_profile_may_have_the_container_assume_its_role()
    {
        _caller.Aws.AddRole(Arn);
        _caller.Home.WriteAwsConfig($"[default]\nrole_arn = {Arn}\ncredential_source = EcsContainer\n");

        Assert.Contains("registry", (await _caller.FetchAsync()).Principal.Arn, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_organization_has_the_container_of_the_daemon_and_never_the_callers()
    {
        _caller.Variables[Full] = "http://127.0.0.1:1/evil";
        EcrSource source = SomeCaller.Source(endpoint: _caller.Endpoint) with { Origin = CredentialOrigin.Container };

        Assert.Equal("ASIACONTAINERTASK001", (await _caller.FetchAsync(source)).Principal.AccessKeyId);
    }

    [Fact]
    public async Task A_daemon_that_was_started_without_the_variables_says_so()
    {
        await using SomeCaller caller = await SomeCaller.StartAsync(clock: _clock);
        caller.Variables[Full] = _container.Url;
        caller.Home.WriteAwsConfig($"[profile acme]\nrole_arn = {Arn}\ncredential_source = EcsContainer\n");

        foreach (EcrSource source in (EcrSource[])[SomeCaller.Source(profile: "acme"), SomeCaller.Source() with { Origin = CredentialOrigin.Container }])
        {
            Problem problem = caller.Refused(source);

            Assert.StartsWith($"the daemon was started without {Relative} and {Full}", problem.Message, StringComparison.Ordinal);
            Assert.Contains("ark daemon run", problem.Hint, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(Relative)]
    [InlineData(Full)]
    [InlineData("AWS_EC2_METADATA_SERVICE_ENDPOINT")]
    public void A_containers_variables_mean_the_containers_network(string variable)
    {
        using var request = new Request("0", Verb.Get, [], new Dictionary<string, string> { [variable] = "/a" });

        Assert.True(request.NamesFiles);
    }

    private static Outcome<CredentialProvider> Settings(string relative, string full) => new MetadataSettings(
        new CallerIdentity(new Dictionary<string, string> { [Relative] = relative, [Full] = full }), areOfRequest: true)
        .Container(new ProfileFiles(null, null, null));
}
