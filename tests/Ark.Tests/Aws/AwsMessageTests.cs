using Ark.Aws.Calls;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Aws;

public sealed class AwsMessageTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData(" Rate exceeded. ", "Rate exceeded")]
    [InlineData("one\r\ntwo", "one")]
    [InlineData("a\tb\u001b[31mc", "a b [31mc")]
    [InlineData("key SECRET here", "key … here")]
    public void A_message_is_one_clean_line(string? message, string expected) =>
        Assert.Equal(expected, AwsMessage.Clean(message, new Secret("SECRET"u8), null, new Secret([])));

    [Fact]
    public void Runs_as_long_as_a_key_are_hidden_and_names_are_not()
    {
        string name = "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_AdministratorAccess_0123456789abcdef/somebody@example.com";

        Assert.Equal($"{name} used … twice", AwsMessage.Clean($"{name} used {new string('k', 40)} twice"));
        Assert.Equal(new string('k', 39), AwsMessage.Clean(new string('k', 39)));
    }

    [Fact]
    public void A_long_message_is_cut() => Assert.Equal(301, AwsMessage.Clean(string.Concat(Enumerable.Repeat("word ", 100))).Length);
}
