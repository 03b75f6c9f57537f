using System.Text;
using Ark.Core.Secrets;
using Ark.Daemon.Sources;
using Xunit;

namespace Ark.Tests.Sources;

public sealed class CredentialTextTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("""{"username":"me","secret":"SENTINEL"}""", "me")]
    [InlineData("""{"Secret":"SENTINEL","USERNAME":"me","ServerURL":"x","more":{"a":[1,{"secret":"no"}]}}""", "me")]
    [InlineData("""{"secret":"SENTINEL","username":null,"expiresAt":null}""", null)]
    [InlineData("""{"secret":"SENTINEL","username":""}""", null)]
    [InlineData(" \r\n{ \"secret\" : \"SENTINEL\" }\r\n ", null)]
    public void Json_is_read_in_any_order_and_case(string json, string? username)
    {
        using Credential? read = Read(json);

        Assert.NotNull(read);
        Assert.Equal((username, "SENTINEL", null), (read.Username, Encoding.UTF8.GetString(read.Secret.Span), read.ExpiresAt));
        Assert.DoesNotContain("SENTINEL", read.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"2026-01-02T13:00:00Z\"", 3600)]
    [InlineData("\"2026-01-02T14:00:00.125000000+01:00\"", 3600.125)]
    [InlineData("\"2026-01-02t13:00:00z\"", 3600)]
    [InlineData("1767358800", 3600)]
    [InlineData("3600", 3600)]
    [InlineData("0", 0)]
    public void Its_end_is_an_instant_or_a_span(string written, double seconds) =>
        Assert.Equal(Now.AddSeconds(seconds), Read($$"""{"secret":"s","expiresAt":{{written}}}""")?.ExpiresAt);

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"secret\"")]
    [InlineData("{}")]
    [InlineData("""{"username":"me"}""")]
    [InlineData("""{"secret":1}""")]
    [InlineData("""{"secret":null}""")]
    [InlineData("""{"secret":"a","secret":"b"}""")]
    [InlineData("""{"secret":"a","Secret":"b"}""")]
    [InlineData("""{"secret":"a","username":1}""")]
    [InlineData("""{"secret":"a","expiresAt":"tomorrow"}""")]
    [InlineData("""{"secret":"a","expiresAt":"13:00"}""")]
    [InlineData("""{"secret":"a","expiresAt":-1}""")]
    [InlineData("""{"secret":"a","expiresAt":1e99}""")]
    [InlineData("""{"secret":"a","expiresAt":true}""")]
    [InlineData("""{"secret":"a"} x""")]
    [InlineData("""{"secret":"a"}{}""")]
    [InlineData("""{"secret":"a",}""")]
    [InlineData("""{"secret":"\ud800"}""")]
    public void Anything_else_is_refused(string json) => Assert.Null(Read(json));

    [Fact]
    public void Bytes_that_are_no_text_are_refused()
    {
        Assert.Null(CredentialText.OfJson([.. "{\"secret\":\""u8, 0xFF, .. "\"}"u8], Now));
        Assert.Null(CredentialText.OfText([0xFF]));
    }

    [Theory]
    [InlineData("SENTINEL", "SENTINEL")]
    [InlineData("SENTINEL\r\n\n", "SENTINEL")]
    [InlineData(" SENTINEL \n", " SENTINEL ")]
    [InlineData("one\ntwo\n", "one\ntwo")]
    public void A_secret_alone_loses_the_line_end_behind_it_and_nothing_else(string text, string secret) =>
        Assert.Equal(secret, Encoding.UTF8.GetString(CredentialText.OfText(Encoding.UTF8.GetBytes(text))!.Secret.Span));

    [Theory]
    [InlineData("")]
    [InlineData("\r\n")]
    public void Nothing_is_no_secret(string text) => Assert.Null(CredentialText.OfText(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void It_is_wiped_when_nobody_needs_it_any_more()
    {
        Credential read = Read("""{"secret":"SENTINEL"}""")!;

        read.Dispose();

        Assert.All(read.Secret.ToArray(), b => Assert.Equal(0, b));
    }

    private static Credential? Read(string json) => CredentialText.OfJson(Encoding.UTF8.GetBytes(json), Now);
}
