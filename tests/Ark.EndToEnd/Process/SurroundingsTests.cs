using System.Globalization;
using Ark.EndToEnd.Hosts;
using Ark.Testing;
using Xunit;

namespace Ark.EndToEnd.Process;

/// <summary>The environment, limits and directories of the caller. Each test has a home of its own, since the first call starts the daemon.</summary>
public sealed class SurroundingsTests
{
    public SurroundingsTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix rules");

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    public async Task P24_without_a_usable_home_the_session_directory_is_enough(string? home)
    {
        await using ServedHome served = await ServedHome.StartAsync();
        Set(served, "HOME", home);
        Set(served, "ARK_RUNTIME_DIR", null);
        served.AssertServed(await served.HelperAsync("get", ServedHome.CallersHost), ServedHome.CallersHost);
        Assert.True(File.Exists(Path.Combine(served.Home.RuntimeDirectory, "ark", "arkd.sock")));
        await StopAsync(served);
    }

    [Fact]
    public async Task P24_a_relative_home_is_named_to_whom_it_matters_and_stops_no_keys()
    {
        await using ServedHome served = await ServedHome.StartAsync();
        Set(served, "HOME", "relative");
        served.AssertServed(await served.HelperAsync("get", ServedHome.CallersHost), ServedHome.CallersHost);
        Set(served, "AWS_ACCESS_KEY_ID", null);
        Set(served, "AWS_SECRET_ACCESS_KEY", null);
        ProgramResult result = await served.HelperAsync("get", ServedHome.CallersHost);
        ServedHome.AssertRejected(result);
        Assert.Equal("HOME is not an absolute path\n", result.OutputText);
        Assert.Empty(Directory.GetFileSystemEntries(served.Home.Home, "relative"));
    }

    [Fact]
    public async Task P24_a_home_where_nothing_can_be_made_is_served_without_a_daemon()
    {
        await using ServedHome served = await ServedHome.StartAsync();

        // Root may write anywhere but here.
        string home = Environment.IsPrivilegedProcess ? "/proc" : ReadOnly(served);
        Set(served, "HOME", home);
        Set(served, "ARK_RUNTIME_DIR", null);
        Set(served, "XDG_RUNTIME_DIR", null);
        ProgramResult result = await served.HelperAsync("get", ServedHome.CallersHost);
        served.AssertServed(result, ServedHome.CallersHost);
        ServedHome.AssertWithoutDaemon(result, $"cannot create {home}/.ark: ");
        served.AssertDaemons(0);
    }

    [Fact]
    public async Task P24_a_path_that_is_too_long_for_a_socket_is_served_without_a_daemon()
    {
        await using ServedHome served = await ServedHome.StartAsync();
        string home = Path.Combine(served.Home.Home, new string('x', 200));
        Directory.Move(served.Home.Home, served.Home.Home + "-was");
        Directory.CreateDirectory(served.Home.Home);
        Directory.Move(served.Home.Home + "-was", home);
        Set(served, "HOME", home);
        Set(served, "ARK_RUNTIME_DIR", null);
        Set(served, "XDG_RUNTIME_DIR", null);
        Set(served, "ARK_CONFIG", Path.Combine(home, ".config", "ark", "config.json"));
        ProgramResult result = await Programs.RunAsync(Programs.Helper, ["get"], served.Home.Variables, System.Text.Encoding.UTF8.GetBytes(ServedHome.Host));
        served.AssertServed(result);
        ServedHome.AssertWithoutDaemon(result, "the socket's path is longer than");
        Assert.Contains("ark: hint: set ARK_RUNTIME_DIR to a shorter private directory\n", result.ErrorText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unset")]
    [InlineData("relative")]
    [InlineData("missing")]
    [InlineData("foreign")]
    public async Task P25_a_session_directory_that_cannot_be_used_leaves_the_home(string kind)
    {
        await using ServedHome served = await ServedHome.StartAsync();
        Set(served, "ARK_RUNTIME_DIR", null);
        Set(served, "XDG_RUNTIME_DIR", kind switch { "unset" => null, "relative" => "run", "missing" => "/nonexistent/run", _ => Foreign(served) });
        ProgramResult result = await served.HelperAsync("get", ServedHome.Host);
        served.AssertServed(result);
        Assert.Empty(result.Error);
        Assert.True(File.Exists(Path.Combine(served.Home.Home, ".ark", "run", "arkd.sock")));
        await StopAsync(served);
    }

    [Fact]
    public async Task P25_a_slash_at_the_end_and_a_link_change_nothing()
    {
        await using ServedHome served = await ServedHome.StartAsync();
        Set(served, "ARK_RUNTIME_DIR", null);
        Set(served, "XDG_RUNTIME_DIR", served.Home.RuntimeDirectory + "/");
        served.AssertServed(await served.HelperAsync("get", ServedHome.Host));
        string link = Path.Combine(served.Home.Home, "link");
        File.CreateSymbolicLink(link, served.Home.RuntimeDirectory);
        Set(served, "XDG_RUNTIME_DIR", link);
        served.AssertServed(await served.HelperAsync("get", ServedHome.Host));
        Assert.Equal(1, served.Aws.Calls("GetAuthorizationToken"));
        await StopAsync(served);
    }

    [Theory]
    [InlineData("755", "chmod 700")]
    [InlineData("770", "chmod 700")]
    public async Task A_loose_directory_gets_no_socket_and_the_command_that_closes_it(string mode, string hint)
    {
        await using ServedHome served = await ServedHome.StartAsync();
        await served.BashAsync($"mkdir -p '{served.Home.DaemonDirectory}'; chmod {mode} '{served.Home.DaemonDirectory}'");
        ProgramResult result = await served.HelperAsync("get", ServedHome.Host);
        served.AssertServed(result);
        Assert.Contains($"ark: hint: close it with: {hint} {served.Home.DaemonDirectory}\n", result.ErrorText, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(served.Home.DaemonDirectory));
    }

    [Theory]
    [InlineData("/bin/true", "stopped before it answered (exit code 0)")]
    [InlineData("/etc/passwd", "cannot run /etc/passwd")]
    [InlineData("/nonexistent/arkd", "neither beside this program nor on PATH")]
    [InlineData("arkd", "neither beside this program nor on PATH")]
    public async Task A_daemon_that_cannot_be_had_is_a_clear_refusal(string program, string reason)
    {
        await using ServedHome served = await ServedHome.StartAsync();
        Set(served, "ARK_DAEMON", program);
        ProgramResult result = await served.HelperAsync("get", ServedHome.Host);
        ServedHome.AssertRejected(result);
        Assert.Contains(reason, result.OutputText, StringComparison.Ordinal);

        ProgramResult list = await served.HelperAsync("list");
        Assert.Equal((0, "{}\n"), (list.ExitCode, list.OutputText));
        ProgramResult erased = await served.HelperAsync("erase", ServedHome.Host);
        Assert.Equal((0, "", ""), (erased.ExitCode, erased.OutputText, erased.ErrorText));
    }

    [Theory]
    [InlineData("tr_TR.UTF-8")]
    [InlineData("C")]
    [InlineData("ja_JP.SJIS")]
    public async Task P27_the_language_changes_nothing(string language)
    {
        await using ServedHome served = await ServedHome.StartAsync();
        Set(served, "LANG", language);
        Set(served, "LC_ALL", language);

        // In Turkish, I and i are two letters.
        served.AssertServed(await served.HelperAsync("get", "REGISTRY.ACME.EXAMPLE"), "REGISTRY.ACME.EXAMPLE");
        Assert.Equal(ServedHome.NotFound, (await served.HelperAsync("get", "regıstry.acme.example")).OutputText);
    }

    [Fact]
    public async Task P28_the_runtimes_own_variables_change_no_promise()
    {
        await using ServedHome served = await ServedHome.StartAsync();
        foreach (string name in new[] { "SYSTEM_IO_DISABLEFILELOCKING", "EnableDiagnostics", "DbgEnableMiniDump", "gcServer", "GCHeapHardLimit" })
        {
            Set(served, $"DOTNET_{name}", "1");
        }

        Set(served, "DOTNET_DbgMiniDumpName", Path.Combine(served.Home.Home, "dump"));
        ProgramResult[] all = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => served.HelperAsync("get", ServedHome.Host)));
        Assert.All(all, result => served.AssertServed(result));
        served.AssertDaemons(1);
        Assert.Equal(1, served.Aws.Calls("GetAuthorizationToken"));
        Assert.False(File.Exists(Path.Combine(served.Home.Home, "dump")));
    }

