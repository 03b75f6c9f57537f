using System.Text.Json.Nodes;
using Ark.Cli.Docker;
using FsCheck;
using FsCheck.Fluent;
using Xunit;
using JsonNode = System.Text.Json.Nodes.JsonNode;

namespace Ark.Tests.Cli;

public sealed class SetupPropertyTests
{
    private static readonly Arbitrary<int> Seeds = Gen.Choose(0, int.MaxValue - 1).ToArbitrary();
    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(400);
    private static readonly Config Some = Config.QuickThrowOnFailure.WithMaxTest(60);

    [Fact]
    public void Adding_a_host_keeps_every_byte_and_adds_one_run() => Check.One(Many, Prop.ForAll(Seeds, seed =>
    {
        var before = new SomeJson(seed).Document();
        var after = JsonEdit.Set(before, "credHelpers", The.Host, "ark");
        var head = before.AsSpan().CommonPrefixLength(after);
        var tail = 0;
        while (tail < before.Length - head && before[^(tail + 1)] == after[^(tail + 1)])
        {
            tail++;
        }

        return head + tail == before.Length;
    }));

    [Fact]
    public void Adding_a_host_says_one_thing_more_and_nothing_else() => Check.One(Many, Prop.ForAll(Seeds, seed =>
    {
        var before = new SomeJson(seed).Document();
        var expected = Parse(before);
        (expected["credHelpers"] ??= new JsonObject()).AsObject()[The.Host] = "ark";
        return JsonNode.DeepEquals(expected, Parse(JsonEdit.Set(before, "credHelpers", The.Host, "ark")));
    }));

    [Fact]
    public void Removing_what_was_added_gives_the_bytes_back() => Check.One(Many, Prop.ForAll(Seeds, seed =>
    {
        var before = new SomeJson(seed).Document();
        var had = Parse(before)["credHelpers"] is not null;
        var removed = JsonEdit.Remove(JsonEdit.Set(before, "credHelpers", The.Host, "ark"), "credHelpers", The.Host);
        return (had ? removed : JsonEdit.RemoveSection(removed, "credHelpers")).AsSpan().SequenceEqual(before);
    }));

    [Fact]
    public void Setup_and_undo_leave_the_home_as_it_was() => Check.One(Some, Prop.ForAll(Seeds, seed =>
    {
        using var user = new SomeUser();
        user.HasConfig(new SomeJson(seed).Document());
        var before = user.Everything();
        Assert.Equal(0, user.Run("setup", "--yes", "--host", The.Host, "--host", The.OtherHost));
        Assert.DoesNotContain(The.Secret, user.Out + user.Error + File.ReadAllText(user.State), StringComparison.Ordinal);
        Assert.Equal(0, user.Run("setup", "--undo"));
        return before.SequenceEqual(user.Everything());
    }));

    [Fact]
    public void Taking_the_store_and_undo_leave_both_files_as_they_were() => Check.One(Some, Prop.ForAll(Seeds, seed =>
    {
        using var user = new SomeUser();
        var configuration = Path.Combine(user.Home, "configuration.json");
        user.Daemon.Answer = (_, _) => FakeDaemon.Says(SomeConfiguration.Json(configuration));
        user.HasConfig(JsonEdit.SetText(new SomeJson(seed).Document(), "credsStore", "pass"));
        File.WriteAllBytes(configuration, new SomeJson(seed + 1).Document());
        var before = user.Everything();
        Assert.Equal(0, user.Run("setup", "--yes", "--creds-store", "--host", The.Host));
        Assert.Equal("ark", (string?)Parse(File.ReadAllBytes(user.Config))["credsStore"]);
        Assert.Equal("pass", (string?)Parse(File.ReadAllBytes(configuration))["fallbackHelper"]);
        Assert.Equal(0, user.Run("setup", "--undo"));
        return before.SequenceEqual(user.Everything());
    }));

    [Fact]
    public void Setup_twice_is_setup_once() => Check.One(Some, Prop.ForAll(Seeds, seed =>
    {
        using var user = new SomeUser();
        user.HasConfig(new SomeJson(seed).Document());
        Assert.Equal(0, user.Run("setup", "--yes", "--host", The.Host));
        var once = user.Everything();
        Assert.Equal(0, user.Run("setup", "--host", The.Host));
        Assert.StartsWith("nothing to do", user.Out, StringComparison.Ordinal);
        return once.SequenceEqual(user.Everything());
    }));

    private static JsonNode Parse(byte[] json) => JsonNode.Parse(json.AsSpan(JsonText.MarkLength(json)))!;
}
