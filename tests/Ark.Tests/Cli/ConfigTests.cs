using Ark.Wire;
using Xunit;

namespace Ark.Tests.Cli;

public sealed class ConfigTests : IDisposable
{
    private readonly SomeUser _user = new();
    private string _valid = "better";

    public ConfigTests()
    {
        _user.Environment["EDITOR"] = "editor --wait";
        SomeUser.MakeProgram(Path.Combine(_user.Root, "bin", "editor"), "#!/bin/sh\n");
        _user.Daemon.Answer = (verb, payload) => verb == Verb.Validate
            ? File.ReadAllText(payload) == _valid
                ? FakeDaemon.Says("valid\n")
                : FakeDaemon.Says("config.json:1:1: no\n", "ark: error: 1 mistake\nark: hint: mend it\n", 1)
            : FakeDaemon.Says(SomeConfiguration.Json(Configuration));
    }

    private string Configuration => Path.Combine(_user.Home, ".config", "ark", "config.json");

    private string[] Files => [.. Directory.GetFiles(Path.GetDirectoryName(Configuration)!).Select(Path.GetFileName).Order()!];

    public void Dispose() => _user.Dispose();

    [Fact]
    public void What_the_editor_saves_replaces_the_configuration_where_it_is_valid()
    {
        HasConfiguration("good");
        _user.Program = Editing(text => text == "good" ? "better" : "?");
        Assert.Equal(0, _user.Run("config", "edit"));
        Assert.Equal("better", File.ReadAllText(Configuration));
        Assert.Equal(["config.json"], Files);
        Assert.StartsWith($"{Path.Combine(_user.Root, "bin", "editor")} --wait ", Assert.Single(_user.Ran), StringComparison.Ordinal);
    }

    [Fact]
    public void A_mistake_is_shown_and_edited_again()
    {
        HasConfiguration("good");
        _user.CanAsk = true;
        _user.Answers.Enqueue("y");
        _user.Program = Editing(text => text == "good" ? "worse" : "better");
        Assert.Equal(0, _user.Run("config", "edit"));
        Assert.Contains("config.json:1:1: no", _user.Out, StringComparison.Ordinal);
        Assert.Equal((2, "better"), (_user.Ran.Count, File.ReadAllText(Configuration)));
    }

    [Fact]
    public void Who_gives_up_keeps_the_old_configuration_and_what_was_edited()
    {
        HasConfiguration("good");
        _user.Program = Editing(_ => "worse");
        Assert.Equal(1, _user.Run("config", "edit"));
        Assert.Equal("good", File.ReadAllText(Configuration));
        string draft = Path.Combine(Path.GetDirectoryName(Configuration)!, Assert.Single(Files, name => name != "config.json"));
        Assert.Equal("worse", File.ReadAllText(draft));
        Assert.Contains($"what was edited is kept as {draft}", _user.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_somebody_else_changed_meanwhile_is_not_overwritten()
    {
        HasConfiguration("good");
        _user.Program = arguments =>
        {
            File.WriteAllText(Configuration, "theirs");
            return Editing(_ => "better")(arguments);
        };
        Assert.Equal(1, _user.Run("config", "edit"));
        Assert.Equal("theirs", File.ReadAllText(Configuration));
        Assert.Contains("was changed by somebody else meanwhile", _user.Error, StringComparison.Ordinal);
        Assert.Equal(2, Files.Length);
    }

    [Fact]
    public void A_first_configuration_gets_its_schema_and_a_link_stays_a_link()
    {
        _user.Program = Editing(_ => "better");
        Assert.Equal(0, _user.Run("config", "edit"));
        Assert.Equal(["ark.schema.json", "config.json"], Files);

        if (!OperatingSystem.IsWindows())
        {
            File.Move(Configuration, $"{Configuration}.real");
            File.CreateSymbolicLink(Configuration, $"{Configuration}.real");
            _valid = "best";
            _user.Program = Editing(_ => "best");
            Assert.Equal(0, _user.Run("config", "edit"));
            Assert.Equal($"{Configuration}.real", new FileInfo(Configuration).LinkTarget);
            Assert.Equal("best", File.ReadAllText(Configuration));
        }
    }

    [Fact]
    public void An_editor_that_fails_or_is_missing_changes_nothing()
    {
        HasConfiguration("good");
        _user.Program = _ => 2;
        Assert.Equal(1, _user.Run("config", "edit"));
        Assert.Contains("ended with exit code 2", _user.Error, StringComparison.Ordinal);
        _user.Environment["EDITOR"] = "nothing-there";
        Assert.Equal(1, _user.Run("config", "edit"));
        Assert.StartsWith("ark: error: the editor nothing-there is not on PATH\n", _user.Error, StringComparison.Ordinal);
        Assert.Equal("good", File.ReadAllText(Configuration));
    }

    [Fact]
    public void The_path_alone_is_printed_for_scripts()
    {
        Assert.Equal(0, _user.Run("config", "path"));
        Assert.Equal($"{Configuration}\n", _user.Out);
    }

    private static Func<IReadOnlyList<string>, int> Editing(Func<string, string> change) => arguments =>
    {
        File.WriteAllText(arguments[^1], change(File.ReadAllText(arguments[^1])));
        return 0;
    };

    private void HasConfiguration(string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Configuration)!);
        File.WriteAllText(Configuration, text);
    }
}
