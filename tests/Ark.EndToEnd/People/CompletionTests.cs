using System.Runtime.Versioning;
using Xunit;

namespace Ark.EndToEnd.People;

/// <summary>A line is completed in a real shell, by the published program. zsh and fish were tried by hand; PowerShell was not.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class CompletionTests
{
    [Theory]
    [InlineData("ark sta", "status")]
    [InlineData("ark org ", "list show validate")]
    [InlineData("ark status --w", "--watch")]
    [InlineData("ark refr", "refresh")]
    public async Task Bash_completes_what_is_typed(string line, string expected)
    {
        await using var user = await PeopleFixture.StartAsync();
        string script = $"""
            . <(ark completion bash)
            COMP_LINE='{line}' COMP_POINT={line.Length}
            _ark
            echo "{"${COMPREPLY[*]}"}"
            """;

        Assert.Equal($"{expected}\n", await user.Gets($"bash -c '{script.Replace("'", "'\\''", StringComparison.Ordinal)}'"));
    }
}
