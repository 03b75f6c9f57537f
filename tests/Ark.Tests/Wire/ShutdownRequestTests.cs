using System.Text;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Wire;

public sealed class ShutdownRequestTests
{
    [Fact]
    public void A_person_is_obeyed() => Assert.True(ShutdownRequest.IsFor(ShutdownRequest.FromPerson));

    [Fact]
    public void A_client_of_our_own_build_meant_another_daemon() =>
        Assert.False(ShutdownRequest.IsFor(ShutdownRequest.From(Build.Current)));

    [Theory]
    [InlineData("99.0.0", true)]
    [InlineData("0.0.1", false)]
    [InlineData("nonsense", false)]
    [InlineData("**", false)]
    public void Only_a_newer_build_takes_our_place(string body, bool leaves) =>
        Assert.Equal(leaves, ShutdownRequest.IsFor(Encoding.UTF8.GetBytes(body)));
}
