using System.Text;
using Ark.Daemon.Handlers;
using Xunit;

namespace Ark.Tests.Daemon;

public sealed class StoredCredentialsTests
{
    public static TheoryData<string> Malformed =>
    [
        "",
        " ",
        "null",
        "[]",
        "\"text\"",
        "{",
        """{"ServerURL":"a","Username":"b","Secret":"c"}x""",
        """{"ServerURL":"a","Username":"b","Secret":"c"} {}""",
        """{"ServerURL":"a","Username":"b","Secret":"c",}""",
        """{"ServerURL":"a","Username":"b",/* */"Secret":"c"}""",
        """{"ServerURL":"a","serverurl":"b","Username":"b","Secret":"c"}""",
        """{"ServerURL":"a","Username":"b","Username":"b","Secret":"c"}""",
        """{"ServerURL":"a","Username":"b","Secret":"c","Secret":"c"}""",
        """{"ServerURL":1,"Username":"b","Secret":"c"}""",
        """{"ServerURL":1e999,"Username":"b","Secret":"c"}""",
        """{"ServerURL":null,"Username":"b","Secret":"c"}""",
        """{"ServerURL":{"ServerURL":"a"},"Username":"b","Secret":"c"}""",
        """{"ServerURL":"\ud800","Username":"b","Secret":"c"}""",
        """{"ServerURL":"a","Username":"\udfff","Secret":"c"}""",
        """{"\ud800":"a"}""",
        "{\"ServerURL\":\"a\nb\",\"Username\":\"b\",\"Secret\":\"c\"}",
        "\uFEFF{\"ServerURL\":\"a\",\"Username\":\"b\",\"Secret\":\"c\"}",
        new string('[', 10_000),
        string.Concat(Enumerable.Repeat("{\"ServerURL\":", 10_000)),
    ];

    [Theory]
    [InlineData("""{"ServerURL":"a","Username":"b","Secret":"c"}""")]
    [InlineData("""{"secret":"c","USERNAME":"b","serverUrl":"a"}""")]
    [InlineData("""{"ServerURL":"a","Username":"b","Secret":"c","Other":{"of":["the","future"]}}""")]
    [InlineData("  {\"ServerURL\":\"a\",\n\"Username\":\"b\",\"Secret\":\"\"}\r\n")]
    public void What_docker_sends_is_read(string json) =>
        Assert.True(StoredCredentials.Parse(Encoding.UTF8.GetBytes(json)) is { Server: "a", Username: "b" });

    [Theory]
    [MemberData(nameof(Malformed))]
    public void Anything_else_is_refused(string json) => Assert.Null(StoredCredentials.Parse(Encoding.UTF8.GetBytes(json)));

    [Theory]
    [InlineData(0xC3, 0x28)]
    [InlineData(0xC0, 0x80)]
    [InlineData(0xFF, 0xFE)]
    public void Bytes_that_are_not_utf8_are_refused(byte first, byte second) =>
        Assert.Null(StoredCredentials.Parse([.. "{\"ServerURL\":\""u8, first, second, .. "\",\"Username\":\"b\",\"Secret\":\"c\"}"u8]));
}
