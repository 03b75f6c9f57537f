using Ark.Core.Problems;
using Ark.Daemon.Logging;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Ark.Tests.Daemon;

public sealed class LoggingTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("ark-log-").FullName;

    public void Dispose()
    {
        foreach (var directory in Directory.EnumerateDirectories(_root))
        {
            Chmod(directory, "700");
        }

        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public void A_line_has_time_level_event_and_values()
    {
        var log = new LogLines();
        log.Logger.Failed("host", "tbd", ProblemKind.Throttled, "slow down");

        Assert.Equal(
            "2026-01-02T12:00:00.000Z warn failed host=host organization=tbd problem=Throttled message=\"slow down\"",
            Assert.Single(log.All));
    }

    [Fact]
    public void No_value_can_end_and_begin_another()
    {
        var log = new LogLines();
        log.Logger.Failed("host", "tbd", ProblemKind.Throttled, "x\" organization=other y=\"");
        log.Logger.FetchFailed("back\\", "ecr", "eu-west-1", ProblemKind.Throttled, "\\\" problem=None");
        log.Logger.ConfigurationLoaded("/a b=c", 1);

        Assert.EndsWith("""message="x\" organization=other y=\"" """.TrimEnd(), log.All[0], StringComparison.Ordinal);
        Assert.EndsWith(
            """principal="back\\" service=ecr region=eu-west-1 problem=Throttled message="\\\" problem=None" """.TrimEnd(),
            log.All[1],
            StringComparison.Ordinal);
        Assert.EndsWith("""path="/a b=c" hosts=1""", log.All[2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a\nb")]
    [InlineData("a\r\nb")]
    [InlineData("a\u001b[31mb")]
    [InlineData("a\0b")]
    [InlineData("a\u0085b")]
    [InlineData("a\u009bb")]
    [InlineData("a\u2028b")]
    [InlineData("a\u2029b")]
    [InlineData("a\u202eb")]
    public void Nothing_that_is_logged_can_end_the_line_or_turn_a_terminal(string nasty)
    {
        var log = new LogLines();
        log.Logger.BadConfiguration(nasty);

        var line = Assert.Single(log.All);
        Assert.Contains("\"a\\u", line, StringComparison.Ordinal);
        Assert.DoesNotContain(line, static c => char.IsControl(c) || c is '\u2028' or '\u2029' or '\u202E');
    }

    [Theory]
    [InlineData("error", 1)]
    [InlineData("warn", 2)]
    [InlineData("info", 3)]
    [InlineData("debug", 4)]
    [InlineData("", 3)]
    [InlineData("nonsense", 3)]
    public void ARK_LOG_says_how_much(string level, int lines)
    {
        using (var output = LogOutput.Choose(Environment(("ARK_LOG", level), ("XDG_STATE_HOME", _root)), TimeProvider.System))
        {
            Assert.SkipUnless(Console.IsErrorRedirected, "a terminal gets the log itself");
            output.Logger.CannotStart("m", "h");
            output.Logger.BadConfiguration("m");
            output.Logger.ConfigurationLoaded("p", 1);
            output.Logger.NotOurs(Ark.Wire.Verb.Get);
        }

        Assert.Equal(lines, File.ReadAllLines(Path.Combine(_root, "ark", "arkd.log")).Length);
    }

    [Fact]
    public void The_file_and_its_directory_are_for_this_user_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no file modes");
        using var sink = new LogFile(Path.Combine(_root, "new", "arkd.log"));
        sink.Write(LogLevel.Information, "line");

        Assert.Equal("700", Mode(Path.Combine(_root, "new")));
        Assert.Equal("600", Mode(Path.Combine(_root, "new", "arkd.log")));
    }

    [Fact]
    public void A_mebibyte_later_a_new_file_begins_and_two_old_ones_are_kept()
    {
        var path = Path.Combine(_root, "arkd.log");
        using var sink = new LogFile(path);
        var line = new string('x', 1023);
        for (var i = 0; i < 5; i++)
        {
            sink.Write(LogLevel.Information, $"part {i}");
            for (var lines = 0; lines < 1024; lines++)
            {
                sink.Write(LogLevel.Information, line);
            }
        }

        Assert.Equal(
            ["arkd.log", "arkd.log.1", "arkd.log.2"],
            Directory.EnumerateFiles(_root).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.All(Directory.EnumerateFiles(_root), file => Assert.InRange(new FileInfo(file).Length, 1, (1 << 20) + 2048));
        Assert.Equal("part 3", File.ReadLines(path + ".1").First(text => text.StartsWith("part", StringComparison.Ordinal)));
    }

    [Fact]
    public void Two_daemons_do_not_write_over_each_others_lines()
    {
        string path = Path.Combine(_root, "arkd.log");
        using var old = new LogFile(path);
        using var successor = new LogFile(path);
        for (int i = 0; i < 10; i++)
        {
            old.Write(LogLevel.Information, $"old {i}");
            successor.Write(LogLevel.Information, $"new {i}");
        }

        Assert.Equal(Enumerable.Range(0, 10).SelectMany(i => new[] { $"old {i}", $"new {i}" }), File.ReadAllLines(path));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_log_that_is_deleted_or_renamed_is_begun_anew(bool renamed)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there an open file keeps its name");
        string path = Path.Combine(_root, "arkd.log");
        using var log = new LogFile(path);
        log.Write(LogLevel.Information, "before");
        if (renamed)
        {
            File.Move(path, $"{path}.aside");
        }
        else
        {
            File.Delete(path);
        }

        log.Write(LogLevel.Information, "after");

        Assert.Equal(["after"], File.ReadAllLines(path));
        Assert.Equal("600", Mode(path));
    }

    [Fact]
    public void A_link_that_is_put_in_the_logs_place_is_not_followed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links there need a privilege");
        string path = Path.Combine(_root, "arkd.log"), elsewhere = Path.Combine(_root, "elsewhere");
        File.WriteAllText(elsewhere, "");
        using var log = new LogFile(path);
        log.Write(LogLevel.Information, "before");
        File.Delete(path);
        File.CreateSymbolicLink(path, elsewhere);

        log.Write(LogLevel.Information, "after");

        Assert.Equal("", File.ReadAllText(elsewhere));
    }

    [Fact]
    public void What_is_no_plain_file_costs_the_line_and_nothing_else()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "no /dev/full");
        using var sink = new LogFile("/dev/full");

        sink.Write(LogLevel.Information, "line");
        sink.Write(LogLevel.Information, "line");
    }

    [Fact]
    public void A_directory_that_cannot_be_written_costs_the_line_until_it_can_be()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || System.Environment.UserName == "root", "root can write everywhere");
        var directory = Directory.CreateDirectory(Path.Combine(_root, "closed")).FullName;
        Chmod(directory, "500");
        using var sink = new LogFile(Path.Combine(directory, "arkd.log"));
        sink.Write(LogLevel.Information, "lost");

        Chmod(directory, "700");
        sink.Write(LogLevel.Information, "kept");

        Assert.Equal(["kept"], File.ReadAllLines(Path.Combine(directory, "arkd.log")));
    }

    [Fact]
    public void Something_else_in_the_files_place_is_left_alone_and_holds_up_nobody()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no such files");
        var path = Path.Combine(_root, "arkd.log");
        using (var process = System.Diagnostics.Process.Start("mkfifo", [path]))
        {
            process.WaitForExit();
        }

        using (var sink = new LogFile(path))
        {
            sink.Write(LogLevel.Information, "line");
        }

        File.Delete(path);
        var elsewhere = Path.Combine(_root, "elsewhere");
        File.WriteAllText(elsewhere, "precious\n");
        File.CreateSymbolicLink(path, elsewhere);
        using (var sink = new LogFile(path))
        {
            sink.Write(LogLevel.Information, "line");
        }

        Assert.Equal("precious\n", File.ReadAllText(elsewhere));
    }

    private static Func<string, string?> Environment(params (string Name, string Value)[] variables) =>
        name => variables.FirstOrDefault(variable => variable.Name == name).Value;

    private static string Mode(string path) => OperatingSystem.IsWindows() ? "" : Convert.ToString((int)File.GetUnixFileMode(path), 8);

    private static void Chmod(string path, string mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, (UnixFileMode)Convert.ToInt32(mode, 8));
        }
    }
}
