using System.Text.Json.Nodes;
using Ark.Aws;
using Ark.Core.Problems;
using Ark.Testing.Aws;
using Xunit;

namespace Ark.Tests.Aws;

public sealed class SignInTests
{
    private const string Role = "arn:aws:iam::123456789012:role/Reader";
    private const string Device = "arn:aws:iam::123456789012:mfa/person";

    private const string WithSession = """
        [profile corp]
        sso_session = work
        sso_account_id = 123456789012
        sso_role_name = Reader
        [sso-session work]
        sso_region = eu-west-1
        sso_start_url = https://corp.example.com/start

        """;

    private const string WithMfa = $"""
        [profile corp]
        role_arn = {Role}
        source_profile = me
        mfa_serial = {Device}
        [profile me]
        aws_access_key_id = {SomeCaller.KeyId}
        aws_secret_access_key = {SomeCaller.Secret}

        """;

    [Fact]
    public async Task A_login_confirmed_in_the_browser_serves_the_next_request_and_is_AWSs_own_file()
    {
        await using Person person = await Person.StartAsync(WithSession);
        SignInStep.Browser page = await person.BeginAsync<SignInStep.Browser>();
        Assert.Equal($"https://corp.example.com/device?user_code={page.UserCode}", page.Url);
        Assert.IsType<SignInStep.Waiting>(await person.AskAsync(page));

        person.Caller.Aws.DecideDevice(page.UserCode, confirmed: true, Role);
        SignInStep.Done done = Assert.IsType<SignInStep.Done>(await person.AskAsync(page));

        Assert.Equal(person.Caller.Clock.GetUtcNow().AddHours(8), done.Until, TimeSpan.FromSeconds(5));
        Assert.Equal("arn:aws:sts::123456789012:assumed-role/Reader/person", (await person.Caller.FetchAsync()).Principal.Arn);
        JsonNode login = JsonNode.Parse(await person.LoginFileAsync())!;
        Assert.Equal("https://corp.example.com/start", (string?)login["startUrl"]);
        Assert.Equal("eu-west-1", (string?)login["region"]);
        Assert.All(
            ["accessToken", "expiresAt", "clientId", "clientSecret", "registrationExpiresAt", "refreshToken"],
            name => Assert.NotEmpty((string?)login[name] ?? ""));
        Assert.Equal(["sso:account:access"], person.Caller.Aws.RegisteredScopes);
    }

    [Fact]
    public async Task A_login_without_a_session_asks_for_no_scopes_as_AWSs_tools_do()
    {
        await using Person person = await Person.StartAsync(
            "[profile corp]\nsso_start_url = https://corp.example.com/start\nsso_region = eu-west-1\n" +
            "sso_account_id = 123456789012\nsso_role_name = Reader\n");
        SignInStep.Browser page = await person.BeginAsync<SignInStep.Browser>();
        person.Caller.Aws.DecideDevice(page.UserCode, confirmed: true, Role);

        Assert.IsType<SignInStep.Done>(await person.AskAsync(page));

        Assert.Empty(person.Caller.Aws.RegisteredScopes);
        Assert.Null(JsonNode.Parse(await person.LoginFileAsync())!["refreshToken"]);
    }

