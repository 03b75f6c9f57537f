using Ark.Testing;
using Ark.Testing.Aws;
using Xunit;

namespace Ark.EndToEnd.Faults;

/// <summary>Ours but failing: a text of its own on both streams and a hint, never the sentence that means "not mine".</summary>
public sealed class FailureTests
{
    [Theory]
    [InlineData("no credentials", "no AWS credentials", "aws configure")]
    [InlineData("no such profile", "nobody", "")]
    [InlineData("denied", "ecr:GetAuthorizationToken", "")]
    [InlineData("throttled", "", "")]
    [InlineData("no route", "127.0.0.1:1", "")]
    [InlineData("server error", "", "")]
    [InlineData("captive portal", "", "")]
    [InlineData("cut", "", "")]
    [InlineData("wrong keys", "", "")]
    [InlineData("login expired", "", "aws sso login --profile away")]
    public async Task Each_failure_says_what_it_is(string failure, string message, string hint)
    {
        await using var fixture = await DaemonFixture.StartAsync();
        Arrange(fixture, failure);

        var result = await fixture.Ask("get");

        Assert.True(result.ExitCode == 1, result.ToString());
        Assert.NotEqual(DaemonFixture.NotFound, result.OutputText);
        var line = Assert.Single(result.OutputText.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith($"ark: error: {line}\nark: hint: ", result.ErrorText, StringComparison.Ordinal);
        Assert.Contains(message, line, StringComparison.Ordinal);
        Assert.Contains(hint, result.ErrorText, StringComparison.Ordinal);
        Assert.Matches("\nark: code: [a-z-]+\n", result.ErrorText);
        Assert.DoesNotContain("SENTINEL", result.OutputText + result.ErrorText, StringComparison.Ordinal);

        // Nobody's list stops docker's builder over it.
        Assert.Equal("{}\n", (await fixture.Ask("list")).OutputText);
    }

    /// <summary>The published daemon cannot read document types (src/arkd/Unreached.xml), which must not show as a fault of its own.</summary>
    [Theory]
    [InlineData("<!DOCTYPE html><html><body>Please log in</body></html>")]
    [InlineData("<?xml version=\"1.0\"?><!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\" \"http://127.0.0.1:1/a.dtd\"><html/>")]
    [InlineData("<!DOCTYPE a [<!ENTITY b \"c\"><!ELEMENT a ANY>]><AssumeRoleResponse><AssumeRoleResult>&b;</AssumeRoleResult></AssumeRoleResponse>")]
    [InlineData("<!DOCTYPE a [<!ENTITY % b SYSTEM \"file:///etc/passwd\"> %b;]><AssumeRoleResponse/>")]
    [InlineData("<AssumeRoleResponse><AssumeRoleResult>&b;</AssumeRoleResult></AssumeRoleResponse>")]
    [InlineData("<!DOCTYPE")]
    public async Task An_answer_of_STS_with_a_document_type_is_said_to_be_no_answer_of_AWS(string body)
    {
        await using var fixture = await DaemonFixture.StartAsync();
        Forget(fixture);
        fixture.Home.WriteAwsConfig(
            "[default]\nrole_arn = arn:aws:iam::123456789012:role/a\nsource_profile = keys\nregion = us-east-1\n"
            + "[profile keys]\naws_access_key_id = AKIAHOUSEHOLD0000000\naws_secret_access_key = SENTINEL-fixture-key\n");
        foreach (string type in (string[])["text/xml", "text/html"])
        {
            fixture.Aws.Always("AssumeRole", new Behavior.GarbageHtml(body, type));

            var result = await fixture.Ask("get");

            Assert.True(result.ExitCode == 1, result.ToString());
            Assert.StartsWith(fixture.Aws.Endpoint.Authority, result.OutputText, StringComparison.Ordinal);
            Assert.StartsWith($"ark: error: {result.OutputText}ark: hint: ", result.ErrorText, StringComparison.Ordinal);
            Assert.DoesNotContain("fault in ark", result.ErrorText, StringComparison.Ordinal);
        }

        using var status = System.Text.Json.JsonDocument.Parse((await fixture.Home.RunAsync(Programs.Ark, ["status", "--json"])).Output);
        Assert.Equal(0, status.RootElement.GetProperty("daemon").GetProperty("faults").GetInt32());
    }

    [Fact]
    public async Task No_two_kinds_of_failure_say_the_same()
    {
        string[] failures = ["no credentials", "no such profile", "denied", "throttled", "no route", "server error", "captive portal", "wrong keys", "login expired"];
        var said = new List<string>();
        await using var fixture = await DaemonFixture.StartAsync();
        var usual = new Dictionary<string, string>(fixture.Variables);
        foreach (var failure in failures)
        {
            fixture.Variables.Clear();
            foreach (var (name, value) in usual)
            {
                fixture.Variables[name] = value;
            }

            // Another key each time: the failure of the last one must not answer for this one.
            fixture.Aws.AddPrincipal($"AKIA{said.Count:D16}", "SENTINEL-fixture-key");
            fixture.Variables["AWS_ACCESS_KEY_ID"] = $"AKIA{said.Count:D16}";
            Arrange(fixture, failure);
            said.Add((await fixture.Ask("get")).OutputText);
        }

        Assert.Equal(said.Count, said.Distinct().Count());
    }

    [Fact]
    public async Task The_public_gallery_without_credentials_is_not_found_with_a_note()
    {
        await using var fixture = await DaemonFixture.StartAsync();
        Arrange(fixture, "no credentials");

        var result = await fixture.Ask("get", "public.ecr.aws");

        Assert.Equal((1, DaemonFixture.NotFound), (result.ExitCode, result.OutputText));
        Assert.StartsWith("ark: note: going on without credentials: ", result.ErrorText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_is_over_as_soon_as_its_cause_is()
    {
        await using var fixture = await DaemonFixture.StartAsync();
        fixture.Aws.Always(DaemonFixture.Token, Behavior.Deny);
        Assert.Equal(1, (await fixture.Ask("get")).ExitCode);

        fixture.Aws.Normally(DaemonFixture.Token);

        await Eventually.HoldsAsync("the next try", async () => (await fixture.Ask("get")).ExitCode == 0);
    }

    private static void Arrange(DaemonFixture fixture, string failure)
    {
        fixture.Aws.Normally(DaemonFixture.Token);
        switch (failure)
        {
            case "no credentials":
                Forget(fixture);
                break;
            case "no such profile":
                Forget(fixture);
                fixture.Variables["AWS_PROFILE"] = "nobody";
                break;
            case "login expired":
                Forget(fixture);
                fixture.Home.WriteAwsConfig(
                    "[profile away]\nsso_session = s\nsso_account_id = 123456789012\nsso_role_name = r\nregion = us-east-1\n[sso-session s]\nsso_region = us-east-1\nsso_start_url = https://example.awsapps.com/start\n");
                fixture.Variables["AWS_PROFILE"] = "away";
                break;
            case "no route":
                fixture.Variables["AWS_ENDPOINT_URL"] = "http://127.0.0.1:1";
                break;
            case "wrong keys":
                fixture.Variables["AWS_ACCESS_KEY_ID"] = "AKIAUNKNOWN000000000";
                break;
            default:
                fixture.Aws.Always(DaemonFixture.Token, failure switch
                {
                    "denied" => Behavior.Deny,
                    "throttled" => Behavior.Throttle,
                    "server error" => Behavior.ServerError,
                    "captive portal" => new Behavior.GarbageHtml(),
                    _ => new Behavior.CloseConnection(),
                });
                break;
        }
    }

    private static void Forget(DaemonFixture fixture)
    {
        fixture.Variables.Remove("AWS_ACCESS_KEY_ID");
        fixture.Variables.Remove("AWS_SECRET_ACCESS_KEY");
    }
}
