using Ark.Wire;
using Xunit;

namespace Ark.Tests.Wire;

public sealed class BuildTests
{
    [Fact]
    public void This_build_is_a_version_of_three_numbers() => Assert.Matches(@"^\d+\.\d+\.\d+\z", Build.Current);

    [Fact]
    public void This_build_is_not_older_than_itself() => Assert.False(Build.IsOlder(Build.Current));

    [Theory]
    [InlineData("0.0.1", true)]
    [InlineData("0.0", true)]
    [InlineData("999.0.0", false)]
    [InlineData("", false)]
    [InlineData("0", false)]
    [InlineData("x.y.z", false)]
    [InlineData("0.0.1-alpha", false)]
    [InlineData("-1.0.0", false)]
    [InlineData("99999999999.0.0", false)]
    public void Only_a_lower_version_is_older_and_nonsense_is_not(string build, bool older) => Assert.Equal(older, Build.IsOlder(build));
}
