using System.Text;
using System.Text.Json;
using Ark.Cli.Docker;
using Xunit;

namespace Ark.Tests.Cli;

public sealed class JsonEditTests
{
    public static TheoryData<string, string, string> Additions => new()
    {
        { "no file at all", "", "{\n\t\"credHelpers\": {\n\t\t\"HOST\": \"ark\"\n\t}\n}\n" },
        { "only a line end", "\r\n", "{\r\n\t\"credHelpers\": {\r\n\t\t\"HOST\": \"ark\"\r\n\t}\r\n}\r\n" },
        { "only a mark", "\uFEFF", "\uFEFF{\n\t\"credHelpers\": {\n\t\t\"HOST\": \"ark\"\n\t}\n}\n" },
        { "empty object", "{}", "{\n\t\"credHelpers\": {\n\t\t\"HOST\": \"ark\"\n\t}\n}" },
        { "empty object over lines", " {\n\n}\n", " {\n\t\"credHelpers\": {\n\t\t\"HOST\": \"ark\"\n\t}\n}\n" },
        { "docker's own", "{\n\t\"auths\": {}\n}", "{\n\t\"auths\": {},\n\t\"credHelpers\": {\n\t\t\"HOST\": \"ark\"\n\t}\n}" },
        {
            "two blanks", "{\n  \"auths\": {},\n  \"credHelpers\": {\n    \"a\": \"b\"\n  }\n}\n",
            "{\n  \"auths\": {},\n  \"credHelpers\": {\n    \"a\": \"b\",\n    \"HOST\": \"ark\"\n  }\n}\n"
        },
        {
            "four blanks, empty section", "{\n    \"credHelpers\": {},\n    \"z\": 1\n}",
            "{\n    \"credHelpers\": {\n        \"HOST\": \"ark\"\n    },\n    \"z\": 1\n}"
        },
        { "no indentation", "{\n\"a\": 1\n}\n", "{\n\"a\": 1,\n\"credHelpers\": {\n\"HOST\": \"ark\"\n}\n}\n" },
        {
            "CRLF and tabs", "{\r\n\t\"a\": 1\r\n}\r\n",
            "{\r\n\t\"a\": 1,\r\n\t\"credHelpers\": {\r\n\t\t\"HOST\": \"ark\"\r\n\t}\r\n}\r\n"
        },
        { "a mark", "\uFEFF{\n\t\"a\": 1\n}", "\uFEFF{\n\t\"a\": 1,\n\t\"credHelpers\": {\n\t\t\"HOST\": \"ark\"\n\t}\n}" },
        { "one line", """{"a":1}""", """{"a":1,"credHelpers":{"HOST":"ark"}}""" },
        { "one airy line", """{ "a": 1 }""", """{ "a": 1, "credHelpers": {"HOST": "ark"} }""" },
        { "one line, one member", """{"credHelpers": {"a": "b"}}""", """{"credHelpers": {"a": "b", "HOST": "ark"}}""" },
        { "odd colons", "{\n  \"a\" : 1\n}", "{\n  \"a\" : 1,\n  \"credHelpers\" : {\n    \"HOST\" : \"ark\"\n  }\n}" },
        { "a colon on its own line", "{\n  \"a\"\n  : 1\n}", "{\n  \"a\"\n  : 1,\n  \"credHelpers\": {\n    \"HOST\": \"ark\"\n  }\n}" },
        { "section on one line", "{\n  \"credHelpers\": {\"a\":\"b\"}\n}", "{\n  \"credHelpers\": {\"a\":\"b\",\"HOST\":\"ark\"}\n}" },
        {
            "blank lines between", "{\n\n  \"a\": 1,\n\n  \"b\": 2\n}",
            "{\n\n  \"a\": 1,\n\n  \"b\": 2,\n  \"credHelpers\": {\n    \"HOST\": \"ark\"\n  }\n}"
        },
        { "null", "{\n  \"credHelpers\": null\n}", "{\n  \"credHelpers\": {\n    \"HOST\": \"ark\"\n  }\n}" },
        { "other spelling of the section", """{"CREDHELPERS":{"a":"b"}}""", """{"CREDHELPERS":{"a":"b","HOST":"ark"}}""" },
        {
            "the same name deeper down", """{"x":{"credHelpers":{"HOST":"no"}},"y":[{"credHelpers":{}}]}""",
            """{"x":{"credHelpers":{"HOST":"no"}},"y":[{"credHelpers":{}}],"credHelpers":{"HOST":"ark"}}"""
        },
        {
            "the name as a value", """{"x":"credHelpers","y":["}","{\""]}""",
            """{"x":"credHelpers","y":["}","{\""],"credHelpers":{"HOST":"ark"}}"""
        },
        { "escapes in the section's name", """{"cred\u0048elpers":{"b":"c"}}""", """{"cred\u0048elpers":{"b":"c","HOST":"ark"}}""" },
        { "escapes in the host", """{"credHelpers":{"H\u004fST":"old","z":"y"}}""", """{"credHelpers":{"H\u004fST":"ark","z":"y"}}""" },
        { "another case of the host", """{"credHelpers":{"host":"old"}}""", """{"credHelpers":{"host":"old","HOST":"ark"}}""" },
        {
            "other languages", """{"naïve—名前😀":"ключ","credHelpers":{"é":"ü"}}""",
            """{"naïve—名前😀":"ключ","credHelpers":{"é":"ü","HOST":"ark"}}"""
        },
        { "half a surrogate", """{"\ud800":"\udc00"}""", """{"\ud800":"\udc00","credHelpers":{"HOST":"ark"}}""" },
        { "taken by another", """{"credHelpers": {"HOST": "ecr-login"}}""", """{"credHelpers": {"HOST": "ark"}}""" },
        { "there already", """{"credHelpers": { "HOST" :"ark" }}""", """{"credHelpers": { "HOST" :"ark" }}""" },
    };

