using Ark.EndToEnd.Faults;
using Xunit;

namespace Ark.EndToEnd.Herd;

public sealed class HerdTests
{
    [Fact]
    public async Task Two_hundred_helpers_at_once_make_one_daemon_and_one_call()
    {
        await using var fixture = await DaemonFixture.StartAsync();

        var results = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(() => fixture.Ask("get"))));

        Assert.All(results, result => Assert.True(result.ExitCode == 0, result.ToString()));
        Assert.All(results, result => Assert.Equal("", result.ErrorText));
        Assert.Single(results.Select(result => result.OutputText).Distinct());
        Assert.Equal(1, fixture.Aws.Calls(DaemonFixture.Token));
        Assert.Equal(1, fixture.DaemonsStarted);
    }
}
