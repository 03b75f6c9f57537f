using System.Text.RegularExpressions;
using Ark.Core.Problems;
using Ark.Core.Repositories;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Ark.Tests.Repositories;

public sealed partial class RepositoryNameTests
{
    private const string Prefix = "prod/2ea25035-6aa4-42fb-9955-92288ea1b972";

    [Theory]
    [InlineData("", "ab")]
    [InlineData("", "web/1st")]
    [InlineData("", "a.b_c__d---e")]
    [InlineData(Prefix, "web")]
    public void A_sound_name_is_taken_as_it_is_below_the_prefix(string prefix, string name) =>
        Assert.Equal(prefix.Length == 0 ? name : $"{prefix}/{name}", Sound(prefix, name));

    [Theory]
    [InlineData("Web", "'W' is an upper-case letter (character 1)")]
    [InlineData("web/", "a part between slashes is empty (character 4)")]
    [InlineData("/web", "a part between slashes is empty (character 1)")]
    [InlineData("a//b", "a part between slashes is empty (character 2)")]
    [InlineData("web:1.0", "':' begins a tag or a digest, and a repository has none (character 4)")]
    [InlineData("web@sha256", "'@' begins a tag or a digest, and a repository has none (character 4)")]
    [InlineData("-web", "a part begins with '-' (character 1)")]
    [InlineData("web/_a", "a part begins with '_' (character 5)")]
    [InlineData("web-/a", "a part ends with '-' (character 4)")]
    [InlineData("web.", "a part ends with '.' (character 4)")]
    [InlineData("a..b", "'..' stands between two letters (character 2)")]
    [InlineData("a___b", "'___' stands between two letters (character 2)")]
    [InlineData("a-_b", "'-_' stands between two letters (character 2)")]
    [InlineData("a b", "\" \" may not stand in it (character 2)")]
    [InlineData("caf\u00e9", "\"\\u00e9\" may not stand in it (character 4)")]
    [InlineData("a", "it has 1 characters, and 2 are the least")]
    [InlineData("", "it has 0 characters, and 2 are the least")]
    public void The_broken_rule_and_its_place_are_said(string name, string fault)
    {
        Assert.False(RepositoryName.Parse("", name).Succeeded(out _, out Problem? problem));

        Assert.Equal(ProblemKind.BadSetting, problem.Kind);
        Assert.EndsWith($"is no repository name: {fault}", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Places_are_counted_with_the_prefix_which_the_message_shows()
    {
        Assert.False(RepositoryName.Parse("prod", "Web").Succeeded(out _, out Problem? problem));

        Assert.StartsWith("\"prod/Web\" ", problem.Message, StringComparison.Ordinal);
        Assert.EndsWith("(character 6)", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Prefix_and_name_have_256_characters_together()
    {
        string rest = new('a', 255 - Prefix.Length);

        Assert.Equal(256, Sound(Prefix, rest).Length);
        Assert.False(RepositoryName.Parse(Prefix, rest + "a").Succeeded(out _, out Problem? problem));
        Assert.Contains("257 characters with its prefix", problem.Message, StringComparison.Ordinal);
    }

    /// <summary>The rule as AWS publishes it.</summary>
    [Fact]
    public void What_is_sound_is_what_the_published_pattern_matches() =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(2_000),
            Prop.ForAll(SomeName, name =>
                RepositoryName.Parse("", name).Succeeded(out _, out _) == (name.Length is >= 2 and <= 256 && Published().IsMatch(name))));

    private static Arbitrary<string> SomeName =>
        Gen.Elements("a", "z9", ".", "_", "__", "-", "--", "/", "A", ":").ListOf().Select(parts => string.Concat(parts)).ToArbitrary();

    private static string Sound(string prefix, string name)
    {
        Assert.True(RepositoryName.Parse(prefix, name).Succeeded(out RepositoryName? sound, out Problem? problem), problem?.Message);
        return sound.Path;
    }

    [GeneratedRegex(@"\A[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*\z")]
    private static partial Regex Published();
}
