using System.Text;
using Ark.Aws.Credentials;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Aws;

public sealed class XmlTextTests
{
    [Theory]
    [InlineData("<a><Code>AccessDenied</Code></a>", "AccessDenied")]
    [InlineData("<Code>a &lt;b&gt; &amp; &quot;c&quot; &apos;d&apos; &amp;lt;</Code>", "a <b> & \"c\" 'd' &lt;")]
    [InlineData("<Code>&unknown; &</Code>", "&unknown; &")]
    [InlineData("<Code></Code>", "")]
    [InlineData("<Code>é</Code>", "é")]
    [InlineData("<Code>SENTINEL", null)]
    [InlineData("<Code>SENTINEL</Other>", null)]
    [InlineData("<Code>SENTINEL<b/></Code>", null)]
    [InlineData("<Codes>SENTINEL</Codes>", null)]
    [InlineData("<Code a='b'>SENTINEL</Code>", null)]
    [InlineData("Code", null)]
    [InlineData("", null)]
    public void A_text_is_that_of_the_whole_element_and_of_no_other(string xml, string? text) =>
        Assert.Equal(text, XmlText.Of(Encoding.UTF8.GetBytes(xml), "Code"));

    [Fact]
    public void A_secret_is_the_same_bytes()
    {
        using Secret? secret = XmlText.SecretOf("<SecretAccessKey>a/b+c=&amp;</SecretAccessKey>"u8, "SecretAccessKey");

        Assert.Equal("a/b+c=&"u8.ToArray(), secret!.Bytes.ToArray());
    }
}
