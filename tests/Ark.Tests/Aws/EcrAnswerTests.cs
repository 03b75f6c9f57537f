using System.Text;
using Ark.Aws;
using Ark.Core.Problems;
using Ark.Core.Tokens;
using Xunit;

namespace Ark.Tests.Aws;

public sealed class EcrAnswerTests
{
    private static readonly DateTimeOffset TheNow = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    [Fact]
    public void A_token_is_split_at_the_first_colon_and_keeps_its_expiry()
    {
        FetchOutcome.Fetched fetched = Assert.IsType<FetchOutcome.Fetched>(Read("AWS:a:b", TimeSpan.FromHours(1)));

        Assert.Equal(("AWS", "a:b"), (fetched.Token.Username, Encoding.UTF8.GetString(fetched.Token.Secret)));
        Assert.Equal(TheNow.AddHours(1), fetched.Token.ExpiresAt);
    }

    [Theory]
    [InlineData("SENTINEL")]
    [InlineData("AWS:")]
    [InlineData("aws:SENTINEL")]
    [InlineData(":SENTINEL")]
    [InlineData("AWS:SENTINEL\nusername=evil")]
    [InlineData("AWS:SENTINEL\0")]
    [InlineData("AWS:SENTINEL é")]
    public void What_does_not_decode_to_AWS_and_a_password_is_refused(string decoded) => AssertBad(Read(decoded, TimeSpan.FromHours(1)));

    [Fact]
    public void What_is_not_base64_is_refused() => AssertBad(new EcrAnswer(1, "SENTINEL!", TheNow.UtcDateTime.AddHours(1)).Read(TheNow, "host"));

    [Fact]
    public void A_password_of_64_KiB_is_taken_and_a_longer_one_is_refused()
    {
        Assert.IsType<FetchOutcome.Fetched>(Read("AWS:" + new string('a', 65_536), TimeSpan.FromHours(1)));
        AssertBad(Read("AWS:" + new string('a', 65_537), TimeSpan.FromHours(1)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-3600)]
    public void A_token_that_has_expired_is_refused_and_the_clock_named(int seconds)
    {
        Problem problem = AssertBad(Read("AWS:SENTINEL", TimeSpan.FromSeconds(seconds)));

        Assert.Contains("clock", problem.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_that_promises_a_century_is_believed_for_twelve_hours()
    {
        FetchOutcome.Fetched fetched = Assert.IsType<FetchOutcome.Fetched>(Read("AWS:a", TimeSpan.FromDays(36_500)));

        Assert.Equal(TheNow.AddHours(12), fetched.Token.ExpiresAt);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Any_number_of_tokens_but_one_is_refused(int count) =>
        AssertBad(new EcrAnswer(count, "QVdTOmE=", TheNow.UtcDateTime.AddHours(1)).Read(TheNow, "host"));

    [Fact]
    public void A_token_without_an_expiry_is_refused() => AssertBad(new EcrAnswer(1, "QVdTOmE=", null).Read(TheNow, "host"));

    private static FetchOutcome Read(string decoded, TimeSpan life) =>
        new EcrAnswer(1, Convert.ToBase64String(Encoding.UTF8.GetBytes(decoded)), (TheNow + life).UtcDateTime).Read(TheNow, "host");

    private static Problem AssertBad(FetchOutcome outcome)
    {
        Problem problem = SomeCaller.WithoutSecrets(Assert.IsType<FetchOutcome.Failed>(outcome).Problem);
        Assert.Equal(ProblemKind.BadAnswer, problem.Kind);
        return problem;
    }
}
