using System.Globalization;
using System.Text;
using Ark.EndToEnd.Hosts;
using Ark.Wire;
using Xunit;

namespace Ark.EndToEnd.Frames;

/// <summary>Answers that are larger than what the system keeps for a reader: the daemon's own limit decides how long it waits.</summary>
public sealed class SlowReaderTests
{
    private static readonly IEnumerable<string> ManyHosts =
        Enumerable.Range(0, 20_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"h{i:00000}.registry.of.many.example"));

    [Fact]
    public async Task F18_F19_F21_who_does_not_read_is_given_up_and_others_are_served()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has pipes");
        await using ServedHome served = await ServedHome.StartAsync(moreHosts: ManyHosts);
        served.AssertServed(await served.HelperAsync("get", ServedHome.Host));

        int whole;
        using (RawClient quick = Ask(served))
        {
            whole = quick.ReadToEnd().Length;
        }

        Assert.InRange(whole, 600_000, 2_000_000);

        using RawClient silent = Ask(served);
        using RawClient slow = Ask(served);
        using (RawClient leaver = Ask(served))
        {
            leaver.Read(new byte[10]);
        }

        byte[] one = new byte[1];
        for (int second = 0; second < 4; second++)
        {
            slow.Read(one);
            await Task.Delay(1_000);
        }

        // Had the daemon waited, the rest would come now.
        Assert.InRange(silent.ReadToEnd().Length, 1, whole - 1);
        Assert.InRange(slow.ReadToEnd().Length, 1, whole - 5);
        served.AssertServed(await served.HelperAsync("get", ServedHome.Host));
    }

    [Fact]
    public async Task A_large_list_passes_through_the_helper_whole()
    {
        await using ServedHome served = await ServedHome.StartAsync(moreHosts: ManyHosts);
        Ark.Testing.ProgramResult list = await served.HelperAsync("list", "unused");
        Assert.Equal(0, list.ExitCode);
        using var json = System.Text.Json.JsonDocument.Parse(list.Output);
        Assert.Equal(20_002, json.RootElement.EnumerateObject().Count());
        Assert.Empty(served.Aws.Log);
    }

    private static RawClient Ask(ServedHome served) => new RawClient(served.Socket).Sending(RawClient.Request(Verb.Hosts, Encoding.UTF8.GetBytes("")));
}
