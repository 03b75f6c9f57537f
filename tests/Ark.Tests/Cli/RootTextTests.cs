using System.Text;
using System.Text.Json;
using Ark.Cli.Docker;
using FsCheck;
using FsCheck.Fluent;
using Xunit;
using JsonNode = System.Text.Json.Nodes.JsonNode;

namespace Ark.Tests.Cli;

/// <summary>A text at the root of a file, set and taken out again among other people's comments.</summary>
public sealed class RootTextTests
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    public static TheoryData<string, string, string> Additions => new()
    {
        { "no file", "", "{\n\t\"fallbackHelper\": \"pass\"\n}\n" },
        { "empty object", "{}", "{\n\t\"fallbackHelper\": \"pass\"\n}" },
        { "only a comment", "{ // mine\n}\n", "{\n  \"fallbackHelper\": \"pass\"\n // mine\n}\n" },
        { "one line", """{"a":1}""", """{"fallbackHelper":"pass","a":1}""" },
        { "one airy line", """{ "a": 1 }""", """{ "fallbackHelper": "pass", "a": 1 }""" },
        {
            "a comment before the first", "{\n  // why\n  \"a\": 1, // so\n}",
            "{\n  \"fallbackHelper\": \"pass\",\n  // why\n  \"a\": 1, // so\n}"
        },
        { "CRLF", "{\r\n\t\"a\": 1\r\n}\r\n", "{\r\n\t\"fallbackHelper\": \"pass\",\r\n\t\"a\": 1\r\n}\r\n" },
        {
            "a comment in front", "// configuration\n{\n  \"a\": 1\n}",
            "// configuration\n{\n  \"fallbackHelper\": \"pass\",\n  \"a\": 1\n}"
        },
        { "a comment behind the colon", "{\"a\": /* no */ 1}", "{\"fallbackHelper\": \"pass\",\"a\": /* no */ 1}" },
        { "a mark", "\uFEFF{\"a\":1}", "\uFEFF{\"fallbackHelper\":\"pass\",\"a\":1}" },
    };

    public static TheoryData<string, string, string> Removals => new()
    {
        { "not there", """{"a":1}""", """{"a":1}""" },
        { "the only one", """{ "fallbackHelper": "pass" }""", "{}" },
        { "the last", "{\n  \"a\": 1,\n  \"fallbackHelper\": \"pass\"\n}", "{\n  \"a\": 1\n}" },
        { "with a comma at the end", "{\n  \"a\": 1,\n  \"fallbackHelper\": \"pass\",\n}", "{\n  \"a\": 1,\n}" },
        { "between comments", "{\n  // a\n  \"fallbackHelper\": \"pass\", // b\n  \"c\": 1\n}", "{\n  // a\n  // b\n  \"c\": 1\n}" },
        { "the only one behind a comment", "{ // a\n  \"fallbackHelper\": \"pass\"\n}", "{ // a\n  \n}" },
        { "the last behind a comment", "{\n  \"a\": 1, // a\n  \"fallbackHelper\": \"pass\"\n}", "{\n  \"a\": 1, // a\n  \n}" },
        { "a comment that needs its line end", "{\n  // a\n  \"fallbackHelper\": \"pass\", \"c\": 1\n}", "{\n  // a\n  \"c\": 1\n}" },
    };

    [Theory]
    [MemberData(nameof(Additions))]
    public void A_text_comes_first_and_no_comment_changes_hands(string why, string before, string after)
    {
        Assert.NotEmpty(why);
        Assert.Equal(after, Text(JsonEdit.SetText(Encoding.UTF8.GetBytes(before), "fallbackHelper", "pass")));
    }

    [Theory]
    [MemberData(nameof(Removals))]
    public void A_text_goes_and_what_is_left_is_valid(string why, string before, string after)
    {
        Assert.NotEmpty(why);
        Assert.Equal(after, Text(JsonEdit.RemoveText(Encoding.UTF8.GetBytes(before), "fallbackHelper")));
        using var parsed = JsonDocument.Parse(after, Lenient);
    }

    [Fact]
    public void A_text_that_is_there_changes_in_place() =>
        Assert.Equal(
            "{\"a\":1, \"fallbackHelper\" : \"pass\"}",
            Text(JsonEdit.SetText("{\"a\":1, \"fallbackHelper\" : \"other\"}"u8.ToArray(), "fallbackHelper", "pass")));

    [Fact]
    public void Taking_out_what_was_set_gives_the_bytes_back() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(400), Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
        {
            var before = new SomeJson(seed).Document();
            var set = JsonEdit.SetText(before, "fallbackHelper", "pass");
            var expected = Parse(before).AsObject();
            var wasEmpty = expected.Count == 0;
            expected["fallbackHelper"] = "pass";
            return JsonNode.DeepEquals(expected, Parse(set))
                && (wasEmpty || JsonEdit.RemoveText(set, "fallbackHelper").AsSpan().SequenceEqual(before));
        }));

    private static JsonNode Parse(byte[] json) => JsonNode.Parse(json.AsSpan(JsonText.MarkLength(json)))!;

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);
}
