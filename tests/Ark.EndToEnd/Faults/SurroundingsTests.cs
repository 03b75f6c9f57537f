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
    public async Task A_stopped_daemon_is_named_and_done_without()
    {
        await using var fixture = await DaemonFixture.StartAsync();
        await fixture.Get();
        var daemon = await fixture.DaemonId();
        fixture.Signal(daemon, DaemonFixture.Stop);

        // It stops when each of its threads has met the signal.
        await Eventually.HoldsAsync("the daemon to stop", () => File.ReadAllText($"/proc/{daemon}/stat").Contains(") T ", StringComparison.Ordinal));

        var result = await fixture.Ask("get");

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal(
            $"ark: warning: no daemon, so nothing is cached: the daemon (process {daemon}) is stopped\nark: hint: let it go on with: kill -CONT {daemon}\n",
            result.ErrorText);
        fixture.Signal(daemon, DaemonFixture.Continue);
        await fixture.Get();
        Assert.Equal(2, fixture.Aws.Calls(DaemonFixture.Token));
    }

    [Fact]
    public async Task Few_files_and_many_idle_clients_only_make_the_others_wait()
    {
        await using var fixture = await DaemonFixture.StartAsync();
        using var daemon = fixture.StartDaemon("/bin/sh", "-c", "ulimit -n 64; exec \"$0\"");
        await fixture.DaemonAnswers();
        var idle = Enumerable.Range(0, 200).Select(_ =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(fixture.Socket));
            return socket;
        }).ToList();

        idle.ForEach(socket => socket.Dispose());
        await fixture.Get();

        Assert.Equal(daemon.Id, await fixture.DaemonId());
        Assert.InRange(daemon.TotalProcessorTime, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        fixture.Signal(daemon.Id, DaemonFixture.Terminate);
        await daemon.WaitForExitAsync();
    }

    [Theory]
    [InlineData("read-only")]
    [InlineData("missing")]
    [InlineData("unset")]
    public async Task A_home_that_cannot_be_written_costs_the_log_and_nothing_else(string home)
    {
        await using var fixture = await DaemonFixture.StartAsync();
        var readOnly = Directory.CreateDirectory(Path.Combine(fixture.Home.Home, "closed"), UnixFileMode.UserRead | UnixFileMode.UserExecute).FullName;
        fixture.Variables.Remove("HOME");
        if (home != "unset")
        {
            fixture.Variables["HOME"] = home == "missing" ? "/nonexistent" : readOnly;
        }

        fixture.Variables["XDG_STATE_HOME"] = "/proc/nonexistent";

        await fixture.Get();
        await fixture.Get();

        Assert.Equal(1, fixture.Aws.Calls(DaemonFixture.Token));
    }

    [Fact]
    public async Task A_full_disk_behind_the_log_costs_nothing()
    {
        await using var fixture = await DaemonFixture.StartAsync();
        using var daemon = fixture.StartDaemon("/bin/sh", "-c", "exec \"$0\" >/dev/full 2>/dev/full");
        await fixture.DaemonAnswers();

        await fixture.Get();

        Assert.Equal(daemon.Id, await fixture.DaemonId());
    }

    [Fact]
    public async Task Systemd_hands_its_socket_to_the_daemon_and_keeps_it()
    {
        var systemd = Programs.Find("systemd-socket-activate", "/usr/bin:/bin:/usr/local/bin");
        Assert.SkipWhen(systemd is null, "systemd-socket-activate is not installed");
        await using var fixture = await DaemonFixture.StartAsync();
        Directory.CreateDirectory(fixture.Home.DaemonDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string[] forward = [.. fixture.Variables.Keys.Select(name => $"--setenv={name}")];
        using var activated = fixture.StartDaemon([systemd, $"--listen={fixture.Socket}", .. forward]);
        await Eventually.HoldsAsync("systemd's socket", () => File.Exists(fixture.Socket));

        await fixture.Get();
        Assert.Equal(activated.Id, await fixture.DaemonId());
        Assert.DoesNotContain(
            Directory.EnumerateFiles(fixture.Home.DaemonDirectory), file => Path.GetFileName(file).StartsWith("start", StringComparison.Ordinal));

        fixture.Signal(activated.Id, DaemonFixture.Terminate);
        await activated.WaitForExitAsync();
        Assert.Equal(0, activated.ExitCode);
        Assert.True(File.Exists(fixture.Socket), "the socket is systemd's");
    }

    [Fact]
    public async Task Variables_of_an_activation_that_was_meant_for_somebody_else_are_passed_over()
    {
        await using var fixture = await DaemonFixture.StartAsync();
        fixture.Variables["LISTEN_PID"] = "1";
        fixture.Variables["LISTEN_FDS"] = "1";
        using var daemon = fixture.StartDaemon();
        await fixture.DaemonAnswers();

        await fixture.Get();

        Assert.Equal(daemon.Id, await fixture.DaemonId());
    }
}
