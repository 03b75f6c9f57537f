using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Ark.Core.Problems;
using Ark.Core.Tokens;
using Ark.Testing.Aws;
using Xunit;

namespace Ark.Tests.Aws;

public sealed class LoginSessionTests : IDisposable
{
    private const string Session = "arn:aws:iam::123456789012:user/person";
    private const string Role = "arn:aws:iam::123456789012:role/Reader";
    private const string Refresh = "SENTINEL-refresh";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose() => _key.Dispose();

    [Fact]
    public async Task Keys_that_are_good_for_a_while_are_used_as_they_are()
    {
        await using SomeCaller caller = await StartAsync();
        Write(caller, TimeSpan.FromMinutes(6));

        Assert.Equal(SomeCaller.KeyId, (await caller.FetchAsync()).Principal.AccessKeyId);
        Assert.Equal(0, caller.Aws.Calls("CreateOAuth2Token"));
    }

    [Fact]
    public async Task Keys_about_to_end_are_renewed_once_and_written_back_for_the_AWS_command()
    {
        await using SomeCaller caller = await StartAsync();
        string file = Write(caller, TimeSpan.FromMinutes(4));

        Assert.Equal("arn:aws:sts::123456789012:assumed-role/Reader/person", (await caller.FetchAsync()).Principal.Arn);
        await caller.FetchAsync();

        JsonNode session = JsonNode.Parse(await System.IO.File.ReadAllTextAsync(file, TestContext.Current.CancellationToken))!;
        JsonNode keys = session["accessToken"]!;
        Assert.Equal(1, caller.Aws.Calls("CreateOAuth2Token"));
        Assert.NotEqual(SomeCaller.KeyId, (string?)keys["accessKeyId"]);
        Assert.Equal(caller.Clock.GetUtcNow().AddMinutes(15), DateTimeOffset.Parse((string)keys["expiresAt"]!, null), TimeSpan.FromSeconds(2));
        Assert.Equal("123456789012", (string?)keys["accountId"]);
        Assert.NotEqual(Refresh, (string?)session["refreshToken"]);
        Assert.Equal(("client", "kept"), ((string?)session["clientId"], (string?)session["unknown"]));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(file)!));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public async Task A_session_with_a_member_that_nobody_can_write_back_is_renewed_all_the_same()
    {
        await using SomeCaller caller = await StartAsync();
        string file = Write(caller, TimeSpan.Zero);
        string odd = (await System.IO.File.ReadAllTextAsync(file, TestContext.Current.CancellationToken))
            .Replace("\"kept\"", "\"\\ud800\"", StringComparison.Ordinal);
        await System.IO.File.WriteAllTextAsync(file, odd, TestContext.Current.CancellationToken);

        await caller.FetchAsync();

        Assert.Equal(odd, await System.IO.File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Those_who_share_a_session_renew_it_once()
    {
        await using SomeCaller caller = await StartAsync();
        Write(caller, TimeSpan.Zero);
        var renewed = new TaskCompletionSource();
        caller.Aws.Next("CreateOAuth2Token", new Behavior.Wait(renewed.Task));

        Task<IssuedToken>[] fetches = [.. Enumerable.Range(0, 5).Select(_ => caller.FetchAsync())];
        await caller.Aws.CallsReached("CreateOAuth2Token", 1);
        renewed.SetResult();
        await Task.WhenAll(fetches);

        Assert.Equal(1, caller.Aws.Calls("CreateOAuth2Token"));
    }

    [Fact]
    public async Task A_session_that_was_never_opened_is_asked_for_and_seen_without_a_restart()
    {
        await using SomeCaller caller = await StartAsync();
        ITokenSource source = caller.Found();
        AssertLoginRequired(await caller.FailAsync(), "has no session");

        Write(caller, TimeSpan.FromHours(1));

        Assert.IsType<FetchOutcome.Fetched>(await source.FetchAsync(TestContext.Current.CancellationToken)).Token.Dispose();
        Assert.Equal(source.Key, caller.Found().Key);
    }

    [Theory]
    [InlineData(401, "TOKEN_EXPIRED", ProblemKind.LoginRequired, "has expired")]
    [InlineData(403, "USER_CREDENTIALS_CHANGED", ProblemKind.LoginRequired, "password or keys changed")]
    [InlineData(403, "INSUFFICIENT_PERMISSIONS", ProblemKind.AccessDenied, "does not let")]
    [InlineData(500, "SERVER_ERROR", ProblemKind.ServiceFailure, "status 500")]
    public async Task Each_refusal_of_a_renewal_has_its_own_reason(int status, string code, ProblemKind kind, string reason)
    {
        await using SomeCaller caller = await StartAsync();
        Write(caller, TimeSpan.Zero);
        caller.Aws.Always("CreateOAuth2Token", new Behavior.Fail(status, code, Refresh));

        Problem problem = await caller.FailAsync();

        Assert.Equal(kind, problem.Kind);
        Assert.Contains(reason, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_a_renewal_fails_keys_that_are_still_good_are_used()
    {
        await using SomeCaller caller = await StartAsync();
        Write(caller, TimeSpan.FromMinutes(2));
        caller.Aws.Always("CreateOAuth2Token", new Behavior.Fail(500, "SERVER_ERROR", ""));

        Assert.Equal(SomeCaller.KeyId, (await caller.FetchAsync()).Principal.AccessKeyId);
    }

    [Fact]
    public async Task A_session_that_cannot_be_written_back_is_used_and_told_of()
    {
        await using SomeCaller caller = await StartAsync();
        string file = Write(caller, TimeSpan.Zero);

        // A draft is written beside the file first: in a folder that is none there is no place for it.
        caller.Aws.Next("CreateOAuth2Token", new Behavior.Wait(Task.Run(async () =>
        {
            await caller.Aws.CallsReached("CreateOAuth2Token", 1);
            string folder = Path.GetDirectoryName(file)!;
            Directory.Delete(folder, recursive: true);
            await System.IO.File.WriteAllTextAsync(folder, "");
        })));
        FetchOutcome outcome = await caller.Found().FetchAsync(TestContext.Current.CancellationToken);

        var fetched = Assert.IsType<FetchOutcome.Fetched>(outcome);
        fetched.Token.Dispose();
        Assert.Contains("could not be written", fetched.Warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"accessToken":"SENTINEL""")]
    [InlineData("""{"accessToken":7,"refreshToken":"SENTINEL","clientId":"c","dpopKey":"SENTINEL-no-key"}""")]
    [InlineData("""{"accessToken":{"accessKeyId":"\ud800","secretAccessKey":"\ud800","expiresAt":"2999-01-01T00:00:00Z"}}""")]
    [InlineData("""{"refreshToken":"\ud800","clientId":[],"dpopKey":{}}""")]
    public async Task A_session_that_makes_no_sense_asks_for_a_new_one(string content)
    {
        await using SomeCaller caller = await StartAsync();
        caller.Home.Write(File(), content);

        Assert.Equal(ProblemKind.LoginRequired, (await caller.FailAsync()).Kind);
    }

    [Fact]
    public async Task A_directory_of_sessions_may_be_named()
    {
        await using SomeCaller caller = await StartAsync();
        caller.Variables["AWS_LOGIN_CACHE_DIRECTORY"] = Path.Combine(caller.Home.Home, "elsewhere");
        Write(caller, TimeSpan.FromHours(1), "elsewhere");

        Assert.NotNull(await caller.FetchAsync());
    }

    [Fact]
    public async Task A_token_of_another_account_than_the_sessions_is_refused()
    {
        await using SomeCaller caller = await StartAsync("arn:aws:iam::210987654321:user/person");
        Write(caller, TimeSpan.FromHours(1), session: "arn:aws:iam::210987654321:user/person");

        Assert.Contains("210987654321", (await caller.FailAsync()).Message, StringComparison.Ordinal);
    }

    private static void AssertLoginRequired(Problem problem, string state)
    {
        Assert.Equal(ProblemKind.LoginRequired, problem.Kind);
        Assert.Contains(state, problem.Message, StringComparison.Ordinal);
        Assert.Equal("run `aws login --profile person`", problem.Hint);
    }

    private static async Task<SomeCaller> StartAsync(string session = Session)
    {
        SomeCaller caller = await SomeCaller.StartAsync();
        caller.Home.WriteAwsConfig($"[profile person]\nlogin_session = {session}\nregion = eu-west-1\n");
        caller.Variables["AWS_PROFILE"] = "person";
        return caller;
    }

    private static string File(string directory = ".aws/login/cache", string session = Session) =>
        $"{directory}/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(session)))}.json";

    /// <summary>A session as <c>aws login</c> leaves it, with the caller's keys in it.</summary>
    private string Write(SomeCaller caller, TimeSpan left, string directory = ".aws/login/cache", string session = Session)
    {
        caller.Aws.AddLoginSession(Refresh, _key, Role);
        return caller.Home.Write(File(directory, session), new JsonObject
        {
            ["accessToken"] = new JsonObject
            {
                ["accessKeyId"] = SomeCaller.KeyId,
                ["secretAccessKey"] = SomeCaller.Secret,
                ["sessionToken"] = "",
                ["accountId"] = "123456789012",
                ["expiresAt"] = (caller.Clock.GetUtcNow() + left).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"),
            },
            ["tokenType"] = "aws_sigv4",
            ["refreshToken"] = Refresh,
            ["clientId"] = "client",
            ["dpopKey"] = _key.ExportECPrivateKeyPem(),
            ["unknown"] = "kept",
        }.ToJsonString());
    }
}
