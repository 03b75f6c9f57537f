using System.Runtime.Versioning;
using Ark.Daemon.Lifetime;
using Xunit;

namespace Ark.Tests.Daemon;

[UnsupportedOSPlatform("windows")]
public sealed class HardeningTests
{
    [Theory]
    [InlineData(12, "open files")]
    [InlineData(63, "open files")]
    [InlineData(64, null)]
    [InlineData(1024, null)]
    public void Too_few_open_files_for_a_daemon_are_found_before_a_call_fails_for_them(int files, string? name) =>
        Assert.Equal(name, Hardening.FindTightLimit(nuint.MaxValue, nuint.MaxValue, (nuint)files)?.Name);

    [Fact]
    public void Too_few_threads_for_a_daemon_are_found_and_those_that_were_had_are_ended()
    {
        var started = new List<Thread>();
        bool had = Hardening.CanHaveThreads(thread =>
        {
            if (started.Count == 5)
            {
                throw new InsufficientMemoryException();
            }

            thread.Start();
            started.Add(thread);
        });

        Assert.False(had);
        Assert.Equal(5, started.Count);
        Assert.DoesNotContain(started, thread => thread.IsAlive);
    }

    [Fact]
    public void Where_threads_can_be_had_the_daemon_asks_for_a_dozen_at_once()
    {
        int alive = 0;
        Assert.True(Hardening.CanHaveThreads(thread =>
        {
            thread.Start();
            alive += thread.IsAlive ? 1 : 0;
        }));
        Assert.Equal(12, alive);
    }
}
