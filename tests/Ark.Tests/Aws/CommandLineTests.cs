using Ark.Aws.Credentials;
using Xunit;

namespace Ark.Tests.Aws;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("a b  c", "a|b|c")]
    [InlineData(""" "/opt/my tools/a" --x 'b c' """, "/opt/my tools/a|--x|b c")]
    [InlineData("""a\ b "c\"d" 'e\f' "g\h" """, """a b|c"d|e\f|g\h""")]
    [InlineData("""a "" b""", "a||b")]
    [InlineData("a $(b) | c; d > e", "a|$(b)|||c;|d|>|e")]
    [InlineData("a 'b", "")]
    [InlineData("   ", "")]
    public void Words_are_split_as_on_unix(string line, string words) => Assert.Equal(words, string.Join('|', CommandLine.Split(line, windows: false)));

    [Theory]
    [InlineData("""C:\tools\a.exe "C:\my tools\b" c'd""", """C:\tools\a.exe|C:\my tools\b|c'd""")]
    [InlineData("""a "b\"c" """, """a|b"c""")]
    public void Windows_keeps_its_backslashes(string line, string words) => Assert.Equal(words, string.Join('|', CommandLine.Split(line, windows: true)));
}
