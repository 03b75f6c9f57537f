using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Ark.Testing;
using Ark.Testing.Aws;
using Xunit;

namespace Ark.EndToEnd.Sources;

/// <summary>
/// Every place that AWS credentials come from, working and failing in each way, through the published helper and daemon, with files of AWS
/// in a home of its own. What is expected is the problem's code on standard error, or <c>served</c>: keys of a metadata endpoint that have
/// ended are tried all the same, as with AWS's SDKs, and here AWS takes them.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class SourceMatrixTests
{
    private const string Host = "999999999999.dkr.ecr.us-east-1.amazonaws.com";
    private const string Role = "arn:aws:iam::123456789012:role/Reader";
    private const string KeyId = "AKIAMATRIXEXAMPLE000", Secret = "SENTINEL-matrix-key", Session = "SENTINEL-matrix-session";

    public static TheoryData<string, string, string> Cells
    {
        get
        {
            string[] conditions = ["works", "expired", "missing", "denied", "slow", "garbage"];
            (string Source, string[] Codes)[] rows =
            [
                ("keys", ["served", "credentials-rejected", "no-credentials", "access-denied", "served", "bad-answer"]),
                ("profile", ["served", "credentials-rejected", "profile-not-found", "access-denied", "served", "bad-answer"]),
                ("role", ["served", "credentials-rejected", "profile-not-found", "access-denied", "served", "bad-answer"]),
                ("web identity", ["served", "credentials-rejected", "no-credentials", "access-denied", "served", "bad-answer"]),
                ("sso", ["served", "login-needed", "login-needed", "access-denied", "served", "bad-answer"]),
                ("aws login", ["served", "login-needed", "login-needed", "access-denied", "served", "bad-answer"]),
                ("program", ["served", "credentials-rejected", "bad-setting", "no-credentials", "served", "bad-answer"]),
                ("container", ["served", "served", "no-credentials", "access-denied", "served", "bad-answer"]),
                ("instance", ["served", "served", "no-credentials", "no-credentials", "no-credentials", "bad-answer"]),
                ("organization of the instance", ["served", "served", "no-credentials", "no-credentials", "no-credentials", "bad-answer"]),
            ];
            return [.. from row in rows from at in Enumerable.Range(0, conditions.Length) select (row.Source, conditions[at], row.Codes[at])];
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Each_source_serves_or_says_why_not(string source, string condition, string code)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs sh");
        Assert.SkipUnless(File.Exists(Programs.Daemon), $"not published: {Programs.PublishDirectory} (run scripts/publish)");
        await using var cell = await Cell.StartAsync();
        cell.Arrange(source, condition);

        ProgramResult result = await cell.GetAsync();

        if (code == "served")
        {
            Assert.True(result.ExitCode == 0, result.ToString());
            Assert.Contains(cell.Aws.Issued, token => result.OutputText.Contains(token.Password, StringComparison.Ordinal));
        }
        else
        {
            Assert.True(result.ExitCode == 1, result.ToString());
            Assert.EndsWith($"\nark: code: {code}\n", result.ErrorText, StringComparison.Ordinal);
            Assert.DoesNotContain(StandInAws.Sentinel, result.OutputText, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(StandInAws.Sentinel, result.ErrorText + cell.Log(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_that_is_exchanged_every_time_costs_one_call_of_ECR()
    {
        Assert.SkipUnless(File.Exists(Programs.Daemon), $"not published: {Programs.PublishDirectory} (run scripts/publish)");
        await using var cell = await Cell.StartAsync();
        cell.Arrange("role", "works");
        for (int time = 0; time < 3; time++)
        {
            Assert.Equal(0, (await cell.GetAsync()).ExitCode);
        }

        Assert.Equal((1, 1), (cell.Aws.Calls("AssumeRole"), cell.Aws.Calls("GetAuthorizationToken")));
    }

    [Fact]
    public async Task A_login_whose_file_is_exchanged_serves_the_next_get()
    {
        Assert.SkipUnless(File.Exists(Programs.Daemon), $"not published: {Programs.PublishDirectory} (run scripts/publish)");
        await using var cell = await Cell.StartAsync();
        cell.Arrange("sso", "expired");
        Assert.Equal(1, (await cell.GetAsync()).ExitCode);

        cell.Arrange("sso", "works");
        await Eventually.HoldsAsync("the login is seen", async () => (await cell.GetAsync()).ExitCode == 0);
    }

    /// <summary>A home in front of AWS, an instance and a container, none of which it knows of yet.</summary>
    private sealed class Cell : IAsyncDisposable
    {
        private readonly TemporaryHome _home = new();
        private readonly InstanceMetadataApi _instance;
        private readonly ContainerApi _container;
        private readonly Principal _session;

        private Cell(StandInAws aws, InstanceMetadataApi instance, ContainerApi container, Principal session)
        {
            (Aws, _instance, _container, _session) = (aws, instance, container, session);
            _home.Variables["AWS_ENDPOINT_URL"] = $"{aws.Endpoint}";
            _home.Variables["AWS_REGION"] = "us-east-1";
        }

        public StandInAws Aws { get; }

        public static async Task<Cell> StartAsync()
        {
            StandInAws aws = await StandInAws.StartAsync();
            aws.AddPrincipal(KeyId, Secret);
            Principal session = aws.AddPrincipal("ASIAMATRIXEXAMPLE000", Secret, Session, name: "session");
            return new Cell(aws, await InstanceMetadataApi.StartAsync(session), await ContainerApi.StartAsync(session), session);
        }

        public Task<ProgramResult> GetAsync() => _home.RunAsync(Programs.Helper, ["get"], Host);

        public string Log()
        {
            string log = Path.Combine(_home.Home, ".local", "state", "ark", "arkd.log");
            return File.Exists(log) ? File.ReadAllText(log) : "";
        }

        public async ValueTask DisposeAsync()
        {
            _home.Dispose();
            await _container.DisposeAsync();
            await _instance.DisposeAsync();
            await Aws.DisposeAsync();
        }

        public void Arrange(string source, string condition)
        {
            bool isExpired = condition == "expired";
            bool isMissing = condition == "missing";
            switch (source)
            {
                case "keys":
                    if (!isMissing)
                    {
                        Keys((name, value) => _home.Variables[name.ToUpperInvariant()] = value, isExpired);
                    }

                    Answers("GetAuthorizationToken", condition);
                    break;
                case "profile":
                    _home.WriteAwsCredentials($"[{(isMissing ? "other" : "it")}]\n{Lines(isExpired)}");
                    _home.Variables["AWS_PROFILE"] = "it";
                    Answers("GetAuthorizationToken", condition);
                    break;
                case "role":
                    _home.WriteAwsCredentials($"[{(isMissing ? "other" : "me")}]\n{Lines(isExpired)}");
                    Profile($"role_arn = {Role}\nsource_profile = me");
                    Aws.AddRole(Role);
                    Answers("AssumeRole", condition);
                    break;
                case "web identity":
                    _home.Variables["AWS_ROLE_ARN"] = Role;
                    _home.Variables["AWS_WEB_IDENTITY_TOKEN_FILE"] =
                        isMissing ? Path.Combine(_home.Home, "none") : _home.Write("token", "SENTINEL-web-identity");
                    Aws.AddRole(Role, webIdentityToken: "SENTINEL-web-identity");
                    Answers("AssumeRoleWithWebIdentity", condition);
                    if (isExpired)
                    {
                        Aws.Always("AssumeRoleWithWebIdentity", new Behavior.Fail(400, "ExpiredTokenException", "Token expired"));
                    }

                    break;
                case "sso":
                    Profile("sso_start_url = https://corp.example.com\nsso_region = us-east-1\nsso_account_id = 123456789012\nsso_role_name = Reader");
                    if (!isMissing)
                    {
                        SignIn(DateTimeOffset.UtcNow.AddHours(isExpired ? -1 : 8), condition == "denied" ? [] : [Role]);
                    }

                    Answers("GetRoleCredentials", condition == "denied" ? "works" : condition);
                    break;
                case "aws login":
                    Profile("login_session = arn:aws:iam::123456789012:user/me");
                    if (!isMissing)
                    {
                        LogIn();
                    }

                    Answers("CreateOAuth2Token", condition == "denied" ? "works" : condition);
                    if (isExpired || condition == "denied")
                    {
                        string why = isExpired ? "TOKEN_EXPIRED" : "INSUFFICIENT_PERMISSIONS";
                        Aws.Always("CreateOAuth2Token", new Behavior.Fail(403, why, ""));
                    }

                    break;
                case "program":
                    string program = Path.Combine(_home.Home, "keys");
                    if (!isMissing)
                    {
                        string end = DateTimeOffset.UtcNow.AddHours(isExpired ? -1 : 1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");
                        string prints = condition == "garbage" ? "SENTINEL" :
                            $$"""{"Version":1,"AccessKeyId":"{{KeyId}}","SecretAccessKey":"{{Secret}}","Expiration":"{{end}}"}""";
                        program = _home.WriteScript(
                            "keys", $"#!/bin/sh\n{(condition == "denied" ? "exit 3\n" : "")}{(condition == "slow" ? "sleep 1\n" : "")}printf '%s' '{prints}'\n");
                    }

                    Profile($"credential_process = {program}");
                    break;
                case "container":
                    _home.Variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = _container.Url;
                    _home.Variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] =
                        isMissing ? Path.Combine(_home.Home, "none") : _home.Write("token", "SENTINEL-container");
                    _container.RequiredToken = "SENTINEL-container";
                    _container.KeysEnd = DateTimeOffset.UtcNow.AddHours(isExpired ? -1 : 6);
                    if (Behaves(condition) is { } container)
                    {
                        _container.Always(container);
                    }

                    break;
                case "instance" or "organization of the instance":
                    Instance(source, condition);
                    break;
                default:
                    throw new ArgumentException(source, nameof(source));
            }
        }

        private void Instance(string source, string condition)
        {
            _home.Variables.Remove("AWS_EC2_METADATA_DISABLED");
            _home.Variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = _instance.Endpoint;
            if (source != "instance")
            {
                // Of a profile that the organization names: its file says where the service is, since no variable of a caller counts.
                Profile($"role_arn = {Role}\ncredential_source = Ec2InstanceMetadata\nec2_metadata_service_endpoint = {_instance.Endpoint}");
                _home.Variables.Remove("AWS_EC2_METADATA_SERVICE_ENDPOINT");
                Aws.AddRole(Role);
                _home.WriteConfiguration(new JsonObject
                {
                    ["organizations"] = new JsonArray(new JsonObject
                    {
                        ["name"] = "machines",
                        ["registries"] = new JsonArray(new JsonObject
                        {
                            ["hosts"] = new JsonArray(Host),
                            ["source"] = new JsonObject { ["type"] = "ecr", ["profile"] = "it", ["endpoint"] = $"{Aws.Endpoint}" },
                        }),
                    }),
                }.ToJsonString());
            }

            _instance.KeysEnd = DateTimeOffset.UtcNow.AddHours(condition == "expired" ? -1 : 6);
            _instance.Role = condition == "missing" ? null : "registry";
            switch (condition)
            {
                case "denied":
                    _instance.Always(InstanceMetadataApi.Token, new Behavior.Fail(403, "", ""));
                    break;
                case "slow":
                    _instance.Always(InstanceMetadataApi.Token, new Behavior.Hang());
                    break;
                case "garbage":
                    _instance.Always(InstanceMetadataApi.Keys, new Behavior.GarbageHtml());
                    break;
                default:
                    break;
            }
        }

        private void Answers(string operation, string condition)
        {
            if (Behaves(condition) is { } behavior)
            {
                Aws.Always(operation, behavior);
            }
        }

        /// <summary>How whoever is asked answers, where it is not as always.</summary>
        private static Behavior? Behaves(string condition) => condition switch
        {
            "denied" => new Behavior.Fail(403, "AccessDenied", "somebody is not authorized"),
            "slow" => new Behavior.Wait(Task.Delay(TimeSpan.FromSeconds(1))),
            "garbage" => new Behavior.GarbageHtml(),
            _ => null,
        };

        private void Keys(Action<string, string> set, bool isExpired)
        {
            if (isExpired)
            {
                Aws.AddPrincipal("ASIAEXPIREDEXAMPLE00", Secret, Session, expiresAt: DateTimeOffset.UtcNow.AddHours(-1));
                set("aws_session_token", Session);
            }

            set("aws_access_key_id", isExpired ? "ASIAEXPIREDEXAMPLE00" : KeyId);
            set("aws_secret_access_key", Secret);
        }

        private string Lines(bool isExpired)
        {
            var lines = new StringBuilder();
            Keys((name, value) => lines.Append(name).Append(" = ").Append(value).Append('\n'), isExpired);
            return lines.ToString();
        }

        private void Profile(string lines)
        {
            _home.WriteAwsConfig($"[profile it]\nregion = us-east-1\nendpoint_url = {Aws.Endpoint}\n{lines}\n");
            _home.Variables["AWS_PROFILE"] = "it";
        }

        private void SignIn(DateTimeOffset end, string[] roles)
        {
            Aws.AddSsoSession("SENTINEL-portal", null, end, roles);
#pragma warning disable CA5350 // As the AWS command names its files.
            string file = Convert.ToHexStringLower(SHA1.HashData("https://corp.example.com"u8));
#pragma warning restore CA5350
            _home.Write($".aws/sso/cache/{file}.json", new JsonObject
            {
                ["accessToken"] = "SENTINEL-portal",
                ["expiresAt"] = end.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"),
            }.ToJsonString());
        }

        /// <summary>A session whose keys have ended, and which is to be renewed.</summary>
        private void LogIn()
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            Aws.AddLoginSession("SENTINEL-refresh", key, Role);
            string file = Convert.ToHexStringLower(SHA256.HashData("arn:aws:iam::123456789012:user/me"u8));
            _home.Write($".aws/login/cache/{file}.json", new JsonObject
            {
                ["accessToken"] = new JsonObject
                {
                    ["accessKeyId"] = _session.AccessKeyId,
                    ["secretAccessKey"] = Secret,
                    ["sessionToken"] = Session,
                    ["accountId"] = "123456789012",
                    ["expiresAt"] = DateTimeOffset.UtcNow.AddHours(-1).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"),
                },
                ["refreshToken"] = "SENTINEL-refresh",
                ["clientId"] = "arn:aws:signin:::devtools/same-device",
                ["dpopKey"] = key.ExportECPrivateKeyPem(),
            }.ToJsonString());
        }
    }
}
