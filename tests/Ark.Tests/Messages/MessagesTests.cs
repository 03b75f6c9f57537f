using System.Text;
using System.Text.Json;
using Ark.Messages;
using Xunit;

namespace Ark.Tests.Messages;

/// <summary>What both ends rely on, whoever of them is newer.</summary>
public sealed class MessagesTests
{
    private static readonly EntryStatus Entry =
        new(
            "host", null, "ecr", "profile tbd", "fresh", new DateTimeOffset(2026, 1, 2, 14, 30, 0, 999, TimeSpan.FromHours(2)), null,
            "first-use", null, 1, 2);

    [Fact]
    public void An_instant_is_written_in_UTC_to_the_second()
    {
        string json = JsonSerializer.Serialize(new StatusReport(null, [Entry]), MessagesJson.Default.StatusReport);

        Assert.Equal(
            """{"daemon":null,"entries":[{"host":"host","organization":null,"source":"ecr","identity":"profile tbd","state":"fresh","""
            + """ "expiresAt":"2026-01-02T12:30:00Z","refreshAt":null,"lastFetchReason":"first-use",""".TrimStart()
            + """ "lastError":null,"fetches":1,"hits":2,"problem":null,"account":null}]}""".TrimStart(),
            json);
    }

    [Fact]
    public void Members_of_a_newer_daemon_are_passed_over_and_those_that_an_older_one_does_not_know_may_be_missing()
    {
        const string Json = """{"daemon":{"pid":1,"version":"0.1.0","uptimeSeconds":2,"requests":3,"newer":true},"entries":[]}""";

        Assert.Equal(new DaemonStatus(1, "0.1.0", 2, 3), JsonSerializer.Deserialize(Json, MessagesJson.Default.StatusReport)!.Daemon);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"daemon":null,"daemon":null,"entries":[]}""")]
    [InlineData("""{"daemon":null,"entries":null}""")]
    [InlineData("""{"Daemon":null,"Entries":[]}""")]
    [InlineData("""{"daemon":null,"entries":[{"host":null}]}""")]
    public void What_lacks_a_member_or_has_it_twice_or_empty_is_no_message(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(json, MessagesJson.Default.StatusReport));

    [Fact]
    public void A_secret_comes_back_byte_for_byte()
    {
        byte[] secret = Encoding.UTF8.GetBytes("a\"\\\u001b\u202e+/=é😀");
        var image = new ImageDescription { Host = "h", Username = "u", Secret = secret, ExpiresAt = null };

        byte[] json = JsonSerializer.SerializeToUtf8Bytes(image, MessagesJson.Default.ImageDescription);

        Assert.Equal(secret, JsonSerializer.Deserialize(json, MessagesJson.Default.ImageDescription)!.Secret);
        Assert.DoesNotContain(
            "SENTINEL",
            new ImageDescription { Host = "h", Username = "u", Secret = "SENTINEL"u8.ToArray(), ExpiresAt = null }.ToString(),
            StringComparison.Ordinal);
    }
}
