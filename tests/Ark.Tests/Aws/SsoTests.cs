using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Ark.Core.Problems;
using Ark.Core.Tokens;
using Ark.Testing.Aws;
using Xunit;

namespace Ark.Tests.Aws;

public sealed class SsoTests
{
    private const string Role = "arn:aws:iam::123456789012:role/Reader";
    private const string StartUrl = "https://corp.example.com/start";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_login_gives_the_roles_token_for_both_spellings_of_the_profile(bool session)
    {
        await using SomeCaller caller = await StartAsync(session);
        Login(caller, session ? "corp" : StartUrl, "SENTINEL-access", TimeSpan.FromHours(8));

        Assert.Equal("arn:aws:sts::123456789012:assumed-role/Reader/person", (await caller.FetchAsync()).Principal.Arn);
        Assert.Equal(0, caller.Aws.Calls("CreateToken"));
    }

    [Fact]
    public async Task A_login_that_was_never_made_or_has_expired_asks_for_one_and_is_seen_without_a_restart()
    {
        await using SomeCaller caller = await StartAsync();
        ITokenSource source = caller.Found();
        AssertLoginRequired(await caller.FailAsync(), "has not been logged in");

        Login(caller, "corp", "SENTINEL-old", TimeSpan.FromHours(-1));
        AssertLoginRequired(await caller.FailAsync(), "expired");
        Assert.Empty(caller.Aws.Log);

        Login(caller, "corp", "SENTINEL-new", TimeSpan.FromHours(8));
        Assert.IsType<FetchOutcome.Fetched>(await source.FetchAsync(TestContext.Current.CancellationToken)).Token.Dispose();
        Assert.Equal(source.Key, caller.Found().Key);
    }

