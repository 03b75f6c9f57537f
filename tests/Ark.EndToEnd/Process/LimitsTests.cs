using Ark.EndToEnd.Hosts;
using Ark.Testing;
using Xunit;

namespace Ark.EndToEnd.Process;

/// <summary>Limits that a caller set for itself, and what becomes of the daemon that it starts.</summary>
public sealed class LimitsTests
{
    public LimitsTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "limits and /proc as Linux has them");

    [Fact]
    public async Task A_limit_on_file_size_costs_lines_of_the_log_and_nothing_else()
    {
        await using ServedHome served = await ServedHome.StartAsync();
        ProgramResult first = await Limited(served, "-f 0", "get");
        served.AssertServed(first);
        Assert.Equal("", first.ErrorText);
        served.AssertServed(await served.HelperAsync("get", ServedHome.Host));
        served.AssertDaemons(1);
        Assert.Equal(1, served.Aws.Calls("GetAuthorizationToken"));
    }

    [Fact]
    public async Task An_answer_that_does_not_fit_into_a_file_is_an_exit_code_of_1_and_not_a_signal()
    {
        await using ServedHome served = await ServedHome.StartAsync();
        ProgramResult result = await served.BashAsync(
            $"printf %s {ServedHome.Host} > \"$HOME/input\"; ulimit -f 0; "
            + "\"$HELPER\" get < \"$HOME/input\" > \"$HOME/answer\" 2> /dev/null; "
            + "echo $?; \"$HELPER\" list > \"$HOME/answer\" 2> /dev/null; echo $?");
        Assert.Equal("1\n1\n", result.OutputText);
    }

    [Theory]
    [InlineData("--version")]
    [InlineData("status --json")]
    [InlineData("--help")]
    public async Task A_command_whose_output_does_not_fit_into_a_file_says_so(string arguments)
    {
        await using ServedHome served = await ServedHome.StartAsync();
        ProgramResult result = await served.BashAsync(
            $"ulimit -f 0; \"{Programs.Ark}\" {arguments} > \"$HOME/answer\"; echo $?; "
            + $"\"{Programs.Ark}\" {arguments} > \"$HOME/answer\" 2>&1; echo $?");
        Assert.Equal("1\n1\n", result.OutputText);
        Assert.Equal(
            "ark: error: the limit on the size of a file is reached, so the output is not whole\nark: hint: look at it with: ulimit -f\n",
            result.ErrorText);
    }

    [Theory]
    [InlineData("-d 100000", "the limit on data is too tight for a daemon", "ark: hint: look at it with: ulimit -d; 256 MiB are enough\n")]
    [InlineData(
        "-v 400000", "the limit on address space is too tight for a daemon", "ark: hint: look at it with: ulimit -v; 512 MiB are enough\n")]
    [InlineData("-n 60", "the limit on open files is too tight for a daemon", "ark: hint: look at it with: ulimit -n; 256 are enough\n")]
    public async Task A_limit_that_is_too_tight_for_a_daemon_is_named_and_the_one_request_served(string limit, string reason, string hint)
    {
        await using ServedHome served = await ServedHome.StartAsync();
        ProgramResult result = await Limited(served, limit, "get");
        served.AssertServed(result);
        ServedHome.AssertWithoutDaemon(result, reason);
        Assert.EndsWith(hint, result.ErrorText, StringComparison.Ordinal);
    }

    /// <summary>The helper itself has two threads; with one more the daemon begins, and cannot start a thread of its own.</summary>
    [Theory]
    [InlineData(1, "the helper cannot start: a limit on memory or processes is too tight")]
    [InlineData(2, "the limit on processes is reached, so the daemon cannot be started")]
    [InlineData(3, "cannot start: a limit on memory or processes is too tight")]
    public async Task A_limit_on_processes_is_named_as_such(int limit, string reason)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "root makes the user who has no process left");
        await using ServedHome served = await ServedHome.StartAsync();
        string root = Path.GetDirectoryName(served.Home.Home)!;
        ProgramResult result = await served.BashAsync(
            $"printf %s {ServedHome.Host} > \"$HOME/input\"; chown -R 48124:48124 '{root}'; ulimit -u {limit}; "
            + "exec setpriv --reuid 48124 --regid 48124 --clear-groups \"$HELPER\" get < \"$HOME/input\"");
        ServedHome.AssertRejected(result);
        Assert.EndsWith($"{reason}\n", result.OutputText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_umask_that_takes_everything_leaves_a_place_that_the_next_caller_can_use()
    {
        await using ServedHome served = await ServedHome.StartAsync();
        string root = Path.GetDirectoryName(served.Home.Home)!;
        string become = Environment.IsPrivilegedProcess ? "setpriv --reuid 48125 --regid 48125 --clear-groups" : "";
        string own = Environment.IsPrivilegedProcess ? $"chown -R 48125:48125 '{root}';" : "";
        ProgramResult first = await served.BashAsync(
            $"printf %s {ServedHome.Host} > \"$HOME/input\"; {own} umask 0777; exec {become} \"$HELPER\" get < \"$HOME/input\"");
        served.AssertServed(first);
        Assert.Equal("", first.ErrorText);
        ProgramResult second = await served.BashAsync($"exec {become} \"$HELPER\" get < \"$HOME/input\"");
        served.AssertServed(second);
        Assert.Equal("", second.ErrorText);
        ProgramResult modes = await served.BashAsync($"cd '{served.Home.DaemonDirectory}' && echo $(stat -c %a . arkd.lock arkd.sock)");
        Assert.Equal("700 600 600\n", modes.OutputText);
        Assert.Equal(1, served.Aws.Calls("GetAuthorizationToken"));
    }

    [Fact]
    public async Task Neither_helper_nor_command_nor_daemon_leaves_a_core_file()
    {
        await using ServedHome served = await ServedHome.StartAsync();

        // The helper waits for its input, the command for a reply of the helper's like: what they may leave is what they are allowed.
        ProgramResult helper = await served.BashAsync(
            "ulimit -c unlimited; mkfifo \"$HOME/in\"; \"$HELPER\" get < \"$HOME/in\" > /dev/null 2>&1 & "
            + "exec 8> \"$HOME/in\"; until grep -q 'Max core file size  *1 ' /proc/$!/limits; do sleep 0.01; done; "
            + "grep 'Max core' /proc/$!/limits; kill $!");
        Assert.Matches(@"Max core file size\s+1\s+1\s", helper.OutputText);

        served.AssertServed(await Limited(served, "-c unlimited", "get"));
        Assert.Matches(@"Max core file size\s+1\s+1\s", await File.ReadAllTextAsync($"/proc/{await served.DaemonAsync()}/limits"));
    }

    private static Task<ProgramResult> Limited(ServedHome served, string limit, string verb) =>
        served.BashAsync($"printf %s {ServedHome.Host} > \"$HOME/input\"; ulimit {limit}; exec \"$HELPER\" {verb} < \"$HOME/input\"");
}
