using System.Diagnostics;
using Ark.Aws.Profiles;
using Ark.Core.Problems;
using Ark.Core.Sources;
using Ark.Testing;
using Xunit;

namespace Ark.Tests.Aws;

public sealed class ProfileStoreTests(ITestOutputHelper output) : IDisposable
{
    private const int Rounds = 2000;

    private readonly TemporaryHome _home = new();
    private readonly ManualClock _clock = new(DateTimeOffset.UtcNow.AddMinutes(1));

    public void Dispose() => _home.Dispose();

    [Fact]
    public void Files_that_have_not_changed_are_read_once_for_everybody()
    {
        var store = new ProfileStore(_clock);
        string config = _home.WriteAwsConfig("[profile a]\nregion = eu-west-1\n");
        _home.WriteAwsCredentials("[a]\naws_access_key_id = AKIA\naws_secret_access_key = SENTINEL\n");
        ProfileSet first = Load(store);

        Assert.Same(first, Load(store));
        Assert.Equal(("eu-west-1", "AKIA"), (first.Profile("a")!["region"], first.Profile("a")!["aws_access_key_id"]));

        // Of the same length, and as old as the one before: only the file itself is another.
        DateTime written = File.GetLastWriteTimeUtc(config);
        File.Move(_home.Write("draft", "[profile a]\nregion = eu-west-2\n"), config, overwrite: true);
        File.SetLastWriteTimeUtc(config, written);
        Assert.Equal("eu-west-2", Load(store).Profile("a")!["region"]);

        File.Delete(config);
        Assert.Null(Load(store).Profile("a")!["region"]);
    }

    [Fact]
    public void A_file_that_was_written_a_moment_ago_is_read_again_because_its_stamp_may_not_show_the_next_edit()
    {
        var store = new ProfileStore(new ManualClock(DateTimeOffset.UtcNow));
        _home.WriteAwsConfig("[profile a]\nregion = eu-west-1\n");

        Assert.NotSame(Load(store), Load(store));
    }

    [Fact]
    public async Task Whoever_asks_among_ten_thousand_profiles_is_found_as_fast_as_alone()
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Clock.Limits.Advance(TimeSpan.FromMinutes(1));
        EcrSource source = SomeCaller.Source(profile: "p0");
        string Profiles(int count) => string.Concat(Enumerable.Range(0, count).Select(i =>
            $"[profile p{i}]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Reader\nregion = eu-west-1\n"));
        long Allocated(string config)
        {
            caller.Home.WriteAwsConfig($"[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://a\n{config}");
            caller.Found(source);
            caller.Found(source);
            long before = GC.GetAllocatedBytesForCurrentThread();
            caller.Found(source);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            long started = Stopwatch.GetTimestamp();
            for (int i = 0; i < Rounds; i++)
            {
                caller.Found(source);
            }

            output.WriteLine($"{allocated:N0} bytes, {Stopwatch.GetElapsedTime(started).TotalMicroseconds / Rounds:N1} µs");
            return allocated;
        }

        // Of work and not of time, which depends on whatever else the machine does: nothing may grow with what nobody asked for.
        long alone = Allocated(Profiles(1));
        Assert.InRange(Allocated(Profiles(10_000)), 1, alone + alone / 10);
    }

    private ProfileSet Load(ProfileStore store)
    {
        Assert.True(store.Load(ProfileFiles.In(_home.Home)).Succeeded(out ProfileSet? profiles, out Problem? problem), problem?.Message);
        return profiles;
    }
}
