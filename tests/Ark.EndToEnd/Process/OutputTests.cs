using Ark.EndToEnd.Hosts;
using Ark.Testing;
using Xunit;

namespace Ark.EndToEnd.Process;

/// <summary>Where the answer goes, and callers that do not want it.</summary>
public sealed class OutputTests(InputTests.Daemon daemon) : IClassFixture<InputTests.Daemon>
{
    private ServedHome Served => daemon.Served;

    [Theory]
    [InlineData("printf %s $HOST | \"$HELPER\" get >&-")]
    [InlineData("printf %s $HOST | \"$HELPER\" get > /dev/full")]
    [InlineData("printf %s $HOST | \"$HELPER\" get 1< /dev/null")]
    [InlineData("\"$HELPER\" version > /dev/full")]
    public async Task P21_an_output_that_takes_nothing_is_a_failure(string script)
    {
        ProgramResult result = await Served.BashAsync($"HOST={ServedHome.Host}; {script}");
        Assert.True(result is { ExitCode: 1, Output: [], Error: [] }, $"{result}");
        Served.AssertServed(await Served.HelperAsync("get", ServedHome.Host));
    }

    [Fact]
    public async Task P22_a_reader_that_quits_is_a_failure_and_no_signal()
    {
        ProgramResult result = await Served.BashAsync($"{{ sleep 0.3; printf %s {ServedHome.Host} | \"$HELPER\" get; echo $? >&2; }} | exec true");
        Assert.Equal("1\n", result.ErrorText);
        Served.AssertServed(await Served.HelperAsync("get", ServedHome.Host));
    }

    [Fact]
    public async Task A_closed_or_full_standard_error_costs_no_answer()
    {
        foreach (string error in new[] { "2>&-", "2>/dev/full" })
        {
            Served.AssertServed(await Served.BashAsync($"printf %s {ServedHome.Host} | \"$HELPER\" get {error}"));
        }
    }

    [Fact]
    public async Task An_output_that_is_full_for_a_moment_gets_all_of_it()
    {
        string path = Served.Home.Variables["PATH"];
        Assert.SkipWhen(OperatingSystem.IsWindows() || Programs.Find("perl", path) is null, "needs perl");

        // A non-blocking pipe that is nearly full when the helper writes, and is read half a second later.
        const string Script = """
            use Fcntl; use POSIX;
            pipe(my $r, my $w); fcntl($w, F_SETFL, O_NONBLOCK | O_WRONLY);
            my $filled = 0; while (my $n = syswrite($w, "x" x 1024)) { $filled += $n } while (my $n = syswrite($w, "x")) { $filled += $n }
            my $pid = fork() // die; if (!$pid) { open(STDOUT, ">&", $w); close $r; open(STDIN, "<", $ARGV[0]); exec $ENV{HELPER}, "get" }
            close $w; select(undef, undef, undef, 0.5);
            my $all = ""; while (sysread($r, my $part, 65536)) { $all .= $part } waitpid($pid, 0);
            print substr($all, $filled); exit($? >> 8);
            """;
        string input = Served.Home.Write("input", ServedHome.Host);
        Served.AssertServed(await Served.Home.RunAsync("perl", ["-e", Script, input]));
    }
}
