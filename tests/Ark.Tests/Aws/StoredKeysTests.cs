using Ark.Aws.Credentials;
using Ark.Aws.Identity;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Xunit;

namespace Ark.Tests.Aws;

/// <summary>Access keys that the configuration stores outside of profiles.</summary>
public sealed class StoredKeysTests : IAsyncLifetime
{
    private static readonly SecretReference File = new SecretReference.File("~/.config/ark/tbd-keys");

    private SomeCaller _caller = null!;

    private EcrSource Source => SomeCaller.Source(endpoint: _caller.Endpoint) with { Keys = File };

    public async ValueTask InitializeAsync() => _caller = await SomeCaller.StartAsync();

    public ValueTask DisposeAsync() => _caller.DisposeAsync();

    [Theory]
    [InlineData($"aws_access_key_id = {SomeCaller.KeyId}\naws_secret_access_key = {SomeCaller.Secret}\n")]
    [InlineData($"\uFEFF[default]\r\naws_access_key_id={SomeCaller.KeyId}\r\naws_secret_access_key={SomeCaller.Secret}\r\naws_session_token=\r\n")]
    [InlineData($"# mine\n[empty]\n[tbd]\naws_access_key_id={SomeCaller.KeyId}\naws_secret_access_key={SomeCaller.Secret}")]
    [InlineData($$"""{"Version":1,"AccessKeyId":"{{SomeCaller.KeyId}}","SecretAccessKey":"{{SomeCaller.Secret}}"}""")]
    [InlineData($$""" {"Version":1,"AccessKeyId":"{{SomeCaller.KeyId}}","SecretAccessKey":"{{SomeCaller.Secret}}","Expiration":"2099-01-01T00:00:00Z"}""")]
    public async Task Keys_are_read_in_every_form_that_AWSs_tools_write(string text)
    {
        _caller.Secrets.Keep(File, text);

        Assert.Equal(_caller.Somebody, (await _caller.FetchAsync(Source)).Principal);
        Assert.All(_caller.Secrets.HandedOut, secret => Assert.All(secret, one => Assert.Equal(0, one)));
    }

    [Theory]
    [InlineData("aws_access_key_id=ASIASESSIONSESSION00\naws_secret_access_key=SENTINEL-own\naws_session_token=SENTINEL-session\n")]
    [InlineData("""{"Version":1,"AccessKeyId":"ASIASESSIONSESSION00","SecretAccessKey":"SENTINEL-own","SessionToken":"SENTINEL-session"}""")]
    public async Task A_session_token_is_used_where_there_is_one(string text)
    {
        _caller.Aws.AddPrincipal("ASIASESSIONSESSION00", "SENTINEL-own", "SENTINEL-session", name: "session");
        _caller.Secrets.Keep(File, text);

        Assert.Equal("session", (await _caller.FetchAsync(Source)).Principal.Name);
    }

    [Fact]
    public async Task A_store_knows_the_id_as_user_name_and_the_secret_as_secret()
    {
        var store = new SecretReference.Helper("secretservice", "https://aws.example.com/tbd");
        _caller.Secrets.Keep(store, $"{SomeCaller.Secret}\n", SomeCaller.KeyId);

        Assert.Equal(_caller.Somebody, (await _caller.FetchAsync(Source with { Keys = store })).Principal);
    }

    [Theory]
    [InlineData("", ProblemKind.BadSetting, "the keys in ~/.config/ark/tbd-keys are not there in a form that is known")]
    [InlineData("SENTINEL", ProblemKind.BadSetting, "the keys in ~/.config/ark/tbd-keys are not there in a form that is known")]
    [InlineData("aws_access_key_id=SENTINEL", ProblemKind.BadSetting, "the keys in ~/.config/ark/tbd-keys are not there in a form that is known")]
    [InlineData("[a]\naws_access_key_id=a\naws_secret_access_key=b\n[b]\naws_access_key_id=a\naws_secret_access_key=b\n", ProblemKind.BadSetting, "the keys in ~/.config/ark/tbd-keys are not there in a form that is known")]
    [InlineData("{SENTINEL", ProblemKind.BadSetting, "the keys in ~/.config/ark/tbd-keys are JSON that is not version 1 of AWS's format")]
    [InlineData("""{"Version":2,"AccessKeyId":"SENTINEL","SecretAccessKey":"SENTINEL"}""", ProblemKind.BadSetting, "the keys in ~/.config/ark/tbd-keys are JSON that is not version 1 of AWS's format")]
    [InlineData("""{"Version":1,"AccessKeyId":"SENTINEL","SecretAccessKey":"SENTINEL","Expiration":"2001-01-01T00:00:00Z"}""", ProblemKind.CredentialsRejected, "the keys in ~/.config/ark/tbd-keys expired at 2001-01-01 00:00:00Z")]
    public async Task Anything_else_is_named_by_its_place_and_never_quoted(string text, ProblemKind kind, string message)
    {
        _caller.Secrets.Keep(File, text);

        Problem problem = await _caller.FailAsync(Source);

        Assert.Equal((kind, message), (problem.Kind, problem.Message));
        Assert.Empty(_caller.Aws.Log);
    }

