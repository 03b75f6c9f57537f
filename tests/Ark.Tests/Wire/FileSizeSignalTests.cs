using System.Globalization;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Wire;

public sealed class FileSizeSignalTests
{
    [Fact]
    public void The_signal_of_a_file_that_is_too_large_is_ignored()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc as Linux has it");

        FileSizeSignal.Ignore();

        string line = File.ReadLines("/proc/self/status").Single(line => line.StartsWith("SigIgn:", StringComparison.Ordinal));
        ulong ignored = ulong.Parse(line["SigIgn:".Length..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        Assert.NotEqual(0UL, ignored & (1UL << (25 - 1)));
    }
}