    [Fact]
    public async Task An_expired_login_is_renewed_with_its_refresh_token_and_written_back()
    {
        await using SomeCaller caller = await StartAsync();
        string file = Login(caller, "corp", "SENTINEL-old", TimeSpan.FromHours(-1), "SENTINEL-refresh");

        await caller.FetchAsync();
        await caller.FetchAsync();

        JsonNode login = JsonNode.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken))!;
        Assert.NotEqual("SENTINEL-old", (string?)login["accessToken"]);
        Assert.True(DateTimeOffset.Parse((string)login["expiresAt"]!, null) > caller.Clock.GetUtcNow().AddHours(7));
        Assert.Equal(("SENTINEL-refresh", StartUrl), ((string?)login["refreshToken"], (string?)login["startUrl"]));
        Assert.Equal(1, caller.Aws.Calls("CreateToken"));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(file)!));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public async Task A_renewal_that_brings_no_refresh_token_drops_the_old_one()
    {
        await using SomeCaller caller = await StartAsync();
        string file = Login(caller, "corp", "SENTINEL-old", TimeSpan.FromHours(-1), "SENTINEL-refresh");
        caller.Aws.EndsRefreshTokens = true;

        await caller.FetchAsync();

        JsonNode login = JsonNode.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken))!;
        Assert.NotEqual("SENTINEL-old", (string?)login["accessToken"]);
        Assert.Equal((false, StartUrl), (login.AsObject().ContainsKey("refreshToken"), (string?)login["startUrl"]));
    }

    [Fact]
    public async Task A_renewed_login_that_cannot_be_written_is_used_and_the_log_told()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege there");
        await using SomeCaller caller = await StartAsync();
        string file = Login(caller, "corp", "SENTINEL-old", TimeSpan.FromHours(-1), "SENTINEL-refresh");
        string login = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);

        // Not even root can write a draft beside a file whose name is as long as names may be.
        File.Delete(file);
        File.CreateSymbolicLink(file, caller.Home.Write(new string('n', 250), login));

        FetchOutcome outcome = await caller.Found().FetchAsync(TestContext.Current.CancellationToken);

        FetchOutcome.Fetched fetched = Assert.IsType<FetchOutcome.Fetched>(outcome);
        fetched.Token.Dispose();
        Assert.Contains($"could not be written to {file}", fetched.Warning, StringComparison.Ordinal);
        Assert.DoesNotContain("SENTINEL", fetched.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_login_that_was_exchanged_is_seen_by_the_next_fetch()
    {
        await using SomeCaller caller = await StartAsync();
        string file = Login(caller, "corp", "SENTINEL-first", TimeSpan.FromHours(8));
        ITokenSource source = caller.Found();
        Assert.IsType<FetchOutcome.Fetched>(await source.FetchAsync(TestContext.Current.CancellationToken)).Token.Dispose();

        // The AWS command writes a new file and moves it there; the old login is good for nothing.
        caller.Aws.AddSsoSession("SENTINEL-first", null, caller.Clock.GetUtcNow().AddHours(8));
        string login = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        caller.Aws.AddSsoSession("SENTINEL-second", null, caller.Clock.GetUtcNow().AddHours(8), Role);
        File.Move(caller.Home.Write("draft", login.Replace("first", "second", StringComparison.Ordinal)), file, overwrite: true);

        Assert.IsType<FetchOutcome.Fetched>(await source.FetchAsync(TestContext.Current.CancellationToken)).Token.Dispose();
    }

    [Fact]
    public async Task Those_who_share_an_expired_login_renew_it_once()
    {
        await using SomeCaller caller = await StartAsync();
        Login(caller, "corp", "SENTINEL-old", TimeSpan.FromHours(-1), "SENTINEL-refresh");
        var renewed = new TaskCompletionSource();
        caller.Aws.Next("CreateToken", new Behavior.Wait(renewed.Task));

        Task<IssuedToken>[] fetches = [.. Enumerable.Range(0, 5).Select(_ => caller.FetchAsync())];
        await caller.Aws.CallsReached("CreateToken", 1);
        renewed.SetResult();
        await Task.WhenAll(fetches);

        Assert.Equal(1, caller.Aws.Calls("CreateToken"));
    }

    [Fact]
    public async Task A_refresh_token_that_is_over_asks_for_a_login()
    {
        await using SomeCaller caller = await StartAsync();
        Login(caller, "corp", "SENTINEL-old", TimeSpan.FromHours(-1), "SENTINEL-refresh");
        caller.Aws.Always("CreateToken", new Behavior.Fail(400, "InvalidGrantException", "SENTINEL-refresh is over"));

        AssertLoginRequired(await caller.FailAsync(), "no longer accepted");
    }

    [Fact]
    public async Task A_login_that_the_portal_refuses_asks_for_a_new_one()
    {
        await using SomeCaller caller = await StartAsync();
        Login(caller, "corp", "SENTINEL-revoked", TimeSpan.FromHours(8), known: false);

        AssertLoginRequired(await caller.FailAsync(), "no longer accepted");
    }

    [Fact]
    public async Task A_role_that_the_portal_does_not_give_is_denied()
    {
        await using SomeCaller caller = await StartAsync();
        Login(caller, "corp", "SENTINEL-access", TimeSpan.FromHours(8), roles: []);

        Problem problem = await caller.FailAsync();

        Assert.Equal(ProblemKind.AccessDenied, problem.Kind);
        Assert.Contains("Reader", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"accessToken":"SENTINEL""")]
    [InlineData("""{"accessToken":7,"expiresAt":"2999-01-01T00:00:00Z"}""")]
    [InlineData("""{"accessToken":"\ud800","expiresAt":"2999-01-01T00:00:00Z"}""")]
    public async Task A_login_that_makes_no_sense_asks_for_a_new_one(string content)
    {
        await using SomeCaller caller = await StartAsync();
        caller.Home.Write(CacheFile("corp"), content);

        Assert.Equal(ProblemKind.LoginRequired, (await caller.FailAsync()).Kind);
    }

    [Fact]
    public async Task The_old_way_to_write_the_expiry_is_understood()
    {
        await using SomeCaller caller = await StartAsync();
        Login(caller, "corp", "SENTINEL-access", TimeSpan.FromHours(8));
        caller.Home.Write(CacheFile("corp"), """{"accessToken":"SENTINEL-access","expiresAt":"2999-01-01T00:00:00UTC"}""");

        Assert.NotNull(await caller.FetchAsync());
    }

    private static void AssertLoginRequired(Problem problem, string state)
    {
        Assert.Equal(ProblemKind.LoginRequired, problem.Kind);
        Assert.Contains("'corp-reader'", problem.Message, StringComparison.Ordinal);
        Assert.Contains(state, problem.Message, StringComparison.Ordinal);
        Assert.Equal("run `aws sso login --profile corp-reader`", problem.Hint);
    }

    private static async Task<SomeCaller> StartAsync(bool session = true)
    {
        SomeCaller caller = await SomeCaller.StartAsync();
        caller.Home.WriteAwsConfig(session
            ? $"[profile corp-reader]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Reader\n[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = {StartUrl}\n"
            : $"[profile corp-reader]\nsso_start_url = {StartUrl}\nsso_region = eu-west-1\nsso_account_id = 123456789012\nsso_role_name = Reader\n");
        caller.Variables["AWS_PROFILE"] = "corp-reader";
        return caller;
    }

    private static string Login(
        SomeCaller caller, string key, string accessToken, TimeSpan left, string? refreshToken = null, bool known = true, string[]? roles = null)
    {
        DateTimeOffset expiresAt = caller.Clock.GetUtcNow() + left;
        if (known)
        {
            caller.Aws.AddSsoSession(accessToken, refreshToken, expiresAt, roles ?? [Role]);
        }

        var login = new JsonObject
        {
            ["startUrl"] = StartUrl,
            ["accessToken"] = accessToken,
            ["expiresAt"] = expiresAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"),
            ["clientId"] = "client",
            ["clientSecret"] = "SENTINEL-client",
        };
        if (refreshToken is not null)
        {
            login["refreshToken"] = refreshToken;
        }

        return caller.Home.Write(CacheFile(key), login.ToJsonString());
    }

    private static string CacheFile(string key)
    {
#pragma warning disable CA5350 // As the AWS command names its files.
        return $".aws/sso/cache/{Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(key)))}.json";
#pragma warning restore CA5350
    }
}
