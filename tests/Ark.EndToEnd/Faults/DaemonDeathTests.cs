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
        await using var household = await Household.StartAsync();
        await household.Get();
        var first = await household.DaemonId();
        household.Signal(first, Household.Kill9);
        await Household.Ended(first);
        Assert.True(Path.Exists(household.Socket), "a killed daemon leaves its socket behind");

        await household.Get();

        Assert.NotEqual(first, await household.DaemonId());
        Assert.Equal(2, household.DaemonsStarted);
        Assert.Equal(2, household.Aws.Calls(Household.Token));
    }

    [Fact]
    public async Task Killed_while_it_fetches_it_costs_the_waiting_client_nothing()
    {
        await using var household = await Household.StartAsync();
        var gate = new TaskCompletionSource();
        household.Aws.Next(Household.Token, new Behaviour.Wait(gate.Task));
        var asked = household.Get();
        await household.Aws.CallsReached(Household.Token, 1);
        household.Signal(await household.DaemonId(), Household.Kill9);

        Assert.NotEmpty(await asked);

        gate.SetResult();
        Assert.Equal(2, household.DaemonsStarted);
    }

    [Fact]
    public async Task Asked_to_end_while_it_fetches_it_answers_first()
    {
        await using var household = await Household.StartAsync();
        var gate = new TaskCompletionSource();
        household.Aws.Next(Household.Token, new Behaviour.Wait(gate.Task));
        var asked = household.Get();
        await household.Aws.CallsReached(Household.Token, 1);
        var daemon = await household.DaemonId();

        household.Signal(daemon, Household.Terminate);
        await Eventually.HoldsAsync("the door to close", () => !Path.Exists(household.Socket));
        gate.SetResult();

        Assert.NotEmpty(await asked);
        await Household.Ended(daemon);
        Assert.Equal(1, household.Aws.Calls(Household.Token));
    }

    [Theory]
    [InlineData(Household.Terminate)]
    [InlineData(Household.Interrupt)]
    [InlineData(Household.Hangup)]
    public async Task A_signal_ends_it_in_good_order(int signal)
    {
        await using var household = await Household.StartAsync();
        // A run in the background of a shell, or under nohup, has signals ignored that children inherit.
        using var daemon = household.StartDaemon("/usr/bin/env", "--default-signal");
        await household.DaemonAnswers();

        household.Signal(daemon.Id, signal);
        await daemon.WaitForExitAsync();

        Assert.Equal(0, daemon.ExitCode);
        Assert.False(Path.Exists(household.Socket));
        await household.Get();
    }

    [Fact]
    public async Task A_socket_at_which_nobody_listens_yet_is_no_obstacle()
    {
        await using var household = await Household.StartAsync();
        await household.Get();
        await StopDaemon(household);
        using var bound = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        bound.Bind(new UnixDomainSocketEndPoint(household.Socket));

        await household.Get();
    }

    [Fact]
    public async Task A_live_socket_that_a_cleaner_removed_costs_nobody_an_answer_and_leaves_no_orphan_with_the_new_one()
    {
        await using var household = await Household.StartAsync();
        await household.Get();
        var first = await household.DaemonId();
        File.Delete(household.Socket);

        await household.Get();
        var second = await household.DaemonId();

        Assert.NotEqual(first, second);
        household.Signal(first, Household.Terminate);
        await Household.Ended(first);
        Assert.Equal(second, await household.DaemonId());
        Assert.Equal(2, household.Aws.Calls(Household.Token));
    }

    [Fact]
    public async Task A_runtime_directory_that_was_removed_is_made_again()
    {
        await using var household = await Household.StartAsync();
        await household.Get();
        var first = await household.DaemonId();
        Directory.Delete(household.Home.DaemonDirectory, recursive: true);

        await household.Get();

        Assert.NotEqual(first, await household.DaemonId());
        household.Signal(first, Household.Terminate);
        await Household.Ended(first);
        Assert.NotEqual(0, await household.DaemonId());
    }

    [Fact]
    public async Task A_lock_file_deleted_while_it_is_held_changes_nothing()
    {
        await using var household = await Household.StartAsync();
        await household.Get();
        var first = await household.DaemonId();
        foreach (var file in Directory.EnumerateFiles(household.Home.DaemonDirectory, "*.lock"))
        {
            File.Delete(file);
        }

        using var another = household.StartDaemon();
        await another.WaitForExitAsync();

        Assert.Equal(0, another.ExitCode);
        await household.Get();
        Assert.Equal(first, await household.DaemonId());
    }

    [Theory]
    [InlineData("file")]
    [InlineData("directory")]
    [InlineData("link")]
    public async Task Something_else_in_the_sockets_place_is_not_touched_and_the_client_is_served_without_a_daemon(string what)
    {
        await using var household = await Household.StartAsync();
        Directory.CreateDirectory(household.Home.DaemonDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        switch (what)
        {
            case "file":
                await File.WriteAllTextAsync(household.Socket, "precious");
                break;
            case "directory":
                Directory.CreateDirectory(household.Socket);
                break;
            default:
                File.CreateSymbolicLink(household.Socket, "/nonexistent");
                break;
        }

        var result = await household.Ask("get");

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Contains("\"Secret\":", result.OutputText, StringComparison.Ordinal);
        Assert.Contains("ark: warning: no daemon", result.ErrorText, StringComparison.Ordinal);
        Assert.Contains("ark: hint: ", result.ErrorText, StringComparison.Ordinal);
        Assert.NotNull(new FileInfo(household.Socket).LinkTarget ?? (Path.Exists(household.Socket) ? "" : null));
        Assert.Contains("is in the way", await File.ReadAllTextAsync(household.LogFile), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_eight_daemons_at_once_one_stays()
    {
        await using var household = await Household.StartAsync();
        var daemons = Enumerable.Range(0, 8).Select(_ => household.StartDaemon()).ToList();
        await Eventually.HoldsAsync("seven to leave", () => daemons.Count(daemon => daemon.HasExited) == 7);

        Assert.All(daemons.Where(daemon => daemon.HasExited), daemon => Assert.Equal(0, daemon.ExitCode));
        Assert.Equal(daemons.Single(daemon => !daemon.HasExited).Id, await household.DaemonId());
        Assert.Equal(1, household.DaemonsStarted);
        daemons.ForEach(daemon => daemon.Dispose());
    }

    [Fact]
    public async Task An_executable_replaced_or_removed_while_it_runs_goes_on_and_the_new_one_takes_over_after_it()
    {
        await using var household = await Household.StartAsync();
        var programs = Directory.CreateDirectory(Path.Combine(household.Home.Home, "bin")).FullName;
        foreach (var program in (string[])[Programs.Helper, Programs.Daemon])
        {
            File.Copy(program, Path.Combine(programs, Path.GetFileName(program)));
        }

        var helper = Path.Combine(programs, Path.GetFileName(Programs.Helper));
        var arkd = Path.Combine(programs, Path.GetFileName(Programs.Daemon));
        Assert.Equal(0, (await household.Home.RunAsync(helper, ["get"], Household.Host)).ExitCode);
        var first = await household.DaemonId();

        File.Move(arkd, arkd + ".old");
        Assert.Equal(0, (await household.Home.RunAsync(helper, ["get"], Household.Host)).ExitCode);
        File.Copy(Programs.Daemon, arkd);
        File.Delete(arkd + ".old");
        Assert.Equal(0, (await household.Home.RunAsync(helper, ["get"], Household.Host)).ExitCode);
        Assert.Equal(first, await household.DaemonId());

        await StopDaemon(household);
        Assert.Equal(0, (await household.Home.RunAsync(helper, ["get"], Household.Host)).ExitCode);
        Assert.NotEqual(first, await household.DaemonId());
    }

    private static async Task StopDaemon(Household household)
    {
        var daemon = await household.DaemonId();
        household.Signal(daemon, Household.Terminate);
        await Household.Ended(daemon);
    }
}
