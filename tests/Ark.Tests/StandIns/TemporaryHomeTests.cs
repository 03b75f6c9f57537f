using System.Diagnostics;
using System.Globalization;
using Ark.Testing;
using Xunit;

namespace Ark.Tests.StandIns;

public sealed class TemporaryHomeTests
{
    private const string Shell = "/bin/sh";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void It_is_the_owners_alone_short_enough_for_a_socket_and_gone_afterwards()
    {
        string home, runtime;
        using (var temporary = new TemporaryHome())
        {
            (home, runtime) = (temporary.Home, temporary.RuntimeDirectory);
            Assert.InRange(temporary.DaemonDirectory.Length, 1, 60);
            Assert.False(Directory.Exists(temporary.DaemonDirectory));
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal("rwx", Permissions(runtime));
                Assert.Equal("rw-", Permissions(temporary.WriteAwsCredentials("[default]\n")));
            }
        }

        Assert.False(Directory.Exists(home) || Directory.Exists(runtime));
    }

    [Fact]
    public async Task A_program_gets_these_variables_and_no_others()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a shell");
        using var home = new TemporaryHome();
        home.Variables["AWS_PROFILE"] = "test";

        var result = await home.RunAsync("env", [], cancellation: Cancellation);

        Assert.Equal(
            ["ARK_CONFIG", "ARK_RUNTIME_DIR", "AWS_EC2_METADATA_DISABLED", "AWS_PROFILE", "HOME", "PATH", "XDG_RUNTIME_DIR"],
            result.OutputText.TrimEnd().Split('\n').Select(line => line.Split('=')[0]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_programs_streams_and_exit_code_come_back_to_the_byte()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a shell");
        using var home = new TemporaryHome();
        byte[] input = [0, 255, 13, 10, 13];

        var result = await Testing.Programs.RunAsync(
            Shell, ["-c", "cat; printf 'no\\r\\n' >&2; exit 7"], home.Variables, input, home.Home, cancellation: Cancellation);

        Assert.Equal(7, result.ExitCode);
        Assert.Equal(input, result.Output);
        Assert.Equal("no\r\n", result.ErrorText);
    }

    [Fact]
    public async Task A_program_may_ignore_its_input_and_may_be_left_waiting_for_its_end()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a shell");
        using var home = new TemporaryHome();

        var ignored = await Testing.Programs.RunAsync(Shell, ["-c", "exit 0"], home.Variables, new byte[1 << 20], cancellation: Cancellation);
        var open = await Testing.Programs.RunAsync(
            Shell, ["-c", "read line; echo got $line"], home.Variables, "x\n"u8.ToArray(), keepInputOpen: true, cancellation: Cancellation);

        Assert.Equal(0, ignored.ExitCode);
        Assert.Equal("got x\n", open.OutputText);
    }

    [Fact]
    public async Task What_a_test_leaves_running_ends_with_its_home()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs /proc");
        int left;
        using (var home = new TemporaryHome())
        {
            var result = await home.RunAsync(Shell, ["-c", "sleep 600 <&- >&- 2>&- & echo $!"], cancellation: Cancellation);
            left = int.Parse(result.OutputText, CultureInfo.InvariantCulture);
            Assert.False(Process.GetProcessById(left).HasExited);
        }

        Assert.False(IsAlive(left));
    }

    /// <summary>Whoever adopted it may not have buried it yet, and may at any time; dead is enough.</summary>
    private static bool IsAlive(int process)
    {
        try
        {
            return !File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static string Permissions(string path)
    {
        var mode = OperatingSystem.IsWindows() ? UnixFileMode.None : File.GetUnixFileMode(path);
        return mode switch
        {
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute => "rwx",
            UnixFileMode.UserRead | UnixFileMode.UserWrite => "rw-",
            _ => mode.ToString(),
        };
    }
}
