using Ark.Aws.Profiles;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Ark.Tests.Aws;

public sealed class IniFileTests
{
    [Fact]
    public void Sections_properties_and_comments_are_told_apart()
    {
        IniSection section = Assert.Single(Parsed(
            """
            # a comment
            ; another
            [profile tbd] # after a section
            Region = eu-west-1   ; after a value
            role_arn=arn:aws:iam::1:role/a#b
            external_id = a=b
            """));

        Assert.Equal("profile tbd", section.Name);
        Assert.Equal("eu-west-1", section["region"]);
        Assert.Equal("arn:aws:iam::1:role/a#b", section["role_arn"]);
        Assert.Equal("a=b", section["external_id"]);
    }

    [Theory]
    [InlineData("\uFEFF[a]\nk=v\n")]
    [InlineData("[a]\r\nk=v\r\n")]
    [InlineData("[ a ]\nk =\tv")]
    [InlineData("  [a]\n\n\n k=v")]
    public void Byte_order_marks_line_ends_and_blanks_do_not_matter(string text) => Assert.Equal("v", Assert.Single(Parsed(text))["k"]);

    [Theory]
    [InlineData('\u0085')]
    [InlineData('\u2028')]
    [InlineData('\u2029')]
    [InlineData('\f')]
    [InlineData('\v')]
    [InlineData('\r')]
    public void Only_a_line_feed_ends_a_line(char other)
    {
        IniSection section = Assert.Single(Parsed($"[a]\nk = one{other}credential_process = two\n"));

        Assert.Equal($"one{other}credential_process = two", section["k"]);
        Assert.Null(section["credential_process"]);
    }

    [Fact]
    public void Properties_below_an_empty_one_are_its_own()
    {
        IniSection section = Assert.Single(Parsed("[services local]\nsts =\n  endpoint_url = http://127.0.0.1:1\necr =\n  endpoint_url = http://127.0.0.1:2\n"));

        Assert.Equal("http://127.0.0.1:1", section.NestedValue("sts", "endpoint_url"));
        Assert.Equal("http://127.0.0.1:2", section.NestedValue("ecr", "endpoint_url"));
        Assert.Null(section["endpoint_url"]);
    }

    [Fact]
    public void An_indented_line_continues_a_value() => Assert.Equal("one\ntwo", Assert.Single(Parsed("[a]\nk = one\n  two\n"))["k"]);

    [Fact]
    public void A_section_that_comes_twice_is_one_and_the_last_word_counts()
    {
        IniSection section = Assert.Single(Parsed("[a]\nk=1\nl=2\n[a]\nk=3\n"));

        Assert.Equal(("3", "2"), (section["k"], section["l"]));
    }

    [Fact]
    public void An_empty_value_is_no_value() => Assert.Null(Assert.Single(Parsed("[a]\nk=\n"))["k"]);

    [Theory]
    [InlineData("k=v\n[a]\n", 1)]
    [InlineData("[a]\nk=v\n[b\nk=v\n", 3)]
    [InlineData("[a]\n\nSENTINEL-half-a-key", 3)]
    [InlineData("[a]\n=v", 2)]
    [InlineData("[]\nk=v", 1)]
    [InlineData("[a] b\nk=v", 1)]
    [InlineData("[a]\nk=\n  nothing", 3)]
    public void A_broken_line_is_named_by_its_number_and_never_quoted(string text, int line)
    {
        IniOutcome.Broken broken = Assert.IsType<IniOutcome.Broken>(IniFile.Parse(text));

        Assert.Equal(line, broken.Line);
        Assert.DoesNotContain("SENTINEL", broken.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_text_is_read_or_refused_and_never_throws() =>
        Check.QuickThrowOnFailure(Prop.ForAll(Gen.ArrayOf(Gen.Elements([.. "[]=#;ab \t\r\n\uFEFF"])).ToArbitrary(), static characters =>
        {
            IniOutcome outcome = IniFile.Parse(new string(characters));
            return outcome is IniOutcome.Parsed or IniOutcome.Broken { Line: > 0 };
        }));

    private static IReadOnlyList<IniSection> Parsed(string text) => Assert.IsType<IniOutcome.Parsed>(IniFile.Parse(text)).Sections;
}
