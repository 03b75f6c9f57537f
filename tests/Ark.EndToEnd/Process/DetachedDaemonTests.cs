using Ark.EndToEnd.Hosts;
using Ark.Testing;
using Xunit;

namespace Ark.EndToEnd.Process;

/// <summary>A daemon that the helper started shares nothing with whoever ran the helper.</summary>
public sealed class DetachedDaemonTests
{
    public DetachedDaemonTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "needs /proc");

    [Fact]
    public async Task The_callers_shell_goes_on_while_the_daemon_lives()
    {
        await using ServedHome served = await ServedHome.StartAsync();
        ProgramResult result = await served.BashAsync(
            $"out=$(\"$HELPER\" get <<< {ServedHome.Host}); echo \"$out\"; kill -0 $(\"{Programs.Ark}\" status --json | grep -o '\"pid\":[0-9]*' | cut -d: -f2) >&2 && echo alive >&2");
        served.AssertServed(result);
        Assert.Equal("alive\n", result.ErrorText);
    }

    [Fact]
    public async Task It_has_no_descriptor_directory_session_signal_or_variable_of_the_caller()
    {
        await using ServedHome served = await ServedHome.StartAsync();
        foreach ((string name, string value) in new[] { ("AWS_PROFILE", ""), ("HTTPS_PROXY", "http://evil"), ("LD_LIBRARY_PATH", "/evil"), ("SSL_CERT_FILE", "/evil"), ("DOTNET_gcServer", "1") })
        {
            served.Home.Variables[name] = value;
        }

        // Descriptors that are open, signals that are ignored: a shell hands on both.
        ProgramResult first = await served.BashAsync(
            $"trap '' TERM HUP PIPE INT; exec 7> \"$HOME/marker\" 9< /etc/passwd; printf %s {ServedHome.Host} | \"$HELPER\" get");
        served.AssertServed(first);
        int process = await served.DaemonAsync();
        string status = await File.ReadAllTextAsync($"/proc/{process}/status");
        Assert.Equal("0000000000000000", Line(status, "SigBlk"));

        // SIGHUP, SIGINT and SIGTERM are 1, 2 and 15; the runtime itself ignores SIGPIPE.
        Assert.Equal(0UL, Convert.ToUInt64(Line(status, "SigIgn"), 16) & ((1UL << 0) | (1UL << 1) | (1UL << 14)));
        string[] stat = (await File.ReadAllTextAsync($"/proc/{process}/stat")).Split(") ")[^1].Split(' ');
        Assert.Equal($"{process}", stat[3]);

        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root may look further into the daemon");
        Assert.Equal("/", File.ResolveLinkTarget($"/proc/{process}/cwd", false)!.FullName);
        string[] targets = [.. Directory.GetFiles($"/proc/{process}/fd").Select(file => $"{Path.GetFileName(file)} {new FileInfo(file).LinkTarget}")];
        foreach (int stream in new[] { 0, 1, 2 })
        {
            Assert.Contains($"{stream} /dev/null", targets);
        }

        Assert.DoesNotContain(targets, target => target.Contains("marker", StringComparison.Ordinal) || target.Contains("passwd", StringComparison.Ordinal) || target.Contains("pipe:", StringComparison.Ordinal) && IsOurs(target));
        string[] names = [.. (await File.ReadAllTextAsync($"/proc/{process}/environ")).Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=')[0])];
        Assert.Contains("HOME", names);
        Assert.DoesNotContain(names, name => name.StartsWith("AWS_", StringComparison.Ordinal) || name.StartsWith("DOTNET_", StringComparison.Ordinal) || name is "HTTPS_PROXY" or "LD_LIBRARY_PATH" or "SSL_CERT_FILE" or "HELPER");

        ProgramResult stopped = await served.BashAsync($"kill -TERM {process}; for i in $(seq 100); do [ -S '{served.Socket}' ] || exit 0; sleep 0.05; done; exit 1");
        Assert.Equal(0, stopped.ExitCode);

        bool IsOurs(string target) => Directory.GetFiles("/proc/self/fd").Any(mine => target.EndsWith($" {new FileInfo(mine).LinkTarget}", StringComparison.Ordinal));
    }

    private static string Line(string status, string name) =>
        status.Split('\n').Single(line => line.StartsWith($"{name}:", StringComparison.Ordinal)).Split('\t')[1];
}
