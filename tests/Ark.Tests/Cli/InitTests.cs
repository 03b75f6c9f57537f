using System.Runtime.Versioning;
using Ark.Client;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Cli;

public sealed class InitTests : IDisposable
{
    private const string Proposal = "{\n  // From your profiles.\n  \"organizations\": []\n}\n";

    private readonly SomeUser _user = new();

    public InitTests() => _user.Daemon.Answer = (verb, _) =>
        verb == Verb.Propose ? FakeDaemon.Says(Proposal, "ark: note: profile x is left out: it has no region\n") : FakeDaemon.Says(SomeConfiguration.Json(File));

    private string File => Path.Combine(_user.Home, ".config", "ark", "config.json");

    private string Folder => Path.GetDirectoryName(File)!;

    public void Dispose() => _user.Dispose();

    [Fact]
    public void The_proposal_is_shown_and_written_to_the_place_of_the_map_with_its_schema_beside_it()
    {
        Assert.Equal(0, _user.Run("init", "--yes"));
        Assert.Equal($"{Proposal}wrote {File}\n", _user.Out);
        Assert.Equal("ark: note: profile x is left out: it has no region\n", _user.Error);
        Assert.Equal(Proposal, System.IO.File.ReadAllText(File));
        Assert.Contains("json-schema.org", System.IO.File.ReadAllText(Path.Combine(Folder, "ark.schema.json")), StringComparison.Ordinal);
        Assert.Equal([(Verb.Organizations, "file", StartMode.StartIfAbsent), (Verb.Propose, "", StartMode.StartIfAbsent)], _user.Daemon.RequestContext);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void What_is_written_is_for_its_owner_only()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix modes");
        _user.Run("init", "--yes");
        Assert.Equal("700", Mode(Folder));
        Assert.Equal("600", Mode(File));

        System.IO.File.SetUnixFileMode(File, (UnixFileMode)Convert.ToInt32("666", 8));
        Assert.Equal(0, _user.Run("init", "--yes", "--force"));
        Assert.All(Directory.GetFiles(Folder), file => Assert.Equal("600", Mode(file)));
    }

    [Fact]
    public void A_map_that_is_there_is_never_overwritten_unasked()
    {
        HasConfiguration("mine");
        Assert.Equal(1, _user.Run("init", "--yes"));
        Assert.Equal(("", $"ark: error: {File} is there already\nark: hint: edit it, or add --force to replace it; a copy is kept then\n"), (_user.Out, _user.Error));
        Assert.Equal("mine", System.IO.File.ReadAllText(File));
        Assert.Equal([File], Directory.GetFiles(Folder));
    }

    [Fact]
    public void Force_replaces_it_and_keeps_a_copy_each_time()
    {
        HasConfiguration("mine");
        Assert.Equal(0, _user.Run("init", "--yes", "--force"));
        var first = $"{File}.{_user.Clock.GetUtcNow().UtcDateTime:yyyyMMdd-HHmmss}.bak";
        Assert.EndsWith($"wrote {File}; the file as it was is {first}\n", _user.Out, StringComparison.Ordinal);
        Assert.Equal(0, _user.Run("init", "--yes", "--force"));
        Assert.Equal(("mine", Proposal), (System.IO.File.ReadAllText(first), System.IO.File.ReadAllText($"{first}2")));
    }

    [Fact]
    public void Force_replaces_a_map_that_the_daemon_cannot_use()
    {
        HasConfiguration("{");
        _user.Daemon.Answer = (verb, payload) => (verb, payload) switch
        {
            (Verb.Propose, _) => FakeDaemon.Says(Proposal),
            (Verb.Organizations, "file") => FakeDaemon.Says($$"""{"file":{{System.Text.Json.JsonSerializer.Serialize(File)}}}"""),
            _ => FakeDaemon.Says("", "ark: error: the configuration is broken\n", 1),
        };
        Assert.Equal((0, ""), (_user.Run("init", "--yes", "--force"), _user.Error));
        Assert.Equal(Proposal, System.IO.File.ReadAllText(File));
    }

    [Theory]
    [InlineData("y", true)]
    [InlineData("n", false)]
    [InlineData(null, false)]
    public void A_person_is_asked_before_anything_is_written(string? answer, bool writes)
    {
        _user.CanAsk = true;
        if (answer is not null)
        {
            _user.Answers.Enqueue(answer);
        }

        Assert.Equal(writes ? 0 : 1, _user.Run("init"));
        Assert.Equal(writes, System.IO.File.Exists(File));
        Assert.EndsWith($"write this to {File}? [y/N] ", _user.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Nobody_to_ask_and_no_yes_writes_nothing()
    {
        Assert.Equal(1, _user.Run("init"));
        Assert.EndsWith("ark: error: not writing without being told to\nark: hint: add --yes\n", _user.Error, StringComparison.Ordinal);
        Assert.Empty(_user.Everything());
    }

    [Fact]
    public void Another_file_needs_no_map_in_force()
    {
        var other = Path.Combine(_user.Home, "maps", "one.json");
        Assert.Equal(0, _user.Run("init", "--yes", "--file", other));
        Assert.Equal(Proposal, System.IO.File.ReadAllText(other));
        Assert.Equal([Verb.Propose], _user.Daemon.RequestContext.Select(asked => asked.Verb));
    }

    [Fact]
    public void A_symbolic_link_stays_and_the_file_it_leads_to_is_written()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege there");
        Directory.CreateDirectory(Folder);
        System.IO.File.CreateSymbolicLink(File, "real.json");
        Assert.Equal(0, _user.Run("init", "--yes"));
        Assert.Equal("real.json", new FileInfo(File).LinkTarget);
        Assert.Equal(Proposal, System.IO.File.ReadAllText(Path.Combine(Folder, "real.json")));
    }

    [Fact]
    public void A_directory_in_its_place_is_told()
    {
        Directory.CreateDirectory(File);
        Assert.Equal(1, _user.Run("init", "--yes", "--force"));
        Assert.Contains($"ark: error: {File} is a directory\n", _user.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_place_for_the_map_there_is_nothing_to_write()
    {
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says("""{"file":null,"organizations":[]}""");
        Assert.Equal(1, _user.Run("init", "--yes"));
        Assert.StartsWith("ark: error: there is no telling where the configuration is to be\n", _user.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_daemon_that_has_nothing_to_propose_says_why()
    {
        _user.Daemon.Answer = (verb, _) => verb == Verb.Propose
            ? FakeDaemon.Says("", "ark: error: there are no profiles\nark: hint: aws configure sso\n", 1)
            : FakeDaemon.Says(SomeConfiguration.Json(File));
        Assert.Equal(1, _user.Run("init", "--yes"));
        Assert.Equal(("", "ark: error: there are no profiles\nark: hint: aws configure sso\n"), (_user.Out, _user.Error));
        Assert.Empty(_user.Everything());
    }

    private void HasConfiguration(string text)
    {
        Directory.CreateDirectory(Folder);
        System.IO.File.WriteAllText(File, text);
    }

    [UnsupportedOSPlatform("windows")]
    private static string Mode(string path) => Convert.ToString((int)System.IO.File.GetUnixFileMode(path), 8);
}
