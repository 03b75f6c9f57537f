using System.Runtime.Versioning;
using Xunit;

namespace Ark.EndToEnd.People;

/// <summary>A reader that goes away ends every command, by the published program and a shell's own pipes.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class PipeTests
{
    [Theory]
    [InlineData("ark status --watch | head -1", "no daemon is running; the next docker pull starts one\n")]
    [InlineData("ark status --watch --json | head -1", "{\"daemon\":null,\"entries\":[]}\n")]
    [InlineData("ark --help | true", "")]
    [InlineData("ark frobnicate 2>&1 | true", "")]
    public async Task A_reader_that_has_gone_ends_the_command_without_a_word(string line, string expected)
    {
        await using var user = await PeopleFixture.StartAsync();

        Assert.Equal(expected, await user.Gets(line));
    }
}
