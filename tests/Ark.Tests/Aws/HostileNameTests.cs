using Ark.Core.Problems;
using Xunit;

namespace Ark.Tests.Aws;

/// <summary>What others wrote reaches a terminal and a log without power over them.</summary>
public sealed class HostileNameTests
{
    [Fact]
    public async Task A_profile_of_the_callers_choice_is_shown_escaped_and_cut()
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Variables["AWS_PROFILE"] = "\u001b[2J\n" + new string('p', 500);

        Problem problem = caller.Refused();

        Assert.Contains("'\\u001b[2J\\u000appp", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(new string('p', 128), problem.Message + problem.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_profile_says_is_shown_escaped_too()
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Home.WriteAwsConfig("[default]\nrole_arn = arn:\u001b[2J\ncredential_source = \u001b]0;title\u0007\n[profile e\u001b]\nrole_arn=r\nmfa_serial=m\n");

        Assert.Contains("\\u001b]0;title\\u0007", caller.Refused().Message, StringComparison.Ordinal);

        caller.Variables["AWS_PROFILE"] = "e\u001b";
        Assert.Contains("'e\\u001b'", caller.Refused().Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_that_holds_an_escape_sequence_is_shown_without_its_power_when_it_fails()
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Variables["AWS_ROLE_ARN"] = "arn:aws:iam::123456789012:role/\u001b[2J";
        caller.Variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = caller.Home.Write("token", "SENTINEL");

        Assert.DoesNotContain(caller.Found().Identity, char.IsControl);
        Assert.Contains("\\u001b[2J", (await caller.FailAsync()).Message, StringComparison.Ordinal);
    }
}
