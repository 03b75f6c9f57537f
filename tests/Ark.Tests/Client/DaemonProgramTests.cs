using System.Runtime.Versioning;
using Ark.Client;
using Ark.Tests.Wire;
using Xunit;

namespace Ark.Tests.Client;

[UnsupportedOSPlatform("windows")]
public sealed class DaemonProgramTests : IDisposable
{
    private static readonly string Name = OperatingSystem.IsWindows() ? "arkd.exe" : "arkd";

    private readonly SomeDirectory _some = new();
    private readonly Dictionary<string, string> _set = [];

    public DaemonProgramTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix paths");

    public void Dispose() => _some.Dispose();

    [Fact]
    public void The_named_program_is_taken_and_no_other()
    {
        File.WriteAllText(_some.Sub(Name), "");
        _set["PATH"] = _some.Path;
        _set["ARK_DAEMON"] = _some.Sub(Name);
        Assert.Equal(_some.Sub(Name), Find());
        _set["ARK_DAEMON"] = _some.Sub("absent");
        Assert.Null(Find());
        _set["ARK_DAEMON"] = Name;
        Assert.Null(Find());
    }

    [Fact]
    public void A_relative_entry_of_PATH_supplies_no_daemon()
    {
        File.WriteAllText(_some.Sub(Name), "");
        foreach (string relative in new[] { ".", "", Path.GetRelativePath(Environment.CurrentDirectory, _some.Path) })
        {
            _set["PATH"] = relative;
            Assert.Null(Find());
        }

        _set["PATH"] = $".::/nonexistent:{_some.Path}";
        Assert.Equal(_some.Sub(Name), Find());
    }

    [Fact]
    public void The_daemon_beside_the_program_comes_before_the_one_on_PATH()
    {
        File.WriteAllText(_some.Sub(Name), "");
        File.WriteAllText(Path.Combine(_some.Make("besides"), Name), "");
        _set["PATH"] = _some.Path;
        Assert.Equal(_some.Sub($"besides/{Name}"), DaemonProgram.Find(_set.GetValueOrDefault, _some.Sub("besides")));
    }

    [Fact]
    public void A_daemon_inherits_nobodys_identity()
    {
        string[] names = ["HOME", "PATH", "ARK_CONFIG", "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "HTTPS_PROXY", "LD_PRELOAD", "ARK_CHAIN"];
        foreach (string name in names)
        {
            _set[name] = $"the {name}";
        }

        string[] block = [.. DaemonProgram.EnvironmentBlock(_set.GetValueOrDefault)];
        Assert.All(block, pair => Assert.Contains(pair.Split('=')[0], (string[])["HOME", "PATH"]));
        Assert.DoesNotContain("the HOME", string.Concat(block), StringComparison.Ordinal);
    }

    [Fact]
    public void A_daemon_looks_for_programs_where_they_are_installed_and_not_where_its_first_caller_looked()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there the PATH is the user's own setting");
        _set["HOME"] = _some.Path;
        _set["PATH"] = $"{_some.Path}/project/node_modules/.bin:.";

        string path = DaemonProgram.EnvironmentBlock(_set.GetValueOrDefault).Single(
            pair => pair.StartsWith("PATH=", StringComparison.Ordinal));

        Assert.StartsWith($"PATH={_some.Path}/.local/bin:", path, StringComparison.Ordinal);
        Assert.Contains($"HOME={_some.Path}", DaemonProgram.EnvironmentBlock(_set.GetValueOrDefault));
        Assert.All(path["PATH=".Length..].Split(':'), directory => Assert.True(Path.IsPathFullyQualified(directory)));
        Assert.DoesNotContain("node_modules", path, StringComparison.Ordinal);
    }

    [Fact]
    public void The_daemon_is_told_the_directory_that_its_client_chose()
    {
        _set["ARK_RUNTIME_DIR"] = "/another";
        Assert.Contains("ARK_RUNTIME_DIR=/run/ark", DaemonProgram.EnvironmentBlock(_set.GetValueOrDefault, "/run/ark"));
        Assert.Contains("ARK_RUNTIME_DIR=/another", DaemonProgram.EnvironmentBlock(_set.GetValueOrDefault));
    }

    [Fact]
    public void The_build_of_an_executable_is_asked_once_until_the_executable_changes()
    {
        File.WriteAllText(_some.Sub(Name), "one");
        _set["ARK_DAEMON"] = _some.Sub(Name);
        int asked = 0;
        Installed? Look() => DaemonProgram.Build(_set.GetValueOrDefault, _some.Path, () => $"0.{++asked}.0");

        Assert.Equal([new("0.1.0", true), new("0.1.0", false), new("0.1.0", false)], Enumerable.Range(0, 3).Select(_ => Look()));
        File.WriteAllText(_some.Sub(Name), "another");
        Assert.Equal([new("0.2.0", true), new("0.2.0", false)], Enumerable.Range(0, 2).Select(_ => Look()));
    }

    [Fact]
    public void The_build_of_an_executable_that_somebody_else_is_asking_is_unknown_for_now()
    {
        File.WriteAllText(_some.Sub(Name), "");
        _set["ARK_DAEMON"] = _some.Sub(Name);
        Installed? inner = new("", IsNews: false);
        DaemonProgram.Build(_set.GetValueOrDefault, _some.Path, () =>
        {
            inner = DaemonProgram.Build(
                _set.GetValueOrDefault, _some.Path, () => throw new InvalidOperationException("asked twice at once"));
            return "0.1.0";
        });
        Assert.Null(inner);
    }

    [Fact]
    public void Neither_files_nor_programs_of_another_users_home_are_for_us()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "profiles are closed by their access lists there");
        // Whoever runs the tests, one of these is somebody else's.
        string foreign = Environment.IsPrivilegedProcess ? OwnedByNobody() : "/root";
        _set["HOME"] = foreign;

        Assert.DoesNotContain(foreign, string.Join('\n', DaemonProgram.EnvironmentBlock(_set.GetValueOrDefault)), StringComparison.Ordinal);
    }

    private string OwnedByNobody()
    {
        string directory = _some.Make("foreign");
        using var chown = System.Diagnostics.Process.Start("chown", ["65534", directory]);
        chown.WaitForExit();
        return directory;
    }

    private string? Find() => DaemonProgram.Find(_set.GetValueOrDefault, besides: null);
}
