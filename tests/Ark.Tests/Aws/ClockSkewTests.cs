using Ark.Core.Problems;
using Ark.Testing;
using Ark.Testing.Aws;
using Xunit;

namespace Ark.Tests.Aws;

/// <summary>Every answer of AWS says what time it is there.</summary>
public sealed class ClockSkewTests
{
    private const string Call = "GetAuthorizationToken";

    [Fact]
    public async Task Clocks_that_agree_are_worth_no_word()
    {
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        Assert.Null(caller.Access.Clock.Skew);

        await caller.FetchAsync();

        Assert.InRange(caller.Access.Clock.Skew!.Value.TotalSeconds, -30, 30);
        Assert.Null(caller.Access.Clock.Problem);
    }

    [Theory]
    [InlineData(3, "this machine's clock is 3 minutes behind AWS's")]
    [InlineData(-4, "this machine's clock is 4 minutes ahead of AWS's")]
    public async Task A_good_answer_tells_of_a_clock_that_is_about_to_be_too_far_off(int minutes, string message)
    {
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        await using StandInAws aws = await StartAsync(caller, minutes);

        (await caller.Found().FetchAsync(TestContext.Current.CancellationToken) as Core.Tokens.FetchOutcome.Fetched)!.Token.Dispose();

        Problem problem = caller.Access.Clock.Problem!;
        Assert.Equal(("clock-skewed", message), (problem.Code, problem.Message));
    }

    [Fact]
    public async Task A_signature_that_is_refused_for_its_time_however_it_is_corrected_tells_the_difference()
    {
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        await using StandInAws aws = await StartAsync(caller, minutes: 7);
        aws.Always(Call, new Behavior.Fail(400, "RequestExpired", "because"));

        Problem problem = await caller.FailAsync();

        Assert.Equal("clock-skewed", problem.Code);
        Assert.EndsWith("(RequestExpired): this machine's clock is 7 minutes behind AWS's", problem.Message, StringComparison.Ordinal);
        Assert.StartsWith("set the clock: ", problem.Hint, StringComparison.Ordinal);
        Assert.Equal(2, aws.Calls(Call));
    }

    private static async Task<StandInAws> StartAsync(SomeCaller caller, int minutes)
    {
        StandInAws aws = await StandInAws.StartAsync(new ManualClock(caller.Clock.GetUtcNow().AddMinutes(minutes)));
        aws.AddPrincipal(SomeCaller.KeyId, SomeCaller.Secret);
        caller.Variables["AWS_ENDPOINT_URL"] = aws.Endpoint.ToString();
        return aws;
    }
}
