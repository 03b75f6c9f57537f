using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Ark.Testing;
using Ark.Testing.Aws;
using Xunit;

namespace Ark.Tests.StandIns;

public sealed class StandInAwsTests : IAsyncLifetime
{
    private readonly ManualClock _clock = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
    private StandInAws _aws = null!;
    private Principal _caller = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _aws = await StandInAws.StartAsync(_clock);
        _caller = _aws.AddPrincipal("AKIDTEST", "SENTINEL-secret");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _aws.DisposeAsync();
    }

    [Fact]
    public async Task A_signed_call_gets_a_token_that_looks_like_one_of_ECR()
    {
        var (response, body) = await CallAsync();

        Assert.Equal("application/x-amz-json-1.1", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(_clock.Now, response.Headers.Date);
        Assert.True(Guid.TryParse(response.Headers.GetValues("x-amzn-RequestId").Single(), out _));

        var data = body["authorizationData"]!.AsArray().Single()!;
        Assert.Equal((_clock.Now + TimeSpan.FromHours(12)).ToUnixTimeSeconds(), (double)data["expiresAt"]!);
        Assert.Equal("https://123456789012.dkr.ecr.us-east-1.amazonaws.com", (string?)data["proxyEndpoint"]);

        var token = (string)data["authorizationToken"]!;
        Assert.InRange(token.Length, 2500, 2900);
        var password = Decode(token)["AWS:".Length..];
        Assert.Equal("AWS:" + password, Decode(token));
        Assert.Equal(password, _aws.Issued.Single().Password);
        var inside = JsonNode.Parse(Decode(password))!.AsObject();
        Assert.Equal(["payload", "datakey", "version", "type", "expiration"], inside.Select(pair => pair.Key));
        Assert.StartsWith(StandInAws.Sentinel, (string)inside["payload"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_are_counted_and_logged_by_principal()
    {
        var other = _aws.AddPrincipal("AKIDOTHER", "SENTINEL-other", account: "210987654321", name: "other");
        await CallAsync();
        await CallAsync(caller: other, region: "eu-central-1");

        Assert.Equal(2, _aws.Calls("GetAuthorizationToken"));
        Assert.Equal(1, _aws.Calls("GetAuthorizationToken", "other"));
        Assert.Equal(new AwsCall("GetAuthorizationToken", other, "eu-central-1", "signed-call/1", _clock.Now, null), _aws.Log[1]);
        Assert.Equal(["123456789012", "210987654321"], _aws.Issued.Select(token => token.Principal.Account).Order());
    }

    [Fact]
    public async Task ECR_Public_answers_one_object_and_only_in_its_home_region()
    {
        var (_, body) = await CallAsync(service: "ecr-public");
        var (refused, error) = await CallAsync(service: "ecr-public", region: "eu-west-1");

        Assert.Equal(["authorizationToken", "expiresAt"], body["authorizationData"]!.AsObject().Select(pair => pair.Key));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal("UnsupportedCommandException", (string?)error["__type"]);
    }

    [Fact]
    public async Task Each_fault_of_a_signature_has_its_own_code()
    {
        var session = _aws.AddPrincipal("ASIASESSION", "s", "token", expiresAt: _clock.Now);

        Assert.Equal("InvalidSignatureException", await ErrorAsync(caller: _caller with { Secret = "wrong" }));
        Assert.Equal("UnrecognizedClientException", await ErrorAsync(caller: _caller with { AccessKeyId = "AKIDNOBODY" }));
        Assert.Equal("UnrecognizedClientException", await ErrorAsync(caller: _caller with { SessionToken = "made up" }));
        Assert.Equal("ExpiredTokenException", await ErrorAsync(caller: session));
        Assert.Equal("InvalidSignatureException", await ErrorAsync(scope: "sts"));
        Assert.Equal("InvalidSignatureException", await ErrorAsync(at: _clock.Now.AddMinutes(-6)));
        Assert.Empty(_aws.Issued);
        Assert.Equal(6, _aws.Calls("GetAuthorizationToken"));
        Assert.Equal(0, _aws.Calls("GetAuthorizationToken", "tester"));

        using var unsigned = SignedCall.GetAuthorizationToken(_aws.Endpoint, _caller, _clock.Now);
        unsigned.Headers.Remove("Authorization");
        using var response = await _http.SendAsync(unsigned, Cancellation);
        var error = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancellation))!;
        Assert.Equal("MissingAuthenticationTokenException", (string?)error["__type"]);
    }

    [Fact]
    public async Task Scripted_failures_come_in_order_and_end()
    {
        _aws.Next("GetAuthorizationToken", Behavior.Throttle, times: 2);
        _aws.Next("GetAuthorizationToken", Behavior.ServerError);

        string?[] codes = [await ErrorAsync(), await ErrorAsync(), await ErrorAsync(), await ErrorAsync()];

        Assert.Equal(["ThrottlingException", "ThrottlingException", "ServerException", null], (IEnumerable<string?>)codes);
    }

    [Fact]
    public async Task A_lasting_failure_may_be_one_principals_alone_and_can_be_lifted()
    {
        var other = _aws.AddPrincipal("AKIDOTHER", "SENTINEL-other", name: "other");
        _aws.Always("GetAuthorizationToken", Behavior.Deny, principal: "other");

        Assert.Equal("AccessDeniedException", await ErrorAsync(caller: other));
        Assert.Equal("AccessDeniedException", await ErrorAsync(caller: other));
        Assert.Null(await ErrorAsync());
        _aws.Normally("GetAuthorizationToken");
        Assert.Null(await ErrorAsync(caller: other));
    }

    [Fact]
    public async Task A_call_can_be_held_at_a_gate_without_anybody_sleeping()
    {
        var gate = new TaskCompletionSource();
        _aws.Next("GetAuthorizationToken", new Behavior.Wait(gate.Task));
        var call = CallAsync();

        await _aws.CallsReached("GetAuthorizationToken", 1);
        Assert.False(call.IsCompleted);
        Assert.Empty(_aws.Issued);
        gate.SetResult();

        Assert.NotNull((await call).Body["authorizationData"]);
    }

    [Fact]
    public async Task A_call_that_hangs_ends_with_its_client()
    {
        _aws.Next("GetAuthorizationToken", new Behavior.Hang());
        using var patience = new CancellationTokenSource();
        var call = _http.SendAsync(SignedCall.GetAuthorizationToken(_aws.Endpoint, _caller, _clock.Now), patience.Token);

        await _aws.CallsReached("GetAuthorizationToken", 1);
        await patience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Empty(_aws.Issued);
    }

    [Fact]
    public async Task A_call_that_hangs_does_not_hold_up_the_end_of_a_test()
    {
        await using var ending = await StandInAws.StartAsync(_clock);
        var caller = ending.AddPrincipal("AKIDTEST", "SENTINEL-secret");
        ending.Always("GetAuthorizationToken", new Behavior.Hang());
        var call = _http.SendAsync(SignedCall.GetAuthorizationToken(ending.Endpoint, caller, _clock.Now), Cancellation);
        await ending.CallsReached("GetAuthorizationToken", 1);

        await ending.DisposeAsync();

        await Assert.ThrowsAsync<HttpRequestException>(() => call);
    }

    [Fact]
    public async Task Connections_break_in_the_ways_that_networks_have()
    {
        _aws.Next("GetAuthorizationToken", new Behavior.CloseConnection());
        await Assert.ThrowsAsync<HttpRequestException>(() => CallAsync());

        _aws.Next("GetAuthorizationToken", new Behavior.Truncate());
        await Assert.ThrowsAsync<HttpRequestException>(() => CallAsync());

        _aws.Next("GetAuthorizationToken", new Behavior.Redirect(new Uri("http://127.0.0.1:1/")));
        using var redirected = await _http.SendAsync(SignedCall.GetAuthorizationToken(_aws.Endpoint, _caller, _clock.Now), Cancellation);
        Assert.Equal(HttpStatusCode.TemporaryRedirect, redirected.StatusCode);

        _aws.Next("GetAuthorizationToken", new Behavior.GarbageHtml());
        using var portal = await _http.SendAsync(SignedCall.GetAuthorizationToken(_aws.Endpoint, _caller, _clock.Now), Cancellation);
        Assert.Equal("text/html", portal.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task A_token_can_be_wrong_in_every_way_that_a_client_must_notice()
    {
        Assert.Empty((await LieAsync(TokenLie.EmptyList)).Body["authorizationData"]!.AsArray());
        Assert.Null((await DataAsync(TokenLie.NoToken))["authorizationToken"]);
        Assert.Null((await DataAsync(TokenLie.NoExpiry))["expiresAt"]);
        Assert.DoesNotContain(':', Decode((string)(await DataAsync(TokenLie.NoUserName))["authorizationToken"]!));
        var broken = (string)(await DataAsync(TokenLie.NotBase64))["authorizationToken"]!;
        Assert.Throws<FormatException>(() => Convert.FromBase64String(broken));
        Assert.True((double)(await DataAsync(TokenLie.AlreadyExpired))["expiresAt"]! < _clock.Now.ToUnixTimeSeconds());
        Assert.True((double)(await DataAsync(TokenLie.ExpiresInACentury))["expiresAt"]! > _clock.Now.AddYears(99).ToUnixTimeSeconds());
    }

    [Fact]
    public async Task An_endless_answer_goes_on_until_the_client_leaves()
    {
        _aws.Next("GetAuthorizationToken", new Behavior.Lie(TokenLie.Endless));
        using var request = SignedCall.GetAuthorizationToken(_aws.Endpoint, _caller, _clock.Now);
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);

        await using var body = await response.Content.ReadAsStreamAsync(Cancellation);
        await body.ReadExactlyAsync(new byte[1 << 20], Cancellation);
    }

    [Fact]
    public async Task The_life_of_tokens_can_be_shortened()
    {
        _aws.TokenLife = TimeSpan.FromSeconds(90);
        await CallAsync();

        Assert.Equal(_clock.Now.AddSeconds(90), _aws.Issued.Single().ExpiresAt);
        Assert.Same(_aws.Issued.Single(), _aws.FindToken(_aws.Issued.Single().Password));
    }

    private static string Decode(string base64) => Encoding.UTF8.GetString(Convert.FromBase64String(base64));

    private async Task<(HttpResponseMessage Response, JsonNode Body)> CallAsync(
        Principal? caller = null, string region = "us-east-1", string service = "ecr", string? scope = null, DateTimeOffset? at = null)
    {
        using var request = SignedCall.GetAuthorizationToken(_aws.Endpoint, caller ?? _caller, at ?? _clock.Now, region, service, scope);
        var response = await _http.SendAsync(request, Cancellation);
        return (response, JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancellation))!);
    }

    private async Task<string?> ErrorAsync(Principal? caller = null, string? scope = null, DateTimeOffset? at = null) =>
        (string?)(await CallAsync(caller, scope: scope, at: at)).Body["__type"];

    private Task<(HttpResponseMessage Response, JsonNode Body)> LieAsync(TokenLie lie)
    {
        _aws.Next("GetAuthorizationToken", new Behavior.Lie(lie));
        return CallAsync();
    }

    private async Task<JsonNode> DataAsync(TokenLie lie) => (await LieAsync(lie)).Body["authorizationData"]![0]!;
}
