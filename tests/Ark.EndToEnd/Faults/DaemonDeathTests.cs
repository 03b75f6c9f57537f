using System.Net.Sockets;
using System.Runtime.Versioning;
using Ark.Testing;
using Ark.Testing.Aws;
using Xunit;

namespace Ark.EndToEnd.Faults;

/// <summary>The daemon dies, whenever and however; what that costs is one fetch at most.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class DaemonDeathTests
{
    [Fact]
    public async Task Killed_between_two_requests_it_is_replaced_at_once()
    {
        await using var fixture = await DaemonFixture.StartAsync();
        await fixture.Get();
        var first = await fixture.DaemonId();
        fixture.Signal(first, DaemonFixture.Kill9);
        await DaemonFixture.Ended(first);
        Assert.True(Path.Exists(fixture.Socket), "a killed daemon leaves its socket behind");

        await fixture.Get();

        Assert.NotEqual(first, await fixture.DaemonId());
        Assert.Equal(2, fixture.DaemonsStarted);
        Assert.Equal(2, fixture.Aws.Calls(DaemonFixture.Token));
    }

    [Fact]
    public async Task Killed_while_it_fetches_it_costs_the_waiting_client_nothing()
    {
        await using var fixture = await DaemonFixture.StartAsync();
        var gate = new TaskCompletionSource();
        fixture.Aws.Next(DaemonFixture.Token, new Behavior.Wait(gate.Task));
        var asked = fixture.Get();
        await fixture.Aws.CallsReached(DaemonFixture.Token, 1);
        fixture.Signal(await fixture.DaemonId(), DaemonFixture.Kill9);

        Assert.NotEmpty(await asked);

        gate.SetResult();
        Assert.Equal(2, fixture.DaemonsStarted);
    }

    [Fact]
    public async Task Asked_to_end_while_it_fetches_it_answers_first()
    {
        await using var fixture = await DaemonFixture.StartAsync();
        var gate = new TaskCompletionSource();
        fixture.Aws.Next(DaemonFixture.Token, new Behavior.Wait(gate.Task));
        var asked = fixture.Get();
        await fixture.Aws.CallsReached(DaemonFixture.Token, 1);
        var daemon = await fixture.DaemonId();

        fixture.Signal(daemon, DaemonFixture.Terminate);
        await Eventually.HoldsAsync("the door to close", () => !Path.Exists(fixture.Socket));
        gate.SetResult();

        Assert.NotEmpty(await asked);
        await DaemonFixture.Ended(daemon);
        Assert.Equal(1, fixture.Aws.Calls(DaemonFixture.Token));
    }

    [Theory]
    [InlineData(DaemonFixture.Terminate)]
    [InlineData(DaemonFixture.Interrupt)]
    [InlineData(DaemonFixture.Hangup)]
    public async Task A_signal_ends_it_in_good_order(int signal)
    {
        await using var fixture = await DaemonFixture.StartAsync();
        // A run in the background of a shell, or under nohup, has signals ignored that children inherit.
        using var daemon = fixture.StartDaemon("/usr/bin/env", "--default-signal");
        await fixture.DaemonAnswers();

        fixture.Signal(daemon.Id, signal);
        await daemon.WaitForExitAsync();

        Assert.Equal(0, daemon.ExitCode);
        Assert.False(Path.Exists(fixture.Socket));
        await fixture.Get();
    }

    [Fact]
    public async Task A_socket_at_which_nobody_listens_yet_is_no_obstacle()
    {
        await using var fixture = await DaemonFixture.StartAsync();
        await fixture.Get();
        await StopDaemon(fixture);
        using var bound = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        bound.Bind(new UnixDomainSocketEndPoint(fixture.Socket));

        await fixture.Get();
    }

    [Fact]
    public async Task A_live_socket_that_a_cleaner_removed_costs_nobody_an_answer_and_leaves_no_orphan_with_the_new_one()
    {
        await using var fixture = await DaemonFixture.StartAsync();
        await fixture.Get();
        var first = await fixture.DaemonId();
        File.Delete(fixture.Socket);

        await fixture.Get();
        var second = await fixture.DaemonId();

        Assert.NotEqual(first, second);
        fixture.Signal(first, DaemonFixture.Terminate);
        await DaemonFixture.Ended(first);
        Assert.Equal(second, await fixture.DaemonId());
        Assert.Equal(2, fixture.Aws.Calls(DaemonFixture.Token));
    }

    [Fact]
    public async Task A_runtime_directory_that_was_removed_is_made_again()
    {
        await using var fixture = await DaemonFixture.StartAsync();
        await fixture.Get();
        var first = await fixture.DaemonId();
        Directory.Delete(fixture.Home.DaemonDirectory, recursive: true);

        await fixture.Get();

        Assert.NotEqual(first, await fixture.DaemonId());
        fixture.Signal(first, DaemonFixture.Terminate);
        await DaemonFixture.Ended(first);
        Assert.NotEqual(0, await fixture.DaemonId());
    }

    [Fact]
    public async Task A_lock_file_deleted_while_it_is_held_changes_nothing()
    {
        await using var fixture = await DaemonFixture.StartAsync();
        await fixture.Get();
        var first = await fixture.DaemonId();
        foreach (var file in Directory.EnumerateFiles(fixture.Home.DaemonDirectory, "*.lock"))
        {
            File.Delete(file);
        }

        using var another = fixture.StartDaemon();
        await another.WaitForExitAsync();

        Assert.Equal(0, another.ExitCode);
        await fixture.Get();
        Assert.Equal(first, await fixture.DaemonId());
    }

    [Theory]
    [InlineData("file")]
    [InlineData("directory")]
    [InlineData("link")]
    public async Task Something_else_in_the_sockets_place_is_not_touched_and_the_client_is_served_without_a_daemon(string what)
    {
        await using var fixture = await DaemonFixture.StartAsync();
        Directory.CreateDirectory(fixture.Home.DaemonDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        switch (what)
        {
            case "file":
                await File.WriteAllTextAsync(fixture.Socket, "precious");
                break;
            case "directory":
                Directory.CreateDirectory(fixture.Socket);
                break;
            default:
                File.CreateSymbolicLink(fixture.Socket, "/nonexistent");
                break;
        }

        var result = await fixture.Ask("get");

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Contains("\"Secret\":", result.OutputText, StringComparison.Ordinal);
        Assert.Contains($"ark: hint: move it away with: mv {fixture.Socket} ", result.ErrorText, StringComparison.Ordinal);
        Assert.NotNull(new FileInfo(fixture.Socket).LinkTarget ?? (Path.Exists(fixture.Socket) ? "" : null));
        Assert.Contains($"no daemon, so nothing is cached: {fixture.Socket} is in the way", result.ErrorText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_eight_daemons_at_once_one_stays()
    {
        await using var fixture = await DaemonFixture.StartAsync();
        var daemons = Enumerable.Range(0, 8).Select(_ => fixture.StartDaemon()).ToList();
        await Eventually.HoldsAsync("seven to leave", () => daemons.Count(daemon => daemon.HasExited) == 7);

        Assert.All(daemons.Where(daemon => daemon.HasExited), daemon => Assert.Equal(0, daemon.ExitCode));
        Assert.Equal(daemons.Single(daemon => !daemon.HasExited).Id, await fixture.DaemonId());
        Assert.Equal(1, fixture.DaemonsStarted);
        daemons.ForEach(daemon => daemon.Dispose());
    }

    [Fact]
    public async Task An_executable_replaced_or_removed_while_it_runs_goes_on_and_the_new_one_takes_over_after_it()
    {
        await using var fixture = await DaemonFixture.StartAsync();
        var programs = Directory.CreateDirectory(Path.Combine(fixture.Home.Home, "bin")).FullName;
        foreach (var program in (string[])[Programs.Helper, Programs.Daemon])
        {
            File.Copy(program, Path.Combine(programs, Path.GetFileName(program)));
        }

        var helper = Path.Combine(programs, Path.GetFileName(Programs.Helper));
        var arkd = Path.Combine(programs, Path.GetFileName(Programs.Daemon));
        Assert.Equal(0, (await fixture.Home.RunAsync(helper, ["get"], DaemonFixture.Host)).ExitCode);
        var first = await fixture.DaemonId();

        File.Move(arkd, arkd + ".old");
        Assert.Equal(0, (await fixture.Home.RunAsync(helper, ["get"], DaemonFixture.Host)).ExitCode);
        File.Copy(Programs.Daemon, arkd);
        File.Delete(arkd + ".old");
        Assert.Equal(0, (await fixture.Home.RunAsync(helper, ["get"], DaemonFixture.Host)).ExitCode);
        Assert.Equal(first, await fixture.DaemonId());

        await StopDaemon(fixture);
        Assert.Equal(0, (await fixture.Home.RunAsync(helper, ["get"], DaemonFixture.Host)).ExitCode);
        Assert.NotEqual(first, await fixture.DaemonId());
    }

    private static async Task StopDaemon(DaemonFixture fixture)
    {
        var daemon = await fixture.DaemonId();
        fixture.Signal(daemon, DaemonFixture.Terminate);
        await DaemonFixture.Ended(daemon);
    }
}
