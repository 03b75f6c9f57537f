using Ark.Cli.Commands;
using Ark.Cli.Files;
using Ark.Cli.Queries;
using Xunit;

namespace Ark.Tests.Cli;

public sealed class LogsTests : IDisposable
{
    private readonly SomeUser _user = new();

    private string Log => Path.Combine(_user.Home, ".local", "state", "ark", "arkd.log");

    public void Dispose() => _user.Dispose();

    [Fact]
    public void The_last_lines_are_shown_where_no_daemon_runs()
    {
        HasLog(string.Concat(Enumerable.Range(1, 200).Select(number => $"line {number}\n")));
        Assert.Equal(0, _user.Run("logs"));
        Assert.Equal(50, _user.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(0, _user.Run("logs", "--lines", "2"));
        Assert.Equal("line 199\nline 200\n", _user.Out);
    }

    [Fact]
    public void The_log_is_where_the_running_daemon_says_that_it_is()
    {
        string elsewhere = Path.Combine(_user.Root, "elsewhere.log");
        File.WriteAllText(elsewhere, "here\n");
        DaemonLogsTo(elsewhere);
        Assert.Equal(0, _user.Run("logs"));
        Assert.Equal("here\n", _user.Out);
    }

    [Fact]
    public void Without_a_log_it_is_said_where_one_would_be()
    {
        Assert.Equal(1, _user.Run("logs"));
        Assert.Equal(
            $"ark: error: there is no log at {Log}\nark: hint: the first docker pull starts a daemon, which begins one\n", _user.Error);
    }

    [Fact]
    public void What_a_client_got_into_the_log_cannot_command_the_terminal()
    {
        HasLog("a \u001b[2J b\n");
        Assert.Equal(0, _user.Run("logs"));
        Assert.Equal("a \\u001b[2J b\n", _user.Out);
    }

    [Theory]
    [InlineData(new[] { "logs" }, "--user --unit arkd.service --lines 50 --no-pager")]
    [InlineData(new[] { "logs", "--follow", "-n", "5" }, "--user --unit arkd.service --lines 5 --follow")]
    public void The_journal_is_shown_by_the_journals_own_program(string[] arguments, string expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there is no journal");
        string program = Path.Combine(_user.Root, "bin", "journalctl");
        SomeUser.MakeProgram(program, "#!/bin/sh\n");
        DaemonLogsTo("journal");
        Assert.Equal(0, _user.Run(arguments));
        Assert.Equal([$"{program} {expected}"], _user.Ran);
    }

    [Fact]
    public void A_journal_that_cannot_be_shown_is_named()
    {
        DaemonLogsTo("journal");
        Assert.Equal(1, _user.Run("logs"));
        Assert.Contains("journalctl is not on PATH", _user.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_added_is_shown_in_whole_lines_also_when_the_log_is_begun_anew()
    {
        HasLog("old\n");
        using var interrupt = new CancellationTokenSource();
        var reader = new LogFileReader(Log);
        Assert.Equal(["old"], reader.Last(10));
        var paths = new UserPaths(name => _user.Environment.GetValueOrDefault(name));
        var logs = new LogsCommand(new DaemonQueries(_user.Daemon, _user.Terminal), _user.Terminal, paths, _user.Clock, (_, _) => 0);
        Task<int> following = logs.FollowAsync(reader, interrupt.Token);

        await AfterASecond(() => File.AppendAllText(Log, "one\nhal"));
        await AfterASecond(() => File.AppendAllText(Log, "f\n"));
        await AfterASecond(() => File.WriteAllText(Log, "new\n"));
        await AfterASecond(() => File.Delete(Log));
        await AfterASecond(() => File.WriteAllText(Log, "again\n"));

        await _user.Clock.TimersSet(1);
        await interrupt.CancelAsync();
        Assert.Equal(0, await following);
        Assert.Equal("one\nhalf\nnew\nagain\n", _user.Out);
    }

    private async Task AfterASecond(Action change)
    {
        await _user.Clock.TimersSet(1);
        change();
        _user.Clock.Advance(TimeSpan.FromSeconds(1));
    }

    private void HasLog(string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Log)!);
        File.WriteAllText(Log, text);
    }

    private void DaemonLogsTo(string place) => _user.Daemon.Answer = (_, _) => FakeDaemon.Says(
        $$"""{"daemon":{"pid":1,"version":"0.2.0","uptimeSeconds":1,"requests":1,"log":"{{place}}"},"entries":[]}""");
}