    public static TheoryData<string, string, string> Removals => new()
    {
        { "the only one", "{\n\t\"credHelpers\": {\n\t\t\"HOST\": \"ark\"\n\t}\n}", "{\n\t\"credHelpers\": {}\n}" },
        { "the last", "{\"credHelpers\": {\n  \"a\": \"b\",\n  \"HOST\": \"ark\"\n}}", "{\"credHelpers\": {\n  \"a\": \"b\"\n}}" },
        { "the first", "{\"credHelpers\": {\n  \"HOST\": \"ark\",\n  \"a\": \"b\"\n}}", "{\"credHelpers\": {\n  \"a\": \"b\"\n}}" },
        { "in the middle", """{"credHelpers":{"a":"b","HOST":"ark" , "c":"d"}}""", """{"credHelpers":{"a":"b","c":"d"}}""" },
        { "not there", """{"credHelpers":{"a":"b"}}""", """{"credHelpers":{"a":"b"}}""" },
        { "no section", """{"auths":{"HOST":{}}}""", """{"auths":{"HOST":{}}}""" },
    };

    [Theory]
    [MemberData(nameof(Additions))]
    public void A_host_is_added_in_the_manner_of_its_neighbours(string shape, string before, string after) =>
        Assert.Equal((shape, after), (shape, Set(before)));

    [Theory]
    [MemberData(nameof(Additions))]
    public void Adding_a_host_twice_is_adding_it_once(string shape, string before, string after) =>
        Assert.Equal((shape, after), (shape, Set(Set(before))));

    [Theory]
    [MemberData(nameof(Removals))]
    public void A_host_is_removed_and_nothing_else(string shape, string before, string after) => Assert.Equal(
        (shape, after), (shape, Encoding.UTF8.GetString(JsonEdit.Remove(Encoding.UTF8.GetBytes(before), "credHelpers", "HOST"))));

    [Fact]
    public void Bytes_that_are_no_text_stay()
    {
        byte[] before = [.. "{\"a\":\""u8, 0xFF, 0xC0, .. "\",\""u8, 0xFE, .. "\":1}"u8];
        Assert.Equal([.. before[..^1], .. ",\"credHelpers\":{\"HOST\":\"ark\"}}"u8], JsonEdit.Set(before, "credHelpers", "HOST", "ark"));
    }

    [Theory]
    [InlineData("{\n  \"a\": 1,\n  \"b\": tokenSENTINEL\n}", 2, 8)]
    [InlineData("\uFEFF{\"ü\": 1,}", 0, 8)]
    [InlineData("{\"a\": 1} trailing", 0, 9)]
    [InlineData("[1]", 0, 0)]
    [InlineData("// no\n{}", 0, 0)]
    [InlineData("{\"a\": 1", 0, 7)]
    [InlineData("\0{}", 0, 0)]
    public void Broken_text_is_told_by_place_and_never_quoted(string text, long line, long column)
    {
        var problem = Assert.Throws<JsonException>(() => JsonText.Parse(Encoding.UTF8.GetBytes(text)));
        Assert.Equal((line, column), (problem.LineNumber, problem.BytePositionInLine));
        Assert.DoesNotContain("SENTINEL", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_nested_beyond_reason_is_refused_and_does_not_exhaust_the_stack()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 100_000));
        Assert.Throws<JsonException>(() => JsonText.Parse(Encoding.UTF8.GetBytes(deep)));
    }

    private static string Set(string json) =>
        Encoding.UTF8.GetString(JsonEdit.Set(Encoding.UTF8.GetBytes(json), "credHelpers", "HOST", "ark"));
}
