using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Ark.Aws.Calls;
using Ark.Core.Problems;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Testing;
using Ark.Testing.Aws;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Ark.Tests.Aws;

/// <summary>Each kind of trouble has a sentence of its own.</summary>
public sealed class FailureTests
{
    private const string Call = "GetAuthorizationToken";

    [Fact]
    public async Task Throttling_is_told_after_one_call_because_the_cache_tries_again()
    {
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        caller.Aws.Always(Call, Behavior.Throttle);

        Assert.Equal(ProblemKind.Throttled, (await caller.FailAsync()).Kind);
        Assert.Equal(1, caller.Aws.Calls(Call));
    }

    [Fact]
    public async Task A_failure_of_the_service_is_told_after_one_call_because_the_cache_tries_again()
    {
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        caller.Aws.Next(Call, Behavior.ServerError);

        Assert.Equal(ProblemKind.ServiceFailure, (await caller.FailAsync()).Kind);
        Assert.Equal(1, caller.Aws.Calls(Call));
    }

    [Theory]
    [InlineData(400, "AccessDeniedException", ProblemKind.AccessDenied, "ecr:GetAuthorizationToken")]
    [InlineData(400, "UnrecognizedClientException", ProblemKind.CredentialsRejected, "renew")]
    [InlineData(400, "ExpiredTokenException", ProblemKind.CredentialsRejected, "renew")]
    [InlineData(400, "com.amazon.coral.service#ThrottlingException", ProblemKind.Throttled, "wait")]
    [InlineData(429, "TooManyRequestsException", ProblemKind.Throttled, "wait")]
    [InlineData(500, "ServerException", ProblemKind.ServiceFailure, "again")]
    [InlineData(503, "ServiceUnavailable", ProblemKind.ServiceFailure, "again")]
    [InlineData(400, "RequestExpired", ProblemKind.ClockSkewed, "clock")]
    [InlineData(400, "InvalidParameterException", ProblemKind.BadSetting, "check")]
    [InlineData(407, "", ProblemKind.Unreachable, "proxy")]
    [InlineData(403, "", ProblemKind.BadAnswer, "login page")]
    public async Task AWSs_refusals_are_told_apart(int status, string code, ProblemKind kind, string hint)
    {
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        caller.Aws.Always(Call, new Behavior.Fail(status, code, "because"));

        Problem problem = await caller.FailAsync();

        Assert.Equal(kind, problem.Kind);
        Assert.Contains(hint, problem.Message + problem.Hint, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(kind == ProblemKind.AccessDenied ? "environment keys AKIA…MPLE" : caller.Aws.Endpoint.Authority, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Evil\u001b]0;title\u0007")]
    [InlineData("Two\nlines")]
    [InlineData("with blanks")]
    [InlineData("A2345678901234567890123456789012345678901234567890123456789012345")]
    public async Task A_code_that_looks_like_none_is_not_shown(string code)
    {
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        caller.Aws.Always(Call, new Behavior.Fail(400, code, "because"));

        Assert.EndsWith("(?: because)", (await caller.FailAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_that_AWS_does_not_know_are_rejected()
    {
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys(id: "AKIAUNKNOWNUNKNOWN00");

        Assert.Equal(ProblemKind.CredentialsRejected, (await caller.FailAsync()).Kind);
    }

    [Fact]
    public async Task A_secret_that_is_wrong_is_rejected_and_not_repeated_in_the_text()
    {
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys(secret: "SENTINEL-mistyped");

        Assert.Equal(ProblemKind.CredentialsRejected, (await caller.FailAsync()).Kind);
    }

    [Fact]
    public async Task What_AWS_says_is_shown_in_one_line_without_the_secrets_it_repeats()
    {
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        string key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        caller.Aws.Always(Call, new Behavior.Fail(400, "AccessDeniedException", $"no {SomeCaller.Secret}, no {key} for arn:aws:iam::123456789012:user/me\nsecond line"));

        Problem problem = await caller.FailAsync();

        Assert.Contains("AccessDeniedException: no …, no … for arn:aws:iam::123456789012:user/me)", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redirect_is_never_followed()
    {
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        await using StandInAws elsewhere = await StandInAws.StartAsync(caller.Clock);
        elsewhere.AddPrincipal(SomeCaller.KeyId, SomeCaller.Secret);
        caller.Aws.Always(Call, new Behavior.Redirect(elsewhere.Endpoint));

        Problem problem = await caller.FailAsync();

        Assert.Equal(ProblemKind.BadAnswer, problem.Kind);
        Assert.Contains("redirect", problem.Message, StringComparison.Ordinal);
        Assert.Empty(elsewhere.Log);
    }

    [Theory]
    [InlineData(TokenLie.EmptyList)]
    [InlineData(TokenLie.NoToken)]
    [InlineData(TokenLie.NoExpiry)]
    [InlineData(TokenLie.NoUserName)]
    [InlineData(TokenLie.NotBase64)]
    [InlineData(TokenLie.AlreadyExpired)]
    [InlineData(TokenLie.Endless)]
    [InlineData(TokenLie.ForeignRegistry)]
    [InlineData(TokenLie.PlainRegistry)]
    public async Task A_lie_is_no_token(TokenLie lie)
    {
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        caller.Aws.Always(Call, new Behavior.Lie(lie));

        Assert.Equal(ProblemKind.BadAnswer, (await caller.FailAsync(SomeCaller.Source(endpoint: caller.Endpoint))).Kind);
    }

    [Fact]
    public async Task A_login_page_is_no_answer_of_AWS()
    {
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        caller.Aws.Always(Call, new Behavior.GarbageHtml());

        Problem problem = await caller.FailAsync();

        Assert.Equal(ProblemKind.BadAnswer, problem.Kind);
        Assert.Contains("not an answer of AWS", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_cut_connection_is_unreachable(bool halfway)
    {
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        caller.Aws.Always(Call, halfway ? new Behavior.Truncate() : new Behavior.CloseConnection());

        Problem problem = await caller.FailAsync();

        Assert.Equal(ProblemKind.Unreachable, problem.Kind);
        Assert.Contains("closed the connection", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = SENTINEL\n")]
    [InlineData("[default]\nrole_arn = arn:aws:iam::123456789012:role/a\nsource_profile = keys\n")]
    [InlineData("[default]\nsso_start_url = https://a\nsso_region = eu-west-1\nsso_account_id = 123456789012\nsso_role_name = a\n")]
    public async Task One_get_sends_two_requests_at_most_where_the_peer_closes_every_connection(string profile)
    {
        using var deaf = new ClosingPeer();
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Home.WriteAwsConfig(
            $"{profile}[profile keys]\naws_access_key_id = {SomeCaller.KeyId}\naws_secret_access_key = {SomeCaller.Secret}\n");
        caller.Home.Write(LoginOf("https://a"), """{"accessToken":"SENTINEL","expiresAt":"2999-01-01T00:00:00Z"}""");
        caller.Variables["AWS_ENDPOINT_URL"] = deaf.Address;

        Problem problem = await caller.FailAsync();

        Assert.Equal($"{new Uri(deaf.Address).Authority} closed the connection before it had answered", problem.Message);
        Assert.Equal(2, deaf.Connections);
    }

    [Theory]
    [InlineData(200, "text/html", "<!doctype html><html><body>Please log in</body></html>")]
    [InlineData(200, "text/xml", "<!doctype html><html><body>Please log in</body></html>")]
    [InlineData(200, "application/json", "<!doctype html><html><body>Please log in</body></html>")]
    [InlineData(200, "application/json", "{}")]
    [InlineData(200, "application/json", "[]")]
    [InlineData(200, "application/json", "")]
    [InlineData(200, "text/xml", "")]
    [InlineData(200, "text/xml", "<a/>")]
    [InlineData(403, "text/html", "<html>Please log in</html>")]
    [InlineData(200, "text/xml", "<AssumeRoleResponse><AssumeRoleResult/></AssumeRoleResponse>")]
    public async Task What_is_no_answer_of_AWS_is_said_to_be_none_whoever_was_asked(int status, string type, string body)
    {
        await using LoopbackServer portal = await LoopbackServer.StartAsync(async context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = type;
            await context.Response.WriteAsync(body);
        });
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Home.WriteAwsConfig(
            $"""
            [profile keys]
            aws_access_key_id = {SomeCaller.KeyId}
            aws_secret_access_key = {SomeCaller.Secret}
            [profile role]
            role_arn = arn:aws:iam::123456789012:role/a
            source_profile = keys
            [profile web]
            role_arn = arn:aws:iam::123456789012:role/a
            web_identity_token_file = {caller.Home.Write("token", "SENTINEL")}
            [profile sso]
            sso_session = corp
            sso_account_id = 123456789012
            sso_role_name = a
            [profile renewed]
            sso_session = old
            sso_account_id = 123456789012
            sso_role_name = a
            [sso-session corp]
            sso_start_url = https://corp.example.com/start
            sso_region = eu-west-1
            [sso-session old]
            sso_start_url = https://corp.example.com/start
            sso_region = eu-west-1
            """);
        caller.Home.Write(LoginOf("corp"), """{"accessToken":"SENTINEL","expiresAt":"2999-01-01T00:00:00Z"}""");
        caller.Home.Write(
            LoginOf("old"),
            """{"expiresAt":"2000-01-01T00:00:00Z","refreshToken":"SENTINEL","clientId":"a","clientSecret":"SENTINEL"}""");
        caller.Variables["AWS_ENDPOINT_URL"] = portal.Endpoint.ToString();

        foreach (string profile in (string[])["keys", "role", "web", "sso", "renewed"])
        {
            caller.Variables["AWS_PROFILE"] = profile;
            Problem problem = await caller.FailAsync();

            Assert.True(problem.Kind == ProblemKind.BadAnswer, $"{profile}: {problem}");
            Assert.StartsWith(portal.Endpoint.Authority, problem.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("AssumeRole")]
    [InlineData(Call)]
    public async Task A_role_and_its_token_are_had_though_this_machines_clock_is_wrong(string first)
    {
        var theirs = new ManualClock(DateTimeOffset.UtcNow.AddMinutes(first == Call ? 10 : -10));

        // Not disposed of: the SDK remembers an address's clock for the life of the process, and no other test may get this port.
        StandInAws aws = await StandInAws.StartAsync(theirs);
        aws.AddPrincipal(SomeCaller.KeyId, SomeCaller.Secret);
        aws.AddRole("arn:aws:iam::123456789012:role/a");
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Home.WriteAwsConfig("[default]\nrole_arn = arn:aws:iam::123456789012:role/a\nsource_profile = keys\n");
        caller.Home.WriteAwsCredentials(
            $"[keys]\naws_access_key_id = {SomeCaller.KeyId}\naws_secret_access_key = {SomeCaller.Secret}\n");
        caller.Variables["AWS_ENDPOINT_URL"] = aws.Endpoint.ToString();

        FetchOutcome outcome = await caller.Found().FetchAsync(TestContext.Current.CancellationToken);

        Assert.IsType<FetchOutcome.Fetched>(outcome).Token.Dispose();
    }

    [Fact]
    public async Task A_bad_answer_leaves_a_good_token_in_use()
    {
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        using var cache = new TokenCache(caller.Clock);
        async Task<TokenAnswer> Get() =>
            await cache.GetAsync(caller.Found(), RefreshPolicy.Default, "host", null, TestContext.Current.CancellationToken);
        byte[] first = Assert.IsType<TokenAnswer.Token>(await Get()).Secret.ToArray();
        caller.Aws.Always(Call, new Behavior.Lie(TokenLie.NotBase64));

        Problem? problem = await cache.RefreshAsync(
            caller.Found(), RefreshPolicy.Default, "host", null, TestContext.Current.CancellationToken);

        Assert.Equal(ProblemKind.BadAnswer, problem!.Kind);
        Assert.Equal(first, Assert.IsType<TokenAnswer.Token>(await Get()).Secret.ToArray());
    }

    [Fact]
    public async Task A_port_where_nobody_listens_is_unreachable()
    {
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        // Bound and not listening: connections are refused, and nobody else can have the port.
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        caller.Variables["AWS_ENDPOINT_URL"] = $"http://{taken.LocalEndPoint}";

        Problem problem = await caller.FailAsync();

        Assert.Equal(ProblemKind.Unreachable, problem.Kind);
        Assert.Contains("no connection to 127.0.0.1:", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_connection_for_which_no_file_is_left_says_so_and_does_not_blame_the_network()
    {
        var failure = new HttpRequestException(
            HttpRequestError.ConnectionError, "", new SocketException((int)SocketError.TooManyOpenSockets));

        Problem problem = HttpFailure.Describe(failure, "sts.amazonaws.com")!;

        Assert.Equal("no connection to sts.amazonaws.com: the limit on open files is too tight", problem.Message);
        Assert.StartsWith("raise it with: ulimit -n 256", problem.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_does_not_exist_is_unreachable_in_its_own_words()
    {
        // The name cannot be looked up anywhere: a label may have 63 letters at most.
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        caller.Variables["AWS_ENDPOINT_URL"] = $"https://{new string('a', 63)}.invalid";

        Problem problem = await caller.FailAsync();

        Assert.Equal(ProblemKind.Unreachable, problem.Kind);
        Assert.Contains($"cannot resolve {new string('a', 63)}.invalid", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Call)]
    [InlineData("AssumeRole")]
    public async Task Silence_ends_after_twenty_seconds_altogether(string operation)
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Aws.AddRole("arn:aws:iam::123456789012:role/slow");
        caller.Home.WriteAwsCredentials(
            $"[default]\nrole_arn = arn:aws:iam::123456789012:role/slow\nsource_profile = default\naws_access_key_id = {SomeCaller.KeyId}\naws_secret_access_key = {SomeCaller.Secret}\n");
        caller.Aws.Always(operation, new Behavior.Hang());
        Task<FetchOutcome> fetch = caller.Found().FetchAsync(TestContext.Current.CancellationToken);
        await caller.Aws.CallsReached(operation, 1);

        caller.Clock.Limits.Advance(TimeSpan.FromSeconds(19));
        Assert.False(fetch.IsCompleted);
        caller.Clock.Limits.Advance(TimeSpan.FromSeconds(1));

        Problem problem = Assert.IsType<FetchOutcome.Failed>(await fetch).Problem;
        Assert.Equal(ProblemKind.Unreachable, problem.Kind);
        Assert.Equal($"{caller.Aws.Endpoint.Authority} did not answer within 20 seconds", problem.Message);
    }

    [Fact]
    public async Task The_gallery_of_a_caller_without_an_organization_is_waited_for_six_seconds_since_docker_goes_on_without()
    {
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        caller.Aws.Always(Call, new Behavior.Hang());
        Task<FetchOutcome> fetch = caller.Found(SomeCaller.Source(EcrService.EcrPublic)).FetchAsync(TestContext.Current.CancellationToken);
        await caller.Aws.CallsReached(Call, 1);

        caller.Clock.Limits.Advance(TimeSpan.FromSeconds(6));

        Problem problem = Assert.IsType<FetchOutcome.Failed>(await fetch).Problem;
        Assert.Equal($"{caller.Aws.Endpoint.Authority} did not answer within 6 seconds", problem.Message);
    }

    [Theory]
    [InlineData("sso:GetRoleCredentials", 403, "ForbiddenException", "No access", "access-denied", "sso_role_name")]
    [InlineData(
        "sts:AssumeRole", 400, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        "bad-setting", "lower or remove duration_seconds")]
    [InlineData(
        "sts:AssumeRole", 400, "ValidationError",
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
        "bad-setting", "3600 or less")]
    [InlineData(
        "sts:AssumeRoleWithWebIdentity", 400, "InvalidIdentityToken", "No OpenIDConnect provider found in your account for https://oidc",
        "bad-setting", "create-open-id-connect-provider")]
    [InlineData(
        "sts:AssumeRoleWithWebIdentity", 400, "InvalidIdentityToken", "Incorrect token audience", "bad-setting", "audience")]
    [InlineData("sts:AssumeRoleWithWebIdentity", 400, "ExpiredTokenException", "Token expired", "credentials-rejected", "renew")]
    [InlineData("ecr:GetAuthorizationToken", 400, "ThrottlingException", "Rate exceeded", "throttled", "asks again by itself")]
    public void What_AWS_says_leads_to_what_repairs_it(string action, int status, string code, string says, string stateCode, string hint)
    {
        Problem problem = AwsFailure.Describe(
            new AwsRefusal(says, code, (HttpStatusCode)status, time: null),
            new Ark.Aws.Calls.AwsCall(action, "profile 'tbd'", "arn:aws:iam::123456789012:role/a"),
            "host",
            [],
            new AwsClock(TimeProvider.System))!;

        Assert.Equal(stateCode, problem.Code);
        Assert.Contains(hint, problem.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1e400")]
    [InlineData("-1e400")]
    [InlineData("-1")]
    [InlineData("null")]
    [InlineData("\"2999-01-01T00:00:00Z\"")]
    [InlineData("{}")]
    public async Task An_expiry_that_no_clock_could_show_hands_out_nothing_beyond_twelve_hours(string expiry)
    {
        string token = Convert.ToBase64String("AWS:SENTINEL"u8);
        await using LoopbackServer aws = await LoopbackServer.StartAsync(context => context.Response.WriteAsync(
            $$"""
            {"authorizationData":[{"authorizationToken":"{{token}}","expiresAt":{{expiry}},
            "proxyEndpoint":"https://123456789012.dkr.ecr.eu-west-1.amazonaws.com"}]}
            """));
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        caller.Variables["AWS_ENDPOINT_URL"] = aws.Endpoint.ToString();

        switch (await caller.Found().FetchAsync(TestContext.Current.CancellationToken))
        {
            case FetchOutcome.Fetched(var fetched):
                Assert.Equal("1e400", expiry);
                Assert.True(fetched.ExpiresAt <= caller.Clock.GetUtcNow().AddHours(12));
                fetched.Dispose();
                break;

            case FetchOutcome.Failed(var problem):
                Assert.Equal("bad-answer", problem.Code);
                break;
        }
    }

    private static string LoginOf(string session)
    {
#pragma warning disable CA5350 // As the AWS command names its files.
        return $".aws/sso/cache/{Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(session)))}.json";
#pragma warning restore CA5350
    }

    /// <summary>Takes every connection, and closes it without a word.</summary>
    private sealed class ClosingPeer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private int _connections;

        public ClosingPeer()
        {
            _listener.Start();
            _ = AcceptAsync();
        }

        public string Address => $"http://{_listener.LocalEndpoint}";

        public int Connections => Volatile.Read(ref _connections);

        public void Dispose() => _listener.Dispose();

        private async Task AcceptAsync()
        {
            while (true)
            {
                try
                {
                    using TcpClient client = await _listener.AcceptTcpClientAsync();
                    Interlocked.Increment(ref _connections);

                    // What it says is read first: closing with bytes unread is a reset, which not every client repeats.
                    _ = await client.GetStream().ReadAsync(new byte[64 * 1024]);
                }
                catch (Exception e) when (e is SocketException or ObjectDisposedException)
                {
                    return;
                }
                catch (IOException)
                {
                    // This client left first.
                }
            }
        }
    }
}
