using Ark.Wire;
using Xunit;

namespace Ark.Tests.Wire;

public sealed class NearNamesTests
{
    [Theory]
    [InlineData("pord", "prod")]
    [InlineData("PROD", "prod")]
    [InlineData("prods", "prod")]
    [InlineData("prodxyz", "")]
    [InlineData("p", "")]
    public void A_slip_or_two_are_seen(string written, string expected) =>
        Assert.Equal(expected, string.Join(' ', NearNames.Of(written, ["prod", "staging"])));

    [Fact]
    public void The_nearest_three_are_named_and_of_equals_the_first() =>
        Assert.Equal(["prod", "brod", "prom"], NearNames.Of("prod", ["brod", "prom", "prod", "crod", "pro"]));

    [Fact]
    public void What_is_too_long_for_a_slip_is_compared_with_nothing() =>
        Assert.Empty(NearNames.Of(new string('a', 65), [new string('a', 65)]));
}
