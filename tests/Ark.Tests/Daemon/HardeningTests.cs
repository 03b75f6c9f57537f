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
}
