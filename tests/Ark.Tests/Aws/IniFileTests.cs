using Ark.Aws.Profiles;
using Ark.Core.Problems;
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
    public void A_deeper_line_that_is_no_property_continues_the_value() =>
        Assert.Equal("one\n--two=2\nthree", Assert.Single(Parsed("[a]\n k = one\n   --two=2\n\n  three\n"))["k"]);

    [Theory]
    [InlineData("  k = 1\n  l = 2\n")]
    [InlineData("\tk = 1\n\tl = 2\n")]
    [InlineData("  k = 1\nl = 2\n")]
    [InlineData("    k = 1\n  l = 2\n")]
    [InlineData("    k = 1\n\tl = 2\n")]
    [InlineData("\tk = 1\n    l = 2\n")]
    [InlineData("  k = 1\n\n  # a comment\n  l = 2\n")]
    [InlineData("k = 1\n  l = 2\n")]
    [InlineData("k = 1\n\n  l = 2\n")]
    [InlineData("k: 1\nl : 2\n")]
    [InlineData("k = \"1\"\nl = '2'\n")]
    public void However_properties_are_indented_each_is_its_own(string properties)
    {
        IniSection section = Assert.Single(Parsed($"[a]\n{properties}"));

        Assert.Equal(("1", "2"), (section["k"], section["l"]));
    }

    [Fact]
    public void What_continues_an_inner_property_may_stand_below_it_as_in_Go() =>
        Assert.Equal("2\nthree", Assert.Single(Parsed("[a]\nk = 1\n l = 2\n three\n"))["l"]);

    [Theory]
    [InlineData("  s3 =\n    k = 1\n  l = 2\n")]
    [InlineData("\ts3 =\n\t\tk = 1\n\n\t\t# a comment\n\tl = 2\n")]
    [InlineData("s3 =\n  k = 1\nl = 2\n")]
    public void A_group_ends_where_a_line_is_no_deeper_than_it(string properties)
    {
        IniSection section = Assert.Single(Parsed($"[a]\n{properties}"));

        Assert.Equal(("1", null, "2"), (section.NestedValue("s3", "k"), section["k"], section["l"]));
    }

    [Fact]
    public void An_empty_property_at_the_same_depth_has_no_group() =>
        Assert.Equal("2", Assert.Single(Parsed("[a]\n  k =\n  l = 2\n"))["l"]);

    [Fact]
    public void A_section_begins_at_any_depth_and_what_follows_is_its_own()
    {
        IReadOnlyList<IniSection> sections = Parsed("[a]\nk = 1\n  [b] # indented\n    k = 2\n");

        Assert.Equal(["1", "2"], sections.Select(section => section["k"]));
    }

    [Fact]
    public void A_command_line_keeps_its_quotes() => Assert.Equal(
        "\"/a b/c\" \"d\"", Assert.Single(Parsed("[a]\ncredential_process = \"/a b/c\" \"d\"\n"))["credential_process"]);

    [Fact]
    public void A_section_that_comes_twice_is_one_and_the_last_word_counts()
    {
        IniSection section = Assert.Single(Parsed("[a]\nk=1\nl=2\n[a]\nk=3\n"));

        Assert.Equal(("3", "2"), (section["k"], section["l"]));
    }

    [Fact]
    public void An_empty_value_is_no_value() => Assert.Null(Assert.Single(Parsed("[a]\nk=\n"))["k"]);

    [Theory]
    [InlineData("k=v\n[a]\n", 1, null)]
    [InlineData("[a]\nk=v\n[b\nk=v\n", 3, "b")]
    [InlineData("[a]\n\nSENTINEL-half-a-key", 3, "a")]
    [InlineData("[a]\n=v", 2, "a")]
    [InlineData("[a]\n -continued", 2, "a")]
    [InlineData("[]\nk=v", 1, "")]
    [InlineData("[a] SENTINEL\nk=v", 1, null)]
    [InlineData("[a]\nk=\n  nothing", 3, "a")]
    public void A_broken_line_is_named_by_its_number_never_quoted_and_spoils_its_own_section(string text, int line, string? spoiled)
    {
        IniText read = IniFile.Parse(text, "FILE");

        Problem fault = Assert.Single(read.Faults);
        Assert.StartsWith($"FILE, line {line}: ", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("SENTINEL", fault.ToString(), StringComparison.Ordinal);
        Assert.Equal(spoiled is null ? [] : [spoiled], read.Sections.Where(section => section.Fault == fault).Select(section => section.Name));
    }

    [Theory]
    [InlineData("x\n", "a line must read name = value")]
    [InlineData(" x y\n", "the value that this line continues is too long")]
    public void A_file_that_is_no_INI_is_named_by_its_first_lines_and_soon_read(string line, string fault)
    {
        IniText text = IniFile.Parse("[a]\nk = v\n" + string.Concat(Enumerable.Repeat(line, 1_000_000)) + "[b]\nx\n", "file");

        Assert.Equal(16, text.Faults.Count);
        Assert.Contains(fault, text.Faults[0].Message, StringComparison.Ordinal);
        Assert.All(text.Sections, static section => Assert.NotNull(section.Fault));
        Assert.InRange(text.Sections[0]["k"]!.Length, 1, 64 * 1024);
    }

    [Fact]
    public void What_follows_a_bracket_that_was_never_closed_is_not_added_to_the_section_before() =>
        Assert.Null(IniFile.Parse("[a]\nk = 1\n[b\nrole_arn = r\n", "FILE").Sections[0]["role_arn"]);

    [Fact]
    public void Any_text_is_read_and_never_throws() =>
        Check.QuickThrowOnFailure(Prop.ForAll(Gen.ArrayOf(Gen.Elements([.. "[]=#;ab \t\r\n\uFEFF"])).ToArbitrary(), static characters =>
        {
            string text = new(characters);
            return IniFile.Parse(text, "FILE").Faults.Count <= text.Split('\n').Length;
        }));

    private static IReadOnlyList<IniSection> Parsed(string text)
    {
        IniText read = IniFile.Parse(text, "FILE");
        Assert.Empty(read.Faults);
        return read.Sections;
    }
}