    [Fact]
    public async Task P30_no_daemon_stays_that_could_not_start_a_thread_later()
    {
        await using ServedHome served = await ServedHome.StartAsync();

        ProgramResult result = await served.BashAsync($"printf %s {ServedHome.Host} > \"$HOME/input\"; ulimit -v 300000; exec \"$HELPER\" get < \"$HOME/input\"");

        served.AssertServed(result);
        Assert.Contains("nothing is cached", result.ErrorText, StringComparison.Ordinal);
        Assert.False(File.Exists(served.Socket));
    }

    [Theory]
    [InlineData("-n 16")]
    [InlineData("-n 5")]
    [InlineData("-v 150000")]
    [InlineData("-v 60000")]
    [InlineData("-v 20000")]
    [InlineData("-f 0")]
    [InlineData("-u 1")]
    public async Task P30_tight_limits_end_in_an_answer_or_a_clear_refusal(string limit)
    {
        await using ServedHome served = await ServedHome.StartAsync();
        ProgramResult result = await served.BashAsync($"printf %s {ServedHome.Host} > \"$HOME/input\"; ulimit {limit}; exec \"$HELPER\" get < \"$HOME/input\"");
        if (result.ExitCode == 0)
        {
            served.AssertServed(result);
        }
        else
        {
            ServedHome.AssertRejected(result);
        }

        // Whatever that left behind, the next one without the limit is served by one daemon.
        served.AssertServed(await served.HelperAsync("get", ServedHome.Host));
        served.AssertDaemons(1);
    }

    private static Task<ProgramResult> StopAsync(ServedHome served) => served.Home.RunAsync(Programs.Ark, ["daemon", "stop"]);

    private static void Set(ServedHome served, string name, string? value)
    {
        served.Home.Variables.Remove(name);
        if (value is not null)
        {
            served.Home.Variables[name] = value;
        }
    }

    private static string ReadOnly(ServedHome served)
    {
        string directory = Path.Combine(served.Home.Home, "read-only");
        Directory.CreateDirectory(directory);
        using var chmod = System.Diagnostics.Process.Start("chmod", ["500", directory]);
        chmod.WaitForExit();
        return directory;
    }

    private static string Foreign(ServedHome served)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can give a directory to another user");
        string directory = Path.Combine(served.Home.Home, "foreign");
        Directory.CreateDirectory(directory);
        using var chown = System.Diagnostics.Process.Start("chown", [65_534.ToString(CultureInfo.InvariantCulture), directory]);
        chown.WaitForExit();
        return directory;
    }
}
