using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Ark.Testing;
using Xunit;

namespace Ark.EndToEnd.Faults;

/// <summary>Disks, limits and service managers that are not as one would wish.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class SurroundingsTests
{
    [Fact]
    public async Task A_stopped_daemon_costs_the_client_its_deadline_and_no_more()
    {
        await using var household = await Household.StartAsync();
        await household.Get();
        household.Signal(await household.DaemonId(), Household.Stop);
        var watch = Stopwatch.StartNew();

        var result = await household.Ask("get");

        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(29));
        Assert.Equal(1, result.ExitCode);
        Assert.NotEqual(Household.NotFound, result.OutputText);
        Assert.Contains("ark: hint: ", result.ErrorText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Few_files_and_many_idle_clients_only_make_the_others_wait()
    {
        await using var household = await Household.StartAsync();
        using var daemon = household.StartDaemon("/bin/sh", "-c", "ulimit -n 64; exec \"$0\"");
        await household.DaemonAnswers();
        var idle = Enumerable.Range(0, 200).Select(_ =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(household.Socket));
            return socket;
        }).ToList();

        idle.ForEach(socket => socket.Dispose());
        await household.Get();

        Assert.Equal(daemon.Id, await household.DaemonId());
        Assert.InRange(daemon.TotalProcessorTime, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        household.Signal(daemon.Id, Household.Terminate);
        await daemon.WaitForExitAsync();
    }

    [Theory]
    [InlineData("read-only")]
    [InlineData("missing")]
    [InlineData("unset")]
    public async Task A_home_that_cannot_be_written_costs_the_log_and_nothing_else(string home)
    {
        await using var household = await Household.StartAsync();
        var readOnly = Directory.CreateDirectory(Path.Combine(household.Home.Home, "closed"), UnixFileMode.UserRead | UnixFileMode.UserExecute).FullName;
        household.Variables.Remove("HOME");
        if (home != "unset")
        {
            household.Variables["HOME"] = home == "missing" ? "/nonexistent" : readOnly;
        }

        household.Variables["XDG_STATE_HOME"] = "/proc/nonexistent";

        await household.Get();
        await household.Get();

        Assert.Equal(1, household.Aws.Calls(Household.Token));
    }

    [Fact]
    public async Task A_full_disk_behind_the_log_costs_nothing()
    {
        await using var household = await Household.StartAsync();
        using var daemon = household.StartDaemon("/bin/sh", "-c", "exec \"$0\" >/dev/full 2>/dev/full");
        await household.DaemonAnswers();

        await household.Get();

        Assert.Equal(daemon.Id, await household.DaemonId());
    }

    [Fact]
    public async Task Systemd_hands_its_socket_to_the_daemon_and_keeps_it()
    {
        var systemd = Programs.Find("systemd-socket-activate", "/usr/bin:/bin:/usr/local/bin");
        Assert.SkipWhen(systemd is null, "systemd-socket-activate is not installed");
        await using var household = await Household.StartAsync();
        Directory.CreateDirectory(household.Home.DaemonDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string[] forward = [.. household.Variables.Keys.Select(name => $"--setenv={name}")];
        using var activated = household.StartDaemon([systemd, $"--listen={household.Socket}", .. forward]);
        await Eventually.HoldsAsync("systemd's socket", () => File.Exists(household.Socket));

        await household.Get();
        Assert.Equal(activated.Id, await household.DaemonId());
        Assert.DoesNotContain(
            Directory.EnumerateFiles(household.Home.DaemonDirectory), file => Path.GetFileName(file).StartsWith("start", StringComparison.Ordinal));

        household.Signal(activated.Id, Household.Terminate);
        await activated.WaitForExitAsync();
        Assert.Equal(0, activated.ExitCode);
        Assert.True(File.Exists(household.Socket), "the socket is systemd's");
    }

    [Fact]
    public async Task Variables_of_an_activation_that_was_meant_for_somebody_else_are_passed_over()
    {
        await using var household = await Household.StartAsync();
        household.Variables["LISTEN_PID"] = "1";
        household.Variables["LISTEN_FDS"] = "1";
        using var daemon = household.StartDaemon();
        await household.DaemonAnswers();

        await household.Get();

        Assert.Equal(daemon.Id, await household.DaemonId());
    }
}