    [Fact]
    public async Task A_login_that_is_denied_is_over()
    {
        await using Person person = await Person.StartAsync(WithSession);
        SignInStep.Browser page = await person.BeginAsync<SignInStep.Browser>();
        person.Caller.Aws.DecideDevice(page.UserCode, confirmed: false);

        Assert.Contains("denied", (await person.RefusedAsync(page)).Message, StringComparison.Ordinal);
        Assert.Contains("no such login", (await person.RefusedAsync(page)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("slow_down", true)]
    [InlineData("expired_token", false)]
    public async Task The_answers_of_the_flow_are_told_apart(string code, bool goesOn)
    {
        await using Person person = await Person.StartAsync(WithSession);
        SignInStep.Browser page = await person.BeginAsync<SignInStep.Browser>();
        person.Caller.Aws.Next("CreateToken", new Behavior.Fail(400, code, ""));

        if (goesOn)
        {
            Assert.Equal(page.Seconds + 5, Assert.IsType<SignInStep.Waiting>(await person.AskAsync(page)).Seconds);
        }
        else
        {
            Assert.Contains("in time", (await person.RefusedAsync(page)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_login_goes_on_after_the_network_was_away()
    {
        await using Person person = await Person.StartAsync(WithSession);
        SignInStep.Browser page = await person.BeginAsync<SignInStep.Browser>();
        person.Caller.Aws.Next("CreateToken", new Behavior.Fail(500, "InternalServerException", ""));
        Assert.IsType<SignInStep.Waiting>(await person.AskAsync(page));

        person.Caller.Aws.DecideDevice(page.UserCode, confirmed: true, Role);

        Assert.IsType<SignInStep.Done>(await person.AskAsync(page));
    }

    [Theory]
    [InlineData("""{"clientId":"c","clientSecret":"SENTINEL","clientSecretExpiresAt":9223372036854775807}""", true)]
    [InlineData("""{"clientId":"c","clientSecret":"SENTINEL","clientSecretExpiresAt":-1e300}""", true)]
    [InlineData("""{"clientId":"\ud800","clientSecret":"SENTINEL"}""", false)]
    [InlineData("""{"clientId":"c","clientSecret":"\ud800"}""", false)]
    [InlineData("[]", false)]
    public async Task A_registration_is_not_believed_everything(string answer, bool goesOn)
    {
        await using Person person = await Person.StartAsync(WithSession);
        person.Caller.Aws.Next("RegisterClient", new Behavior.GarbageHtml(answer, "application/json"));
        person.Caller.Aws.Next("StartDeviceAuthorization", Page("\"https://corp.example.com/device\"", 5));

        Assert.Equal(goesOn, (await person.TryBeginAsync()).Succeeded(out _, out _));
    }

    [Theory]
    [InlineData("\"https://corp.example.com/device\"", 2_147_483_647, 60)]
    [InlineData("\"https://corp.example.com/device\"", 1, 1)]
    [InlineData("\"http://corp.example.com/device\"", 5, null)]
    [InlineData("\"file:///etc/passwd\"", 5, null)]
    [InlineData("\"https://corp.example.com@evil.example/\"", 5, null)]
    [InlineData("\"https://corp.example.com/\\u001b[2J\"", 5, null)]
    public async Task A_page_is_an_https_address_and_asked_about_within_a_minute(string url, int interval, int? seconds)
    {
        await using Person person = await Person.StartAsync(WithSession);
        person.Caller.Aws.Next("StartDeviceAuthorization", Page(url, interval));

        Outcome<SignInStep> outcome = await person.TryBeginAsync();

        Assert.Equal(seconds, outcome.Succeeded(out SignInStep? step, out _) ? Assert.IsType<SignInStep.Browser>(step).Seconds : null);
    }

    [Fact]
    public async Task Nobody_waits_for_a_page_longer_than_it_waits_itself()
    {
        await using Person person = await Person.StartAsync(WithSession);
        SignInStep.Browser page = await person.BeginAsync<SignInStep.Browser>();

        person.Caller.Clock.Limits.Advance(TimeSpan.FromHours(1));
        person.Caller.Aws.Next("CreateToken", new Behavior.Fail(400, "authorization_pending", ""));

        Assert.Contains("in time", (await person.RefusedAsync(page)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_MFA_code_opens_a_session_for_every_role_that_asks_for_the_device()
    {
        await using Person person = await Person.StartAsync(
            WithMfa + "[profile other]\nrole_arn = arn:aws:iam::123456789012:role/Other\nsource_profile = me\nmfa_serial = " + Device + "\n");
        person.Caller.Aws.AddRole(Role);
        person.Caller.Aws.AddRole("arn:aws:iam::123456789012:role/Other");
        person.Caller.Aws.AddMfaDevice(person.Caller.Somebody, Device, "123456");
        Problem problem = await person.Caller.FailAsync();
        Assert.Equal(ProblemKind.MfaRequired, problem.Kind);
        Assert.Equal("run `ark login --profile corp`", problem.Hint);

        Assert.Equal(Device, (await person.BeginAsync<SignInStep.Code>()).Device);
        Assert.IsType<SignInStep.Done>(await person.EnterAsync("123456"));

        Assert.Contains("assumed-role/Reader/", (await person.Caller.FetchAsync()).Principal.Arn, StringComparison.Ordinal);
        person.Caller.Variables["AWS_PROFILE"] = "other";
        Assert.Contains("assumed-role/Other/", (await person.Caller.FetchAsync()).Principal.Arn, StringComparison.Ordinal);
        Assert.Equal(1, person.Caller.Aws.Calls("GetSessionToken"));
    }

    [Fact]
    public async Task Whoever_knows_only_the_id_of_a_key_gets_nothing_of_the_session_opened_with_it()
    {
        await using Person person = await Person.StartAsync(WithMfa);
        person.Caller.Aws.AddRole(Role);
        person.Caller.Aws.AddMfaDevice(person.Caller.Somebody, Device, "123456");
        await person.EnterAsync("123456");
        string other = Path.Combine(person.Caller.Home.Home, "other");
        await File.WriteAllTextAsync(
            other,
            WithMfa.Replace(SomeCaller.Secret, "SENTINEL-guessed", StringComparison.Ordinal),
            TestContext.Current.CancellationToken);

        person.Caller.Variables["AWS_CONFIG_FILE"] = other;

        Assert.Equal(ProblemKind.MfaRequired, (await person.Caller.FailAsync()).Kind);
    }

    [Fact]
    public async Task A_session_opened_with_a_code_ends_after_twelve_hours()
    {
        await using Person person = await Person.StartAsync(WithMfa);
        person.Caller.Aws.AddRole(Role);
        person.Caller.Aws.AddMfaDevice(person.Caller.Somebody, Device, "123456");
        await person.EnterAsync("123456");
        await person.Caller.FetchAsync();

        person.Caller.Clock.Limits.Advance(TimeSpan.FromHours(12));

        Assert.Equal(ProblemKind.MfaRequired, (await person.Caller.FailAsync()).Kind);
    }

    [Theory]
    [InlineData("654321", "invalid MFA")]
    [InlineData("12345", "six digits")]
    [InlineData("SENTINEL", "six digits")]
    public async Task A_wrong_code_opens_nothing_and_says_so(string code, string why)
    {
        await using Person person = await Person.StartAsync(WithMfa);
        person.Caller.Aws.AddMfaDevice(person.Caller.Somebody, Device, "123456");

        Assert.True((await person.TryEnterAsync(code)).Succeeded(out _, out Problem? problem) is false);
        Assert.Contains(why, SomeCaller.WithoutSecrets(problem!).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task For_a_session_of_aws_login_the_AWS_command_logs_in()
    {
        await using Person person = await Person.StartAsync("[profile corp]\nlogin_session = arn:aws:iam::123456789012:user/me\n");

        Assert.Equal(["aws", "login", "--profile", "corp"], (await person.BeginAsync<SignInStep.Command>()).Arguments);
    }

    [Fact]
    public async Task The_login_of_a_role_is_that_of_whoever_assumes_it()
    {
        await using Person person = await Person.StartAsync(
            WithSession.Replace("[profile corp]", "[profile base]", StringComparison.Ordinal) +
            $"[profile corp]\nrole_arn = {Role}\nsource_profile = base\n");

        Assert.NotEmpty((await person.BeginAsync<SignInStep.Browser>()).UserCode);
    }

    [Fact]
    public async Task Keys_need_no_login()
    {
        await using Person person = await Person.StartAsync("[profile corp]\naws_access_key_id = AKIA\naws_secret_access_key = SENTINEL\n");

        Assert.Equal("profile corp", (await person.BeginAsync<SignInStep.Nothing>()).Holder);
    }

    private static Behavior.GarbageHtml Page(string url, int interval) => new(
        $$"""{"deviceCode":"SENTINEL","userCode":"A-B","verificationUri":{{url}},"expiresIn":2147483647,"interval":{{interval}}}""",
        "application/json");

    /// <summary>Somebody with the profile <c>corp</c>.</summary>
    private sealed class Person(SomeCaller caller) : IAsyncDisposable
    {
        private readonly SignIn _signIn = new(caller.Access);

        public SomeCaller Caller => caller;

        private SignInTarget Target => new(null, "corp", caller.Identity, Proxy: null);

        public static async Task<Person> StartAsync(string config)
        {
            SomeCaller caller = await SomeCaller.StartAsync();
            caller.Home.WriteAwsConfig(config);
            caller.Variables["AWS_PROFILE"] = "corp";
            return new Person(caller);
        }

        public async Task<T> BeginAsync<T>()
            where T : SignInStep => Assert.IsType<T>(
                Step(await _signIn.BeginAsync(Target, TestContext.Current.CancellationToken)));

        public async Task<Outcome<SignInStep>> TryBeginAsync()
        {
            Outcome<SignInStep> outcome = await _signIn.BeginAsync(Target, TestContext.Current.CancellationToken);
            if (!outcome.Succeeded(out _, out Problem? problem))
            {
                SomeCaller.WithoutSecrets(problem);
            }

            return outcome;
        }

        public async Task<SignInStep> AskAsync(SignInStep.Browser page) =>
            Step(await _signIn.AskAsync(page.Attempt, TestContext.Current.CancellationToken));

        public async Task<Problem> RefusedAsync(SignInStep.Browser page)
        {
            Outcome<SignInStep> outcome = await _signIn.AskAsync(page.Attempt, TestContext.Current.CancellationToken);
            Assert.False(outcome.Succeeded(out SignInStep? step, out Problem? problem), step?.ToString());
            return SomeCaller.WithoutSecrets(problem!);
        }

        public Task<Outcome<SignInStep>> TryEnterAsync(string code) =>
            _signIn.EnterAsync(Target, code, TestContext.Current.CancellationToken);

        public async Task<SignInStep> EnterAsync(string code) => Step(await TryEnterAsync(code));

        public Task<string> LoginFileAsync() => File.ReadAllTextAsync(
            Assert.Single(Directory.GetFiles(Path.Combine(caller.Home.Home, ".aws", "sso", "cache"))), TestContext.Current.CancellationToken);

        public ValueTask DisposeAsync() => caller.DisposeAsync();

        private static SignInStep Step(Outcome<SignInStep> outcome)
        {
            Assert.True(outcome.Succeeded(out SignInStep? step, out Problem? problem), problem?.ToString());
            return step!;
        }
    }
}
