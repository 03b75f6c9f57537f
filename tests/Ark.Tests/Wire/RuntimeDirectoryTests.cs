using System.Runtime.Versioning;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Wire;

[UnsupportedOSPlatform("windows")]
public sealed class RuntimeDirectoryTests : IDisposable
{
    private readonly SomeDirectory _some = new();
    private readonly Dictionary<string, string> _set = [];

    public RuntimeDirectoryTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has pipes, not directories");

    public void Dispose() => _some.Dispose();

    [Fact]
    public void The_named_directory_is_made_for_us_alone()
    {
        Set("ARK_RUNTIME_DIR", _some.Sub("run"));
        Assert.Equal(new DaemonAddress.Found(_some.Sub("run/arkd.sock"), _some.Sub("run")), Find());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_some.Sub("run")));
    }

    [Fact]
    public void A_slash_at_the_end_changes_nothing()
    {
        Set("ARK_RUNTIME_DIR", _some.Sub("run") + "//");
        Finds(_some.Sub("run"));
        Set("ARK_RUNTIME_DIR", "");
        Set("XDG_RUNTIME_DIR", _some.Make("xdg") + "/");
        Finds(_some.Sub("xdg/ark"));
    }

    [Fact]
    public void A_relative_directory_is_refused()
    {
        Set("ARK_RUNTIME_DIR", "run");
        Refuses("not an absolute path: run", "unset it");
    }

    [Fact]
    public void A_directory_whose_parent_is_missing_is_refused_with_the_command_that_makes_it()
    {
        Set("ARK_RUNTIME_DIR", _some.Sub("a/b"));
        Refuses("cannot create", $"mkdir -p -m 700 {_some.Sub("a/b")}");
    }

    [Theory]
    [InlineData(0x1ED)] // 0755
    [InlineData(0x1F8)] // 0770
    [InlineData(0x1C1)] // 0701
    public void A_directory_that_others_can_enter_is_refused_with_the_command_that_closes_it(int mode)
    {
        Set("ARK_RUNTIME_DIR", _some.Make("run", mode));
        Refuses($"mode {Convert.ToString(mode, 8)}", $"chmod 700 {_some.Sub("run")}");
    }

    [Fact]
    public void A_directory_that_a_umask_closed_to_ourselves_is_opened_again()
    {
        Set("ARK_RUNTIME_DIR", _some.Make("run", 0));
        Finds(_some.Sub("run"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_some.Sub("run")));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("//")]
    public void The_root_as_home_is_the_root_for_everybody(string home)
    {
        Assert.SkipUnless(SomeDirectory.CanChangeOwners, "the root belongs to root");
        Set("HOME", home);
        Assert.Equal("/", RuntimeDirectory.Home(_set.GetValueOrDefault));
    }

    [Fact]
    public void A_link_a_file_and_a_foreign_directory_are_refused()
    {
        Set("ARK_RUNTIME_DIR", _some.Link("link", _some.Make("target")));
        Refuses("is a symbolic link", $"rm {_some.Sub("link")}");

        File.WriteAllText(_some.Sub("file"), "");
        Set("ARK_RUNTIME_DIR", _some.Sub("file"));
        Refuses("is not a directory", "mv");

        if (SomeDirectory.CanChangeOwners)
        {
            Set("ARK_RUNTIME_DIR", _some.MakeForeign("foreign"));
            Refuses($"belongs to user {SomeDirectory.Nobody}", "ARK_RUNTIME_DIR");
        }
    }

    [Fact]
    public void A_path_that_a_socket_address_cannot_hold_is_refused()
    {
        int limit = OperatingSystem.IsMacOS() ? 103 : 107;
        string longest = _some.Sub(new string('x', limit - _some.Path.Length - "//arkd.sock".Length));
        Set("ARK_RUNTIME_DIR", longest);
        Finds(longest);

        Set("ARK_RUNTIME_DIR", longest + "x");
        Refuses("longer than", "shorter");
        Assert.False(Directory.Exists(longest + "x"));
    }

    [Theory]
    [InlineData("ARK_RUNTIME_DIR")]
    [InlineData("XDG_RUNTIME_DIR")]
    [InlineData("HOME")]
    public void A_path_with_a_NUL_is_refused_by_the_name_of_its_variable(string variable)
    {
        Set(variable, _some.Make("some") + "\0/run");
        Refuses($"{variable} has a NUL in it", "unset it");
        Assert.Empty(Directory.GetFileSystemEntries(_some.Sub("some")));
    }

    [Fact]
    public void A_home_with_a_NUL_is_not_the_directory_before_it()
    {
        Set("HOME", _some.Make("home") + "\0x");
        Assert.Equal(HomeInDatabase(), RuntimeDirectory.Home(_set.GetValueOrDefault));
    }

    [Fact]
    public void The_session_directory_comes_before_the_home()
    {
        Set("XDG_RUNTIME_DIR", _some.Make("xdg"));
        Set("HOME", _some.Make("home"));
        Finds(_some.Sub("xdg/ark"));
        Assert.Empty(Directory.GetFileSystemEntries(_some.Sub("home")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("xdg")]
    [InlineData("/nonexistent/ark-tests")]
    public void A_session_directory_that_is_empty_relative_or_missing_is_passed_over(string value)
    {
        Set("XDG_RUNTIME_DIR", value);
        Set("HOME", _some.Make("home"));
        Finds(_some.Sub("home/.ark/run"));
    }

    [Fact]
    public void A_session_directory_of_another_user_is_passed_over_behind_a_link_too()
    {
        Assert.SkipUnless(SomeDirectory.CanChangeOwners, "only root can give a directory to another user");
        Set("HOME", _some.Make("home"));
        Set("XDG_RUNTIME_DIR", _some.MakeForeign("foreign"));
        Finds(_some.Sub("home/.ark/run"));
        Set("XDG_RUNTIME_DIR", _some.Link("link", _some.Sub("foreign")));
        Finds(_some.Sub("home/.ark/run"));
    }

    [Fact]
    public void The_home_may_be_a_link_to_a_directory_of_ours()
    {
        _some.Make("real");
        Set("HOME", _some.Link("home", _some.Sub("real")));
        Finds(_some.Sub("home/.ark/run"));
        Assert.True(Directory.Exists(_some.Sub("real/.ark/run")));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("relative")]
    [InlineData("/nonexistent/ark-tests")]
    public void Without_a_usable_home_the_user_database_decides(string? home)
    {
        Set("HOME", home);
        Assert.Equal(HomeInDatabase(), RuntimeDirectory.Home(_set.GetValueOrDefault));
    }

    [Fact]
    public void Slashes_in_the_home_make_no_second_place()
    {
        string home = _some.Make("home");
        foreach (string spelling in new[] { home, $"{home}/", $"/{home}", home.Replace("/", "//", StringComparison.Ordinal) + "//" })
        {
            Set("HOME", spelling);
            Assert.Equal(home, RuntimeDirectory.Home(_set.GetValueOrDefault));
            Finds(_some.Sub("home/.ark/run"));
        }
    }

    [Theory]
    [InlineData("/")]
    [InlineData("//")]
    public void The_root_may_be_a_home(string home)
    {
        Assert.SkipUnless(FileIdentity.OfDirectory("/") is { IsOurs: true }, "the root directory is another user's");
        Set("HOME", home);
        Assert.Equal("/", RuntimeDirectory.Home(_set.GetValueOrDefault));
    }

    [Fact]
    public void The_home_of_another_user_is_neither_used_nor_littered()
    {
        Assert.SkipUnless(SomeDirectory.CanChangeOwners, "only root can give a directory to another user");
        foreach (string home in new[] { _some.MakeForeign("foreign"), _some.Link("link", _some.Sub("foreign")) })
        {
            Set("HOME", home);
            Assert.Equal(HomeInDatabase(), RuntimeDirectory.Home(_set.GetValueOrDefault));
        }

        Assert.Empty(Directory.GetFileSystemEntries(_some.Sub("foreign")));
    }

    [Fact]
    public void A_loose_directory_above_ours_in_the_home_is_refused()
    {
        Set("HOME", _some.Make("home"));
        _some.Make("home/.ark", 0x1ED);
        Refuses("mode 755", $"chmod 700 {_some.Sub("home/.ark")}");
    }

    private static string? HomeInDatabase() =>
        File.ReadLines("/etc/passwd").Select(line => line.Split(':'))
            .Where(user => user[2] == $"{Libc.geteuid()}" && FileIdentity.OfDirectory(user[5]) is { IsOurs: true })
            .Select(user => user[5]).FirstOrDefault();

    private void Set(string name, string? value) => _set[name] = value!;

    private DaemonAddress Find() => DaemonAddress.Find(_set.GetValueOrDefault);

    private void Finds(string directory) => Assert.Equal(directory, Assert.IsType<DaemonAddress.Found>(Find()).Directory);

    private void Refuses(string message, string hint)
    {
        var refused = Assert.IsType<DaemonAddress.Refused>(Find());
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        Assert.Contains(hint, refused.Hint, StringComparison.Ordinal);
    }
}
