using Ark.EndToEnd.Hosts;
using Ark.Testing;
using Xunit;

namespace Ark.EndToEnd.Process;

/// <summary>
/// Callers in another mount namespace, such as a container that has the socket: their paths mean other files than the daemon's.
/// </summary>
public sealed class NamespaceTests
{
    private const string Unshare = "unshare --mount";

    [Fact]
    public async Task A_caller_in_another_mount_namespace_is_answered_there_and_names_nothing_to_the_daemon()
    {
        await using ServedHome served = await StartAsync();
        served.AssertServed(await served.HelperAsync("get", ServedHome.CallersHost), ServedHome.CallersHost);

        // Files of its own under the names of the user's: in there, a program that the daemon must not run.
        ProgramResult result = await served.BashAsync($$"""
            cat > "$HOME/evil" <<< $'[profile evil]\ncredential_process = /bin/sh -c "echo $PPID > {{served.Home.Home}}/ran; exit 1"'
            printf %s {{ServedHome.CallersHost}} > "$HOME/input"
            unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
            export AWS_PROFILE=evil AWS_CONFIG_FILE="$HOME/evil"
            {{Unshare}} "$HELPER" get < "$HOME/input"
            """);

        ServedHome.AssertRejected(result);
        Assert.DoesNotContain("no daemon", result.ErrorText, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(served.Home.Home, "ran")), "the caller's own one-shot runs the caller's program");
        string parent = (await File.ReadAllTextAsync(Path.Combine(served.Home.Home, "ran"))).Trim();
        Assert.NotEqual($"{await served.DaemonAsync()}", parent);
    }

    [Fact]
    public async Task A_caller_in_another_mount_namespace_is_served_without_a_warning_each_time()
    {
        await using ServedHome served = await StartAsync();
        served.AssertServed(await served.HelperAsync("get", ServedHome.Host));

        ProgramResult result = await served.BashAsync(
            $"printf %s {ServedHome.Host} > \"$HOME/input\"; {Unshare} \"$HELPER\" get < \"$HOME/input\"");

        served.AssertServed(result);
        Assert.Equal("", result.ErrorText);
        Assert.Equal(2, served.Aws.Calls("GetAuthorizationToken"));
        served.AssertDaemons(1);
    }

    [Fact]
    public async Task A_caller_in_another_mount_namespace_that_has_no_arkd_is_told_where_to_install_it()
    {
        await using ServedHome served = await StartAsync();
        served.AssertServed(await served.HelperAsync("get", ServedHome.Host));

        ProgramResult result = await served.BashAsync(
            $"printf %s {ServedHome.Host} > \"$HOME/input\"; ARK_DAEMON=/nonexistent/arkd {Unshare} \"$HELPER\" get < \"$HOME/input\"");

        ServedHome.AssertRejected(result);
        Assert.Contains("the daemon is outside of this container", result.OutputText, StringComparison.Ordinal);
        Assert.Contains("install arkd in the container too", result.ErrorText, StringComparison.Ordinal);
    }

    private static async Task<ServedHome> StartAsync()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "a mount namespace of one's own takes root");
        ServedHome served = await ServedHome.StartAsync();
        ProgramResult possible = await served.BashAsync($"{Unshare} true");
        Assert.SkipUnless(possible.ExitCode == 0, $"no mount namespace can be made here: {possible.ErrorText.Trim()}");
        return served;
    }
}
