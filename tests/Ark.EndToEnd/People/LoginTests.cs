using System.Runtime.Versioning;
using Ark.Testing;
using Xunit;

namespace Ark.EndToEnd.People;

/// <summary>Signing in where that needs a person, whom the test plays.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class LoginTests
{
    private const string Role = "arn:aws:iam::123456789012:role/Reader";
    private const string Device = "arn:aws:iam::123456789012:mfa/me";

    /// <summary>A registry that the configuration does not name, and so one of whoever asks.</summary>
    private const string Get = "printf 999999999999.dkr.ecr.us-east-1.amazonaws.com | AWS_PROFILE=dev docker-credential-ark get";

    [Fact]
    public async Task A_login_confirmed_in_a_browser_ends_the_waiting_and_serves_the_next_pull()
    {
        await using var user = await PeopleFixture.StartAsync();
        user.Home.WriteAwsConfig($"""
            [profile dev]
            sso_session = corp
            sso_account_id = 123456789012
            sso_role_name = Reader
            region = us-east-1
            endpoint_url = {user.Aws.Endpoint}
            [sso-session corp]
            sso_region = us-east-1
            sso_start_url = https://corp.example.com/start

            """);
        var before = await user.Types(Get);
        Assert.Equal(1, before.ExitCode);
        Assert.Contains("ark: code: login-needed\n", before.ErrorText, StringComparison.Ordinal);

        Task<string> login = user.Gets("ark login --profile dev --no-browser");
        await Eventually.HoldsAsync("a login has begun", () => user.Aws.UserCodes.Count > 0 || login.IsCompleted);
        string code = Assert.Single(user.Aws.UserCodes);
        user.Aws.DecideDevice(code, confirmed: true, Role);
        string said = await login;

        Assert.StartsWith(
            $"open https://corp.example.com/device?user_code={code}\nand confirm that it shows {code}\n"
            + "profile dev: signed in to https://corp.example.com/start; the login expires at ",
            said,
            StringComparison.Ordinal);
        string answer = await user.Gets(Get);
        Assert.Contains(user.TokenOf("Reader").Password, answer, StringComparison.Ordinal);
        user.HoldNoPassword(said, before.ErrorText);
    }

    [Fact]
    public async Task An_MFA_code_typed_at_a_terminal_serves_the_next_pull_and_is_written_nowhere()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "needs script, which plays the terminal");
        await using var user = await PeopleFixture.StartAsync();
        var me = user.Aws.AddPrincipal("AKIAMEANDMYMFA000000", "SENTINEL-my-key", name: "me");
        user.Aws.AddRole(Role);
        user.Aws.AddMfaDevice(me, Device, "123456");
        user.Home.WriteAwsCredentials($"[me]\naws_access_key_id = {me.AccessKeyId}\naws_secret_access_key = SENTINEL-my-key\n");
        user.Home.WriteAwsConfig($"""
            [profile dev]
            role_arn = {Role}
            source_profile = me
            mfa_serial = {Device}
            region = us-east-1
            endpoint_url = {user.Aws.Endpoint}

            """);
        var before = await user.Types(Get);
        Assert.Contains("ark: hint: run `ark login --profile dev`\nark: code: mfa-needed\n", before.ErrorText, StringComparison.Ordinal);

        var login = await user.Types("script -qec 'ark login --profile dev' /dev/null", "123456\n");

        Assert.True(login.ExitCode == 0, login.ToString());
        Assert.Contains($"MFA code of {Device}: ", login.OutputText, StringComparison.Ordinal);
        Assert.Contains($"profile dev: signed in with {Device}; the login expires at ", login.OutputText, StringComparison.Ordinal);
        string answer = await user.Gets(Get);
        Assert.Contains(user.TokenOf("Reader").Password, answer, StringComparison.Ordinal);
        user.HoldNoPassword(login.OutputText);
        Assert.DoesNotContain(user.Everything(), file => file.Contains("123456\n", StringComparison.Ordinal));
    }
}
