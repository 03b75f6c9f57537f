using Ark.Aws;
using Ark.Core.Problems;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Ark.Tests.Aws;

/// <summary>What others wrote reaches a terminal and a log without power over them.</summary>
public sealed class ShownTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("naïve 名前", "naïve 名前")]
    [InlineData("a\u001b[31mb\r\nc\u0085", "a\\u001b[31mb\\u000d\\u000ac\\u0085")]
    [InlineData("\u202egnp.exe\u2028", "\\u202egnp.exe\\u2028")]
    public void What_has_power_over_a_line_is_escaped(string name, string expected) => Assert.Equal(expected, Shown.Name(name));

    [Fact]
    public void A_long_name_is_cut() => Assert.Equal(new string('n', 128) + "…", Shown.Name(new string('n', 129)));

    [Fact]
    public void No_problem_keeps_a_control_character() =>
        Check.QuickThrowOnFailure(Prop.ForAll(ArbMap.Default.ArbFor<NonNull<string>>(), static text =>
        {
            Problem problem = Shown.Of(new Problem(ProblemKind.Internal, text.Get, text.Get));
            return !(problem.Message + problem.Hint).Any(char.IsControl);
        }));

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
