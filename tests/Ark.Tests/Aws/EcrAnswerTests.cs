using System.Text;
using Ark.Aws;
using Ark.Aws.Calls;
using Ark.Aws.Ecr;
using Ark.Core.Problems;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Testing;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Aws;

public sealed class EcrAnswerTests
{
    private static readonly DateTimeOffset TheNow = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    private static AwsClock Clock => new(new ManualClock(TheNow));

    [Fact]
    public void A_token_is_split_at_the_first_colon_and_keeps_its_expiry()
    {
        AuthorizationToken token = AssertGood(Read("AWS:a:b", TimeSpan.FromHours(1)));

        Assert.Equal(("AWS", "a:b"), (token.Username, Encoding.UTF8.GetString(token.Secret)));
        Assert.Equal(TheNow.AddHours(1), token.ExpiresAt);
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
    public void What_is_not_base64_is_refused() => AssertBad(ReadEncoded("SENTINEL!", TimeSpan.FromHours(1)));

    [Fact]
    public void A_password_of_64_KiB_is_taken_and_a_longer_one_is_refused()
    {
        AssertGood(Read("AWS:" + new string('a', 65_536), TimeSpan.FromHours(1)));
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
    public void A_token_that_has_expired_only_by_this_machines_clock_is_told_as_that_with_the_difference()
    {
        AwsClock clock = Clock;
        clock.Learn(TheNow.AddHours(-13));

        Assert.False(new EcrAnswer(SomeCaller.Source(), accountId: null, "host", clock)
            .Read(new GetAuthorizationTokenResponse([Data("QVdTOmE=", TimeSpan.FromHours(-1))]), TheNow)
            .Succeeded(out _, out Problem? problem));

        Assert.Equal("clock-skewed", problem.Code);
        Assert.EndsWith(": this machine's clock is 13 hours ahead of AWS's", problem.Message, StringComparison.Ordinal);
        Assert.StartsWith("set the clock: ", problem.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_that_promises_a_century_is_believed_for_twelve_hours()
    {
        Assert.Equal(TheNow.AddHours(12), AssertGood(Read("AWS:a", TimeSpan.FromDays(36_500))).ExpiresAt);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Any_number_of_tokens_but_one_is_refused(int count) =>
        AssertBad(Read([.. Enumerable.Range(0, count).Select(_ => Data("QVdTOmE=", TimeSpan.FromHours(1)))]));

    [Fact]
    public void A_token_without_an_expiry_is_refused() => AssertBad(Read(Data("QVdTOmE=", life: null)));

    [Theory]
    [InlineData("http://123456789012.dkr.ecr.eu-west-1.amazonaws.com")]
    [InlineData("https://123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.example.com")]
    [InlineData("https://12345678901.dkr.ecr.eu-west-1.amazonaws.com")]
    [InlineData("https://12345678901a.dkr.ecr.eu-west-1.amazonaws.com")]
    [InlineData("https://public.ecr.aws")]
    [InlineData("https://registry.example.com")]
    [InlineData("123456789012.dkr.ecr.eu-west-1.amazonaws.com")]
    [InlineData("")]
    [InlineData(null)]
    public void A_proxyEndpoint_that_is_no_https_registry_of_ECR_is_refused(string? registry) =>
        Assert.Contains(
            "proxyEndpoint", AssertBad(Read(Data("QVdTOmE=", TimeSpan.FromHours(1), registry))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("https://123456789012.dkr.ecr.us-east-1.amazonaws.com", "a token for us-east-1, where eu-west-1 was asked for")]
    [InlineData("https://123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "a token for cn-north-1, where eu-west-1 was asked for")]
    public void A_token_of_another_region_is_refused(string registry, string why) =>
        Assert.Contains(why, AssertBad(Read(Data("QVdTOmE=", TimeSpan.FromHours(1), registry))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_token_of_another_account_than_the_one_that_is_known_to_ask_is_refused()
    {
        GetAuthorizationTokenResponse Answer() => new([Data("QVdTOmE=", TimeSpan.FromHours(1))]);

        Assert.Contains(
            "a token of account 123456789012, where 210987654321 had asked",
            AssertBad(new EcrAnswer(SomeCaller.Source(), "210987654321", "host", Clock).Read(Answer(), TheNow)).Message,
            StringComparison.Ordinal);
        Assert.True(new EcrAnswer(SomeCaller.Source(), "123456789012", "host", Clock).Read(Answer(), TheNow).Succeeded(out _, out _));
    }

    [Fact]
    public void A_principal_of_another_account_than_the_registrys_owner_gets_its_token_with_its_own_account_named() => Assert.Equal(
        "123456789012",
        AssertGood(new EcrAnswer(SomeCaller.Source() with { AccountId = "210987654321" }, accountId: null, "host", Clock)
            .Read(new GetAuthorizationTokenResponse([Data("QVdTOmE=", TimeSpan.FromHours(1))]), TheNow)).Account);

    [Fact]
    public void The_public_gallery_names_no_registry() => Assert.True(
        new EcrAnswer(SomeCaller.Source(EcrService.EcrPublic), accountId: null, "host", Clock)
            .Read(new GetAuthorizationTokenResponse([Data("QVdTOmE=", TimeSpan.FromHours(1), null)]), TheNow)
            .Succeeded(out _, out _));

    private static Outcome<AuthorizationToken> Read(string decoded, TimeSpan life) =>
        ReadEncoded(Convert.ToBase64String(Encoding.UTF8.GetBytes(decoded)), life);

    private static Outcome<AuthorizationToken> ReadEncoded(string token, TimeSpan life) => Read(Data(token, life));

    private static Outcome<AuthorizationToken> Read(params AuthorizationData[] data) =>
        new EcrAnswer(SomeCaller.Source(), accountId: null, "host", Clock).Read(
            new GetAuthorizationTokenResponse([.. data]), TheNow);

    private static AuthorizationData Data(
        string token, TimeSpan? life, string? registry = "https://123456789012.dkr.ecr.eu-west-1.amazonaws.com") =>
        new(new Secret(Encoding.UTF8.GetBytes(token)), TheNow + life, registry);

    private static AuthorizationToken AssertGood(Outcome<AuthorizationToken> outcome)
    {
        Assert.True(outcome.Succeeded(out AuthorizationToken? token, out Problem? problem), problem?.Message);
        return token;
    }

    private static Problem AssertBad(Outcome<AuthorizationToken> outcome)
    {
        Assert.False(outcome.Succeeded(out _, out Problem? problem));
        SomeCaller.WithoutSecrets(problem!);
        Assert.Equal(ProblemKind.BadAnswer, problem!.Kind);
        return problem;
    }
}
