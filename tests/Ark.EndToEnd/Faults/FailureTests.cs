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
        await using var household = await Household.StartAsync();
        Arrange(household, failure);

        var result = await household.Ask("get");

        Assert.True(result.ExitCode == 1, result.ToString());
        Assert.NotEqual(Household.NotFound, result.OutputText);
        var line = Assert.Single(result.OutputText.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith($"ark: error: {line}\nark: hint: ", result.ErrorText, StringComparison.Ordinal);
        Assert.Contains(message, line, StringComparison.Ordinal);
        Assert.Contains(hint, result.ErrorText, StringComparison.Ordinal);
        Assert.DoesNotContain("SENTINEL", result.OutputText + result.ErrorText, StringComparison.Ordinal);

        // Nobody's list stops docker's builder over it.
        Assert.Equal("{}\n", (await household.Ask("list")).OutputText);
    }

    [Fact]
    public async Task No_two_kinds_of_failure_say_the_same()
    {
        string[] failures = ["no credentials", "no such profile", "denied", "throttled", "no route", "server error", "captive portal", "wrong keys", "login expired"];
        var said = new List<string>();
        await using var household = await Household.StartAsync();
        var usual = new Dictionary<string, string>(household.Variables);
        foreach (var failure in failures)
        {
            household.Variables.Clear();
            foreach (var (name, value) in usual)
            {
                household.Variables[name] = value;
            }

            // Another key each time: the failure of the last one must not answer for this one.
            household.Aws.AddPrincipal($"AKIA{said.Count:D16}", "SENTINEL-household-key");
            household.Variables["AWS_ACCESS_KEY_ID"] = $"AKIA{said.Count:D16}";
            Arrange(household, failure);
            said.Add((await household.Ask("get")).OutputText);
        }

        Assert.Equal(said.Count, said.Distinct().Count());
    }

    [Fact]
    public async Task The_public_gallery_without_credentials_is_not_found_with_a_note()
    {
        await using var household = await Household.StartAsync();
        Arrange(household, "no credentials");

        var result = await household.Ask("get", "public.ecr.aws");

        Assert.Equal((1, Household.NotFound), (result.ExitCode, result.OutputText));
        Assert.StartsWith("ark: note: going on without credentials: ", result.ErrorText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_is_over_as_soon_as_its_cause_is()
    {
        await using var household = await Household.StartAsync();
        household.Aws.Always(Household.Token, Behaviour.Deny);
        Assert.Equal(1, (await household.Ask("get")).ExitCode);

        household.Aws.Normally(Household.Token);

        await Eventually.HoldsAsync("the next try", async () => (await household.Ask("get")).ExitCode == 0);
    }

    private static void Arrange(Household household, string failure)
    {
        household.Aws.Normally(Household.Token);
        switch (failure)
        {
            case "no credentials":
                Forget(household);
                break;
            case "no such profile":
                Forget(household);
                household.Variables["AWS_PROFILE"] = "nobody";
                break;
            case "login expired":
                Forget(household);
                household.Home.WriteAwsConfig(
                    "[profile away]\nsso_session = s\nsso_account_id = 123456789012\nsso_role_name = r\nregion = us-east-1\n[sso-session s]\nsso_region = us-east-1\nsso_start_url = https://example.awsapps.com/start\n");
                household.Variables["AWS_PROFILE"] = "away";
                break;
            case "no route":
                household.Variables["AWS_ENDPOINT_URL"] = "http://127.0.0.1:1";
                break;
            case "wrong keys":
                household.Variables["AWS_ACCESS_KEY_ID"] = "AKIAUNKNOWN000000000";
                break;
            default:
                household.Aws.Always(Household.Token, failure switch
                {
                    "denied" => Behaviour.Deny,
                    "throttled" => Behaviour.Throttle,
                    "server error" => Behaviour.ServerError,
                    "captive portal" => new Behaviour.GarbageHtml(),
                    _ => new Behaviour.CloseConnection(),
                });
                break;
        }
    }

    private static void Forget(Household household)
    {
        household.Variables.Remove("AWS_ACCESS_KEY_ID");
        household.Variables.Remove("AWS_SECRET_ACCESS_KEY");
    }
}
