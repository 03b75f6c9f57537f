using System.Net;
using System.Net.Sockets;
using Ark.Core.Problems;
using Ark.Core.Tokens;
using Ark.Testing.Aws;
using Xunit;

namespace Ark.Tests.Aws;

/// <summary>Each kind of trouble has a sentence of its own.</summary>
public sealed class FailureTests
{
    private const string Call = "GetAuthorizationToken";

    [Fact]
    public async Task Throttling_is_tried_three_times_and_then_told()
    {
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        caller.Aws.Always(Call, Behavior.Throttle);

        Assert.Equal(ProblemKind.Throttled, (await caller.FailAsync()).Kind);
        Assert.Equal(3, caller.Aws.Calls(Call));
    }

    [Fact]
    public async Task One_failure_of_the_service_costs_nobody_anything()
    {
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        caller.Aws.Next(Call, Behavior.ServerError);

        Assert.NotNull(await caller.FetchAsync());
        Assert.Equal(2, caller.Aws.Calls(Call));
    }

    [Theory]
    [InlineData(400, "AccessDeniedException", ProblemKind.AccessDenied, "ecr:GetAuthorizationToken")]
    [InlineData(400, "UnrecognizedClientException", ProblemKind.CredentialsRejected, "renew")]
    [InlineData(400, "ExpiredTokenException", ProblemKind.CredentialsRejected, "renew")]
    [InlineData(400, "com.amazon.coral.service#ThrottlingException", ProblemKind.Throttled, "wait")]
    [InlineData(429, "TooManyRequestsException", ProblemKind.Throttled, "wait")]
    [InlineData(500, "ServerException", ProblemKind.ServiceFailure, "again")]
    [InlineData(503, "ServiceUnavailable", ProblemKind.ServiceFailure, "again")]
    [InlineData(400, "RequestExpired", ProblemKind.CredentialsRejected, "clock")]
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
    public async Task A_lie_is_no_token(TokenLie lie)
    {
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        caller.Aws.Always(Call, new Behavior.Lie(lie));

        Assert.Equal(ProblemKind.BadAnswer, (await caller.FailAsync()).Kind);
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
    public async Task A_name_that_does_not_exist_is_unreachable_in_its_own_words()
    {
        // The name cannot be looked up anywhere: a label may have 63 letters at most.
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        caller.Variables["AWS_ENDPOINT_URL"] = $"https://{new string('a', 63)}.invalid";

        Problem problem = await caller.FailAsync();

        Assert.Equal(ProblemKind.Unreachable, problem.Kind);
        Assert.Contains("cannot be resolved", problem.Message, StringComparison.Ordinal);
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
}
