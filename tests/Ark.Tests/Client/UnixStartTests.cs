using System.Runtime.Versioning;
using Ark.Client;
using Ark.Testing;
using Ark.Tests.Wire;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Client;

/// <summary>Starting a daemon, with scripts in its place: each is started for real, with the socket and the lock.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class UnixStartTests : IDisposable
{
    private readonly SomeDirectory _some = new();
    private readonly DaemonAddress.Found _address;
    private readonly Deadline _ample = new(TimeProvider.System, TimeSpan.FromSeconds(20));
    private readonly UnixStart _start;

    public UnixStartTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has pipes");
        _address = new DaemonAddress.Found(_some.Sub("s"), _some.Path);
        _start = new UnixStart(name => name == "ARK_DAEMON" ? _some.Sub("arkd") : null);
    }

    public void Dispose() => _some.Dispose();

    [Theory]
    [InlineData("echo 'ark: error: the disk is full' >&2; echo 'ark: hint: buy another' >&2; exit 1", "the disk is full", "buy another")]
    [InlineData("echo 'libssl.so.3: cannot open it' >&2; exit 127", "cannot run: libssl.so.3: cannot open it", "reinstall")]
    public void A_daemon_that_cannot_run_is_named_with_its_own_words(string script, string message, string hint)
    {
        Ending ending = EndingOf(script);
        Assert.EndsWith(message, ending.Reason.Message, StringComparison.Ordinal);
        Assert.StartsWith(hint, ending.Reason.Hint, StringComparison.Ordinal);
        Assert.False(ending.MayRetry);
    }

    [Theory]
    [InlineData("exit 3", "exit code 3")]
    [InlineData("kill -9 $$", "signal 9")]
    public void A_daemon_that_ends_without_a_word_is_named_with_what_the_system_says(string script, string end)
    {
        Ending ending = EndingOf(script);
        Assert.EndsWith($"stopped before it answered ({end})", ending.Reason.Message, StringComparison.Ordinal);
        Assert.True(ending.MayRetry);
    }

    [Theory]
    [InlineData("exit 255")]
    [InlineData("echo 'Unhandled exception. System.Threading.Tasks.TaskSchedulerException: An exception was thrown.' >&2; exit 134")]
    [InlineData("echo 'Unhandled exception. System.TypeInitializationException: A type initializer threw.' >&2; exit 134")]
    [InlineData("echo 'Failed to create the finalizer thread.' >&2; exit 1")]
    [InlineData("echo 'Process terminated. Cannot start a thread.' >&2; kill -6 $$")]
    [InlineData("kill -6 $$")]
    public void A_daemon_that_cannot_have_memory_or_threads_is_named_so(string script)
    {
        Ending ending = EndingOf(script);
        Assert.EndsWith("cannot start: a limit on memory or processes is too tight", ending.Reason.Message, StringComparison.Ordinal);
        Assert.False(ending.MayRetry);
    }

    [Fact]
    public void A_daemon_gets_the_listening_socket_the_lock_and_nothing_else()
    {
        using var secret = File.Create(_some.Sub("secret"));
        Ending ending = EndingOf("""
            of() { readlink "/proc/$$/fd/$1"; }
            secrets() { for descriptor in /proc/$$/fd/*; do readlink "$descriptor"; done | grep -c secret; }
            echo "$(of 0) $(of 1) $(of 2) $(of 3) $(secrets)" >&2
            """);
        Assert.Matches($@"cannot run: socket:\S+ /dev/null socket:\S+ {_some.Path}/arkd.lock 0$", ending.Reason.Message);
    }

    [Fact]
    public void Nothing_is_left_of_a_daemon_that_died_and_the_next_one_can_start()
    {
        EndingOf("exit 1");
        Assert.IsType<ConnectResult.Absent>(SocketConnection.To(_address, _ample));
        EndingOf("exit 1");
        Assert.Equal(["arkd", "arkd.lock", "arkd.lock.new", "s"], Directory.GetFiles(_some.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task An_older_daemon_that_takes_no_socket_is_started_without_one_and_once()
    {
        // One from before 0.2 finds its address served, by itself, and leaves. The next lives until it is let go, or nobody is left to do it.
        string waiting = $"while [ -d '{_some.Path}' ] && [ ! -e '{_some.Sub("end")}' ]; do sleep 0.01; done";
        Script($"[ ! -S /proc/$$/fd/0 ] || exit 0; echo started >> '{_some.Sub("alone")}'; {waiting}");
        using (Connection connection = Assert.IsType<ConnectResult.Connected>(Start()).Connection)
        {
            Assert.Equal(Transfer.Closed, connection.Read(new byte[1], _ample));
            Assert.True(connection.Ending!.MayRetry);
        }

        Assert.IsType<ConnectResult.Busy>(Start());
        Assert.IsType<ConnectResult.Busy>(Start());
        await Eventually.HoldsAsync("the daemon without a socket", () => File.Exists(_some.Sub("alone")));
        Assert.False(Path.Exists(_address.Name));

        await File.WriteAllTextAsync(_some.Sub("end"), "");
        await Eventually.HoldsAsync("that it has stopped", () => Start() is ConnectResult.Refused);
        Assert.Equal(["started"], await File.ReadAllLinesAsync(_some.Sub("alone")));
    }

    [Fact]
    public void What_cannot_be_run_is_said_and_leaves_no_socket()
    {
        File.WriteAllText(_some.Sub("arkd"), "");
        var refused = Assert.IsType<ConnectResult.Refused>(Start());
        Assert.Contains($"cannot run {_some.Sub("arkd")}: permission denied", refused.Message, StringComparison.Ordinal);
        Assert.False(Path.Exists(_address.Name));
    }

    [Fact]
    public void A_daemon_that_is_never_ready_is_done_without()
    {
        // Its clock has passed the limit already; the descriptor is open and says nothing.
        Assert.True(Sockets.NewPair(out int ours, out int theirs));
        using var starting = new StartingDaemon("arkd", 1, ours, _ample.AtMost(TimeSpan.Zero), () => { });
        Assert.Equal((false, "arkd was not ready in time"), (starting.Overdue!.MayRetry, starting.Overdue.Reason.Message));

        _ = Libc.close(theirs);
        starting.Listen();
        Assert.Null(starting.Overdue);
    }

    [Fact]
    public void While_another_has_the_place_its_daemon_is_waited_for()
    {
        var taken = Assert.IsType<PlaceResult.Taken>(DaemonPlace.Take(_some.Path, _address.Name, () => false));
        using (taken.Place)
        {
            Script("exit 1");
            Assert.IsType<ConnectResult.Connected>(Start()).Connection.Dispose();
        }
    }

    private Ending EndingOf(string script)
    {
        Script(script);
        using Connection connection = Assert.IsType<ConnectResult.Connected>(Start()).Connection;
        Assert.Equal(Transfer.Closed, connection.Read(new byte[1], _ample));
        return connection.Ending!;
    }

    private ConnectResult Start() => _start.Start(_address, _ample);

    private void Script(string script)
    {
        File.WriteAllText(_some.Sub("arkd"), $"#!/bin/sh\n{script}\n");
        ExecutableFile.Make(_some.Sub("arkd"));
    }
}