    [Fact]
    public async Task A_place_that_cannot_be_read_is_the_readers_problem() =>
        Assert.Equal("nothing is kept there", (await _caller.FailAsync(Source)).Message);

    [Fact]
    public async Task Of_the_caller_only_the_home_goes_with_the_question()
    {
        _caller.Secrets.Keep(File, $"aws_access_key_id={SomeCaller.KeyId}\naws_secret_access_key={SomeCaller.Secret}\n");
        _caller.WithKeys("AKIAANOTHERANOTHERXX", "SENTINEL-another");
        _caller.Variables["AWS_ENDPOINT_URL"] = "http://127.0.0.1:1";
        _caller.Variables["ARK_ORGANIZATION"] = "another";

        Assert.Equal(_caller.Somebody, (await _caller.FetchAsync(Source)).Principal);

        CallerIdentity asked = Assert.Single(_caller.Secrets.Callers);
        Assert.Equal(_caller.Home.Home, asked["HOME"]);
        Assert.Null(asked["AWS_ACCESS_KEY_ID"]);
        Assert.Null(asked["ARK_ORGANIZATION"]);
    }

    [Fact]
    public void The_place_is_in_the_cache_key_and_what_is_kept_there_is_not()
    {
        SecretReference[] places =
        [
            File,
            new SecretReference.File("~/other"),
            new SecretReference.Helper("pass", "tbd"),
            new SecretReference.Helper("pass", "other"),
            new SecretReference.Helper("secretservice", "tbd"),
            new SecretReference.Command(new ValueList<string>(["keys", "tbd"])),
            new SecretReference.Command(new ValueList<string>(["keys", "other"])),
        ];
        TokenKey KeyOf(SecretReference place) => _caller.Found(Source with { Keys = place }).Key;
        TokenKey[] before = [.. places.Select(KeyOf)];

        foreach (SecretReference place in places)
        {
            _caller.Secrets.Keep(place, "SENTINEL");
        }

        Assert.Equal(places.Length, before.Distinct().Count());
        Assert.Equal(before, places.Select(KeyOf));
    }

    [Fact]
    public void Replaced_keys_have_another_cache_key()
    {
        TokenKey KeyOfFile() => _caller.Found(Source).Key;
        _caller.Secrets.Stamps[File] = "1";
        TokenKey before = KeyOfFile();
        Assert.Equal(before, KeyOfFile());

        _caller.Secrets.Stamps[File] = "2";

        Assert.NotEqual(before, KeyOfFile());
    }

    [Fact]
    public void People_see_the_place_and_never_the_arguments_of_a_program()
    {
        string IdentityOf(SecretReference place) => _caller.Found(Source with { Keys = place }).Identity;

        Assert.Equal("keys in ~/.config/ark/tbd-keys", IdentityOf(File));
        Assert.Equal("keys tbd in docker-credential-pass", IdentityOf(new SecretReference.Helper("/opt/docker-credential-pass", "tbd")));
        Assert.Equal("keys of vault", IdentityOf(new SecretReference.Command(new ValueList<string>(["/opt/vault", "--token=SENTINEL"]))));
    }

    [Fact]
    public void A_token_of_stored_keys_is_renewed_behind_the_callers_back() =>
        Assert.True(_caller.Found(Source).OutlivesRequest);

    [Fact]
    public void A_role_stands_on_top_of_stored_keys_too()
    {
        var role = new AssumedRole("arn:aws:iam::210987654321:role/puller", "external", null, new RepositoryScope(ScopeRights.Pull, "123456789012", ""));

        Assert.True(_caller.Access.Identities.Find(Source with { Role = role }, _caller.Identity).Succeeded(out AwsIdentity? identity, out _));

        var assumed = Assert.IsType<CredentialProvider.Role>(identity.Credentials);
        Assert.Equal((role.Arn, "external", "ark"), (assumed.RoleArn, assumed.ExternalId, assumed.SessionName));
        Assert.NotNull(assumed.Policy);
        Assert.Equal(File, Assert.IsType<CredentialProvider.Stored>(assumed.Source).Reference);
        Assert.DoesNotContain("tbd-keys", assumed.Source.ToString(), StringComparison.Ordinal);
        Assert.Equal(("keys in ~/.config/ark/tbd-keys as arn:aws:iam::210987654321:role/puller (pull)", "keys in ~/.config/ark/tbd-keys"), (identity.Name, identity.KeyHolder));
    }
}
